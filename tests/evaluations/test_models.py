"""What the database holds to: one current word an evaluator, one answer a question."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from property_oversight.evaluations.actions import open_quarter
from property_oversight.evaluations.models import Answer, Audience, Evaluation, Question


def say(city, **more) -> Evaluation:
    return Evaluation.objects.create(
        round=open_quarter("2026Q3"),
        audience=Audience.OWNERS,
        estate=city.estate,
        evaluator="owner-1",
        points=80,
        **more,
    )


def test_evaluation_refuses_a_second_current_word_of_one_evaluator(city):
    say(city)
    with pytest.raises(IntegrityError), transaction.atomic():
        say(city)


def test_evaluation_keeps_superseded_words(city):
    say(city, superseded_at=timezone.now())
    say(city, superseded_at=timezone.now())
    say(city)
    assert Evaluation.objects.count() == 3


def test_answer_is_given_once_a_question(city):
    evaluation = say(city)
    question = Question.objects.create(code="repairs", text="维修", points=25)
    Answer.objects.create(evaluation=evaluation, question=question, points=20)
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(evaluation=evaluation, question=question, points=5)
