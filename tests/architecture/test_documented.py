"""What the public may contest must be documented, or the build is red."""

import re

import pytest
from django.conf import settings
from django.core.management import get_commands

from complaints import workflow as complaint_workflow
from complaints.models import STATES as COMPLAINT_STATES
from property_oversight.access.abilities import MATRIX, RESIDENT, Act
from property_oversight.accounts.models import Role
from property_oversight.petition.payloads import EVENT_TYPES
from property_oversight.scoring.formula import INDICATORS
from property_oversight.talks import workflow as talk_workflow
from property_oversight.talks.models import STATES as TALK_STATES
from property_oversight.talks.triggers import RULES

README = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")
SETTINGS = (settings.BASE_DIR / "property_oversight" / "settings.py").read_text(encoding="utf-8")
ENVIRONMENT = (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")

OURS = sorted(
    name for name, app in get_commands().items() if str(app).startswith("property_oversight")
)
VARIABLES = sorted(set(re.findall(r"env(?:\.\w+|_bool|_int|_secret)\(\s*\"([A-Z_]+)\"", SETTINGS)))


@pytest.mark.parametrize("state", [*complaint_workflow.State, *talk_workflow.State])
def test_state_is_explained(state):
    assert f"`{state}`" in README


@pytest.mark.parametrize(
    ("table", "labels", "move"),
    [(complaint_workflow, dict(COMPLAINT_STATES), move) for move in complaint_workflow.MOVES]
    + [(talk_workflow, dict(TALK_STATES), move) for move in talk_workflow.MOVES],
)
def test_move_stands_in_the_handbook_as_it_stands_in_the_table(table, labels, move):
    rule = table.MOVES[move]
    sources = "、".join(str(labels[state]) for state in table.State if state in rule.sources)
    assert f"| `{move}` | {sources} | {labels[rule.target]} | {rule.why} |" in README


@pytest.mark.parametrize("event", EVENT_TYPES)
def test_feed_event_is_explained(event):
    assert f"| `{event}` | {EVENT_TYPES[event]} |" in README


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda indicator: indicator.code)
def test_indicator_is_explained_with_its_weight(indicator):
    row = re.search(rf"\| `{indicator.code}` \|.*", README)
    assert row, f"{indicator.code} is not in the handbook"
    assert f"| {indicator.weight:g} |" in row.group()


@pytest.mark.parametrize("rule", RULES)
def test_trigger_is_explained(rule):
    assert f"`{rule}`" in README


@pytest.mark.parametrize("act", Act)
def test_act_is_allowed_to_whom_the_handbook_says(act):
    handbook = README.split("### 谁能做什么")[1]
    row = re.search(rf"^\| `{act}` \|(.*)\|$", handbook, re.MULTILINE)
    assert row, f"{act} is not in the handbook"
    ticked = ["✓" in cell for cell in row.group(1).split("|")]
    assert ticked == [hat in MATRIX[act] for hat in (RESIDENT, *Role)]


@pytest.mark.parametrize("command", OURS)
def test_command_is_explained(command):
    assert f"`{command}" in README


@pytest.mark.parametrize("variable", VARIABLES)
def test_setting_is_explained(variable):
    assert f"`{variable}`" in README
    assert variable in ENVIRONMENT


def test_settings_are_found_at_all():
    assert {"SECRET_KEY", "DATABASE_URL", "CELERY_BROKER_URL"} <= set(VARIABLES)


def test_floor_plan_names_every_room():
    rooms = [
        folder.name
        for folder in (settings.BASE_DIR / "property_oversight").iterdir()
        if (folder / "__init__.py").exists()
    ]
    missing = [room for room in rooms if f"`{room}`" not in README]
    assert not missing
