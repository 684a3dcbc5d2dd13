"""The whole story in a real browser, on a telephone and on a desk: a resident files and follows,
the firm answers, the community rates, the officer confirms a talk."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from complaints.workdays import today
from tests.services.conftest import RunningCity, wait_for

pytestmark = pytest.mark.services

SIZES = {"手机": (390, 844), "电脑": (1280, 800)}
# Codes, numbers and file formats are not words; everything else that people read is Chinese.
_NOT_WORDS = re.compile(
    r"T\d-[a-z-]+|I\d-[a-z]+|[A-Z]{1,4}[-_]?\d[\w-]*|web-[0-9a-z-]+|\b[0-9A-Z ]{6,}\b|JPE?G|PNG|"
    r"WebP|xlsx|API|/api/\S+|http\S+|firm-q\d+|community-c\d+|bureau|petition|web|after|limit"
)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


class Walk:
    """One person's walk through the pages, looked over at every step."""

    def __init__(self, browser: Browser, city: RunningCity, size: tuple[int, int]) -> None:
        self.city = city
        context = browser.new_context(
            base_url=city.base,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.who, self.seen = "resident", 0
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> Page:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        return self.look()

    def press(self, name: str | re.Pattern, within=None) -> Page:
        (within or self.page).get_by_role("button", name=name).first.click()
        self.page.wait_for_load_state()
        return self.look()

    def do(self, verb: str, **typed: str) -> Page:
        """Open the act of a case page, type into the boxes by name, press its button."""
        act = self.page.locator(f"#act-{verb}")
        if act.get_attribute("open") is None:
            act.locator("summary").click()
        for name, text in typed.items():
            act.locator(f"[name={name}]").fill(text)
        act.locator("button[type=submit]").click()
        self.page.wait_for_load_state()
        return self.look()

    def look(self) -> Page:
        page = self.page
        page.wait_for_load_state()
        if os.environ.get("SHOTS"):  # a folder for pictures of every page that was seen
            self.seen += 1
            name = f"{page.viewport_size['width']}-{self.who}-{self.seen:02}.png"
            page.screenshot(path=Path(os.environ["SHOTS"]) / name, full_page=True)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], f"{page.url} scrolls sideways: {width}"
        text = _NOT_WORDS.sub("", page.inner_text("body"))
        foreign = re.findall(r"[A-Za-z]{3,}", text)
        assert not foreign, f"{page.url}: {foreign}"
        assert page.title(), page.url
        return page

    def sign_in(self, username: str) -> Page:
        self.who = username
        self.go("/desk/sign-in/")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(self.city.password())
        return self.press("登录")

    def end(self) -> None:
        assert not self.complaints, self.complaints
        self.page.context.close()


@pytest.mark.parametrize("place", SIZES)
def test_the_whole_story(browser, running_city, place):
    city, size = running_city, SIZES[place]

    resident = Walk(browser, city, size)
    resident.go("/")
    page = resident.go("/s/?q=西苑")
    page.get_by_role("link", name=re.compile("西苑小区")).first.click()
    resident.look()
    assert "超过 500 户标准 46%" in page.inner_text("body")
    resident.go("/s/E001")
    assert "鼎盛物业服务有限公司" in page.inner_text("body")
    resident.go("/file/?estate=E001")
    said = f"江南小区9栋的电梯又停运了，老人上不了楼，在{place}上反映"
    page.get_by_label("您要反映什么事？").fill(said)
    page.get_by_label("您的电话").fill("19900007777" if place == "手机" else "19900007788")
    resident.press("提交投诉")
    code = re.search(r"/t/([0-9A-Z]{12})", page.content()).group(1)
    state = "SELECT state, id FROM complaints_complaint WHERE tracking_code = %s"
    wait_for("dispatch", lambda: city.ask(state, code)[0][0] == "dispatched")
    key = city.ask(state, code)[0][1]
    resident.go(f"/t/{code}")
    assert "江南小区" in page.inner_text("body")

    firm = Walk(browser, city, size)
    firm.sign_in("firm-q01")
    shown = firm.go(f"/desk/complaints/{key}").inner_text("body")
    assert "电梯又停运了" in shown
    assert "1990000" not in firm.page.content()
    assert code not in firm.page.content()
    firm.do("accept")
    firm.do("answer", text="已换门机皮带，试运行正常")
    assert city.ask(state, code)[0][0] == "answered"
    for path in ("/desk/", "/desk/firm/scores/", "/desk/firm/evaluations/", "/desk/talks/"):
        firm.go(path)
    firm.end()

    resident.go(f"/t/{code}")
    assert "已换门机皮带" in page.inner_text("body")
    page.get_by_label("满意", exact=True).check()
    resident.press("已解决")
    assert city.ask(state, code)[0][0] == "closed"
    resident.end()

    community = Walk(browser, city, size)
    community.sign_in("community-c01")
    community.go("/desk/community/evaluate/")
    page = community.go("/desk/community/evaluate/E001")
    for box in page.get_by_role("spinbutton").all():
        box.fill("6")
    page.get_by_label("意见").fill(f"楼道打扫有改进，电梯仍然常停（{place}）")
    community.press("保存评价")
    given = city.ask(
        "SELECT count(*) FROM evaluations_evaluation e "
        "JOIN registry_estate r ON r.id = e.estate_id "
        "WHERE r.code = 'E001' AND e.comment = %s AND e.superseded_at IS NULL",
        f"楼道打扫有改进，电梯仍然常停（{place}）",
    )
    assert given == [(1,)]
    community.end()

    officer = Walk(browser, city, size)
    officer.sign_in("bureau")
    for path in ("/desk/", "/desk/bureau/", "/desk/complaints/", "/desk/companies/",
                 "/desk/companies/Q01", "/desk/estates/", "/desk/estates/E001", "/desk/scores/",
                 "/desk/talks/", "/desk/feed/"):  # fmt: skip
        officer.go(path)
    proposed = city.ask("SELECT id FROM talks_talk WHERE state = 'proposed' ORDER BY id")[0][0]
    page = officer.go(f"/desk/talks/{proposed}")
    day = today() + timedelta(days=30)
    while day.weekday() > 3:
        day += timedelta(days=1)
    officer.do("notify", day=day.isoformat(), hour="09:30", place="市住建局 305 会议室")
    assert city.ask("SELECT state FROM talks_talk WHERE id = %s", proposed) == [("noticed",)]
    officer.end()

    clerk = Walk(browser, city, size)
    clerk.sign_in("petition")
    for path in ("/desk/", "/desk/petition/", "/desk/feed/", "/desk/talks/"):
        clerk.go(path)
    clerk.end()
