"""demo: the demo city on a database of its own, and on no other unless one insists.

The city is the one in `fixtures/`, with fewer complaints and a smaller corpus.
"""

import csv
import shutil
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError

from complaints.models import Complaint
from property_oversight.accounts.models import User
from property_oversight.scoring.models import ScoreRun
from property_oversight.talks.models import Talk
from tests.factories import moment

ROOMS = ("complaints", "registry", "accounts", "attribution", "evaluations", "scoring", "pricing",
         "talks", "petition")  # fmt: skip
ROWS, SENTENCES = 15, 6
MATTERS = ("lift", "fees", "cleaning", "service_conduct", "other_matter")


def about_jiangnan(source: Path, target: Path) -> None:
    """Copy the last rows about 江南小区, the estate of the story."""
    with source.open(encoding="utf-8-sig", newline="") as read:
        header, *rows = csv.reader(read)
    ours = [row for row in rows if "江南" in "".join(row) or "E001" in row]
    with target.open("w", encoding="utf-8", newline="") as written:
        csv.writer(written).writerows([header, *ours[-ROWS:]])


@pytest.fixture
def small_city(settings, tmp_path):
    """Fixtures of a demo city that is read in seconds."""
    whole, small = settings.FIXTURES_DIR, tmp_path / "fixtures"
    for name in ("letters", "demo_city/register"):
        shutil.copytree(whole / name, small / name)
    for name in ("categories.csv", "questions.csv", "tiers.csv", "demo_city/today.jsonl"):
        shutil.copy(whole / name, small / name)
    for source in (whole / "demo_city").glob("*.csv"):
        about_jiangnan(source, small / "demo_city" / source.name)
    (small / "corpus").mkdir()
    for matter in MATTERS:
        source = whole / "corpus" / f"{matter}.jsonl"
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        (small / "corpus" / source.name).write_text("".join(lines[:SENTENCES]), encoding="utf-8")
    settings.FIXTURES_DIR = small
    settings.VAR_DIR = tmp_path
    settings.MODEL_DIR = tmp_path / "model"
    with time_machine.travel(moment(2026, 11, 24), tick=False):
        yield


def counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
    }


def test_demo_tells_the_story_once_and_changes_nothing_the_second_time(
    db, small_city, command, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        said = command("demo", anyway=True)
    assert (said.code, said.err) == (0, "")
    assert "http://127.0.0.1:8000/" in said.out
    today = Complaint.objects.filter(external_id__startswith="web-demo-")
    assert today.count() >= 3
    assert Complaint.objects.count() > 2 * ROWS
    assert not Complaint.objects.filter(read_at=None).exists()
    assert ScoreRun.objects.filter(published_at__isnull=False).count() == 4
    assert User.objects.filter(username="bureau").exists()
    assert Talk.objects.exists()

    before = counts()
    with django_capture_on_commit_callbacks(execute=True):
        again = command("demo", anyway=True)
    assert again.code == 0
    assert "训练" not in again.out
    assert counts() == before


@pytest.mark.django_db
def test_demo_does_not_write_into_a_citys_database_unless_one_insists(command, settings):
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match="--anyway"):
        command("demo")
    assert not User.objects.exists()
