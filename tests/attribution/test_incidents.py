"""Many neighbours, one broken lift: one incident, counted once, however often it is grouped."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.actions import SYSTEM, move
from complaints.classification import correct
from complaints.models import ComplaintEvent
from complaints.workflow import Move
from ml.incidents import PATIENCE, PATIENCE_SUDDEN
from property_oversight.attribution.actions import bring_together, contest, decide, set_apart
from property_oversight.attribution.incidents import group, remake
from property_oversight.attribution.models import Attribution, Incident, Reason
from property_oversight.attribution.queries import (
    current_finding,
    size_of_incident,
    ungrouped_findings,
)
from tests.factories import make_category, make_complaint, make_finding, moment

FIRST = date(2026, 8, 3)
LIFT = "江南小区3栋电梯坏了三天没人修"
PLANT = [
    "小区旁边新建的搅拌站粉尘满天，噪音也大，窗户都不敢开",
    "搅拌站日夜轰鸣，噪音大得睡不着",
    "水泥搅拌站离居民楼不到百米，粉尘和噪音严重污染环境",
]


def complains(
    contract, text: str = LIFT, day: date = FIRST, matter: str | None = "lift", **more
) -> Attribution:
    """A neighbour's complaint of `day`, read and attributed."""
    complaint = make_complaint(
        text,
        category=make_category(matter) if matter else None,
        received_at=moment(day.year, day.month, day.day),
        **more,
    )
    return make_finding(complaint, contract)


def incident_of(finding: Attribution) -> Incident | None:
    finding.refresh_from_db()
    return finding.incident


def guessed(finding: Attribution, matter: str) -> Attribution:
    """Read, but not surely enough."""
    complaint = finding.complaint
    complaint.predictions.create(
        category=make_category(matter), confidence=0.3, abstained=True, danger=False,
        alternatives=[], because=[], model_version="test",
    )  # fmt: skip
    return finding


# What is put together ----------------------------------------------------------------------------


def test_incident_holds_twelve_neighbours_of_one_lift(city):
    findings = [complains(city.contract) for _neighbour in range(12)]
    assert group(findings) == 12
    incident = Incident.objects.get()
    assert incident.findings.count() == 12
    assert (incident.estate, incident.category_id) == (city.estate, "lift")
    assert (incident.first_on, incident.last_on) == (FIRST, FIRST)
    assert size_of_incident(incident) == (12, 12)


def test_incident_grouped_again_changes_nothing(city):
    findings = [complains(city.contract, day=date(2026, 8, day)) for day in (3, 4, 5)]
    assert group(findings) == 3
    before = list(Attribution.objects.values()), list(Incident.objects.values())
    assert group(findings) == 0
    assert (list(Attribution.objects.values()), list(Incident.objects.values())) == before
    assert Incident.objects.count() == 1


def test_incident_takes_in_the_neighbour_who_complains_later(city):
    first = complains(city.contract)
    group([first])
    later = complains(city.contract, day=date(2026, 8, 10))
    group([later])
    assert incident_of(first) == incident_of(later)
    assert Incident.objects.get().last_on == date(2026, 8, 10)


def test_incident_reaches_back_to_what_was_told_late(city):
    group([complains(city.contract, day=date(2026, 8, 10))])
    group([complains(city.contract, day=date(2026, 8, 4))])
    incident = Incident.objects.get()
    assert (incident.first_on, incident.last_on) == (date(2026, 8, 4), date(2026, 8, 10))


@pytest.mark.parametrize(
    ("matter", "text", "patience"),
    [("lift", LIFT, PATIENCE_SUDDEN), ("noise_fumes", PLANT[0], PATIENCE)],
)
@pytest.mark.parametrize("late", [0, 1])
def test_incident_ends_where_nobody_has_complained_for_long(city, matter, text, patience, late):
    for days in (0, patience, 2 * patience + late):
        group([complains(city.contract, text, FIRST + timedelta(days=days), matter)])
    assert Incident.objects.count() == 1 + late


def test_incident_is_told_from_another_by_what_is_said(city):
    group([
        complains(city.contract, "楼上半夜拖桌子，吵得睡不着", matter="noise_fumes"),
        complains(city.contract, "广场舞音响太响，晚上九点还在放", matter="noise_fumes"),
        complains(city.contract, "物业费涨到每平方两块八，没有公示", matter="fees"),
        complains(city.contract, "装修押金半年了还不退", matter="fees"),
    ])  # fmt: skip
    assert Incident.objects.count() == 4


def test_incident_of_one_building_is_not_that_of_another(city):
    three, nine, again = (
        complains(city.contract, text)
        for text in (LIFT, "9栋电梯坏了三天没人修", "三号楼的电梯还是坏的")
    )
    group([three, nine, again])
    assert incident_of(three) == incident_of(again) != incident_of(nine)


def test_incident_is_not_made_by_the_name_of_the_firm(city):
    texts = ["鼎盛的保安在岗亭睡觉", "鼎盛把道闸拆走了"]
    findings = [complains(city.contract, text, matter="security") for text in texts]
    city.firm_a.aliases = ["鼎盛"]
    city.firm_a.save()
    group(findings)
    assert Incident.objects.count() == 2


def test_incident_of_another_estate_is_another(city):
    one, other = (complains(contract) for contract in (city.contract, city.other_contract))
    group([one, other])
    assert incident_of(one) != incident_of(other)


def test_incident_may_be_read_as_several_kinds_and_is_of_the_commonest(city):
    findings = [
        complains(city.contract, PLANT[2], matter=matter)
        for matter in ("noise_fumes", "other_matter", "other_matter")
    ]
    group(findings)
    assert len({incident_of(finding) for finding in findings}) == 1
    assert Incident.objects.get().category_id == "other_matter"


def test_incident_goes_by_the_guess_where_the_reading_is_not_sure(city):
    findings = [
        guessed(complains(city.contract, text, matter=None), "noise_fumes") for text in PLANT
    ]
    assert group(findings) == 3
    assert Incident.objects.get().category_id == "noise_fumes"


def test_incident_waits_for_an_estate_and_for_a_reading(city):
    nowhere = make_finding(make_complaint(category=make_category("lift")), None)
    unread = complains(city.contract, matter=None)
    assert group([nowhere, unread]) == 0


def test_incident_is_found_for_an_estate_without_a_contract(city):
    complaint = make_complaint(category=make_category("lift"))
    finding = make_finding(complaint, None, estate=city.estate)
    assert group([finding]) == 1


def unsure(city, text: str) -> Attribution:
    """The estate was named in passing: it is the only candidate, and not found."""
    complaint = make_complaint(text, category=make_category("noise_fumes"))
    return make_finding(
        complaint, None, reason=Reason.NOT_FOUND, evidence={"candidates": [[city.estate.code, 1]]}
    )


def test_incident_takes_in_who_names_the_estate_in_passing_and_says_the_same(city):
    alone = unsure(city, PLANT[0])
    assert group([alone]) == 0
    group([complains(city.contract, text, matter="noise_fumes") for text in PLANT])
    assert group([alone]) == 1
    assert incident_of(alone) == Incident.objects.get()
    assert alone.estate is None
    assert group([unsure(city, "公交车不准点")]) == 0
    assert not ungrouped_findings().exists()


@pytest.mark.parametrize("to", [Move.JOIN, Move.WITHDRAW])
def test_incident_leaves_out_what_is_no_complaint_of_its_own(city, to):
    finding = complains(city.contract)
    first = make_complaint() if to is Move.JOIN else None
    move(finding.complaint, to, by=SYSTEM, joined_to=first)
    assert group([finding]) == 0


def test_incident_counts_a_telephone_once_and_who_gave_none_each(city):
    phones = ["19900000001", "+86 199-0000-0001", "19900000002", "", ""]
    group([complains(city.contract, reporter_phone=phone) for phone in phones])
    assert size_of_incident(Incident.objects.get()) == (5, 4)


def test_two_incidents_that_turn_out_to_be_one_are_made_one(city):
    dust = complains(city.contract, "搅拌站粉尘满天", matter="noise_fumes")
    noise = complains(city.contract, "水泥厂轰鸣，噪音扰民", matter="noise_fumes")
    group([dust, noise])
    assert Incident.objects.count() == 2
    elder = incident_of(dust)
    both = complains(city.contract, "水泥厂搅拌站粉尘满天，轰鸣噪音扰民", matter="noise_fumes")
    group([both])
    assert Incident.objects.get() == elder
    assert {incident_of(one) for one in (dust, noise, both)} == {elder}
    assert elder.said != Incident.objects.get().said
    assert Incident.objects.get().said["size"] == 3


# Why ---------------------------------------------------------------------------------------------


def test_finding_keeps_why_it_lies_where_it_lies(city):
    first = complains(city.contract)
    later = complains(city.contract, "3号楼电梯还没修好", date(2026, 8, 5))
    group([first, later])
    assert incident_of(first).pk
    assert first.evidence["incident"] == {"matter": "lift", "first": True}
    incident_of(later)
    why = later.evidence["incident"]
    assert (why["matter"], why["days"], why["same_kind"]) == ("lift", 2, True)
    assert why["words"][0][0] == "电梯"
    assert 0 < why["likeness"] <= 1


# How many questions ------------------------------------------------------------------------------


def test_five_hundred_findings_take_as_many_questions_as_five(city):
    asked = []
    for number in (5, 500):
        findings = [
            complains(city.contract, f"{PLANT[n % 3]}，已经{n}天", matter="noise_fumes")
            for n in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            assert group(findings) == number
        asked.append(len(queries))
    # SQLite takes so many values in one statement: the rows are written in a few parts there.
    few, many = asked
    assert few <= many <= few + 2 <= 14


# What changes ------------------------------------------------------------------------------------


def test_incident_takes_in_a_complaint_once_a_person_has_corrected_the_reading(city):
    known = complains(city.contract)
    misread = complains(city.contract, "三栋电梯停运，老人下不了楼", date(2026, 8, 4), "fees")
    group([known, misread])
    assert incident_of(misread) != incident_of(known)
    correct(misread.complaint, make_category("lift"), by=SYSTEM)
    assert group([misread]) == 1
    assert incident_of(misread) == incident_of(known)
    assert Incident.objects.count() == 1


def test_incident_lets_go_of_a_complaint_that_turns_out_to_be_about_something_else(city):
    known = complains(city.contract)
    other = complains(city.contract, "电梯费收得没道理，要求公示", date(2026, 8, 4))
    group([known, other])
    assert incident_of(known) == incident_of(other)
    correct(other.complaint, make_category("fees"), by=SYSTEM)
    assert group([known, other]) == 1
    assert incident_of(known) != incident_of(other)
    assert incident_of(known).said["size"] == 1
    assert incident_of(known).last_on == FIRST


def test_incident_follows_a_person_who_says_that_it_is_another_estate(city):
    finding, neighbour = complains(city.contract), complains(city.contract)
    group([finding, neighbour])
    left = incident_of(finding)
    decide(finding.complaint, city.other_estate, by=city.bureau_officer)
    assert current_finding(finding.complaint).incident.estate == city.other_estate
    left.refresh_from_db()
    assert left.said["size"] == 1


def test_incident_without_any_complaint_is_no_more(city):
    finding = complains(city.contract)
    group([finding])
    left = incident_of(finding)
    decide(finding.complaint, city.other_estate, by=city.bureau_officer)
    assert not Incident.objects.filter(pk=left.pk).exists()


def test_incident_counts_only_findings_that_are_current(city):
    finding = complains(city.contract)
    decide(finding.complaint, city.other_estate, by=city.bureau_officer)
    assert group([finding]) == 0
    assert incident_of(finding) is None


def test_incident_from_before_it_was_kept_what_is_said_goes_on(city):
    first = complains(city.contract)
    group([first])
    Incident.objects.update(said={})
    later = complains(city.contract, day=date(2026, 8, 4))
    group([later])
    assert incident_of(later) == incident_of(first)
    assert Incident.objects.get().said["size"] == 2


def test_remaking_an_incident_gives_what_was_there(city):
    group([complains(city.contract, text, matter="noise_fumes") for text in PLANT])
    before = Incident.objects.get()
    remake([before.pk])
    after = Incident.objects.get()
    assert (after.category_id, after.first_on, after.last_on) == (
        before.category_id, before.first_on, before.last_on,
    )  # fmt: skip
    assert after.said["size"] == before.said["size"] == 3
    assert after.said["words"].keys() == before.said["words"].keys()


# A person's word ---------------------------------------------------------------------------------


def test_a_person_sets_a_complaint_apart_and_the_machine_keeps_to_it(city):
    findings = [complains(city.contract) for _neighbour in range(3)]
    group(findings)
    set_apart(findings[0], by=city.bureau_officer, note="这是货梯")
    mine, left = incident_of(findings[0]), incident_of(findings[1])
    assert mine != left
    assert (size_of_incident(mine)[0], size_of_incident(left)[0]) == (1, 2)
    event = findings[0].complaint.events.get(kind="complaint.set_apart")
    assert (event.note, event.by, event.data["incident"]) == (
        "这是货梯", city.bureau_officer, left.pk,
    )  # fmt: skip
    assert group(findings) == 0
    correct(findings[0].complaint, make_category("facilities"), by=SYSTEM)
    assert group(findings) == 0
    # Nor does a newcomer who is like both make them one again.
    group([complains(city.contract)])
    assert incident_of(findings[0]) != incident_of(findings[1])


def test_a_person_brings_a_complaint_to_its_neighbours(city):
    one = complains(city.contract, "9栋电梯坏了")
    other = complains(city.contract, "电费收得太贵", matter="fees")
    group([one, other])
    assert incident_of(one) != incident_of(other)
    bring_together(other, one, by=city.bureau_officer, note="说的是电梯的电费")
    assert incident_of(one) == incident_of(other) == Incident.objects.get()
    assert other.evidence["incident"]["decided"] is True
    assert ComplaintEvent.objects.get(kind="complaint.brought_together").note == "说的是电梯的电费"
    correct(other.complaint, make_category("service_conduct"), by=SYSTEM)
    assert group([one, other]) == 0
    assert incident_of(one) == incident_of(other)


@pytest.mark.parametrize("case", ["no_reason", "alone", "superseded", "not_placed"])
def test_what_cannot_be_set_apart(city, case):
    findings = [complains(city.contract) for _neighbour in range(2)]
    group(findings)
    note = "" if case == "no_reason" else "不是一回事"
    if case == "alone":
        move(findings[1].complaint, Move.WITHDRAW, by=SYSTEM)
    if case == "superseded":
        contest(findings[0], by=city.firm_a_clerk, note="不归我们")
    if case == "not_placed":
        move(findings[0].complaint, Move.JOIN, by=SYSTEM, joined_to=findings[1].complaint)
    findings[0].refresh_from_db()
    with pytest.raises(ValidationError) as refusal:
        set_apart(findings[0], by=city.bureau_officer, note=note)
    assert refusal.value.code == case


@pytest.mark.parametrize("case", ["no_reason", "other_estate", "same_incident", "not_placed"])
def test_what_cannot_be_brought_together(city, case):
    one = complains(city.contract)
    other = complains(
        city.other_contract if case == "other_estate" else city.contract,
        LIFT if case == "same_incident" else "物业费涨价没有公示",
        matter=None if case == "not_placed" else "lift",
    )
    group([one, other])
    with pytest.raises(ValidationError) as refusal:
        bring_together(
            Attribution.objects.get(pk=one.pk),
            Attribution.objects.get(pk=other.pk),
            by=city.bureau_officer,
            note="" if case == "no_reason" else "一回事",
        )
    assert refusal.value.code == case
