"""What the register's tables refuse, whoever writes."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from property_oversight.registry.models import (
    Community,
    Company,
    Estate,
    EstateName,
    Grid,
    OwnersCommittee,
    RegisterChange,
    ServiceContract,
    Subdistrict,
)
from tests.factories import make_community, make_company, make_contract, make_estate

pytestmark = pytest.mark.django_db


def refused(write) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_a_code_belongs_to_one():
    community, estate, company = make_community(), make_estate(), make_company()
    refused(lambda: make_community(code=community.code))
    refused(lambda: make_estate(code=estate.code))
    refused(lambda: make_company(code=company.code))
    Grid.objects.create(code="G1", community=community)
    refused(lambda: Grid.objects.create(code="G1", community=community))


def test_a_name_of_an_estate_is_kept_once_and_two_estates_may_share_it():
    estate, other = make_estate("东湖花园"), make_estate("东湖花园")
    assert EstateName.objects.filter(name="东湖花园").count() == 2
    refused(lambda: EstateName.objects.create(estate=estate, name="东湖花园"))
    assert estate != other


def test_an_estate_has_one_owners_committee():
    estate = make_estate()
    OwnersCommittee.objects.create(estate=estate, name="业委会")
    refused(lambda: OwnersCommittee.objects.create(estate=estate, name="第二个"))


@pytest.mark.parametrize("ends_on", [date(2025, 1, 1), date(2024, 12, 31)])
def test_a_contract_ends_after_it_starts(ends_on):
    contract = make_contract(make_estate(), make_company(), starts_on=date(2025, 1, 1))
    refused(lambda: ServiceContract.objects.filter(pk=contract.pk).update(ends_on=ends_on))


def test_a_contract_is_known_by_estate_company_and_first_day():
    contract = make_contract(make_estate(), make_company(), starts_on=date(2025, 1, 1))
    refused(
        lambda: ServiceContract.objects.create(
            estate=contract.estate, company=contract.company, starts_on=contract.starts_on
        )
    )


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (date(2024, 12, 31), False),
        (date(2025, 1, 1), True),
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), False),  # the end is the first day it no longer covers
    ],
)
def test_a_contract_covers_a_half_open_period(day, covered):
    contract = ServiceContract(starts_on=date(2025, 1, 1), ends_on=date(2026, 1, 1))
    assert contract.covers(day) is covered


def test_a_contract_without_an_end_covers_every_later_day():
    contract = ServiceContract(starts_on=date(2025, 1, 1))
    assert contract.covers(date(2099, 1, 1))
    assert not contract.covers(date(2024, 12, 31))


def test_rows_say_what_they_are():
    estate, company = make_estate("江南小区"), make_company("鼎盛物业")
    assert str(make_contract(estate, company)) == "江南小区 鼎盛物业"
    assert str(Grid(code="G1")) == "G1"
    assert str(Grid(code="G1", name="第一网格")) == "第一网格"
    for model in (Subdistrict, Community, Estate, EstateName, OwnersCommittee, Company):
        assert str(model(name="名称")) == "名称"
    assert str(RegisterChange(what="import estates")) == "import estates"
