"""Rows per second from a spreadsheet to the firm: in batches, against one complaint at a time."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from complaints.actions import receive
from complaints.bulk import COLUMNS, draft_of, import_complaints
from complaints.models import Channel
from complaints.tables import read_table
from ml.train import read_corpus, train
from property_oversight.casework import pipeline
from property_oversight.casework.rounds import CHUNK
from property_oversight.casework.seeding import seed
from property_oversight.registry.bulk import import_register

CITY = Path(settings.FIXTURES_DIR) / "demo_city"
FILE = CITY / "complaints_hotline.csv"


def measure() -> Iterator[str]:
    setup_test_environment(debug=False)
    config = setup_databases(verbosity=0, interactive=False)
    try:
        train(read_corpus(Path(settings.FIXTURES_DIR) / "corpus"), Path(settings.MODEL_DIR))
        seed()
        import_register(CITY / "register")
        rows = [row for _number, row in read_table(FILE, COLUMNS).rows]

        started = perf_counter()
        for row in rows:
            complaint = receive(draft_of(row), channel=Channel.OTHER)
            pipeline.process([complaint.pk])
        one_by_one = len(rows) / (perf_counter() - started)

        started = perf_counter()
        new = import_complaints(FILE, Channel.HOTLINE).complaints
        for start in range(0, len(new), CHUNK):
            pipeline.process(new[start : start + CHUNK])
        in_batches = len(rows) / (perf_counter() - started)
        yield (
            f"intake on {connection.vendor}: {in_batches:.0f} rows/s in batches, "
            f"{one_by_one:.0f} rows/s one at a time, ratio {in_batches / one_by_one:.1f}"
        )
    finally:
        teardown_databases(config, verbosity=0)
