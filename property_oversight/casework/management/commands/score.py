"""Score a quarter, and give guidance on the fees of its contracts."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from complaints.workdays import quarter, today
from property_oversight.casework.console import ALL_IN, OfficeCommand
from property_oversight.pricing.actions import guide
from property_oversight.scoring import actions as scoring


class Command(OfficeCommand):
    help = "计算一个季度的服务质量评分和收费指导；数据与办法不变时重复执行不改变任何内容"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", required=True, help="季度，如 2026Q3")
        parser.add_argument("--as-of", type=date.fromisoformat, default=None, help="数据截至日期")
        parser.add_argument("--publish", action="store_true", help="同时发布")

    def run(self, *, period: str, as_of: date | None, publish: bool, **options: Any) -> int:
        quarter(period)
        made = scoring.run(period, as_of=as_of or today())
        guide(made)
        if publish and made.published_at is None:
            scoring.publish(made)
        rated = made.cards.filter(contract__isnull=False, score__isnull=False).count()
        total = made.cards.filter(contract__isnull=False).count()
        self.stdout.write(
            f"{period}（截至 {made.as_of}）：{total} 份合同，评分 {rated}，不予评分 {total - rated}"
        )
        return ALL_IN
