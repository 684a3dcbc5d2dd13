"""Export the scores of a quarter."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from complaints.workdays import quarter
from property_oversight.casework.console import ALL_IN, OfficeCommand
from property_oversight.reports.exports import score_table, write_csv
from property_oversight.scoring.models import ScoreRun
from property_oversight.scoring.queries import cards_of, latest_run


def run_of(period: str) -> ScoreRun:
    """The newest run of a quarter. Raises ValidationError where it was never scored."""
    quarter(period)
    found = latest_run(period)
    if found is None:
        raise ValidationError(f"{period} 还没有评分，请先执行 score --period {period}")
    return found


class Command(OfficeCommand):
    help = "导出一个季度的评分（CSV）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", required=True)
        parser.add_argument("--level", choices=["estate", "company"], default="estate")
        parser.add_argument("out", type=Path, metavar="OUT.csv")

    def run(self, *, period: str, level: str, out: Path, **options: Any) -> int:
        count = write_csv(out, score_table(cards_of(run_of(period)), level=level))
        self.stdout.write(f"{out.name}：{count} 行")
        return ALL_IN
