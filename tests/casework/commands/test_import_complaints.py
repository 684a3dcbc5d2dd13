"""import_complaints: in once by channel and number, then read, attributed, dispatched."""

import pytest
from django.core.management import CommandError

from complaints.models import Complaint, ComplaintEvent, ImportBatch
from complaints.workflow import State

HEADER = "工单编号,受理时间,诉求内容,反映小区,答复时间,办结时间,是否解决,是否满意"
LIFT = "RX-1,2026/8/3 19:58:50,江南小区三号楼电梯坏了三天没人修,,,,,"
CLOSED = "RX-2,2026-08-03,后苑小区垃圾没人扫,,2026-08-05,2026-08-06,是,否"


def test_import_complaints_leads_new_ones_to_the_firm_and_keeps_history_as_it_was(
    city, serving, command, office_file
):
    said = command("import_complaints", office_file("热线.csv", HEADER, LIFT, CLOSED),
                   channel="hotline")  # fmt: skip
    assert (said.code, said.err) == (0, "")
    assert said.out.strip() == "热线.csv：新增 2，已有 0，拒收 0"
    new, closed = Complaint.objects.order_by("external_id")
    assert (new.state, new.channel) == (State.DISPATCHED, "hotline")
    assert (closed.state, closed.resolved, closed.satisfied) == (State.CLOSED, True, False)
    assert closed.attributions.get().company == city.firm_b


def test_import_complaints_twice_changes_nothing(city, serving, command, office_file):
    path = office_file("热线.csv", HEADER, LIFT, CLOSED)
    command("import_complaints", path, channel="hotline")
    before = (list(Complaint.objects.values()), list(ComplaintEvent.objects.values()),
              list(ImportBatch.objects.values()))  # fmt: skip
    said = command("import_complaints", path, channel="hotline")
    assert said.out.strip() == "热线.csv：新增 0，已有 2，拒收 0"
    assert before == (list(Complaint.objects.values()), list(ComplaintEvent.objects.values()),
                      list(ImportBatch.objects.values()))  # fmt: skip


def test_import_complaints_of_another_channel_are_others(city, serving, command, office_file):
    path = office_file("表.csv", HEADER, LIFT)
    for channel in ("hotline", "petition", "community_qa", "web", "other"):
        assert command("import_complaints", path, channel=channel).code == 0
    assert Complaint.objects.count() == 5


@pytest.mark.parametrize(
    "row_and_refusal",
    [
        ("RX-3,,停水,,,,,", "热线.csv 第 3 行“受理时间”：不能为空"),
        ("RX-3,昨天,停水,,,,,", "热线.csv 第 3 行“受理时间”：不是日期：昨天"),
        ("RX-3,2026-08-03,停水,,,,或许,", "热线.csv 第 3 行“是否解决”：应为 是 或 否：或许"),
        ("RX-3,2026-08-03,停水,,2026-08-01,,,", "热线.csv 第 3 行“答复时间”：早于受理时间"),
        ("RX-1,2026-08-03,停水,,,,,",
         "热线.csv 第 3 行“工单编号”：与前面的行编号相同而内容不同：RX-1"),
    ],
)  # fmt: skip
def test_import_complaints_refuses_a_row_by_name_and_takes_the_rest(
    city, serving, command, office_file, row_and_refusal
):
    row, refusal = row_and_refusal
    path = office_file("热线.csv", HEADER, LIFT, row)
    said = command("import_complaints", path, channel="hotline")
    assert said.code == 1
    assert said.err.strip() == refusal
    assert Complaint.objects.get().state == State.DISPATCHED


def test_import_complaints_names_columns_it_does_not_use(city, serving, command, office_file):
    path = office_file("热线.csv", "工单编号,受理时间,诉求内容,天气", "RX-1,2026-08-03,停水,晴")
    said = command("import_complaints", path, channel="hotline")
    assert (said.code, said.err.strip()) == (0, "未使用的列：天气")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["工单编号,诉求内容", "RX-1,停水"], "热线.csv 缺少列：受理时间（received_at）"),
        (None, "没有文件"),
    ],
)
def test_import_complaints_of_an_unusable_file_does_nothing(
    command, office_file, tmp_path, lines, reason
):
    path = office_file("热线.csv", *lines) if lines else tmp_path / "热线.csv"
    said = command("import_complaints", path, channel="hotline")
    assert (said.code, said.out) == (2, "")
    assert reason in said.err
    assert not ImportBatch.objects.exists()


def test_import_complaints_without_a_model_keeps_them_for_the_next_round(
    city, categories, settings, command, office_file
):
    path = office_file("热线.csv", HEADER, LIFT)
    settings.MODEL_DIR = path.parent / "nothing"
    said = command("import_complaints", path, channel="hotline")
    assert said.code == 0
    assert Complaint.objects.get().state == State.RECEIVED


@pytest.mark.django_db
def test_import_complaints_of_a_channel_that_is_none_is_refused(command, office_file):
    with pytest.raises(CommandError, match="channel"):
        command("import_complaints", office_file("热线.csv", HEADER), channel="fax")
