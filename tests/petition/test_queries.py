"""The feed by pages: a cursor never skips and never repeats."""

import uuid

import pytest
from django.utils import timezone

from property_oversight.petition.models import FeedEntry
from property_oversight.petition.queries import entries_after, head

pytestmark = pytest.mark.django_db


@pytest.fixture
def seven() -> None:
    # Entered in no order: the number alone decides.
    FeedEntry.objects.bulk_create(
        FeedEntry(sequence=sequence, event_id=uuid.uuid4(), type="complaint.received",
                  subject="complaints/web/1", time=timezone.now(), data={})
        for sequence in (3, 1, 7, 2, 6, 5, 4)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("after", "limit", "expected"),
    [
        (0, 3, [1, 2, 3]),
        (3, 3, [4, 5, 6]),
        (6, 3, [7]),
        (7, 3, []),
        (99, 3, []),
        (0, 100, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_entries_after_a_number_are_the_next_ones_in_order(seven, after, limit, expected):
    assert [entry.sequence for entry in entries_after(after, limit)] == expected


def test_entries_read_page_by_page_are_all_entries_once(seven):
    read, after = [], 0
    while page := list(entries_after(after, 2)):
        read += [entry.sequence for entry in page]
        after = page[-1].sequence
    assert read == [1, 2, 3, 4, 5, 6, 7]


def test_head_is_the_newest_number(seven):
    assert head() == 7


def test_head_of_an_empty_feed_is_nought():
    assert head() == 0
