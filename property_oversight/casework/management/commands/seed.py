"""Load reference data: categories, questions, the sample tier standard, the working calendar."""

from typing import Any

from property_oversight.casework.console import ALL_IN, OfficeCommand
from property_oversight.casework.seeding import seed


class Command(OfficeCommand):
    help = "载入参考数据（类别、评价问题、示例等级标准、放假与调休）；重复执行不改变任何内容"

    def run(self, **options: Any) -> int:
        counts = seed()
        self.stdout.write("，".join(f"{name} 新增 {count}" for name, count in counts.items()))
        return ALL_IN
