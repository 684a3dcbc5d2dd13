"""Train a model from any labelled file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from ml.card import card
from ml.train import bar, read_corpus, train
from property_oversight.casework.console import ALL_IN, OfficeCommand


class Command(OfficeCommand):
    help = "训练分类模型：CSV 或 JSONL 的标注文件 → 模型、清单、模型卡；打印留出集宏平均 F1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", type=Path, required=True)
        parser.add_argument("--text-column", required=True)
        parser.add_argument("--label-column", required=True)
        parser.add_argument("--title-column", default=None)
        parser.add_argument("--out", type=Path, required=True)

    def run(
        self,
        *,
        corpus: Path,
        text_column: str,
        label_column: str,
        title_column: str | None,
        out: Path,
        **options: Any,
    ) -> int:
        labelled = read_corpus(corpus, text=text_column, label=label_column, title=title_column)
        manifest = train(labelled, out, progress=bar)
        self.stdout.write(card(manifest))
        self.stdout.write(f"macro-F1 {manifest.metrics['macro_f1']:.4f}")
        return ALL_IN
