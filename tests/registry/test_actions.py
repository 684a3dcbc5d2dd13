"""Sign, end, rename, merge: periods do not overlap, and no name is ever lost."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from ml.linking import Gazetteer
from property_oversight.registry.actions import end, learn_names, merge, rename, sign
from property_oversight.registry.models import ServiceContract
from property_oversight.registry.queries import (
    contract_on,
    current_estates,
    names_for_linking,
    register_version,
)
from tests.factories import make_company, make_contract, make_estate

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate():
    return make_estate("江南小区")


@pytest.fixture
def firm_a():
    return make_company("鼎盛物业")


@pytest.fixture
def firm_b():
    return make_company("安居物业")


def refusal_of(call, *arguments, **more) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        call(*arguments, **more)
    return refused.value


def day(text: str) -> date:
    return date.fromisoformat(text)


# Contracts -----------------------------------------------------------------------------------


def test_sign_records_a_contract_with_its_terms(estate, firm_a):
    before = register_version()
    contract = sign(
        estate, firm_a, starts_on=day("2025-01-01"), ends_on=day("2027-01-01"), branch="江南分部",
        tier=4, fee_per_m2=Decimal("1.85"),
    )  # fmt: skip
    contract.refresh_from_db()
    assert (contract.branch, contract.tier, contract.fee_per_m2) == ("江南分部", 4, Decimal("1.85"))
    assert register_version() > before


def test_signing_the_same_again_changes_its_terms(estate, firm_a):
    first = sign(estate, firm_a, starts_on=day("2025-01-01"), tier=3)
    again = sign(estate, firm_a, starts_on=day("2025-01-01"), tier=4, ends_on=day("2026-01-01"))
    assert first == again
    assert (again.tier, again.ends_on) == (4, day("2026-01-01"))
    assert ServiceContract.objects.count() == 1


@pytest.mark.parametrize("ends_on", ["2025-01-01", "2024-12-31"])
def test_a_contract_that_ends_before_it_starts_is_refused(estate, firm_a, ends_on):
    refused = refusal_of(sign, estate, firm_a, starts_on=day("2025-01-01"), ends_on=day(ends_on))
    assert refused.code == "ends_before_start"
    assert not ServiceContract.objects.exists()


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        ("2025-06-01", None),
        ("2025-06-01", "2025-07-01"),  # within
        ("2024-06-01", "2025-01-02"),  # one day
        ("2025-12-31", "2027-01-01"),
        ("2024-01-01", "2027-01-01"),  # around
        ("2024-01-01", None),
        ("2025-01-01", "2026-01-01"),  # the same
    ],
)
def test_overlapping_contracts_are_refused(estate, firm_a, firm_b, starts_on, ends_on):
    sign(estate, firm_a, starts_on=day("2025-01-01"), ends_on=day("2026-01-01"))
    refused = refusal_of(sign, estate, firm_b, starts_on=day(starts_on),
                         ends_on=ends_on and day(ends_on))  # fmt: skip
    assert refused.code == "contracts_overlap"
    assert refused.messages == ["与 鼎盛物业 自 2025-01-01 起的合同期限重叠"]
    assert ServiceContract.objects.count() == 1


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [("2026-01-01", None), ("2024-01-01", "2025-01-01"), ("2027-01-01", "2028-01-01")],
)
def test_contracts_that_meet_or_part_are_taken(estate, firm_a, firm_b, starts_on, ends_on):
    sign(estate, firm_a, starts_on=day("2025-01-01"), ends_on=day("2026-01-01"))
    sign(estate, firm_b, starts_on=day(starts_on), ends_on=ends_on and day(ends_on))
    assert ServiceContract.objects.count() == 2


def test_a_contract_without_an_end_lets_no_other_follow(estate, firm_a, firm_b):
    sign(estate, firm_a, starts_on=day("2025-01-01"))
    refused = refusal_of(sign, estate, firm_b, starts_on=day("2030-01-01"))
    assert refused.code == "contracts_overlap"


def test_the_same_firm_cannot_serve_twice_at_once(estate, firm_a):
    sign(estate, firm_a, starts_on=day("2025-01-01"))
    refused = refusal_of(sign, estate, firm_a, starts_on=day("2025-06-01"))
    assert refused.code == "contracts_overlap"


def test_a_contract_cannot_be_prolonged_into_another(estate, firm_a, firm_b):
    sign(estate, firm_a, starts_on=day("2025-01-01"), ends_on=day("2026-01-01"))
    sign(estate, firm_b, starts_on=day("2026-01-01"))
    refused = refusal_of(sign, estate, firm_a, starts_on=day("2025-01-01"))
    assert refused.code == "contracts_overlap"
    contract = ServiceContract.objects.get(company=firm_a)
    assert contract.ends_on == day("2026-01-01")
    assert refusal_of(end, contract, on=day("2026-06-01")).code == "contracts_overlap"
    contract.refresh_from_db()
    assert contract.ends_on == day("2026-01-01")


def test_contracts_of_other_estates_do_not_matter(firm_a):
    for name in ("江南小区", "后苑小区"):
        sign(make_estate(name), firm_a, starts_on=day("2025-01-01"))
    assert ServiceContract.objects.count() == 2


def test_an_ended_contract_leaves_room_for_the_next(estate, firm_a, firm_b):
    contract = sign(estate, firm_a, starts_on=day("2025-01-01"))
    before = register_version()
    end(contract, on=day("2026-01-01"))
    assert register_version() > before
    assert ServiceContract.objects.get().ends_on == day("2026-01-01")
    sign(estate, firm_b, starts_on=day("2026-01-01"))
    assert contract_on(estate, day("2025-12-31")).company == firm_a
    assert contract_on(estate, day("2026-01-01")).company == firm_b


@pytest.mark.parametrize("on", ["2025-01-01", "2024-01-01"])
def test_a_contract_cannot_end_before_it_starts(estate, firm_a, on):
    contract = sign(estate, firm_a, starts_on=day("2025-01-01"))
    assert refusal_of(end, contract, on=day(on)).code == "ends_before_start"
    contract.refresh_from_db()
    assert contract.ends_on is None


# Names ---------------------------------------------------------------------------------------


def found(text: str) -> str | None:
    return Gazetteer(names_for_linking()).link(text).code


def test_a_renamed_estate_is_found_by_its_old_name(estate):
    before = register_version()
    rename(estate, "江南壹号")
    estate.refresh_from_db()
    assert estate.name == "江南壹号"
    assert found("江南小区电梯坏了") == found("江南壹号电梯坏了") == estate.code
    assert register_version() > before


def test_renaming_back_adds_no_name_twice(estate):
    rename(estate, "江南壹号")
    rename(estate, "江南小区")
    assert [name.name for name in estate.names.all()] == ["江南小区", "江南壹号"]


def test_learned_names_are_kept_once_and_blank_ones_never(estate):
    learn_names(estate, ["江南里", "江南里", "", "江南小区"])
    learn_names(estate, ["江南里"])
    assert [name.name for name in estate.names.all()] == ["江南小区", "江南里"]


def test_a_merged_estate_is_found_as_the_one_it_became(estate):
    other = make_estate("后苑小区")
    before = register_version()
    merge(other, estate)
    assert found("后苑小区停水") == estate.code
    assert list(current_estates()) == [estate]
    assert register_version() > before


def test_estates_merged_one_into_another_lead_to_the_last():
    first, second, third = (make_estate(name) for name in ("东苑小区", "西苑小区", "大苑小区"))
    merge(first, second)
    merge(second, third)
    for text in ("东苑小区", "西苑小区", "大苑小区"):
        assert found(text) == third.code
    first.refresh_from_db()
    assert first.merged_into == third


def test_an_estate_cannot_be_merged_into_itself_or_into_what_is_gone(estate):
    other, third = make_estate(), make_estate()
    merge(other, estate)
    assert refusal_of(merge, estate, estate).code == "bad_merge"
    assert refusal_of(merge, third, other).code == "bad_merge"
    assert refusal_of(merge, estate, other).code == "bad_merge"
    third.refresh_from_db()
    assert third.merged_into is None


def test_a_contract_made_by_the_factory_is_a_signed_one(estate, firm_a):
    before = register_version()
    make_contract(estate, firm_a)
    assert register_version() > before
