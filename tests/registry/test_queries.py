"""Who served where on which day, who looks after how many, what is found by which name."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from property_oversight.registry import queries
from property_oversight.registry.actions import mark_changed, merge, rename
from property_oversight.registry.models import Grid, OwnersCommittee
from tests.factories import make_community, make_company, make_contract, make_estate

pytestmark = pytest.mark.django_db


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def served():
    """Firm A to the end of 2024, firm B from 2025 to the end of March 2026 as registers write it
    (the last day of service), firm C from May on."""
    estate = make_estate("江南小区")
    for name, starts_on, ends_on in (
        ("A", "2024-01-01", "2025-01-01"),
        ("B", "2025-01-01", "2026-03-31"),
        ("C", "2026-05-01", None),
    ):
        make_contract(estate, make_company(name), starts_on=day(starts_on),
                      ends_on=ends_on and day(ends_on))  # fmt: skip
    return estate


@pytest.mark.parametrize(
    ("on", "firm"),
    [
        ("2023-12-31", None),
        ("2024-01-01", "A"),
        ("2024-12-31", "A"),
        ("2025-01-01", "B"),  # the day of the hand-over belongs to the new firm
        ("2026-03-30", "B"),
        ("2026-03-31", "B"),  # nobody had succeeded: the last day still belongs to the old one
        ("2026-04-01", None),
        ("2026-04-30", None),
        ("2026-05-01", "C"),
        ("2099-01-01", "C"),
    ],
)
def test_contract_on_a_day(served, on, firm):
    contract = queries.contract_on(served, day(on))
    assert (contract and contract.company.name) == firm


def test_contracts_on_many_days_are_asked_for_at_once(served, django_assert_num_queries):
    bare = make_estate("没有合同的小区")
    wanted = [
        (estate.pk, day(on))
        for estate in (served, bare)
        for on in ("2024-05-01", "2025-05-01", "2026-04-10")
    ]
    with django_assert_num_queries(1):
        held = queries.contracts_on(wanted)
        firms = {key: contract.company.name for key, contract in held.items()}
    assert firms == {
        (served.pk, day("2024-05-01")): "A",
        (served.pk, day("2025-05-01")): "B",
    }


def test_contracts_on_no_days_are_none():
    assert queries.contracts_on([]) == {}


@pytest.mark.parametrize(
    ("start", "end", "firms"),
    [
        ("2025-01-01", "2025-04-01", {"B"}),
        ("2024-10-01", "2025-01-01", {"A"}),
        ("2024-10-01", "2025-01-02", {"A", "B"}),
        ("2026-04-01", "2026-05-01", set()),
        ("2026-04-01", "2026-07-01", {"C"}),
        ("2020-01-01", "2030-01-01", {"A", "B", "C"}),
    ],
)
def test_contracts_overlapping_a_period(served, start, end, firms):
    found = queries.contracts_overlapping(day(start), day(end))
    assert {contract.company.name for contract in found} == firms


# Names ---------------------------------------------------------------------------------------


@pytest.fixture
def named():
    """江南小区, once 望江苑, which has swallowed 后苑小区; beside it 东湖花园."""
    estate = make_estate("望江苑", code="E001")
    rename(estate, "江南小区")
    merge(make_estate("后苑小区", code="E002"), estate)
    make_estate("东湖花园", code="E003")
    return estate


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("江南", ["E001"]),
        ("望江", ["E001"]),  # by an old name
        ("后苑", ["E001"]),  # by the name of what it has swallowed
        ("e003", ["E003"]),
        ("E002", []),
        ("小区", ["E001"]),  # two of its names hold it; it is found once
        ("西湖", []),
    ],
)
def test_estates_are_found_by_every_name_they_ever_bore(named, text, codes):
    assert [estate.code for estate in queries.estates_named_like(text)] == codes


def test_names_for_linking_lead_to_what_exists(named):
    assert queries.names_for_linking() == [
        ("E001", "望江苑"), ("E001", "江南小区"), ("E001", "后苑小区"), ("E003", "东湖花园")
    ]  # fmt: skip


def test_current_estates_are_those_not_merged(named):
    assert [estate.code for estate in queries.current_estates()] == ["E001", "E003"]


def test_estates_by_code_are_those_that_exist(named):
    assert queries.estates_by_code(["E001", "E404", "E001"]) == {"E001": named}
    assert queries.estates_by_code([]) == {}


def test_the_version_grows_with_every_change():
    versions = [queries.register_version()]
    for what in ("a", "b" * 500):
        mark_changed(what)
        versions.append(queries.register_version())
    assert versions[0] < versions[1] < versions[2]


# Grids ---------------------------------------------------------------------------------------


def grid(*estates, **said) -> Grid:
    made = Grid.objects.create(
        code=f"G{Grid.objects.count()}", community=estates[0].community, **said
    )
    made.estates.set(estates)
    return made


def test_the_load_of_the_clients_report():
    estate = make_estate()
    grid(estate, households=1316, merchants=153, officers=2)
    assert queries.grid_load(estate) == (734.5, 46)


@pytest.mark.parametrize(
    ("grids", "load"),
    [
        ([{"households": 500, "officers": 1}], (500.0, 0)),
        ([{"households": 575, "officers": 1}], (575.0, 15)),  # not 14, as fractions would have it
        ([{"households": 504, "officers": 1}], (504.0, 0)),  # rounded down
        ([{"households": 250, "officers": 1}], (250.0, -50)),
        ([{"households": 468, "merchants": 22, "officers": 1},
          {"households": 452, "merchants": 17, "officers": 1}], (479.5, -5)),
        ([{"households": 600, "officers": 1},
          {"households": 500, "officers": None}], (1100.0, 120)),
        ([], None),
        ([{"households": 500}], None),
        ([{"households": 500, "officers": 0}], None),
        ([{"merchants": 30, "officers": 1}], None),
    ],
)  # fmt: skip
def test_load_sums_the_grids_of_an_estate(grids, load):
    estate = make_estate()
    for said in grids:
        grid(estate, **said)
    assert queries.grid_load(estate) == load


def test_a_grid_of_two_estates_counts_for_both():
    one, other = make_estate(), make_estate()
    grid(one, other, households=600, officers=1)
    assert queries.grid_load(one) == queries.grid_load(other) == (600.0, 20)


# Firms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codes"), [("鼎盛", ["Q01"]), ("q02", ["Q02"]), ("物业", ["Q01", "Q02"]), ("无", [])]
)
def test_firms_are_found_by_name_and_code(text, codes):
    make_company("鼎盛物业", code="Q01")
    make_company("安居物业", code="Q02")
    assert [company.code for company in queries.companies_named_like(text)] == codes


def test_the_history_of_an_estate_begins_with_today(served, django_assert_num_queries):
    make_contract(make_estate(), make_company("D"))
    with django_assert_num_queries(1):
        history = [contract.company.name for contract in queries.contract_history(served)]
    assert history == ["C", "B", "A"]


# Pages ---------------------------------------------------------------------------------------


def furnished(community) -> None:
    estate = make_estate(community=community)
    make_contract(estate, make_company(), starts_on=day("2025-01-01"), ends_on=day("2026-01-01"))
    make_contract(estate, make_company("今年的物业"), starts_on=day("2026-01-01"))
    OwnersCommittee.objects.create(estate=estate, name="业委会")
    grid(estate, households=500, officers=1)


def test_estates_for_pages_ask_as_often_for_three_as_for_one():
    community, asked = make_community(), []
    for more in (1, 2):
        for _i in range(more):
            furnished(community)
        with CaptureQueriesContext(connection) as captured:
            for estate in queries.estates_for_pages(day("2026-08-03")):
                assert estate.community.name
                assert estate.owners_committee.name == "业委会"
                assert [g.households for g in estate.grids.all()] == [500]
                assert [c.company.name for c in estate.contracts_in_force] == ["今年的物业"]
        asked.append(len(captured))
    assert asked[0] == asked[1]


def test_companies_for_pages_ask_as_often_for_three_as_for_one():
    community, asked = make_community(), []
    for more in (1, 2):
        for _i in range(more):
            furnished(community)
        with CaptureQueriesContext(connection) as captured:
            for company in queries.companies_for_pages():
                assert [contract.estate.name for contract in company.contracts.all()]
        asked.append(len(captured))
    assert asked[0] == asked[1]
