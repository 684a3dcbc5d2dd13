"""A file of complaints goes in row by row, keyed by its numbers, and history as it happened."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from complaints.actions import Draft
from complaints.bulk import COLUMNS, draft_of, import_complaints
from complaints.models import Channel, Clock, Complaint, ComplaintEvent, ImportBatch
from complaints.tables import UnreadableFile
from complaints.workflow import State
from tests.factories import make_complaint, moment

pytestmark = pytest.mark.django_db

HEADER = "工单编号,受理时间,诉求内容,答复时间,办结时间,是否解决,是否满意"
PLAIN = "2026-08-03 09:00,电梯坏了三天没人修,,,,"


def complaints_csv(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "投诉.csv"
    path.write_bytes(("\n".join([header, *rows]) + "\n").encode(encoding))
    return path


def imported(folder: Path, *rows: str, **more):
    return import_complaints(complaints_csv(folder, *rows, **more), Channel.HOTLINE)


def refusals(result) -> list[tuple[int, str, str]]:
    return [(refusal.row, refusal.column, refusal.reason) for refusal in result.refusals]


def snapshot() -> tuple:
    return tuple(
        list(model.objects.order_by("pk").values())
        for model in (Complaint, ComplaintEvent, Clock, ImportBatch)
    )


ENGLISH = (
    "external_id,received_at,text,title,occurred_on,reporter_name,reporter_phone,stated_estate,"
    "stated_category"
)
CHINESE = "工单编号,受理时间,诉求内容,诉求标题,发生日期,姓名,电话,反映小区,诉求类别"


@pytest.mark.parametrize("header", [ENGLISH, CHINESE])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_column_goes_where_it_belongs(tmp_path, header, encoding):
    row = "A1,2026/8/3 9:05:00,电梯坏了,报修,2026-08-01,王秀英,19900000001,江南小区,电梯"
    result = imported(tmp_path, row, header=header, encoding=encoding)
    complaint = Complaint.objects.get()
    assert result.complaints == [complaint.pk]
    assert (complaint.external_id, complaint.channel) == ("A1", Channel.HOTLINE)
    assert complaint.received_at == moment(2026, 8, 3, 9, 5)
    assert (complaint.title, complaint.text) == ("报修", "电梯坏了")
    assert complaint.occurred_on == date(2026, 8, 1)
    assert (complaint.reporter_name, complaint.reporter_phone) == ("王秀英", "19900000001")
    assert (complaint.stated_estate, complaint.stated_category) == ("江南小区", "电梯")
    assert (complaint.state, complaint.batch) == (State.RECEIVED, result.batch)
    assert not complaint.shows_phone_to_firm


def test_a_workbook_goes_in_as_a_csv_does(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.active.append([1001, 46237.375, "电梯坏了", None, None, None, None])
    book.save(tmp_path / "投诉.xlsx")
    import_complaints(tmp_path / "投诉.xlsx", Channel.PETITION)
    complaint = Complaint.objects.get()
    assert (complaint.external_id, complaint.channel) == ("1001", Channel.PETITION)
    assert complaint.received_at == moment(2026, 8, 3)


def test_the_columns_are_those_of_the_contract():
    assert [(c.name, c.chinese) for c in COLUMNS if c.required] == [
        ("external_id", "工单编号"), ("received_at", "受理时间"), ("text", "诉求内容")
    ]  # fmt: skip
    assert {c.name for c in COLUMNS} >= {"replied_at", "closed_at", "resolved", "satisfied"}


# What goes in and what stays out -------------------------------------------------------------


def test_the_batch_reports_what_became_of_the_file(tmp_path):
    make_complaint(external_id="A1", channel=Channel.HOTLINE)
    result = imported(tmp_path, f"A1,{PLAIN}", f"A2,{PLAIN}", f",{PLAIN}", f"A3,{PLAIN}")
    batch = ImportBatch.objects.get()
    assert batch == result.batch
    assert (batch.file_name, batch.channel) == ("投诉.csv", Channel.HOTLINE)
    assert (batch.rows_new, batch.rows_known, batch.rows_refused) == (2, 1, 1)
    assert batch.refusals == [["投诉.csv", 4, "工单编号", "不能为空"]]
    assert batch.finished_at >= batch.started_at
    assert set(batch.complaint_set.values_list("external_id", flat=True)) == {"A2", "A3"}


def test_unknown_columns_are_named(tmp_path):
    result = imported(tmp_path, f"A1,{PLAIN},x", header=f"{HEADER},备注")
    assert result.unknown_columns == ["备注"]
    assert Complaint.objects.count() == 1


def test_the_same_file_twice_changes_nothing(tmp_path):
    rows = ("A1,2026-08-03,电梯坏了,2026-08-04,2026-08-05,是,是", f"A2,{PLAIN}", f",{PLAIN}")
    imported(tmp_path, *rows)
    before = snapshot()
    again = imported(tmp_path, *rows)
    assert snapshot() == before
    assert again.complaints == []
    assert (again.batch.rows_new, again.batch.rows_known, again.batch.rows_refused) == (0, 2, 1)
    assert len(again.refusals) == 1  # and it still says what stayed out


def test_a_longer_file_adds_what_is_new(tmp_path):
    imported(tmp_path, f"A1,{PLAIN}")
    result = imported(tmp_path, f"A1,{PLAIN}", f"A2,{PLAIN}")
    assert (result.batch.rows_new, result.batch.rows_known) == (1, 1)
    assert ImportBatch.objects.count() == 2


def test_what_is_known_is_left_as_it_is(tmp_path):
    imported(tmp_path, f"A1,{PLAIN}")
    imported(tmp_path, "A1,2026-08-05,换了说法,2026-08-06,2026-08-07,是,是")
    complaint = Complaint.objects.get()
    assert complaint.text == "电梯坏了三天没人修"
    assert complaint.state == State.RECEIVED


def test_the_same_number_of_another_channel_is_another_complaint(tmp_path):
    path = complaints_csv(tmp_path, f"A1,{PLAIN}")
    import_complaints(path, Channel.HOTLINE)
    import_complaints(path, Channel.PETITION)
    assert Complaint.objects.count() == 2


def test_a_number_twice_in_a_file_is_refused_unless_it_says_the_same(tmp_path):
    result = imported(
        tmp_path, f"A1,{PLAIN}", f"A1,{PLAIN}", "A1,2026-08-03 09:00,物业费太贵,,,,", f"A2,{PLAIN}"
    )
    assert refusals(result) == [(4, "工单编号", "与前面的行编号相同而内容不同：A1")]
    assert Complaint.objects.get(external_id="A1").text == "电梯坏了三天没人修"
    assert Complaint.objects.count() == 2


def test_more_rows_than_a_chunk_go_in(tmp_path):
    asked = []
    path = complaints_csv(tmp_path, *(f"A{i},{PLAIN}" for i in range(1001)))
    result = import_complaints(
        path, Channel.HOTLINE, progress=lambda steps: asked.append(list(steps)) or asked[-1]
    )
    assert len(result.complaints) == len(set(result.complaints)) == 1001
    assert asked == [[0, 500, 1000]]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("A1,,电梯坏了,,,,", "受理时间", "不能为空"),
        ("A1,2026-08-03,,,,,", "诉求内容", "不能为空"),
        ("A1,2026-02-30,电梯坏了,,,,", "受理时间", "没有这样的日期：2026-02-30"),
        ("A1,昨天,电梯坏了,,,,", "受理时间", "不是日期：昨天"),
        ("A1,2026-08-03,电梯坏了,,,也许,", "是否解决", "应为 是 或 否：也许"),
        ("A1,2026-08-03,电梯坏了,2026-08-02,,,", "答复时间", "早于受理时间"),
        ("A1,2026-08-03,电梯坏了,,2026-08-02,,", "办结时间", "早于受理时间"),
        ("A1,2026-08-03,电梯坏了,2026-08-05,2026-08-04,,", "办结时间", "早于答复时间"),
        (f"A1,2026-08-03,{'x' * 20001},,,,", "诉求内容", "诉求内容最多 20000 字，现有 20001 字"),
        (f"{'A' * 81},{PLAIN}", "工单编号", "“工单编号”最多 80 字"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_name_and_the_others_go_in(
    tmp_path, row, column, reason
):
    result = imported(tmp_path, f"B1,{PLAIN}", row, f"B2,{PLAIN}")
    assert refusals(result) == [(3, column, reason)]
    assert set(Complaint.objects.values_list("external_id", flat=True)) == {"B1", "B2"}


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("诉求标题", "x" * 201, "“标题”最多 200 字"),
        ("反映小区", "x" * 121, "“反映小区”最多 120 字"),
        ("诉求类别", "x" * 121, "“反映类别”最多 120 字"),
        ("姓名", "x" * 61, "“姓名”最多 60 字"),
        ("电话", "1" * 41, "“电话”最多 40 字"),
        ("发生日期", "2026-08-04", "晚于受理时间"),
    ],
)
def test_the_column_that_is_wrong_is_the_one_named(tmp_path, column, cell, reason):
    result = imported(
        tmp_path,
        f"A1,2026-08-03 23:59,电梯坏了,{cell}",
        header=f"工单编号,受理时间,诉求内容,{column}",
    )
    assert refusals(result) == [(2, column, reason)]
    assert not Complaint.objects.exists()


def test_a_second_row_stands_in_for_a_refused_first(tmp_path):
    result = imported(tmp_path, "A1,2026-08-03,电梯坏了,2026-08-02,,,", f"A1,{PLAIN}")
    assert [refusal.row for refusal in result.refusals] == [2]
    assert Complaint.objects.get().external_id == "A1"


def test_a_file_that_cannot_be_read_leaves_no_trace(tmp_path):
    with pytest.raises(UnreadableFile, match="缺少列：诉求内容（text）"):
        imported(tmp_path, "A1,2026-08-03", header="工单编号,受理时间")
    assert not ImportBatch.objects.exists()


# History -------------------------------------------------------------------------------------


def test_history_is_written_as_it_happened(tmp_path):
    imported(tmp_path, "A1,2025-03-03 09:00,电梯坏了,2025-03-05 10:00,2025-03-07 16:30,是,否")
    complaint = Complaint.objects.get()
    assert complaint.state == State.CLOSED
    assert (complaint.answered_at, complaint.closed_at) == (
        moment(2025, 3, 5, 10), moment(2025, 3, 7, 16, 30)
    )  # fmt: skip
    assert (complaint.resolved, complaint.satisfied) == (True, False)
    assert [(event.kind, event.at, event.actor) for event in complaint.events.all()] == [
        ("complaint.received", moment(2025, 3, 3), "import"),
        ("complaint.answer_recorded", moment(2025, 3, 5, 10), "import"),
        ("complaint.closure_recorded", moment(2025, 3, 7, 16, 30), "import"),
    ]
    clock = complaint.clocks.get()
    assert (clock.started_on, clock.met_on) == (date(2025, 3, 3), date(2025, 3, 5))


@pytest.mark.parametrize(
    ("outcome", "state", "kinds", "verdict"),
    [
        ("2026-08-04,,,", State.ANSWERED, ["answer_recorded"], (None, None)),
        ("2026-08-04,,是,", State.ANSWERED, ["answer_recorded"], (True, None)),
        (",2026-08-04,是,是", State.CLOSED, ["closure_recorded"], (True, True)),
        (",2026-08-04,否,否", State.CLOSED, ["closure_recorded"], (False, False)),
        # Settled, though nobody wrote down when.
        (",,是,", State.CLOSED, ["closure_recorded"], (True, None)),
        (",,,是", State.CLOSED, ["closure_recorded"], (None, True)),
        # Not settled: the work is still to be done.
        (",,否,", State.RECEIVED, ["supplemented"], (None, None)),
        (",,,", State.RECEIVED, [], (None, None)),
    ],
)
def test_outcomes_become_events(tmp_path, outcome, state, kinds, verdict):
    imported(tmp_path, f"A1,2026-08-03 09:00,电梯坏了,{outcome}")
    complaint = Complaint.objects.get()
    assert complaint.state == state
    assert [event.kind for event in complaint.events.all()] == [
        "complaint.received", *(f"complaint.{kind}" for kind in kinds)
    ]  # fmt: skip
    assert (complaint.resolved, complaint.satisfied) == verdict


def test_what_the_source_called_unsettled_is_written_down(tmp_path):
    imported(tmp_path, "A1,2026-08-03,电梯坏了,,,否,否")
    event = Complaint.objects.get().events.get(kind="complaint.supplemented")
    assert event.note == "来源系统记：未解决"
    assert event.data == {"resolved": False, "satisfied": False}


def test_a_draft_holds_no_outcome_and_no_blank():
    said = {"text": "电梯", "external_id": "A1", "received_at": moment(2026, 8, 3)}
    blank = {"occurred_on": None, "title": ""}
    outcome = {"resolved": True, "closed_at": moment(2026, 8, 4)}
    assert draft_of(said | blank | outcome) == Draft(**said)
