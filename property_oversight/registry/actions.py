"""Writes of the register: sign, renew, end a contract; rename or merge an estate."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from property_oversight.registry.models import (
    Company,
    Estate,
    EstateName,
    RegisterChange,
    ServiceContract,
)


def mark_changed(what: str) -> None:
    """Say that the register has changed; call it in the transaction of the change."""
    RegisterChange.objects.create(what=what[:200])


@transaction.atomic
def sign(
    estate: Estate,
    company: Company,
    *,
    starts_on: date,
    ends_on: date | None = None,
    branch: str = "",
    tier: int | None = None,
    fee_per_m2: Decimal | None = None,
) -> ServiceContract:
    """Record a contract, or what has changed in it (it is known by estate, company and first day).

    Raises ValidationError where it ends before it starts or overlaps another of the estate.
    """
    if ends_on is not None and ends_on <= starts_on:
        raise ValidationError(_("结束日期必须晚于开始日期"), code="ends_before_start")
    Estate.objects.select_for_update().get(pk=estate.pk)  # one signing at a time for an estate
    others = estate.contracts.exclude(company=company, starts_on=starts_on)
    _refuse_overlap(others, starts_on, ends_on)
    contract, _new = ServiceContract.objects.update_or_create(
        estate=estate,
        company=company,
        starts_on=starts_on,
        defaults={"ends_on": ends_on, "branch": branch, "tier": tier, "fee_per_m2": fee_per_m2},
    )
    mark_changed(f"contract {estate.code} {company.code} {starts_on}")
    return contract


def _refuse_overlap(
    others: QuerySet[ServiceContract], starts_on: date, ends_on: date | None
) -> None:
    clash = others.filter(Q(ends_on=None) | Q(ends_on__gt=starts_on))
    if ends_on is not None:
        clash = clash.filter(starts_on__lt=ends_on)
    first = clash.select_related("company").first()
    if first is not None:
        raise ValidationError(
            _("与 %(company)s 自 %(start)s 起的合同期限重叠"),
            code="contracts_overlap",
            params={"company": first.company.name, "start": first.starts_on},
        )


@transaction.atomic
def end(contract: ServiceContract, *, on: date) -> None:
    """End a contract: `on` is the first day it no longer covers. Raises ValidationError where that
    is before it starts, or so late that the contract would reach into another."""
    if on <= contract.starts_on:
        raise ValidationError(_("结束日期必须晚于开始日期"), code="ends_before_start")
    estate = Estate.objects.select_for_update().get(pk=contract.estate_id)
    _refuse_overlap(estate.contracts.exclude(pk=contract.pk), contract.starts_on, on)
    contract.ends_on = on
    contract.save(update_fields=["ends_on"])
    mark_changed(f"contract ended {contract.pk}")


@transaction.atomic
def rename(estate: Estate, name: str) -> None:
    """Give an estate a new name; by the old one it can still be found."""
    estate.name = name
    estate.save(update_fields=["name"])
    learn_names(estate, [name])
    mark_changed(f"estate renamed {estate.code}")


@transaction.atomic
def merge(estate: Estate, into: Estate) -> None:
    """Let `estate` become a part of `into`; what is said of it from now on is said of `into`."""
    if into.merged_into_id is not None or into.pk == estate.pk:
        raise ValidationError(_("不能并入自身或已被并入的小区"), code="bad_merge")
    estate.merged_into = into
    estate.save(update_fields=["merged_into"])
    estate.merged_estates.update(merged_into=into)
    mark_changed(f"estate merged {estate.code} into {into.code}")


def learn_names(estate: Estate, names: Iterable[str]) -> None:
    """Add names by which an estate can be found."""
    known = set(estate.names.values_list("name", flat=True))
    wanted = dict.fromkeys(name for name in names if name and name not in known)
    EstateName.objects.bulk_create(EstateName(estate=estate, name=name) for name in wanted)
