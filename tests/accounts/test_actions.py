"""Invite, grant, revoke, issue a key."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from property_oversight.accounts.actions import grant, invite, issue_key, revoke
from property_oversight.accounts.models import ApiKey, Membership, Role, User
from tests.factories import make_community, make_company

pytestmark = pytest.mark.django_db


def test_who_is_invited_with_a_password_can_sign_in():
    user = invite("wang", full_name="王秀英", password="demo-Passw0rd")
    assert user.check_password("demo-Passw0rd")
    assert "demo-Passw0rd" not in user.password
    assert authenticate(None, username="wang", password="demo-Passw0rd") == user
    assert user.get_full_name() == "王秀英"
    assert not user.is_staff
    assert not user.is_superuser


@pytest.mark.parametrize("password", ["", "anything"])
def test_who_is_invited_without_one_cannot_yet(password):
    user = invite("wang")
    assert not user.has_usable_password()
    assert authenticate(None, username="wang", password=password) is None


@pytest.mark.parametrize("username", ["", "有 空格", "x" * 151, "wang"])
def test_a_name_that_cannot_be_or_is_taken_is_refused(username):
    invite("wang")
    with pytest.raises(ValidationError):
        invite(username)
    assert User.objects.count() == 1


def test_the_same_hat_twice_is_one():
    user, company, community = invite("wang"), make_company(), make_community()
    for role, where in (
        (Role.FIRM, {"company": company}),
        (Role.COMMUNITY, {"community": community}),
        (Role.BUREAU, {}),
        (Role.PETITION_OFFICE, {}),
    ):
        assert grant(user, role, **where) == grant(user, role, **where)
    assert user.memberships.count() == 4


@pytest.mark.parametrize("role", [Role.FIRM, Role.COMMUNITY])
def test_a_hat_without_its_place_is_refused(role):
    user = invite("wang")
    with pytest.raises(IntegrityError), transaction.atomic():
        grant(user, role)
    assert not Membership.objects.exists()


def test_a_revoked_hat_is_gone_and_the_person_stays():
    user = invite("wang")
    revoke(grant(user, Role.BUREAU))
    kept = grant(user, Role.PETITION_OFFICE)
    assert list(user.memberships.all()) == [kept]
    assert User.objects.get() == user


def test_a_key_is_told_once_and_only_its_hash_is_kept():
    user = invite("machine")
    secret = issue_key(user, "信访办接口")
    key = ApiKey.objects.get()
    assert (key.user, key.name, key.revoked) == (user, "信访办接口", False)
    assert key.is_valid(secret)
    assert not key.is_valid(f"{secret}x")
    stored = "".join(str(value) for value in ApiKey.objects.values_list().get())
    assert secret.partition(".")[2] not in stored


def test_every_key_is_another():
    user = invite("machine")
    assert issue_key(user, "a") != issue_key(user, "a")
    assert user.api_keys.count() == 2
