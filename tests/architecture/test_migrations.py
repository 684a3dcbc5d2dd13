"""The models and their migrations agree, and migrations carry neither rules nor reference data."""

import pytest
from django.conf import settings
from django.core.management import call_command

MIGRATIONS = sorted(
    path
    for folder in (settings.BASE_DIR / "complaints", settings.BASE_DIR / "property_oversight")
    for path in folder.rglob("migrations/0*.py")
)


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_migration_carries_no_rules_and_no_rows(path):
    text = path.read_text(encoding="utf-8")
    for word in ("bulk_create", "get_or_create", ".actions", ".queries", "fixtures"):
        assert word not in text
