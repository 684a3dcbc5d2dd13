"""The bureau's officer and the reader in a real browser: unsure readings by keys, by thumb and
without script; a candidate that a real worker has trained is promoted and rolled back."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.services.conftest import RunningCity, wait_for
from tests.services.test_in_chromium import SIZES, Walk, browser  # noqa: F401

pytestmark = pytest.mark.services

READ = "SELECT category_id, danger FROM complaints_complaint WHERE id = %s"
SAID = (  # by a person: what another test has written down to learn from is nobody's
    "SELECT category_id, danger, agrees FROM complaints_verdict"
    " WHERE complaint_id = %s AND by_id IS NOT NULL"
)


def key_of(page: Page) -> int:
    """The complaint that is shown."""
    return int(re.search(r'action="/desk/reading/(\d+)/"', page.content()).group(1))


def choices(page: Page) -> list[str]:
    return [one.get_attribute("value") for one in page.locator("[name=choice]").all()]


def press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def test_an_officer_confirms_by_keys(browser: Browser, running_city: RunningCity):  # noqa: F811
    officer = Walk(browser, running_city, SIZES["电脑"])
    officer.sign_in("bureau")
    officer.go("/desk/bureau/")
    with officer.page.expect_navigation():
        officer.page.get_by_role("link", name="一件接一件地确认").click()
    page = officer.look()
    assert page.locator("mark").count() >= 1

    first, likeliest = key_of(page), choices(page)[0]
    danger = page.get_by_label("有危及人身安全的情况").is_checked()
    press(page, "Enter")
    assert running_city.ask(SAID, first) == [(likeliest, danger, True)]
    assert running_city.ask(READ, first) == [(likeliest, danger)]

    officer.look()
    second, (_best, next_best, *_rest) = key_of(page), choices(page)
    assert second != first
    box = page.get_by_label("有危及人身安全的情况")
    before = box.is_checked()
    page.keyboard.press("d")
    assert box.is_checked() is not before
    press(page, "2")
    assert running_city.ask(SAID, second) == [(next_best, not before, False)]

    passed_over = key_of(page)
    press(page, "n")
    third = key_of(page)
    assert third not in {first, second, passed_over}
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "category"
    page.locator("[name=category]").select_option("greening")
    press(page, "Enter")  # what is chosen, not the first button of the form
    assert running_city.ask(SAID, third)[0][0] == "greening"
    assert key_of(page) != passed_over
    assert running_city.ask(SAID, passed_over) == []

    # A key that is held down, a key with a modifier and keys switched off press nothing.
    fourth = key_of(page)
    page.evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', repeat: true}))"
    )
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '1', bubbles: true, "
        "ctrlKey: true}))"
    )
    page.get_by_role("button", name="关闭快捷键").click()
    page.keyboard.press("2")
    page.reload()
    page.locator("h1").click()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert key_of(page) == fourth
    assert running_city.ask(SAID, fourth) == []
    page.get_by_role("button", name="打开快捷键").click()
    page.locator("h1").click()
    press(page, "1")
    assert len(running_city.ask(SAID, fourth)) == 1
    officer.end()


def test_an_officer_confirms_with_the_thumb(browser: Browser, running_city: RunningCity):  # noqa: F811
    officer = Walk(browser, running_city, SIZES["手机"])
    officer.sign_in("bureau")
    page = officer.go("/desk/reading/")
    for target in page.locator("[name=choice], .reading-danger, .reading-skip").all():
        assert target.bounding_box()["height"] >= 56
        assert target.bounding_box()["width"] >= 300
    case, third = key_of(page), choices(page)[2]
    with page.expect_navigation():
        page.locator("[name=choice]").nth(2).click()
    officer.look()
    assert running_city.ask(READ, case)[0][0] == third
    assert key_of(page) != case
    officer.go("/desk/models/")
    officer.end()


def test_an_officer_confirms_without_script(browser: Browser, running_city: RunningCity):  # noqa: F811
    context = browser.new_context(base_url=running_city.base, java_script_enabled=False)
    page = context.new_page()
    page.goto("/desk/sign-in/")
    page.get_by_label("用户名").fill("bureau")
    page.get_by_label("密码").fill(running_city.password())
    page.get_by_role("button", name="登录").click()
    page.goto("/desk/reading/")
    passed_over = key_of(page)
    page.get_by_role("link", name="先跳过，看下一件").click()
    case = key_of(page)
    assert case != passed_over
    page.get_by_label("有危及人身安全的情况").check()
    page.locator("[name=category]").select_option("parking")
    page.get_by_role("button", name="确认所选").click()
    assert running_city.ask(READ, case) == [("parking", True)]
    assert key_of(page) not in {case, passed_over}
    assert "关闭快捷键" not in page.inner_text("body")
    context.close()


def test_a_candidate_trained_by_a_worker_serves_once_it_is_promoted(
    browser: Browser,  # noqa: F811
    running_city: RunningCity,
):
    city = running_city
    city.ask(
        "INSERT INTO complaints_verdict (complaint_id, prediction_id, category_id, danger, agrees,"
        " at) SELECT complaint_id, id, category_id, danger, true, now() FROM complaints_prediction"
        " RETURNING id"
    )
    officer = Walk(browser, city, SIZES["电脑"])
    officer.sign_in("bureau")
    officer.go("/desk/models/")
    officer.press("训练一个候选模型")
    assert "过几分钟再来看" in officer.page.inner_text("body")
    figures = "SELECT version, figures FROM complaints_trainedmodel"
    wait_for(
        "the candidate",
        lambda: any("comparison" in row[1] for row in city.ask(figures)),
        patience=900,
    )
    ((version, found),) = city.ask(figures)
    assert found["comparison"]["texts"] >= 50
    page = officer.go("/desk/models/")
    page.locator("summary", has_text=re.compile("^启用$")).click()
    if not page.locator("[id^=id_promote]").is_visible():
        page.locator("summary", has_text=re.compile("^启用$")).click()
    page.locator("[id^=id_promote]").fill("试用一季")
    officer.press("启用这个模型")
    assert city.ask("SELECT state FROM complaints_trainedmodel") == [("serving",)]

    # The worker, which has read with the starter until now, reads the next complaint with it.
    assert _read_by(city, officer, "19900007701") == version
    page.locator("summary", has_text="退回到初始模型").click()
    officer.press(re.compile("^退回$"))
    assert city.ask("SELECT state FROM complaints_trainedmodel") == [("retired",)]
    assert _read_by(city, officer, "19900007702") != version
    officer.end()


def _read_by(city: RunningCity, officer: Walk, phone: str) -> str:
    """File a complaint; the version that read it."""
    page = officer.page.context.new_page()
    page.goto("/file/?estate=E001")
    page.get_by_label("您要反映什么事？").fill(f"江南小区9栋电梯又停了，请来修，{phone}")
    page.get_by_label("您的电话").fill(phone)
    page.get_by_role("button", name="提交投诉").click()
    page.wait_for_load_state()
    page.close()
    asked = (
        "SELECT p.model_version FROM complaints_prediction p JOIN complaints_complaint c"
        " ON c.id = p.complaint_id WHERE c.reporter_phone = %s"
    )
    wait_for("the reading", lambda: city.ask(asked, phone) != [])
    return city.ask(asked, phone)[0][0]
