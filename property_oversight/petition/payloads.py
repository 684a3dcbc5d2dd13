"""The versioned shape of what leaves the house: CloudEvents 1.0 in JSON.

No name, phone or door number of a complainant, and no tracking code, which is a resident's key.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from complaints.models import Complaint, ComplaintEvent
from complaints.privacy import masked
from complaints.workflow import EVENTS as COMPLAINT_EVENTS
from property_oversight.attribution.models import Attribution
from property_oversight.petition.models import FeedEntry
from property_oversight.scoring.models import ScoreRun
from property_oversight.talks.models import TalkEvent
from property_oversight.talks.workflow import EVENTS as TALK_EVENTS

VERSION = "v1"
SOURCE = "/property-oversight"

EVENT_TYPES: dict[str, str] = {
    **COMPLAINT_EVENTS,
    "attribution.made": "认定投诉所属小区、合同与企业",
    "attribution.contested": "企业对归属认定提出异议",
    "attribution.confirmed": "人工认定或维持归属",
    **TALK_EVENTS,
    "scores.published": "季度评分发布",
}


@dataclass(frozen=True)
class Happening:
    """Something that happened, in the form in which it enters the feed."""

    event_id: uuid.UUID
    type: str
    subject: str
    time: datetime
    recorded_at: datetime
    data: dict[str, Any]


def of_complaint_event(event: ComplaintEvent) -> Happening:
    complaint = event.complaint
    names = _names(event)
    data: dict[str, Any] = {
        "channel": complaint.channel,
        "external_id": complaint.external_id,
        "actor": event.actor,
        "note": masked(event.note, names),
        **event.data,
    }
    if event.kind == "complaint.received":
        data |= {
            "received_at": timezone.localtime(complaint.received_at).isoformat(),
            "occurred_on": complaint.occurred_on.isoformat(),
            "title": masked(complaint.title, names),
            "text": masked(complaint.text, names),
        }
    return Happening(
        event.event_id,
        event.kind,
        _complaint_subject(event.complaint.channel, event.complaint.external_id),
        event.at,
        event.recorded_at,
        data,
    )


def _names(event: ComplaintEvent) -> list[str]:
    """What must not be read in the words of `event`: who complained, and from which telephone."""
    names = [event.complaint.reporter_name, event.complaint.reporter_phone]
    if "joined" in event.data:  # the words are those of the complaint that was joined
        said_by = Complaint.objects.filter(external_id=event.data["joined"])
        names += [word for pair in said_by.values_list("reporter_name", "reporter_phone")
                  for word in pair]  # fmt: skip
    return names


def of_finding(finding: Attribution) -> Happening:
    complaint = finding.complaint
    kind = {"found": "made", "contested": "contested", "confirmed": "confirmed"}[finding.standing]
    return Happening(
        finding.event_id,
        f"attribution.{kind}",
        _complaint_subject(complaint.channel, complaint.external_id),
        finding.decided_at,
        finding.decided_at,
        {
            "channel": complaint.channel,
            "external_id": complaint.external_id,
            "estate_code": finding.estate.code if finding.estate else None,
            "company_code": finding.company.code if finding.company else None,
            "reason": finding.reason,
            "confidence": round(finding.confidence, 4),
        },
    )


def of_talk_event(event: TalkEvent) -> Happening:
    talk = event.talk
    return Happening(
        event.event_id,
        event.kind,
        f"talks/{talk.pk}",
        event.at,
        event.at,
        {
            "company_code": talk.company.code,
            "estate_codes": [estate.code for estate in talk.estates.all()],
            "rule": talk.rule,
            "period": talk.period,
            "state": talk.state,
            "note": masked(event.note),
            **event.data,
        },
    )


def of_score_run(run: ScoreRun) -> Happening:
    published_at = run.published_at or run.made_at
    return Happening(
        run.event_id,
        "scores.published",
        f"scores/{run.period}",
        published_at,
        published_at,
        {"period": run.period, "as_of": run.as_of.isoformat(), "data_hash": run.data_hash},
    )


def envelope(entry: FeedEntry) -> dict[str, Any]:
    """The entry as a CloudEvent."""
    return {
        "specversion": "1.0",
        "id": str(entry.event_id),
        "source": SOURCE,
        "type": f"{entry.type}.{VERSION}",
        "subject": entry.subject,
        "time": timezone.localtime(entry.time).isoformat(),
        "datacontenttype": "application/json",
        "sequence": str(entry.sequence),
        "data": entry.data,
    }


def _complaint_subject(channel: str, external_id: str) -> str:
    return f"complaints/{channel}/{external_id}"
