"""Reads of accounts."""

from django.contrib.auth.models import AnonymousUser

from property_oversight.accounts.models import ApiKey, Membership, Role, User


def hats(user: User | AnonymousUser) -> list[Membership]:
    """The hats of `user`, asked once a request."""
    if not isinstance(user, User) or not user.is_active:
        return []
    if not hasattr(user, "_hats"):
        user._hats = list(  # type: ignore[attr-defined]
            user.memberships.select_related("company", "community")
        )
    return user._hats  # type: ignore[attr-defined]


def roles(user: User | AnonymousUser) -> frozenset[Role]:
    return frozenset(Role(hat.role) for hat in hats(user))


def company_ids(user: User | AnonymousUser) -> list[int]:
    """The firms that `user` speaks for."""
    return [hat.company_id for hat in hats(user) if hat.company_id is not None]


def community_ids(user: User | AnonymousUser) -> list[int]:
    """The communities that `user` works for."""
    return [hat.community_id for hat in hats(user) if hat.community_id is not None]


def key_with(secret: str) -> ApiKey | None:
    """The usable key with this secret: known, not revoked, not expired."""
    prefix, _, _rest = secret.partition(".")
    if "\x00" in secret:
        return None
    key = ApiKey.objects.select_related("user").filter(prefix=prefix, revoked=False).first()
    if key is None or key.has_expired or not key.is_valid(secret):
        return None
    return key
