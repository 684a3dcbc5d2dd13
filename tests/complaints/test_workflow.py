"""The table of moves, walked from one end to the other, on paper and in the database."""

import ast
import re

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from complaints.actions import Actor, move
from complaints.models import Complaint
from complaints.workflow import (
    AT_THE_FIRM,
    ENDED,
    EVENTS,
    MOVES,
    NOTES,
    OPEN,
    Move,
    State,
    is_legal,
    legal_moves,
)
from tests.factories import make_complaint

PAIRS = [(state, to) for state in State for to in Move]
CLERK = Actor("bureau")


def complaint_in(state: State) -> tuple[Complaint, Complaint]:
    """A complaint in `state`, and the one it is or may be joined to."""
    first, complaint = make_complaint(), make_complaint()
    complaint.state = state
    complaint.joined_to = first if state == State.JOINED else None
    complaint.save(update_fields=["state", "joined_to"])
    return complaint, first


def everything(complaint: Complaint) -> tuple:
    row = Complaint.objects.values().get(pk=complaint.pk)
    return row, list(complaint.events.values()), list(complaint.clocks.values())


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "to"), PAIRS)
def test_every_move_from_every_state_lands_or_is_refused(state, to):
    complaint, first = complaint_in(state)
    joined_to = first if to is Move.JOIN else None
    before = everything(complaint)

    if state not in MOVES[to].sources:
        with pytest.raises(ValidationError) as refused:
            move(complaint, to, by=CLERK, joined_to=joined_to)
        assert refused.value.code == "illegal_move"
        assert everything(complaint) == before
        assert complaint.state == state
        return

    event = move(complaint, to, by=CLERK, joined_to=joined_to, note="理由")
    assert complaint.state == MOVES[to].target
    stored = Complaint.objects.get(pk=complaint.pk)
    assert stored.state == MOVES[to].target
    assert stored.joined_to_id == (first.pk if to is Move.JOIN else None)
    assert list(stored.events.all()[len(before[1]) :]) == [event]
    assert (event.kind, event.actor, event.note) == (MOVES[to].event, "bureau", "理由")
    assert event.data["from"] == state
    assert event.data["to"] == MOVES[to].target


@pytest.mark.parametrize(("state", "to"), PAIRS)
def test_is_legal_and_legal_moves_read_the_same_table(state, to):
    assert is_legal(state, to) == (state in MOVES[to].sources)
    assert is_legal(str(state), str(to)) == is_legal(state, to)
    assert (to in legal_moves(state)) == is_legal(state, to)


def test_legal_moves_stand_in_the_order_of_the_table():
    for state in State:
        assert legal_moves(state) == [to for to in MOVES if state in MOVES[to].sources]


def test_the_table_has_every_move():
    assert set(MOVES) == set(Move)


def reachable_from(start: State) -> set[State]:
    seen, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        for to in legal_moves(state):
            if MOVES[to].target not in seen:
                seen.add(MOVES[to].target)
                waiting.append(MOVES[to].target)
    return seen


def test_every_state_can_be_reached_from_received():
    assert reachable_from(State.RECEIVED) == set(State)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_every_open_state_can_end(state):
    assert reachable_from(state) & ENDED


def test_only_a_withdrawn_complaint_stays_as_it_is():
    assert [state for state in State if not legal_moves(state)] == [State.WITHDRAWN]


def test_open_and_ended_part_the_states():
    assert set(State) == OPEN | ENDED
    assert not OPEN & ENDED
    assert AT_THE_FIRM < OPEN


def test_an_answered_complaint_cannot_vanish_into_another():
    assert not is_legal(State.ANSWERED, Move.JOIN)


def test_every_move_has_an_event_of_its_own_and_a_reason():
    events = [rule.event for rule in MOVES.values()]
    assert len(set(events)) == len(events)
    assert all(rule.why for rule in MOVES.values())
    assert not set(events) & set(NOTES)
    assert set(EVENTS) == set(events) | set(NOTES)
    assert all(kind.startswith("complaint.") and why for kind, why in EVENTS.items())


def test_every_event_that_the_code_writes_is_named():
    written = {
        node.value
        for folder in ("complaints", "property_oversight/casework", "property_oversight/petition")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"complaint\.\w+", node.value)
    }
    assert written - set(EVENTS) == set()
    assert "complaint.overdue" in written
