"""One unsure reading after another: a press confirms it and the next one comes."""

import re

import pytest
import time_machine
from django.urls import reverse

from complaints.actions import RESIDENT, move
from complaints.classification import correct
from complaints.models import Category, Complaint, Verdict
from complaints.workflow import Move
from property_oversight.access.abilities import Act, may
from property_oversight.web.bureau_reading import marked
from tests import factories as f
from tests.web import desks
from tests.web.desks import NOW, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def officer(client, city):
    client.force_login(city.bureau_officer)
    return client


def unsure(text: str = "门口那个东西又那样了", doubt: float = 0.5, **more) -> Complaint:
    """Read without confidence; the greater `doubt`, the sooner it is shown."""
    complaint = desks.unread(text, **more)
    f.make_category("parking")
    complaint.predictions.update(
        confidence=1 - doubt,
        alternatives=[["lift", 1 - doubt], ["fees", 0.0], ["parking", 0.0], ["abolished", 0.0]],
    )
    return complaint


def shown(response) -> Complaint | None:
    assert response.status_code == 200
    return response.context.get("complaint")


def say(client, complaint, follow=True, **said):
    return client.post(f"/desk/reading/{complaint.pk}/", said, follow=follow)


# What is shown ------------------------------------------------------------------------------------
def test_the_case_that_is_worth_most_is_shown_with_words_choices_and_keys(officer, city):
    unsure(doubt=0.2)
    first = unsure("江南小区门口那样了", doubt=0.9, title="门口", stated_category="秩序")
    f.make_finding(first, city.contract)
    response = officer.get("/desk/reading/")
    assert shown(response) == first
    page = text_of(response)
    assert "还有 2 件" in page
    assert "江南小区<mark>门口</mark>那样了" in page  # “那样” pulls the other way
    assert "<strong><mark>门口</mark></strong>" in page
    assert "“秩序”" in page
    buttons = re.findall(r'name="choice" value="(\w+)" data-key="([^"]+)"', page)
    assert buttons == [("lift", "1 enter"), ("fees", "2"), ("parking", "3")]
    for key in ("d", "/", "n"):
        assert f'data-key="{key}"' in page
    assert "web/reading.js" in page
    assert "<script>" not in page
    assert " onclick" not in page


def test_the_script_is_served(client):
    response = client.get("/static/web/reading.js")
    assert response.status_code == 200
    assert b"keydown" in b"".join(response)


def test_the_desk_and_the_queue_lead_here(officer):
    desks.unread()
    for address in ("/desk/bureau/", "/desk/bureau/unread/"):
        assert 'href="/desk/reading/"' in text_of(officer.get(address))


def test_the_queue_shows_first_what_is_worth_most(officer):
    little, much = unsure(doubt=0.1), unsure(doubt=0.9)
    tasks = officer.get("/desk/bureau/unread/").context["tasks"]
    assert [task.row.complaint for task in tasks] == [much, little]


def test_where_nothing_waits_the_page_says_so(officer):
    assert "都确认完了" in text_of(officer.get("/desk/reading/"))


def test_markup_in_a_text_stays_text(officer):
    unsure("<script>门口</script>")
    assert "&lt;script&gt;<mark>门口</mark>&lt;/script&gt;" in text_of(
        officer.get("/desk/reading/")
    )


@pytest.mark.parametrize(
    ("text", "words", "parts"),
    [
        ("电梯坏了", ["电梯"], [("电梯", True), ("坏了", False)]),
        ("坏的ＡＰＰ", ["app"], [("坏的", False), ("ＡＰＰ", True)]),
        ("物业费", ["物业", "物业费"], [("物业费", True)]),
        ("灯灯", ["灯"], [("灯", True), ("灯", True)]),
        ("电梯", ["楼"], [("电梯", False)]),
        ("1+1", ["+"], [("1", False), ("+", True), ("1", False)]),
        ("电梯", [], [("电梯", False)]),
        ("", ["灯"], []),
    ],
)
def test_words_are_marked_where_they_stand(text, words, parts):
    assert marked(text, words) == parts
    assert "".join(part for part, _is_word in parts) == text


# What is said -------------------------------------------------------------------------------------
def test_a_press_confirms_and_the_next_case_comes_at_once(officer, city):
    first, second = unsure(doubt=0.9), unsure(doubt=0.5)
    response = say(officer, first, choice="lift")
    assert shown(response) == second
    first.refresh_from_db()
    assert (first.category_id, first.danger) == ("lift", False)
    verdict = Verdict.objects.get()
    assert (verdict.agrees, verdict.by) == (True, city.bureau_officer)
    page = text_of(response)
    assert f"{first.external_id} 定为“电梯”" in page
    assert f"/desk/complaints/{first.pk}?act=correct" in page


def test_a_confirmed_case_goes_on_to_the_firm(officer, city):
    complaint = unsure()
    f.make_finding(complaint, city.contract)
    say(officer, complaint, choice="lift")
    complaint.refresh_from_db()
    assert complaint.state == "dispatched"


@pytest.mark.parametrize(("said", "danger"), [({"danger": "on"}, True), ({}, False)])
def test_danger_is_what_the_box_says(officer, said, danger):
    complaint = unsure()
    Complaint.objects.filter(pk=complaint.pk).update(danger=True)
    assert "checked" in text_of(officer.get("/desk/reading/"))
    say(officer, complaint, choice="fees", **said)
    complaint.refresh_from_db()
    assert (complaint.category_id, complaint.danger) == ("fees", danger)


def test_any_other_kind_can_be_chosen(officer):
    complaint = unsure()
    f.make_category("decoration")
    say(officer, complaint, choice="", category="decoration")
    assert Complaint.objects.get().category_id == "decoration"
    assert Verdict.objects.get().agrees is False


def test_nothing_chosen_is_asked_again_about_the_same_case(officer):
    unsure(doubt=0.9)
    complaint = unsure(doubt=0.5)
    response = say(officer, complaint, danger="on")
    assert shown(response) == complaint
    assert "请选一个类别" in text_of(response)
    assert "checked" in text_of(response)
    assert not Verdict.objects.exists()


def test_a_button_pressed_beside_another_choice_is_a_slip(officer):
    complaint = unsure()
    response = say(officer, complaint, choice="lift", category="fees")
    assert "不是同一类" in text_of(response)
    assert not Verdict.objects.exists()
    say(officer, complaint, choice="fees", category="fees")
    assert Verdict.objects.get().category_id == "fees"


def test_what_a_colleague_has_confirmed_meanwhile_stays(officer):
    complaint, following = unsure(doubt=0.9), unsure(doubt=0.5)
    correct(complaint, Category.objects.get(code="fees"), by=RESIDENT)
    response = say(officer, complaint, choice="lift")
    assert "已经有人确认过了" in text_of(response)
    assert shown(response) == following
    complaint.refresh_from_db()
    assert complaint.category_id == "fees"


def test_what_was_withdrawn_meanwhile_is_passed_over(officer):
    complaint = unsure()
    move(complaint, Move.WITHDRAW, by=RESIDENT)
    assert shown(say(officer, complaint, choice="lift")) is None
    assert not Verdict.objects.exists()


# Passing over -------------------------------------------------------------------------------------
def _skip(response) -> str:
    return re.search(r'href="([^"]+)" data-key="n"', text_of(response)).group(1)


def test_cases_are_passed_over_until_all_were_seen(officer):
    first, second = unsure(doubt=0.9), unsure(doubt=0.5)
    response = officer.get("/desk/reading/")
    assert shown(response) == first
    response = officer.get(_skip(response))
    assert shown(response) == second
    response = officer.get(_skip(response))
    assert shown(response) is None
    page = text_of(response)
    assert "其余 2 件您刚才都跳过了" in page
    assert 'href="/desk/reading/"' in page


def test_what_was_passed_over_stays_so_after_an_act(officer):
    first, second, third = unsure(doubt=0.9), unsure(doubt=0.5), unsure(doubt=0.1)
    response = officer.get(_skip(officer.get("/desk/reading/")))
    skipped = re.search(r'name="skip" value="([^"]*)"', text_of(response)).group(1)
    assert skipped == str(first.pk)
    assert shown(say(officer, second, choice="lift", skip=skipped)) == third


@pytest.mark.parametrize("skip", ["x", "-", "0-x-0", "9" * 40, "١", "-0"])
def test_nonsense_in_the_address_is_passed_over(officer, skip):
    complaint = unsure()
    assert shown(officer.get("/desk/reading/", {"skip": skip})) == complaint


# Whose it is --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["firm_a_clerk", "community_officer", "petition_clerk"])
def test_only_the_bureau_confirms(client, city, name):
    complaint = unsure()
    client.force_login(city.people[name])
    assert not may(city.people[name], Act.CORRECT)
    assert client.get("/desk/reading/").status_code == 403
    assert client.post(f"/desk/reading/{complaint.pk}/", {"choice": "lift"}).status_code == 403
    client.logout()
    assert client.get("/desk/reading/").url.startswith("/desk/sign-in/")


def test_what_is_not_there_and_what_is_not_a_press(officer):
    assert officer.post("/desk/reading/4711/", {"choice": "lift"}).status_code == 404
    complaint = unsure()
    assert officer.get(reverse("web:reading-confirm", args=[complaint.pk])).status_code == 405


def test_the_page_asks_as_often_for_one_waiting_as_for_three(officer):
    desks.same_at_one_and_three(officer, "/desk/reading/", lambda _n: unsure())
