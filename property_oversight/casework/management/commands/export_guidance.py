"""Export the fee guidance of a quarter."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from property_oversight.casework.console import ALL_IN, OfficeCommand
from property_oversight.casework.management.commands.export_scores import run_of
from property_oversight.pricing.actions import guide
from property_oversight.pricing.queries import guidance_of
from property_oversight.reports.exports import guidance_table, write_csv


class Command(OfficeCommand):
    help = "导出一个季度的收费指导（CSV）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", required=True)
        parser.add_argument("out", type=Path, metavar="OUT.csv")

    def run(self, *, period: str, out: Path, **options: Any) -> int:
        scored = run_of(period)
        guide(scored)
        count = write_csv(out, guidance_table(guidance_of(scored)))
        self.stdout.write(f"{out.name}：{count} 行")
        return ALL_IN
