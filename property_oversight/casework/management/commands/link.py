"""Link texts of a JSON-lines file to estates and firms of the register."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from complaints.workdays import today
from ml.train import joined
from property_oversight.attribution.actions import gazetteer
from property_oversight.casework.console import OfficeCommand, bar
from property_oversight.casework.jsonlines import CHUNK, chunks, read_texts
from property_oversight.registry.queries import contracts_on, estates_by_code


class Command(OfficeCommand):
    help = (
        "认定小区：IN.jsonl（id、title、text）→ OUT.jsonl（小区、把握、位置、候选、今日合同企业）"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, metavar="IN.jsonl")
        parser.add_argument("target", type=Path, metavar="OUT.jsonl")

    def run(self, *, source: Path, target: Path, **options: Any) -> int:
        rows, refusals = read_texts(source)
        names, day = gazetteer(), today()
        with target.open("w", encoding="utf-8") as out:
            for chunk in bar(chunks(rows, CHUNK), "认定"):
                links = names.link_many(
                    [joined(row.title, row.text) for row in chunk],
                    [row.stated_estate for row in chunk],
                )
                estates = estates_by_code(link.code for link in links if link.code)
                contracts = contracts_on((estate.pk, day) for estate in estates.values())
                for row, link in zip(chunk, links, strict=True):
                    estate = estates[link.code] if link.code else None
                    contract = contracts.get((estate.pk, day)) if estate else None
                    answer = {
                        "id": row.id,
                        "estate_code": estate.code if estate else None,
                        "estate_name": estate.name if estate else None,
                        "confidence": link.confidence,
                        "span": list(link.span) if link.span else None,
                        "candidates": [list(pair) for pair in link.candidates],
                        "company_code": contract.company.code if contract else None,
                    }
                    out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        self.stdout.write(f"{source.name}：认定 {len(rows)} 条")
        return self.tell_refusals(refusals, [])
