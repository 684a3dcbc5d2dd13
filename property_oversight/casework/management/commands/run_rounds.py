"""Run a round by hand, where no worker runs them."""

from argparse import ArgumentParser
from typing import Any

from property_oversight.casework import rounds
from property_oversight.casework.console import ALL_IN, OfficeCommand


class Command(OfficeCommand):
    help = "手工执行例行工作：默认为每一刻钟的，--nightly 为每夜的"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--nightly", action="store_true")

    def run(self, *, nightly: bool, **options: Any) -> int:
        counts = rounds.nightly() if nightly else rounds.quarter_hourly()
        self.stdout.write("，".join(f"{name} {count}" for name, count in counts.items()))
        return ALL_IN
