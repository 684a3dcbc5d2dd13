"""Tables that offices take away: CSV for machines, xlsx for people."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from complaints.models import Complaint
from complaints.privacy import masked
from property_oversight.access.visibility import finding_of
from property_oversight.pricing.models import Guidance
from property_oversight.scoring.formula import INDICATORS
from property_oversight.scoring.models import ScoreCard
from property_oversight.talks.models import Talk

Table = Iterator[Sequence[Any]]
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def safe(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula is marked as text; what no spreadsheet can
    hold is left out."""
    if isinstance(cell, str):
        cell = _UNPRINTABLE.sub("", cell)
    if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{cell}"
    return cell


def write_csv(path: Path, rows: Iterable[Sequence[Any]]) -> int:
    """Write with the mark by which office programs know UTF-8. Returns the number of rows beside
    the header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = -1
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            writer.writerow([safe(cell) for cell in row])
            count += 1
    return count


def workbook(title: str, rows: Iterable[Sequence[Any]]) -> bytes:
    """The rows as an xlsx file."""
    from openpyxl import Workbook  # slow to import, needed by few

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append([safe(cell) for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def score_table(cards: QuerySet[ScoreCard], *, level: str) -> Table:
    """Scores of estates or of companies, one column an indicator."""
    codes = [indicator.code for indicator in INDICATORS]
    head = ["estate_code"] if level == "estate" else []
    tail = codes if level == "estate" else ["disparity"]
    yield [*head, "company_code", "period", "rated", "score", "low", "high", "grade",
           "households", "complaints", "incidents", *tail]  # fmt: skip
    for card in cards.filter(contract__isnull=level == "company"):
        row: list[Any] = [card.estate.code] if card.estate else []
        row += [card.company.code, card.run.period, int(card.rated), *map(_rounded, (
            card.score, card.low, card.high)), card.grade, card.households, card.complaints,
            card.incidents]  # fmt: skip
        if level == "estate":
            points = {part.indicator: part.points for part in card.contributions.all()}
            row += [_rounded(points.get(code)) for code in codes]
        else:
            row.append(_rounded(card.disparity, 6))
        yield row


def guidance_table(guidance: QuerySet[Guidance]) -> Table:
    yield ["estate_code", "tier", "fee_per_m2", "band_low", "band_high", "verdict", "because"]
    for one in guidance:
        because = f"{one.because}（依据示例标准，非本市规定）" if one.is_sample else one.because
        yield [one.contract.estate.code, one.tier, one.fee_per_m2, one.band_low, one.band_high,
               one.verdict, because]  # fmt: skip


def talk_table(talks: QuerySet[Talk]) -> Table:
    yield ["company_code", "estate_codes", "rule_code", "proposed_on", "state", "because"]
    for talk in talks:
        codes = ";".join(estate.code for estate in talk.estates.all())
        yield [talk.company.code, codes, talk.rule, talk.proposed_on.isoformat(), talk.state,
               talk.ground.because]  # fmt: skip


def complaint_table(complaints: QuerySet[Complaint]) -> Table:
    """What one may see of complaints, without who complained."""
    yield ["编号", "来源", "受理时间", "小区", "物业企业", "类别", "状态", "是否解决", "是否满意",
           "内容"]  # fmt: skip
    for complaint in complaints:
        finding = finding_of(complaint)
        yield [
            complaint.external_id,
            complaint.get_channel_display(),
            f"{timezone.localtime(complaint.received_at):%Y-%m-%d %H:%M}",
            finding.estate.name if finding and finding.estate else "",
            finding.company.name if finding and finding.company else "",
            complaint.category.name if complaint.category else "",
            complaint.get_state_display(),
            _yes_no(complaint.resolved),
            _yes_no(complaint.satisfied),
            masked(complaint.text, [complaint.reporter_name]),
        ]


def _rounded(value: float | None, digits: int = 2) -> float | str:
    return "" if value is None else round(value, digits)


def _yes_no(value: bool | None) -> str:
    return {True: "是", False: "否", None: ""}[value]
