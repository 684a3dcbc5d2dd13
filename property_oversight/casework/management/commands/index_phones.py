"""Reckon the blind index of the phones anew."""

from typing import Any

from complaints.actions import index_phones
from property_oversight.casework.console import ALL_IN, OfficeCommand


class Command(OfficeCommand):
    help = "重算电话的盲索引：BLIND_INDEX_KEY 或 SECRET_KEY 换过之后执行一次"

    def run(self, **options: Any) -> int:
        self.stdout.write(f"重算 {index_phones()} 件")
        return ALL_IN
