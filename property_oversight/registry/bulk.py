"""Import the register: a folder of CSV files or one workbook, keyed by code."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from complaints import tables
from complaints.tables import Column, Table
from property_oversight.registry import actions
from property_oversight.registry.models import (
    Community,
    Company,
    Estate,
    Grid,
    OwnersCommittee,
    ServiceContract,
    Subdistrict,
)

_BIGGEST_TIER = 9
_DEAREST = 100
_OLDEST, _NEWEST = 1900, 2100


def _upto(most: int) -> Callable[[str], str]:
    """Text that fits its column: PostgreSQL would refuse it with the whole file."""

    def read(cell: str) -> str:
        if len(cell) > most:
            raise tables.BadCell(f"最多 {most} 字")
        return cell

    return read


_code, _short, _long = _upto(40), _upto(60), _upto(120)


def _aliases(cell: str) -> list[str]:
    return [_long(alias) for alias in tables.texts(cell)]


def _year(cell: str) -> int | None:
    year = tables.whole_number(cell)
    if year is not None and not _OLDEST <= year <= _NEWEST:
        raise tables.BadCell("年份不合理")
    return year


def _kind(cell: str) -> str:
    wanted = {str(label): value for value, label in Estate.Kind.choices} | {
        value: value for value in Estate.Kind.values
    }
    if not cell:
        return str(Estate.Kind.COMMERCIAL)
    if cell not in wanted:
        raise tables.BadCell(f"应为 {'、'.join(str(label) for label in Estate.Kind.labels)} 之一")
    return wanted[cell]


def _households(cell: str) -> int:
    households = tables.whole_number(cell)
    if not households:
        raise tables.BadCell("户数应大于 0")
    return households


def _tier(cell: str) -> int | None:
    tier = tables.whole_number(cell.removesuffix("级"))
    if tier is not None and not 1 <= tier <= _BIGGEST_TIER:
        raise tables.BadCell(f"等级应在 1 到 {_BIGGEST_TIER} 之间")
    return tier


def _fee(cell: str) -> Decimal | None:
    fee = tables.number(cell)
    if fee is not None and fee >= _DEAREST:
        raise tables.BadCell("收费标准不合理")
    return None if fee is None else Decimal(str(fee)).quantize(Decimal("0.01"))


SHEETS: dict[str, tuple[str, list[Column[Any]]]] = {
    "communities": (
        "社区",
        [
            Column("community_code", "社区编码", _code, required=True),
            Column("name", "名称", _short, required=True),
            Column("subdistrict", "街道", _short),
            Column("households", "户数", tables.whole_number),
        ],
    ),
    "companies": (
        "物业企业",
        [
            Column("company_code", "企业编码", _code, required=True),
            Column("name", "名称", _long, required=True),
            Column("aliases", "别名", _aliases),
            Column("party_branch", "党组织", tables.yes_no),
        ],
    ),
    "estates": (
        "小区",
        [
            Column("estate_code", "小区编码", _code, required=True),
            Column("name", "名称", _long, required=True),
            Column("aliases", "别名", _aliases),
            Column("community_code", "社区编码", _code, required=True),
            Column("kind", "类型", _kind),
            Column("households", "户数", _households, required=True),
            Column("area_m2", "面积", tables.number),
            Column("has_lift", "有电梯", tables.yes_no),
            Column("built_year", "建成年份", _year),
            Column("owners_committee", "业委会", _long),
            Column("address", "地址", _upto(200)),
        ],
    ),
    "grids": (
        "网格",
        [
            Column("grid_code", "网格编码", _code, required=True),
            Column("community_code", "社区编码", _code, required=True),
            Column("name", "名称", _short),
            Column("households", "户数", tables.whole_number),
            Column("merchants", "商户数", tables.whole_number),
            Column("officers", "网格员数", tables.whole_number),
            Column("estate_codes", "小区编码", tables.texts),
        ],
    ),
    "contracts": (
        "物业服务合同",
        [
            Column("estate_code", "小区编码", _code, required=True),
            Column("company_code", "企业编码", _code, required=True),
            Column("branch", "分部", _short),
            Column("starts_on", "开始日期", tables.day, required=True),
            Column("ends_on", "结束日期", tables.day),
            Column("tier", "等级", _tier),
            Column("fee_per_m2", "收费标准", _fee),
        ],
    ),
}


@dataclass
class Import:
    """What became of the sheets: rows in by sheet, rows refused, columns not asked for."""

    counts: dict[str, int] = field(default_factory=dict)
    refusals: list[tables.Refusal] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def import_register(path: Path) -> Import:
    """Read the register in, sheet by sheet, each in its own transaction. Rows are matched by code,
    so that the same file twice changes nothing. Raises tables.UnreadableFile."""
    found = list(_tables(path))
    if not found:
        expected = "、".join(f"{name}（{chinese}）" for name, (chinese, _c) in SHEETS.items())
        raise tables.UnreadableFile(f"{path.name} 中没有登记表，应有：{expected}")
    result = Import()
    for name, table in found:
        with transaction.atomic():
            result.counts[name] = _WRITERS[name](table)
            if result.counts[name]:
                actions.mark_changed(f"import {name}")
        result.refusals += table.refusals
        result.unknown += [f"{table.file}：{column}" for column in table.unknown]
    return result


def _tables(path: Path) -> Iterator[tuple[str, Table]]:
    if path.is_dir():
        for name, (chinese, columns) in SHEETS.items():
            for stem in (name, chinese):
                for suffix in (".csv", ".xlsx"):
                    part = path / f"{stem}{suffix}"
                    if part.exists():
                        yield name, tables.read_table(part, columns)
        return
    present = {sheet.strip(): sheet for sheet in tables.sheets(path)}
    for name, (chinese, columns) in SHEETS.items():
        for stem in (name, chinese):
            if stem in present:
                yield name, tables.read_table(path, columns, sheet=present[stem])


# Where an error of the whole row is to be looked for.
_COLUMN_OF = {
    "unknown_community": "社区编码",
    "unknown_estate": "小区编码",
    "unknown_company": "企业编码",
    "contracts_overlap": "开始日期",
    "ends_before_start": "结束日期",
}


def _each(table: Table, write: Callable[[dict[str, Any]], bool]) -> int:
    """Write row by row; a row that cannot be written is refused and the others go on. Returns how
    many rows changed something."""
    changed = 0
    for number, row in table.rows:
        try:
            with transaction.atomic():
                changed += write(row)
        except ValidationError as error:
            column = _COLUMN_OF.get(getattr(error, "code", None) or "", "")
            table.refuse(number, column, "；".join(error.messages))
    return changed


def _put(model: type[models.Model], key: dict[str, Any], values: dict[str, Any]) -> Any:
    """Create the row, or change what differs. Returns (row, whether anything changed)."""
    values = {name: value for name, value in values.items() if value is not None}
    row = model._default_manager.filter(**key).first()
    if row is None:
        row = model(**key, **values)
        row.full_clean(validate_unique=False, validate_constraints=False)
        row.save()
        return row, True
    differing = [name for name, value in values.items() if getattr(row, name) != value]
    for name in differing:
        setattr(row, name, values[name])
    if differing:
        row.full_clean(validate_unique=False, validate_constraints=False)
        row.save(update_fields=differing)
    return row, bool(differing)


def _find(model: type[Any], code: str) -> Any:
    row = model.objects.filter(code=code).first()
    if row is None:
        raise ValidationError(
            f"没有编码为 {code} 的{model._meta.verbose_name}",
            code=f"unknown_{model._meta.model_name}",
        )
    return row


def _write_communities(table: Table) -> int:
    def write(row: dict[str, Any]) -> bool:
        subdistrict = None
        if row.get("subdistrict"):
            subdistrict, _new = Subdistrict.objects.get_or_create(name=row["subdistrict"])
        _row, changed = _put(
            Community,
            {"code": row["community_code"]},
            {
                "name": row["name"],
                "subdistrict": subdistrict,
                "households": row.get("households"),
            },
        )
        return bool(changed)

    return _each(table, write)


def _write_companies(table: Table) -> int:
    def write(row: dict[str, Any]) -> bool:
        _row, changed = _put(
            Company,
            {"code": row["company_code"]},
            {
                "name": row["name"],
                "aliases": row.get("aliases"),
                "party_branch": row.get("party_branch"),
            },
        )
        return bool(changed)

    return _each(table, write)


def _write_estates(table: Table) -> int:
    def write(row: dict[str, Any]) -> bool:
        community = _find(Community, row["community_code"])
        estate, changed = _put(
            Estate,
            {"code": row["estate_code"]},
            {
                "name": row["name"],
                "community": community,
                "kind": row.get("kind"),
                "households": row["households"],
                "area_m2": row.get("area_m2"),
                "has_lift": row.get("has_lift"),
                "built_year": row.get("built_year"),
                "address": row.get("address"),
            },
        )
        before = estate.names.count()
        actions.learn_names(estate, [row["name"], *(row.get("aliases") or [])])
        return bool(changed) | (estate.names.count() != before) | _write_committee(estate, row)

    return _each(table, write)


def _write_committee(estate: Estate, row: dict[str, Any]) -> bool:
    """业委会: 1/0 or its name."""
    said = row.get("owners_committee") or ""
    if said in {"", "0", "否", "无"}:
        return bool(said) and bool(OwnersCommittee.objects.filter(estate=estate).delete()[0])
    name = f"{estate.name}业主委员会" if said in {"1", "是", "有"} else said
    _row, changed = _put(OwnersCommittee, {"estate": estate}, {"name": name})
    return bool(changed)


def _write_grids(table: Table) -> int:
    def write(row: dict[str, Any]) -> bool:
        community = _find(Community, row["community_code"])
        grid, changed = _put(
            Grid,
            {"code": row["grid_code"]},
            {
                "community": community,
                "name": row.get("name"),
                "households": row.get("households"),
                "merchants": row.get("merchants"),
                "officers": row.get("officers"),
            },
        )
        if "estate_codes" in row:
            wanted = {_find(Estate, code).pk for code in row["estate_codes"]}
            if wanted != set(grid.estates.values_list("pk", flat=True)):
                grid.estates.set(wanted)
                return True
        return bool(changed)

    return _each(table, write)


def _write_contracts(table: Table) -> int:
    # In the order of time: an old contract is shortened before its successor is signed.
    table.rows.sort(key=lambda numbered: numbered[1]["starts_on"])

    def write(row: dict[str, Any]) -> bool:
        estate = _find(Estate, row["estate_code"])
        company = _find(Company, row["company_code"])
        terms: dict[str, Any] = {
            "ends_on": row.get("ends_on"),
            "branch": row.get("branch") or "",
            "tier": row.get("tier"),
            "fee_per_m2": row.get("fee_per_m2"),
        }
        known = ServiceContract.objects.filter(
            estate=estate, company=company, starts_on=row["starts_on"]
        ).first()
        if known and all(getattr(known, name) == value for name, value in terms.items()):
            return False
        actions.sign(estate, company, starts_on=row["starts_on"], **terms)
        return True

    return _each(table, write)


_WRITERS: dict[str, Callable[[Table], int]] = {
    "communities": _write_communities,
    "companies": _write_companies,
    "estates": _write_estates,
    "grids": _write_grids,
    "contracts": _write_contracts,
}

__all__: Sequence[str] = ["SHEETS", "Import", "import_register"]
