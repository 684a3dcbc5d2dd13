"""Read texts from a JSON-lines file with a trained model."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from complaints.classification import NoModel, folder_of
from complaints.queries import model_in_use
from ml import artifact
from ml.train import joined
from property_oversight.casework.console import OfficeCommand, bar
from property_oversight.casework.jsonlines import CHUNK, chunks, read_texts


class Command(OfficeCommand):
    help = "读件：IN.jsonl（id、title、text）→ OUT.jsonl（类别、把握、其他可能、危险、依据词）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, metavar="IN.jsonl")
        parser.add_argument("target", type=Path, metavar="OUT.jsonl")
        parser.add_argument("--model", type=Path, default=None, help="模型文件夹，默认为正在使用的")

    def run(self, *, source: Path, target: Path, model: Path | None, **options: Any) -> int:
        folder = model or folder_of(model_in_use())
        try:
            reader, _manifest = artifact.load(folder)
        except (FileNotFoundError, ValueError) as error:
            raise NoModel(f"{folder} 中没有可用的模型：{error}") from error
        rows, refusals = read_texts(source)
        with target.open("w", encoding="utf-8") as out:
            for chunk in bar(chunks(rows, CHUNK), "读件"):
                readings = reader.read([joined(row.title, row.text) for row in chunk])
                for row, reading in zip(chunk, readings, strict=True):
                    answer = {
                        "id": row.id,
                        "category": reading.category,
                        "confidence": reading.confidence,
                        "alternatives": [list(pair) for pair in reading.alternatives],
                        "abstained": reading.abstained,
                        "danger": reading.danger,
                        "because": [list(pair) for pair in reading.because],
                    }
                    out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        self.stdout.write(f"{source.name}：读 {len(rows)} 条")
        return self.tell_refusals(refusals, [])
