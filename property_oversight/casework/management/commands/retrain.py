"""Train a candidate from the corpus and from what people have confirmed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from complaints.classification import folder_of
from complaints.promotion import why_not_better
from complaints.training import FEWEST_TO_JUDGE
from ml.train import bar, read_corpus
from property_oversight.casework import retraining
from property_oversight.casework.console import ALL_IN, OfficeCommand

_NAMES = {"accuracy": "正确率", "macro_f1": "宏平均 F1", "danger_recall": "危险召回率",
          "coverage": "自动采用"}  # fmt: skip


class Command(OfficeCommand):
    help = "从语料和人工读件训练候选模型，与在用模型比较；启用与否由主管部门在“模型”页决定"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", type=Path, default=None, help="默认为自带的语料")
        parser.add_argument(
            "--held-out", type=Path, default=None, help="本市的标注文件，只用来比较"
        )
        parser.add_argument("--text-column", default="text")
        parser.add_argument("--label-column", default="primary")
        parser.add_argument("--title-column", default="title")

    def run(
        self,
        *,
        corpus: Path | None,
        held_out: Path | None,
        text_column: str,
        label_column: str,
        title_column: str,
        **options: Any,
    ) -> int:
        columns = {"text": text_column, "label": label_column, "title": title_column}
        made = retraining.retrain(
            read_corpus(corpus) if corpus else None,
            also_held_out=read_corpus(held_out, **columns) if held_out else None,
            progress=bar,
        )
        self.stdout.write(
            f"候选模型 {made.version}：语料 {made.corpus_rows} 条，"
            f"人工读件 {made.confirmed_rows} 条，在 {folder_of(made)}"
        )
        figures = made.figures
        found = figures.get("comparison")
        if found is None:
            self.stdout.write(
                f"留出 {figures['held_out']} 条，满 {FEWEST_TO_JUDGE} 条并有在用模型才能判断好坏"
            )
            return ALL_IN
        self.stdout.write(f"与 {figures['against']} 比较，同读留出的 {found['texts']} 条：")
        for key, name in _NAMES.items():
            one = found[key]
            if one is not None:
                self.stdout.write(
                    f"{name} {one['serving']:.3f} → {one['candidate']:.3f}，差 "
                    f"{one['difference']:+.3f}（90% 区间 {one['low']:+.3f} 至 {one['high']:+.3f}）"
                )
        for reason in why_not_better(figures):
            self.stdout.write(reason)
        return ALL_IN
