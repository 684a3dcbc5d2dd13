"""How a person at a terminal runs a command: words, exit code, what it said."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import call_command


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def command() -> Callable[..., Said]:
    """Runs a command of the contract; exit code 0 is no exit at all."""

    def run(name: str, *words: object, **options: object) -> Said:
        out, err = StringIO(), StringIO()
        try:
            call_command(name, *map(str, words), stdout=out, stderr=err, **options)
        except SystemExit as end:
            return Said(end.code, out.getvalue(), err.getvalue())
        return Said(0, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def office_file(tmp_path) -> Callable[..., Path]:
    """Writes what an office sends: a name and its lines."""

    def write(name: str, *lines: str, encoding: str = "utf-8-sig") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write
