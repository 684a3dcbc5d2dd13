"""Export every talk."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from property_oversight.casework.console import ALL_IN, OfficeCommand
from property_oversight.reports.exports import talk_table, write_csv
from property_oversight.talks.models import Talk
from property_oversight.talks.queries import with_case_file


class Command(OfficeCommand):
    help = "导出约谈（CSV）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT.csv")

    def run(self, *, out: Path, **options: Any) -> int:
        count = write_csv(out, talk_table(with_case_file(Talk.objects.all())))
        self.stdout.write(f"{out.name}：{count} 行")
        return ALL_IN
