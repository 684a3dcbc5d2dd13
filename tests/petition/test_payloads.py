"""The shape of what leaves the house: CloudEvents 1.0 that a stranger's library can read."""

import json
from datetime import date, datetime

import pytest
from cloudevents.core.formats.json import JSONFormat

from complaints.actions import RESIDENT, SYSTEM, Actor, move
from complaints.workflow import Move
from property_oversight.attribution import actions as attribution
from property_oversight.petition.models import FeedEntry
from property_oversight.petition.payloads import EVENT_TYPES, envelope
from property_oversight.petition.relay import relay
from property_oversight.scoring import actions as scoring
from tests.factories import (
    make_category,
    make_complaint,
    make_finding,
    make_talk,
    moment,
)


def parsed(entry: FeedEntry):
    """The entry as the `cloudevents` library reads it from its JSON."""
    return JSONFormat().read(None, json.dumps(envelope(entry), ensure_ascii=False).encode())


def entry(kind: str) -> FeedEntry:
    relay()
    return FeedEntry.objects.get(type=kind)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_type_of_event_is_explained_in_chinese(kind):
    assert EVENT_TYPES[kind]
    assert kind == kind.lower()


def test_envelope_is_read_by_the_cloudevents_library(db):
    complaint = make_complaint("电梯坏了", external_id="RX-1", received_at=moment(2026, 8, 3, 14))
    told = entry("complaint.received")
    event = parsed(told)
    assert event.get_specversion() == "1.0"
    assert event.get_id() == str(complaint.events.get().event_id)
    assert event.get_source() == "/property-oversight"
    assert event.get_type() == "complaint.received.v1"
    assert event.get_subject() == "complaints/hotline/RX-1"
    assert event.get_time() == moment(2026, 8, 3, 14)
    assert event.get_datacontenttype() == "application/json"
    assert event.get_extension("sequence") == "1"
    assert event.get_data() == told.data


def test_envelope_tells_the_time_by_the_citys_clock(db):
    make_complaint(received_at=moment(2026, 8, 3, 14))
    time = envelope(entry("complaint.received"))["time"]
    assert time == "2026-08-03T14:00:00+08:00"
    assert datetime.fromisoformat(time).utcoffset().total_seconds() == 8 * 3600


def test_received_complaint_is_told_with_its_words(db):
    make_complaint("电梯坏了三天", title="电梯", external_id="RX-1", occurred_on=date(2026, 8, 1))
    assert entry("complaint.received").data == {
        "channel": "hotline",
        "external_id": "RX-1",
        "actor": "system",
        "note": "",
        "received_at": "2026-08-03T09:00:00+08:00",
        "occurred_on": "2026-08-01",
        "title": "电梯",
        "text": "电梯坏了三天",
    }


def test_move_of_a_complaint_is_told_with_who_and_what_came_of_it(city):
    complaint = make_complaint(category=make_category("fees"))
    move(complaint, Move.DISPATCH, by=SYSTEM)
    move(complaint, Move.ANSWER, by=Actor("firm", city.firm_a_clerk), note="已修好")
    move(complaint, Move.CONFIRM, by=RESIDENT, resolved=True, satisfied=False)
    answered, confirmed = entry("complaint.answered"), entry("complaint.confirmed")
    assert (answered.data["actor"], answered.data["note"]) == ("firm", "已修好")
    assert confirmed.data["actor"] == "resident"
    assert (confirmed.data["from"], confirmed.data["to"]) == ("answered", "closed")
    assert (confirmed.data["resolved"], confirmed.data["satisfied"]) == (True, False)


def test_finding_is_told_by_codes(city):
    complaint = make_complaint("江南小区停水", external_id="RX-1")
    attribution.attribute([complaint])
    told = entry("attribution.made")
    assert told.subject == "complaints/hotline/RX-1"
    assert told.data == {
        "channel": "hotline",
        "external_id": "RX-1",
        "estate_code": city.estate.code,
        "company_code": city.firm_a.code,
        "reason": "named",
        "confidence": 1.0,
    }


def test_finding_that_names_nobody_is_told_as_such(db):
    make_finding(make_complaint(), None)
    data = entry("attribution.made").data
    assert (data["estate_code"], data["company_code"], data["reason"]) == (None, None, "not_found")


def test_talk_is_told_with_firm_estates_and_ground(city):
    talk = make_talk(city.firm_a, city.estate)
    told = entry("talk.proposed")
    assert told.subject == f"talks/{talk.pk}"
    assert told.data == {
        "company_code": city.firm_a.code,
        "estate_codes": [city.estate.code],
        "rule": "T3-overdue",
        "period": "2026Q3",
        "state": "proposed",
        "note": "",
    }


def test_scores_are_told_with_quarter_and_fingerprint(city):
    made = scoring.publish(scoring.run("2026Q3", as_of=date(2026, 10, 31)))
    told = entry("scores.published")
    assert told.event_id == made.event_id
    assert told.data == {
        "period": "2026Q3",
        "as_of": "2026-10-31",
        "data_hash": made.data_hash,
    }
    assert parsed(told).get_type() == "scores.published.v1"
