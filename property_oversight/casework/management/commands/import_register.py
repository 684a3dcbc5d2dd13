"""Import the register of communities, grids, companies, estates and contracts."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from property_oversight.casework.console import OfficeCommand
from property_oversight.registry.bulk import SHEETS, import_register


class Command(OfficeCommand):
    help = "导入登记：一个 CSV 文件夹，或一个含各工作表的 XLSX；按编码更新"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)

    def run(self, *, path: Path, **options: Any) -> int:
        result = import_register(path)
        for name, count in result.counts.items():
            self.stdout.write(f"{SHEETS[name][0]}：新增或更新 {count} 行")
        return self.tell_refusals(result.refusals, result.unknown)
