"""A hat belongs where its role works; the table refuses the others."""

import pytest
from django.db import IntegrityError, transaction

from property_oversight.accounts.actions import invite
from property_oversight.accounts.models import Membership, Role
from tests.factories import make_community, make_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    return {"company": make_company("鼎盛物业"), "community": make_community("东风社区")}


PLACE_OF = {
    Role.FIRM: {"company"},
    Role.COMMUNITY: {"community"},
    Role.BUREAU: set(),
    Role.PETITION_OFFICE: set(),
}


@pytest.mark.parametrize("where", [set(), {"company"}, {"community"}, {"company", "community"}])
@pytest.mark.parametrize("role", list(Role))
def test_a_hat_belongs_where_its_role_works(places, role, where):
    hat = Membership(user=invite("wang"), role=role, **{name: places[name] for name in where})
    if where == PLACE_OF[role]:
        hat.save()
        assert Membership.objects.get() == hat
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        hat.save()


def test_a_role_that_nobody_knows_is_refused(places):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=invite("wang"), role="mayor")


@pytest.mark.parametrize("role", list(Role))
def test_one_hat_of_a_kind_is_enough(places, role):
    said = {"user": invite("wang"), "role": role}
    said |= {name: places[name] for name in PLACE_OF[role]}
    Membership.objects.create(**said)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(**said)


def test_one_person_may_wear_many_hats(places):
    user = invite("wang")
    Membership.objects.create(user=user, role=Role.FIRM, company=places["company"])
    Membership.objects.create(user=user, role=Role.FIRM, company=make_company())
    Membership.objects.create(user=user, role=Role.COMMUNITY, community=places["community"])
    Membership.objects.create(user=user, role=Role.BUREAU)
    Membership.objects.create(user=user, role=Role.PETITION_OFFICE)
    assert user.memberships.count() == 5


def test_one_place_may_have_many_people(places):
    for name in ("wang", "li"):
        Membership.objects.create(user=invite(name), role=Role.FIRM, company=places["company"])
    assert Membership.objects.count() == 2


def test_people_and_hats_say_what_they_are(places):
    user = invite("wang", full_name="王秀英")
    assert str(user) == "王秀英"
    assert str(invite("li")) == "li"
    hat = Membership(user=user, role=Role.FIRM, company=places["company"])
    assert str(hat) == "鼎盛物业 物业企业"
    assert str(Membership(user=user, role=Role.BUREAU)) == "主管部门"
