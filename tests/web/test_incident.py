"""The neighbours' matter: who sees what of it, and what the bureau says of it."""

import pytest
from django.urls import reverse

from complaints.actions import SYSTEM, move
from complaints.models import ComplaintEvent
from complaints.workflow import Move
from property_oversight.attribution.incidents import group
from property_oversight.attribution.models import Incident
from property_oversight.attribution.queries import words_of_incident
from tests import factories as f
from tests.web import desks


def neighbours(contract, number: int = 3, text: str = desks.TEXT):
    """So many neighbours with one broken lift, dispatched and grouped."""
    cases = [
        desks.at_the_firm(contract, f"{text}{'，又停了' * n}", reporter_phone=f"1381234{n:04}")
        for n in range(number)
    ]
    group([case.attributions.get() for case in cases])
    return cases


def page(client, user, case) -> str:
    client.force_login(user)
    return client.get(reverse("web:desk-complaint", args=[case.pk])).content.decode()


def matter_page(client, user, incident):
    client.force_login(user)
    return client.get(reverse("web:incident", args=[incident.pk]))


@pytest.mark.parametrize("who", ["bureau_officer", "firm_a_clerk", "community_officer"])
def test_page_of_a_complaint_tells_of_the_neighbours(client, city, who):
    cases = neighbours(city.contract, 3)
    said = page(client, city.people[who], cases[1])
    assert "邻居反映的同一事件" in said
    assert "共 3 件" in said
    assert "3 户" in said
    assert "满 10 户为联名" in said
    assert reverse("web:incident", args=[Incident.objects.get().pk]) in said
    assert ("归入的依据：小区相同，类别相同" in said) == (who == "bureau_officer")


def test_page_of_a_complaint_without_neighbours_is_silent(client, city):
    (case,) = neighbours(city.contract, 1)
    assert "邻居反映的同一事件" not in page(client, city.bureau_officer, case)


def test_ten_households_make_it_joint(client, city):
    cases = neighbours(city.contract, 10)
    assert "达到联名" in page(client, city.bureau_officer, cases[0])


@pytest.mark.parametrize("who", ["firm_a_clerk", "community_officer"])
def test_page_of_a_matter_keeps_names_and_numbers_from_who_may_not_read_them(client, city, who):
    cases = neighbours(city.contract, 4)
    said = matter_page(client, city.people[who], Incident.objects.get()).content.decode()
    assert all(reverse("web:desk-complaint", args=[case.pk]) in said for case in cases)
    for secret in desks.SECRETS:
        assert secret not in said


def test_page_of_a_matter_shows_a_firm_only_its_own(client, city):
    cases = neighbours(city.contract, 3)
    fourth = f.make_complaint(desks.TEXT, category=f.make_category("lift"))
    group([f.make_finding(fourth, city.contract)])  # not dispatched yet
    incident = Incident.objects.get()
    said = matter_page(client, city.firm_a_clerk, incident).content.decode()
    assert "共 4 件，您能看到 3 件" in said
    assert reverse("web:desk-complaint", args=[fourth.pk]) not in said
    assert matter_page(client, city.firm_b_clerk, incident).status_code == 404
    assert matter_page(client, city.officer_next_door, incident).status_code == 404
    assert "您能看到" not in matter_page(client, city.petition_clerk, incident).content.decode()
    move(cases[0], Move.ANSWER, by=SYSTEM)
    assert matter_page(client, city.firm_a_clerk, incident).status_code == 200


def test_page_of_no_matter_is_not_found(client, city):
    client.force_login(city.bureau_officer)
    assert client.get(reverse("web:incident", args=[4711])).status_code == 404


def test_page_of_a_matter_asks_as_often_for_many_as_for_few(client, city):
    asked = []
    for contract, number in ((city.contract, 2), (city.other_contract, 12)):
        neighbours(contract, number)
        incident = Incident.objects.get(estate=contract.estate)
        client.force_login(city.bureau_officer)
        asked.append(desks.queries(client, reverse("web:incident", args=[incident.pk])))
    assert asked[0] == asked[1]


def test_words_that_may_be_a_name_are_told_only_where_many_use_them(city):
    cases = neighbours(city.contract, 2, "电梯停运，找赵钱孙李四修的")
    incident = Incident.objects.get()
    words = words_of_incident(incident)
    assert "电梯" in words
    assert "赵钱孙" not in words
    incident.said["words"] |= {"搅拌站": [2.0, 2], "吊篮机": [1.0, 3]}
    assert "搅拌站" not in words_of_incident(incident)
    assert "吊篮机" in words_of_incident(incident)
    assert len(cases) == 2


# What the bureau says of it ----------------------------------------------------------------------


def press(client, user, case, verb: str, **said):
    client.force_login(user)
    return client.post(reverse("web:desk-complaint-act", args=[case.pk, verb]), said)


def test_bureau_sets_a_complaint_apart(client, city):
    cases = neighbours(city.contract, 3)
    answer = press(client, city.bureau_officer, cases[0], "apart", note="这是货梯")
    assert answer.status_code == 302
    assert Incident.objects.count() == 2
    assert ComplaintEvent.objects.get(kind="complaint.set_apart").note == "这是货梯"
    said = page(client, city.bureau_officer, cases[1])
    assert "共 2 件" in said
    history = page(client, city.bureau_officer, cases[0])
    assert "与邻居反映的不是同一事件" in history
    assert "这是货梯" in history


def test_bureau_brings_a_complaint_to_its_neighbours(client, city):
    cases = neighbours(city.contract, 2)
    other = desks.at_the_firm(city.contract, "楼道灯坏了", category=f.make_category("facilities"))
    group([other.attributions.get()])
    answer = press(
        client, city.bureau_officer, other, "together", number=cases[0].external_id, note="一回事"
    )
    assert answer.status_code == 302
    assert Incident.objects.count() == 1
    assert "共 3 件" in page(client, city.bureau_officer, other)
    assert "由人工认定属于这个事件" in page(client, city.bureau_officer, other)


@pytest.mark.parametrize(
    ("verb", "said", "why"),
    [
        ("apart", {"note": ""}, "请写明理由"),
        ("together", {"note": "一回事", "number": "没有"}, "没有编号是这个的另一件投诉"),
        ("together", {"note": "", "number": "x"}, "请写明理由"),
    ],
)
def test_bureau_is_told_why_not(client, city, verb, said, why):
    cases = neighbours(city.contract, 2)
    answer = press(client, city.bureau_officer, cases[0], verb, **said)
    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert Incident.objects.count() == 1


def test_bureau_cannot_bring_together_what_is_of_two_estates(client, city):
    (mine,) = neighbours(city.contract, 1)
    (theirs,) = neighbours(city.other_contract, 1)
    answer = press(
        client, city.bureau_officer, mine, "together", number=theirs.external_id, note="一回事"
    )
    assert "只有同一个小区的投诉才能归为同一事件" in answer.content.decode()


@pytest.mark.parametrize("who", ["firm_a_clerk", "community_officer", "petition_clerk"])
@pytest.mark.parametrize("verb", ["apart", "together"])
def test_nobody_else_says_what_belongs_together(client, city, who, verb):
    cases = neighbours(city.contract, 2)
    answer = press(client, city.people[who], cases[0], verb, note="x", number="y")
    assert answer.status_code == 403
    assert "act-apart" not in page(client, city.people[who], cases[0])


def test_resident_does_not_read_what_the_offices_say_of_neighbours(client, city):
    cases = neighbours(city.contract, 3)
    press(client, city.bureau_officer, cases[0], "apart", note="这是货梯")
    client.logout()
    said = client.get(reverse("web:progress", args=[cases[0].tracking_code])).content.decode()
    assert "邻居" not in said
    assert "货梯" not in said
