"""Writes of accounts: invite, grant, revoke, issue a key."""

from datetime import datetime

from django.db import transaction

from property_oversight.accounts.models import ApiKey, Membership, Role, User
from property_oversight.registry.models import Community, Company


@transaction.atomic
def invite(username: str, *, full_name: str = "", password: str | None = None) -> User:
    """Make a user who may sign in; without a password nobody can until one is set."""
    user = User(username=username, first_name=full_name)
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    return user


def grant(
    user: User,
    role: Role,
    *,
    company: Company | None = None,
    community: Community | None = None,
) -> Membership:
    """Give `user` a hat; the same one twice is one."""
    hat, _new = Membership.objects.get_or_create(
        user=user, role=role, company=company, community=community
    )
    return hat


def revoke(hat: Membership) -> None:
    hat.delete()


def issue_key(user: User, name: str, *, expires_at: datetime | None = None) -> str:
    """Make a key for the machine of `user` and return it; only its hash is kept."""
    _key, secret = ApiKey.objects.create_key(name=name, user=user, expiry_date=expires_at)
    return str(secret)
