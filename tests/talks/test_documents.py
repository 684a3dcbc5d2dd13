"""The letters of a talk, read back as the firm would: they name firm, ground and day."""

import docx
import pytest
import time_machine

from property_oversight.talks import actions
from property_oversight.talks.documents import TEMPLATES
from property_oversight.talks.models import Document, Talk, TalkEvent
from property_oversight.talks.workflow import State
from tests.factories import make_company, make_estate, make_talk, moment

BECAUSE = "4 件到期应答复的投诉中有 4 件逾期（江南小区）"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(moment(2026, 8, 3), tick=False):
        yield


def talk_at(state: State, company: str = "鼎盛物业服务有限公司", because: str = BECAUSE) -> Talk:
    return make_talk(
        make_company(company),
        make_estate("江南小区"),
        make_estate("后苑小区"),
        state=state,
        because=because,
        meets_at=moment(2026, 8, 6, 9, 30),
        place="305 会议室",
    )


def words(event: TalkEvent) -> str:
    """What stands in the letter of `event`."""
    with event.document.file.open() as file:
        return "\n".join(paragraph.text for paragraph in docx.Document(file).paragraphs)


def test_every_kind_of_letter_has_a_template():
    assert set(TEMPLATES) == set(Document.Kind)


@pytest.mark.django_db
def test_notice_tells_the_firm_why_when_and_where():
    talk = talk_at(State.PROPOSED)
    event = actions.notify(
        talk, by=None, meets_at=moment(2026, 8, 10, 14, 0), place="报告厅", note="请带维保合同"
    )
    letter = words(event)
    assert event.document.kind == Document.Kind.NOTICE
    for said in (
        "约谈通知书",
        f"约谈〔2026〕{talk.pk} 号",
        "鼎盛物业服务有限公司：",
        "江南小区、后苑小区",
        f"事由（规则 T3-overdue，2026Q3）：{BECAUSE}",
        "时间：2026年08月10日 14:00",
        "地点：报告厅",
        "请带维保合同",
        "2026年08月03日",
    ):
        assert said in letter


@pytest.mark.django_db
def test_minutes_tell_what_was_said():
    letter = words(actions.hold(talk_at(State.NOTICED), by=None, note="企业承诺更换维保单位"))
    for said in (
        "约谈纪要",
        "被约谈单位：鼎盛物业服务有限公司",
        "约谈时间：2026年08月06日 09:30",
        "约谈地点：305 会议室",
        f"事由：{BECAUSE}",
        "约谈情况：企业承诺更换维保单位",
        "2026年08月03日",
    ):
        assert said in letter


@pytest.mark.django_db
def test_order_tells_what_has_to_be_mended_and_by_when():
    letter = words(actions.order(talk_at(State.HELD), by=None, note="修好全部电梯"))
    for said in (
        "整改通知书",
        "鼎盛物业服务有限公司：",
        "修好全部电梯",
        "整改期限：2026年08月24日 前",
        f"约谈事由：{BECAUSE}",
        "2026年08月03日",
    ):
        assert said in letter


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        "A&B <物业> \"甲\" '乙'",
        "</w:t></w:r><w:br/>",
        "{{ company }} {% raw %}",
        "&amp; &lt;b&gt;",
        "第一条：修电梯\n第二条：公示",
    ],
)
def test_letter_keeps_the_characters_that_xml_and_templates_take_for_their_own(said):
    event = actions.order(talk_at(State.HELD, because=f"因为{said}"), by=None, note=said)
    letter = words(event)
    assert letter.count(said) == 2
    assert f"约谈事由：因为{said}" in letter


@pytest.mark.django_db
def test_letter_names_a_firm_with_an_ampersand():
    letter = words(actions.order(talk_at(State.HELD, 'A&B <物业> "甲"'), by=None, note="修好"))
    assert 'A&B <物业> "甲"：' in letter


@pytest.mark.django_db
@pytest.mark.parametrize("pasted", ["\x0b", "\x0c", "\x1b", "\x07", "\ufffe"])
def test_letter_leaves_out_what_no_xml_may_hold_and_loses_nothing_else(pasted):
    talk = talk_at(State.HELD, because="A & B <见附件>")
    letter = words(actions.order(talk, by=None, note=f"修{pasted}好"))
    assert "\n修好\n" in letter
    assert "约谈事由：A & B <见附件>" in letter


@pytest.mark.django_db
def test_letter_is_kept_as_it_went_out():
    talk = talk_at(State.PROPOSED)
    first = actions.notify(talk, by=None, meets_at=moment(2026, 8, 6, 9, 30), place="305 室")
    actions.mark_absent(talk, by=None, note="无人到场")
    actions.notify(talk, by=None, meets_at=moment(2026, 8, 10, 9, 30), place="报告厅")
    letter = words(TalkEvent.objects.get(pk=first.pk))
    assert "305 室" in letter
    assert "报告厅" not in letter
