"""Propose the talks that the rules find for the quarter before a day, and the one it lies in."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from complaints.workdays import quarter_before, quarter_of
from property_oversight.casework.console import ALL_IN, OfficeCommand
from property_oversight.scoring.queries import latest_run
from property_oversight.talks.actions import due_grounds, propose_due


class Command(OfficeCommand):
    help = "按规则建议约谈：所给日期的上一季度和本季度（须已评分）；--dry-run 只列出，不写入"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, required=True)
        parser.add_argument("--dry-run", action="store_true")

    def run(self, *, on: date, dry_run: bool, **options: Any) -> int:
        periods = (quarter_before(quarter_of(on)), quarter_of(on))
        runs = [found for period in periods if (found := latest_run(period)) is not None]
        if not runs:
            raise ValidationError(f"{'、'.join(periods)} 都还没有评分，请先执行 score")
        for scored in runs:
            if dry_run:
                for company, ground in due_grounds(scored, on):
                    self.stdout.write(f"{company.name} {ground.rule}：{ground.because}")
                continue
            for talk in propose_due(scored, on=on):
                self.stdout.write(f"{talk.company.name} {talk.rule}：{talk.ground.because}")
        return ALL_IN
