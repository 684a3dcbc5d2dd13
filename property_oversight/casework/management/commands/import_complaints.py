"""Import complaints of one channel, then read, attribute and dispatch them."""

from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import django

from complaints.bulk import import_complaints
from complaints.models import Channel
from property_oversight.casework import pipeline
from property_oversight.casework.console import OfficeCommand, bar
from property_oversight.casework.rounds import CHUNK

CHANNELS = [
    Channel.HOTLINE,
    Channel.PETITION,
    Channel.COMMUNITY_QA,
    Channel.WEB,
    Channel.OTHER,
]


class Command(OfficeCommand):
    help = "导入投诉（CSV 或 XLSX），按来源和工单编号去重；随后读件、认定归属、派单"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--channel", required=True, choices=[str(c) for c in CHANNELS])
        parser.add_argument("--jobs", type=int, default=1, help="并行处理的进程数")

    def run(self, *, file: Path, channel: str, jobs: int, **options: Any) -> int:
        result = import_complaints(file, Channel(channel), progress=lambda s: bar(s, "导入"))
        chunks = [result.complaints[i : i + CHUNK] for i in range(0, len(result.complaints), CHUNK)]
        if jobs > 1:
            # A fresh interpreter for each: database connections must not be inherited.
            with ProcessPoolExecutor(jobs, get_context("spawn"), django.setup) as pool:
                list(bar(pool.map(pipeline.process, chunks), "处理"))
        else:
            for keys in bar(chunks, "处理"):
                pipeline.process(keys)
        batch = result.batch
        self.stdout.write(
            f"{file.name}：新增 {batch.rows_new}，已有 {batch.rows_known}，"
            f"拒收 {batch.rows_refused}"
        )
        return self.tell_refusals(result.refusals, result.unknown_columns)
