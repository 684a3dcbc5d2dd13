"""Set up the demo city and run the main job on it once; a second time changes nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from property_oversight.casework.console import ALL_IN, OfficeCommand, bar
from property_oversight.casework.demo_city import DemoCity


class Command(OfficeCommand):
    help = "建立示例城市并把主要流程走一遍；重复执行很快，且不改变任何内容"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anyway", action="store_true", help="允许写入内嵌数据库以外的数据库")

    def run(self, *, anyway: bool, **options: Any) -> int:
        if not settings.EMBEDDED and not anyway:
            raise CommandError("示例城市只写入内嵌数据库；确要写入其他数据库请加 --anyway")
        city = DemoCity(Path(settings.FIXTURES_DIR), say=self.stdout.write, progress=bar)
        city.set_up()
        city.run_the_story()
        for line in city.what_happened():
            self.stdout.write(line)
        return ALL_IN
