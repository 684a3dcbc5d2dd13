"""What the commands share: exit codes, refusals in Chinese, a bar on a terminal only."""

from io import StringIO

import pytest
from django.core.exceptions import ValidationError

from complaints.classification import NoModel
from complaints.tables import Refusal, UnreadableFile
from ml.train import UnusableCorpus
from property_oversight.casework.console import (
    ALL_IN,
    NOTHING_DONE,
    SOME_REFUSED,
    OfficeCommand,
    bar,
)


class Ends(OfficeCommand):
    """A command that ends as a test tells it."""

    def __init__(self, end) -> None:
        self.said = StringIO()
        super().__init__(stderr=self.said)
        self.end = end

    def run(self, **options) -> int:
        if isinstance(self.end, Exception):
            raise self.end
        return self.end


def test_exit_codes_are_those_of_the_contract():
    assert (ALL_IN, SOME_REFUSED, NOTHING_DONE) == (0, 1, 2)


def test_command_that_did_everything_does_not_exit():
    assert Ends(ALL_IN).handle() is None


@pytest.mark.parametrize("code", [SOME_REFUSED, NOTHING_DONE])
def test_command_exits_with_its_code(code):
    with pytest.raises(SystemExit) as end:
        Ends(code).handle()
    assert end.value.code == code


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UnreadableFile("表.csv 是空文件"), "表.csv 是空文件\n"),
        (UnusableCorpus("语料.csv 没有“类别”列"), "语料.csv 没有“类别”列\n"),
        (NoModel("没有模型"), "没有模型\n"),
        (ValidationError(["甲", "乙"]), "甲；乙\n"),
        (PermissionError(13, "Permission denied", "/x"), "/x 无法读写：Permission denied\n"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_command_that_could_do_nothing_says_why_and_exits_with_two(error, said):
    command = Ends(error)
    with pytest.raises(SystemExit) as end:
        command.handle()
    assert end.value.code == 2
    assert command.said.getvalue() == said


def test_command_does_not_hide_a_fault_of_its_own():
    with pytest.raises(ZeroDivisionError):
        Ends(ZeroDivisionError()).handle()


@pytest.mark.parametrize(
    ("number", "code", "lines"), [(0, 0, 0), (1, 1, 1), (50, 1, 50), (51, 1, 51), (400, 1, 51)]
)
def test_refusals_are_told_up_to_fifty_and_then_counted(number, code, lines):
    command = Ends(ALL_IN)
    refusals = [Refusal("表.csv", row, "得分", "不能为空") for row in range(2, number + 2)]
    assert command.tell_refusals(refusals, []) == code
    said = command.said.getvalue().splitlines()
    assert len(said) == lines
    if number > 50:
        assert said[-1] == f"……另有 {number - 50} 行被拒收"


def test_unknown_columns_are_a_warning_and_no_refusal():
    command = Ends(ALL_IN)
    assert command.tell_refusals([], ["天气", "心情"]) == ALL_IN
    assert command.said.getvalue() == "未使用的列：天气、心情\n"


def test_bar_says_nothing_where_nobody_looks(capfd):
    assert list(bar([1, 2, 3], "处理")) == [1, 2, 3]
    assert capfd.readouterr() == ("", "")
