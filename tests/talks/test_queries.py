"""Reads of talks."""

import pytest
from django.utils import timezone

from property_oversight.talks import actions, queries
from property_oversight.talks.models import Talk, TalkEvent
from property_oversight.talks.workflow import ENDED, State
from tests.factories import make_estate, make_talk


@pytest.fixture
def one_of_each(city) -> dict[State, Talk]:
    return {state: make_talk(city.firm_a, state=state, rule=state) for state in State}


def test_proposed_talks_wait_for_an_officer(one_of_each):
    assert list(queries.proposed_talks()) == [one_of_each[State.PROPOSED]]


def test_open_talks_are_all_that_have_not_ended(one_of_each):
    assert {talk.state for talk in queries.open_talks()} == set(State) - ENDED


def test_untold_events_are_those_that_the_feed_does_not_have(city):
    talk = make_talk(city.firm_a)
    TalkEvent.objects.update(told_at=timezone.now())
    event = actions.withdraw(talk, by=city.bureau_officer, note="已整改")
    assert list(queries.untold_events()) == [event]


@pytest.mark.parametrize("number", [1, 3])
def test_case_file_comes_in_three_queries(city, number, django_assert_num_queries):
    for n in range(number):
        talk = make_talk(city.firm_a, city.estate, make_estate(), rule=f"T{n}", state=State.NOTICED)
        actions.hold(talk, by=city.bureau_officer, note="谈过了")
    with django_assert_num_queries(3):
        for talk in queries.with_case_file(Talk.objects.all()):
            assert (talk.company, len(talk.estates.all())) == (city.firm_a, 2)
            assert talk.ground.because
            last = talk.events.all()[1]
            assert (last.by, last.document.kind) == (city.bureau_officer, "minutes")
