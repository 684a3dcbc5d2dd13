"""A year of one real city's messages goes in, every one of them, and comes out in the feed.

The story is told only where the messages lie (see tests/real_data.py).
"""

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from django.core.management import call_command

from complaints.models import Complaint, ComplaintEvent, Prediction
from property_oversight.attribution.models import Attribution, Reason
from property_oversight.casework import rounds
from property_oversight.petition.models import FeedEntry
from property_oversight.registry.models import Company, Estate
from property_oversight.scoring.models import ScoreCard
from tests import real_data

ROWS = 4120

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not real_data.is_there(), reason=real_data.ABSENT),
]


def _write(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """The city's estates as an office would send them; firms and contracts are invented: every
    estate changes hands in the middle of the year."""
    folder = tmp_path / "register"
    folder.mkdir()
    names = list(dict.fromkeys(real_data.estate_names("estates_changsha.txt")))
    _write(folder / "communities.csv", "社区编码,名称,户数", ["C1,中心社区,3000"])
    _write(folder / "companies.csv", "企业编码,名称", [f"Q{i},第{i}物业公司" for i in range(30)])
    _write(
        folder / "estates.csv",
        "小区编码,名称,社区编码,户数",
        [f"E{i:04},{name},C1,{200 + i % 800}" for i, name in enumerate(names)],
    )
    _write(
        folder / "contracts.csv",
        "小区编码,企业编码,开始日期,结束日期,等级,收费标准",
        [
            line
            for i in range(len(names))
            for line in (
                f"E{i:04},Q{i % 30},2018-01-01,2019-07-01,3,1.60",
                f"E{i:04},Q{(i + 1) % 30},2019-07-01,,3,1.80",
            )
        ],
    )
    return folder


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    """The stream in the columns of the contract."""
    rows = real_data.table("stream_2019")
    path = tmp_path / "stream_2019.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["工单编号", "受理时间", "诉求标题", "诉求内容"])
        writer.writerows([row["id"], row["time"], row["title"], row["text"]] for row in rows)
    assert len(rows) == ROWS
    return path


def test_a_year_of_real_messages(serving, register, messages, capsys):
    call_command("import_register", str(register))

    started = perf_counter()
    call_command("import_complaints", str(messages), channel="hotline")
    seconds = perf_counter() - started
    with capsys.disabled():
        print(f"\nimport, read, attribute, dispatch: {ROWS / seconds:.0f} rows/s")

    assert Complaint.objects.count() == ROWS
    assert Complaint.objects.filter(read_at=None).count() == 0
    assert Prediction.objects.count() == ROWS
    received = ComplaintEvent.objects.filter(kind="complaint.received")
    assert received.values("complaint").distinct().count() == received.count() == ROWS
    findings = Attribution.objects.filter(superseded_at=None)
    assert findings.count() == ROWS
    reasons = Counter(findings.values_list("reason", flat=True))
    assert set(reasons) <= {Reason.NAMED, Reason.AMBIGUOUS, Reason.NOT_FOUND}
    assert reasons[Reason.NAMED] > 500
    for finding in findings.filter(reason=Reason.NAMED).select_related("complaint", "contract")[
        :300
    ]:
        assert finding.contract.covers(finding.complaint.occurred_on)

    before = ComplaintEvent.objects.count()
    call_command("import_complaints", str(messages), channel="hotline")
    assert Complaint.objects.count() == ROWS
    assert ComplaintEvent.objects.count() == before

    call_command("score", period="2019Q3")
    cards = ScoreCard.objects.filter(contract__isnull=False)
    assert cards.count() == Estate.objects.count()
    assert cards.filter(score=None, not_rated_because="").count() == 0
    assert set(cards.values_list("company", flat=True)) == set(
        Company.objects.values_list("pk", flat=True)
    )
    assert cards.filter(contract__starts_on__lt=date(2019, 7, 1)).count() == 0

    rounds.tell_petition_office()
    told = set(FeedEntry.objects.values_list("event_id", flat=True))
    happened = set(ComplaintEvent.objects.values_list("event_id", flat=True))
    happened |= set(Attribution.objects.values_list("event_id", flat=True))
    assert told == happened
    sequences = list(FeedEntry.objects.values_list("sequence", flat=True))
    assert sequences == list(range(1, len(happened) + 1))
