"""Import evaluations of communities, owners and site panels."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from property_oversight.casework.console import OfficeCommand
from property_oversight.evaluations.bulk import import_evaluations


class Command(OfficeCommand):
    help = "导入评价；同一评价人的新评价取代旧评价"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def run(self, *, file: Path, **options: Any) -> int:
        result = import_evaluations(file)
        self.stdout.write(
            f"{file.name}：新增 {result.new}，已有 {result.known}，拒收 {len(result.refusals)}"
        )
        return self.tell_refusals(result.refusals, result.unknown)
