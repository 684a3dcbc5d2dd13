"""Whose hats, whose keys."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from property_oversight.accounts.actions import grant, invite, issue_key, revoke
from property_oversight.accounts.models import ApiKey, Role, User
from property_oversight.accounts.queries import community_ids, company_ids, hats, key_with, roles
from tests.factories import make_community, make_company, moment

pytestmark = pytest.mark.django_db


def again(user: User) -> User:
    """The user as the next request meets him."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def wang() -> User:
    """A clerk of two firms who also works for a community."""
    user = invite("wang")
    for company in (make_company("甲物业"), make_company("乙物业")):
        grant(user, Role.FIRM, company=company)
    grant(user, Role.COMMUNITY, community=make_community("东风社区"))
    return again(user)


def test_hats_are_those_of_the_user_and_nobody_elses(wang):
    grant(invite("li"), Role.BUREAU)
    assert [str(hat) for hat in hats(wang)] == [
        "甲物业 物业企业",
        "乙物业 物业企业",
        "东风社区 社区",
    ]
    assert roles(wang) == {Role.FIRM, Role.COMMUNITY}


def test_places_are_told_apart(wang):
    firms = [hat.company_id for hat in wang.memberships.exclude(company=None)]
    (community,) = [hat.community_id for hat in wang.memberships.exclude(community=None)]
    assert company_ids(wang) == firms
    assert community_ids(wang) == [community]


@pytest.mark.parametrize("office", [Role.BUREAU, Role.PETITION_OFFICE])
def test_an_office_has_no_place(office):
    user = invite("officer")
    grant(user, office)
    assert roles(again(user)) == {office}
    assert (company_ids(user), community_ids(user)) == ([], [])


def test_a_resident_wears_no_hat():
    for user in (AnonymousUser(), invite("resident")):
        assert hats(user) == []
        assert roles(user) == frozenset()
        assert company_ids(user) == community_ids(user) == []


def test_a_user_whose_hat_was_revoked_has_none():
    user = invite("wang")
    hat = grant(user, Role.BUREAU)
    assert roles(again(user)) == {Role.BUREAU}
    revoke(hat)
    assert hats(again(user)) == []


def test_a_user_who_was_shut_out_has_none(wang):
    wang.is_active = False
    wang.save(update_fields=["is_active"])
    assert hats(again(wang)) == []
    assert roles(wang) == frozenset()  # even where they had been asked for before


def test_hats_are_asked_for_once_a_request(wang, django_assert_num_queries):
    with django_assert_num_queries(1):
        for _i in range(3):
            assert [str(hat) for hat in hats(wang)]
            assert roles(wang)
            assert company_ids(wang)
            assert community_ids(wang)


@pytest.mark.parametrize("firms", [1, 3])
def test_hats_cost_the_same_however_many(firms, django_assert_num_queries):
    user = invite("li")
    for _i in range(firms):
        grant(user, Role.FIRM, company=make_company())
    with django_assert_num_queries(1):
        assert len([str(hat) for hat in hats(again_without_query(user))]) == firms


def again_without_query(user: User) -> User:
    return User(pk=user.pk, username=user.username, is_active=True)


# Keys ----------------------------------------------------------------------------------------


def test_a_key_leads_to_the_user_it_belongs_to():
    user = invite("machine")
    secret = issue_key(user, "接口")
    issue_key(invite("other"), "接口")
    assert key_with(secret).user == user


@pytest.mark.parametrize("spoil", [
    lambda secret: "",
    lambda secret: "nonsense",
    lambda secret: secret[:-1],
    lambda secret: f"{secret}x",
    lambda secret: secret.partition(".")[0],
    lambda secret: secret.partition(".")[2],
    lambda secret: f"{secret}\x00",
], ids=["empty", "nonsense", "cut", "longer", "prefix", "rest", "nul"])  # fmt: skip
def test_a_secret_that_is_not_quite_one_is_none(spoil):
    assert key_with(spoil(issue_key(invite("machine"), "接口"))) is None


def test_a_revoked_key_is_none():
    secret = issue_key(invite("machine"), "接口")
    ApiKey.objects.update(revoked=True)
    assert key_with(secret) is None


@pytest.mark.parametrize(("later", "usable"), [(0, True), (1, False)])
def test_a_key_ends_when_it_expires(later, usable):
    ends_at = moment(2026, 9, 1)
    with time_machine.travel(moment(2026, 8, 3), tick=False):
        secret = issue_key(invite("machine"), "接口", expires_at=ends_at)
    with time_machine.travel(ends_at + timedelta(days=2 * later - 1), tick=False):
        assert (key_with(secret) is not None) is usable
