"""The table of talks, read as a policy."""

import pytest

from property_oversight.talks.models import Talk
from property_oversight.talks.workflow import (
    ENDED,
    EVENTS,
    MOVES,
    Move,
    State,
    is_legal,
    legal_moves,
)


def test_every_move_has_a_rule_with_a_reason():
    assert set(MOVES) == set(Move)
    assert all(rule.why and rule.event.startswith("talk.") for rule in MOVES.values())


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_from_the_proposal(state):
    reached = {State.PROPOSED}
    while more := {MOVES[move].target for one in reached for move in legal_moves(one)} - reached:
        reached |= more
    assert state in reached


@pytest.mark.parametrize("state", State)
def test_only_an_ended_talk_allows_no_move(state):
    assert (legal_moves(state) == []) is (state in ENDED)


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        (State.PROPOSED, [Move.NOTIFY, Move.WITHDRAW]),
        (State.NOTICED, [Move.HOLD, Move.MARK_ABSENT, Move.WITHDRAW]),
        (State.ABSENT, [Move.NOTIFY]),
        (State.HELD, [Move.ORDER, Move.CLOSE]),
        (State.RECTIFYING, [Move.VERIFY, Move.FAIL]),
        (State.FAILED, [Move.NOTIFY]),
        (State.VERIFIED, [Move.CLOSE]),
        (State.CLOSED, []),
        (State.WITHDRAWN, []),
    ],
)
def test_moves_from_a_state_are_those_of_the_handbook(state, moves):
    assert legal_moves(state) == moves
    assert [move for move in Move if is_legal(state, move)] == moves


def test_every_move_is_an_event_of_its_own():
    assert len(EVENTS) == len(Move) + 1
    assert "talk.proposed" in EVENTS


def test_every_state_has_a_chinese_name():
    assert set(dict(Talk._meta.get_field("state").choices)) == set(State)
