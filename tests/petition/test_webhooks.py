"""Each entry to each subscriber: signed, in order, again when it failed, and not for ever.

The other side is a real HTTP server on 127.0.0.1.
"""

from datetime import datetime, timedelta

import httpx
import pytest
import time_machine
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook

from property_oversight.petition.models import Delivery, Subscriber
from property_oversight.petition.payloads import envelope
from property_oversight.petition.relay import relay
from property_oversight.petition.webhooks import LADDER, deliver_due, refuse_private
from tests.factories import make_complaint, moment
from tests.petition.conftest import SECRET

NOON = moment(2026, 8, 3, 12)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Noon of a Monday, until a test moves on."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def happen(number: int = 1) -> None:
    """Things happen and are numbered."""
    for _each in range(number):
        make_complaint()
    relay()


def delivery(sequence: int = 1) -> Delivery:
    return Delivery.objects.get(entry=sequence)


# Delivered ---------------------------------------------------------------------------------------


def test_deliveries_arrive_in_order(office):
    office.subscribe()
    happen(4)
    assert deliver_due() == 4
    assert [call.sequence for call in office.calls] == [1, 2, 3, 4]
    assert {one.state for one in Delivery.objects.all()} == {"sent"}


def test_deliveries_are_made_once(office):
    office.subscribe()
    happen(2)
    deliver_due()
    assert deliver_due() == 0
    assert len(office.calls) == 2


def test_delivery_is_signed_as_standard_webhooks_has_it(office):
    office.subscribe()
    happen()
    deliver_due()
    (call,) = office.calls
    said = Webhook(SECRET).verify(call.body, call.headers)
    assert said == envelope(delivery().entry)
    assert call.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert call.id == str(delivery().entry.event_id)


def test_delivery_is_a_cloudevent_in_structured_mode(office):
    office.subscribe()
    happen()
    deliver_due()
    (call,) = office.calls
    event = from_http_event(HTTPMessage(headers=call.headers, body=call.body))
    assert event.get_type() == "complaint.received.v1"
    assert event.get_id() == call.id
    assert call.headers["content-type"] == "application/cloudevents+json; charset=utf-8"


def test_delivery_goes_to_every_active_subscriber(office):
    office.subscribe("市信访局")
    office.subscribe("区信访局")
    happen(2)
    Subscriber.objects.filter(name="区信访局").update(is_active=False)
    assert deliver_due() == 2
    assert set(Delivery.objects.filter(state="sent").values_list("subscriber__name")) == {
        ("市信访局",)
    }


# Failed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 503, 404, 400, 302])
def test_failed_delivery_is_sent_again_later_and_holds_the_later_ones_back(office, clock, status):
    office.subscribe()
    happen(3)
    office.answers.append(status)
    assert deliver_due() == 0
    assert [call.sequence for call in office.calls] == [1]
    first = delivery()
    assert (first.state, first.attempts, first.last_answer) == ("pending", 1, f"HTTP {status}")

    clock.move_to(NOON + timedelta(seconds=4))
    assert deliver_due() == 0  # not due yet, and nothing overtakes it
    assert len(office.calls) == 1

    clock.move_to(NOON + timedelta(seconds=7))
    assert deliver_due() == 3
    assert [call.sequence for call in office.calls] == [1, 1, 2, 3]
    assert office.calls[0].id == office.calls[1].id
    assert office.calls[0].body == office.calls[1].body
    Webhook(SECRET).verify(office.calls[1].body, office.calls[1].headers)


def test_failed_delivery_holds_back_nobody_elses(office):
    office.subscribe("甲")
    office.subscribe("乙", url=office.url + "/2")
    happen(2)
    office.answers.append(500)
    assert deliver_due() == 2


def test_delivery_to_nobody_who_listens_is_sent_again_later(office):
    office.subscribe(url="http://127.0.0.1:1/hook")
    happen()
    assert deliver_due() == 0
    assert delivery().state == "pending"
    assert delivery().last_answer.startswith("ConnectError")


def test_ladder_is_climbed_step_by_step_and_then_given_up(office, clock):
    office.subscribe()
    happen(2)
    office.answers.extend([500] * (len(LADDER) + 1))
    now = NOON
    for attempt, wait in enumerate(LADDER, 1):
        assert deliver_due() == 0
        tried = delivery()
        assert (tried.state, tried.attempts) == ("pending", attempt)
        due_after = (tried.due_at - now).total_seconds()
        assert wait <= due_after <= 1.2 * wait
        now = tried.due_at
        clock.move_to(now)
    deliver_due()
    assert (delivery().state, delivery().attempts) == ("dead", len(LADDER) + 1)
    assert len({call.id for call in office.calls}) == 1
    assert deliver_due() == 1  # the next entry gets its turn
    assert office.calls[-1].sequence == 2


def test_gone_disables_the_subscriber(office, clock):
    office.subscribe()
    happen(2)
    office.answers.append(410)
    assert deliver_due() == 0
    subscriber = Subscriber.objects.get()
    assert (subscriber.is_active, subscriber.disabled_because) == (
        False,
        "订阅方答复 410，不再接收",
    )
    clock.move_to(NOON + timedelta(days=2))
    happen()
    assert deliver_due() == 0
    assert len(office.calls) == 1
    assert not Delivery.objects.filter(entry=3).exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"secret": "whsec_"},
        {"secret": "whsec_不是"},
        {"url": "http://127.0.0.1:99999999/hook"},
        {"url": "ftp://127.0.0.1/hook"},
        {"url": "地址"},
    ],
)
def test_subscriber_that_cannot_be_reached_at_all_does_not_hold_up_the_others(office, broken):
    office.subscribe("坏的", **broken)
    office.subscribe("好的")
    happen(2)
    assert deliver_due() == 2
    waiting = Delivery.objects.filter(subscriber__name="坏的").first()
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert waiting.last_answer


# Addresses of our own ----------------------------------------------------------------------------


def test_delivery_to_a_private_address_is_refused_unless_it_is_allowed(office, settings, clock):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    office.subscribe()
    happen()
    assert deliver_due() == 0
    assert office.calls == []
    assert delivery().last_answer == "ValueError: 地址在内部网络，未获许可"
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    clock.move_to(NOON + timedelta(seconds=7))
    assert deliver_due() == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "https://10.1.2.3:8443/hook",
        "http://172.16.0.9/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/",
        "http://100.64.0.1/",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost:8000/",
    ],
)
def test_address_of_our_own_network_is_refused(settings, url):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    with pytest.raises(ValueError, match="内部网络"):
        refuse_private(url)
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    refuse_private(url)


@pytest.mark.parametrize("url", ["https://8.8.8.8/hook", "http://[2400:3200::1]:8080/"])
def test_address_of_the_world_is_taken(settings, url):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    refuse_private(url)


# Claims ------------------------------------------------------------------------------------------


def claim(at: datetime) -> None:
    """Another sender took the first delivery at `at`, and has not been heard of since."""
    Delivery.objects.filter(entry=1).update(state="sending", claimed_at=at, attempts=1)


def test_claim_of_another_sender_is_respected_and_nothing_overtakes_it(office):
    office.subscribe()
    happen(2)
    claim(NOON - timedelta(minutes=5))
    assert deliver_due() == 0
    assert office.calls == []


def test_claim_of_a_dead_sender_is_taken_over_after_five_minutes(office, clock):
    office.subscribe()
    happen(2)
    claim(NOON)
    clock.move_to(NOON + timedelta(minutes=5, seconds=1))
    assert deliver_due() == 2
    assert [call.sequence for call in office.calls] == [1, 2]
    assert delivery().attempts == 2
    assert office.calls[0].id == str(delivery().entry.event_id)


def test_claim_is_written_down_before_the_call(office, monkeypatch):
    office.subscribe()
    happen()

    def power_cut(*args, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(httpx, "post", power_cut)
    with pytest.raises(KeyboardInterrupt):
        deliver_due()
    left = delivery()
    assert (left.state, left.attempts, left.claimed_at) == ("sending", 1, NOON)
