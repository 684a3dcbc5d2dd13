"""The feed over HTTP: read by number, by those it is for, without anybody's name."""

import json

import pytest

from property_oversight.casework import rounds
from property_oversight.petition.queries import head
from tests.api.calling import call, queries_of

FEED = "petition/events"


@pytest.fixture
def told(dispatched) -> int:
    """How many entries there are."""
    rounds.tell_petition_office()
    return head()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("petition_clerk", 200),
        ("bureau_officer", 200),
        ("firm_a_clerk", 403),
        ("community_officer", 403),
        (None, 401),
    ],
)
def test_the_feed_is_for_the_petition_office_and_the_bureau(client, city, told, who, status):
    assert call(client, "get", FEED, city.people[who] if who else None).status_code == status


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_a_reader_who_keeps_next_gets_every_entry_once(client, city, told, limit):
    after, seen, more = 0, [], True
    while more:
        page = call(client, "get", f"{FEED}?after={after}&limit={limit}", city.petition_clerk)
        page = page.json()
        seen += [int(event["sequence"]) for event in page["events"]]
        after, more = page["next"], page["has_more"]
        assert page["head"] == told
    assert seen == list(range(1, told + 1))
    empty = call(client, "get", f"{FEED}?after={after}", city.petition_clerk).json()
    assert (empty["events"], empty["next"], empty["has_more"]) == ([], told, False)


def test_entries_are_cloud_events(client, city, told):
    from cloudevents.core.bindings.http import HTTPMessage, from_http_event
    from cloudevents.core.formats.json import JSONFormat

    page = call(client, "get", FEED, city.petition_clerk).json()
    for event in page["events"]:
        message = HTTPMessage(
            headers={"content-type": "application/cloudevents+json"},
            body=json.dumps(event).encode(),
        )
        read = from_http_event(message, JSONFormat())
        assert read.get_type().endswith(".v1")


def test_nobody_is_named(client, city, told, dispatched):
    whole = call(client, "get", FEED, city.petition_clerk).content.decode()
    for secret in ("13812345678", "王秀英", "502室", dispatched.tracking_code):
        assert secret not in whole


def test_beyond_the_end_there_is_nothing_yet(client, city, told):
    page = call(client, "get", f"{FEED}?after={2**63 - 1}", city.petition_clerk).json()
    assert (page["events"], page["has_more"]) == ([], False)


def test_a_hundred_are_a_page(client, city, categories):
    from property_oversight.petition.models import FeedEntry
    from tests.factories import moment

    FeedEntry.objects.bulk_create(
        FeedEntry(sequence=number, event_id=f"00000000-0000-4000-8000-{number:012}",
                  type="complaint.urged", subject="x", time=moment(2026, 8, 3), data={})
        for number in range(1, 103)
    )  # fmt: skip
    page = call(client, "get", FEED, city.petition_clerk).json()
    assert (len(page["events"]), page["next"], page["has_more"]) == (100, 100, True)


@pytest.mark.parametrize(
    "query",
    ["after=-1", "after=x", "after=1.0", "after=%00", "after=99999999999999999999",
     "after=" + "0" * 5000, "limit=0", "limit=1001", "limit=-1", "limit=١", "limit=1 "],
)  # fmt: skip
def test_a_number_that_is_none_is_400(client, city, query):
    answer = call(client, "get", f"{FEED}?{query}", city.petition_clerk)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{query.split('=')[0]}"


def test_the_feed_asks_as_often_for_three_entries_as_for_one(client, city, told):
    few = queries_of(client, f"{FEED}?limit=1", city.petition_clerk)
    assert queries_of(client, f"{FEED}?limit=3", city.petition_clerk) == few
