"""Rules of the house that import contracts cannot say, each with a message that teaches."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
ROOMS = ROOT / "property_oversight"
DOMAIN = [
    ROOT / "complaints",
    *(
        ROOMS / room
        for room in (
            "registry", "accounts", "attribution", "evaluations", "scoring", "pricing", "talks",
            "petition",
        )
    ),
]  # fmt: skip
FACES = [ROOMS / "web", ROOMS / "api"]


def _modules(*folders: Path) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_the_domain_knows_no_requests():
    wrong = [
        f"{path}: {name}"
        for path, tree in _modules(*DOMAIN)
        if path.name != "admin.py"
        for name in _imported(tree)
        if name.startswith(("django.http", "django.shortcuts", "django.views", "rest_framework"))
        and not name.startswith("rest_framework_api_key.models")
    ]
    assert not wrong, "a room that knows HTTP cannot be called by a command; see api/ and web/"


def test_faces_ask_no_questions_of_their_own():
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in _modules(*FACES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    assert not wrong, "rows come from access.visibility or a room's queries.py"


def test_nobody_uses_signals():
    wrong = [
        f"{path}: {name}"
        for path, tree in _modules(ROOT / "complaints", ROOT / "ml", ROOMS)
        for name in _imported(tree)
        if "signals" in name and not name.startswith("celery")
    ]
    assert not wrong, "who wants to know what happened reads the event table"


def test_no_junk_drawers():
    forbidden = {"core", "common", "utils", "helpers", "services", "managers", "misc"}
    wrong = [
        str(path)
        for path, _tree in _modules(ROOT / "complaints", ROOT / "ml", ROOMS)
        if forbidden & {part.removesuffix(".py") for part in path.parts}
    ]
    assert not wrong, "name the room for its subject"


def test_only_the_user_model_is_named_by_a_string():
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in _modules(ROOT / "complaints", ROOMS)
        if path.name == "models.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"ForeignKey", "OneToOneField", "ManyToManyField"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value != "self"
    ]
    assert not wrong, "a string hides an arrow; import the model, downwards"


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_requirements_name_no_registry(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--hash=sha256:" in text


def test_the_top_level_is_what_the_client_fixed():
    import subprocess

    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    tops = {name.split("/")[0] for name in listed}
    assert {"manage.py", "pyproject.toml", "property_oversight", "complaints", "ml", "fixtures",
            "tests", "README.md"} <= tops  # fmt: skip
    assert {top for top in tops if not top.startswith(".")} <= {
        "manage.py", "pyproject.toml", "property_oversight", "complaints", "ml", "fixtures",
        "tests", "README.md", "Makefile", "requirements", "CHANGELOG.md", "LICENSE", "Dockerfile",
        "compose.yaml",
    }  # fmt: skip
