"""江州市, an invented city: what a newcomer sees of the whole story after one command."""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from complaints import actions
from complaints.actions import RESIDENT, Actor, Draft
from complaints.bulk import import_complaints
from complaints.models import Channel, Complaint
from complaints.queries import complaints_awaiting_reading, working_calendar
from complaints.workdays import add_workdays, quarter, quarter_of, today
from complaints.workflow import Move, State
from ml import artifact
from ml.train import corpus_hash, read_corpus, train
from property_oversight.accounts.actions import grant, invite
from property_oversight.accounts.models import Role, User
from property_oversight.attribution.queries import (
    complaints_awaiting_attribution,
    complaints_found,
    current_finding,
)
from property_oversight.casework import intake, pipeline, rounds
from property_oversight.casework.seeding import seed
from property_oversight.evaluations.actions import open_quarter
from property_oversight.evaluations.bulk import import_evaluations
from property_oversight.petition.queries import head
from property_oversight.pricing.actions import guide
from property_oversight.pricing.queries import guidance_of
from property_oversight.registry.bulk import import_register
from property_oversight.registry.models import Community, Company
from property_oversight.scoring import actions as scoring
from property_oversight.scoring.queries import cards_of, latest_run
from property_oversight.talks import actions as talks
from property_oversight.talks.models import Talk

CHANNELS = (Channel.HOTLINE, Channel.PETITION, Channel.COMMUNITY_QA, Channel.WEB)
PERIODS = ("2025Q4", "2026Q1", "2026Q2", "2026Q3")
_KNOWN_AFTER = timedelta(days=45)
"""A quarter is scored once its last answers are in."""


class DemoCity:
    """Each step is idempotent, so a second run finds everything done."""

    def __init__(
        self, fixtures: Path, *, say: Callable[[str], Any], progress: Callable[..., Any]
    ) -> None:
        self.folder = fixtures / "demo_city"
        self.corpus = fixtures / "corpus"
        self.say = say
        self.progress = progress

    def set_up(self) -> None:
        """Reference data, register, people, model."""
        seed()
        import_register(self.folder / "register")
        self._invite_people()
        self._train()

    def run_the_story(self) -> None:
        """A year of complaints, evaluations, four quarters of scores, talks, one ordinary day."""
        for channel in CHANNELS:
            self._import(channel)
        import_evaluations(self.folder / "evaluations.csv")
        for period in PERIODS:
            self._score(period)
        self._begin_a_talk()
        self._live_a_day()
        open_quarter(quarter_of(today()))
        rounds.quarter_hourly()

    def what_happened(self) -> Iterator[str]:
        """What the newcomer is told at the end."""
        run = latest_run(PERIODS[-1])
        everything = Complaint.objects.all()
        attributed = complaints_found(everything, estate__isnull=False).count()
        yield ""
        yield f"投诉 {everything.count()} 件：已读 {everything.exclude(read_at=None).count()}，" \
              f"已认定小区 {attributed}，" \
              f"待人工读件 {complaints_awaiting_reading().count()}，" \
              f"待人工认定 {complaints_awaiting_attribution().count()}"  # fmt: skip
        if run is not None:
            cards = cards_of(run).filter(contract__isnull=False)
            yield f"{run.period} 评分：{cards.exclude(score=None).count()} 个小区合同；" \
                  f"收费指导：{guidance_of(run).count()} 份（依据示例标准）"  # fmt: skip
        yield f"约谈：{Talk.objects.count()} 件，其中待决定 " \
              f"{Talk.objects.filter(state='proposed').count()}；" \
              f"信访推送条目：{head()}"  # fmt: skip
        yield ""
        yield "居民入口 http://127.0.0.1:8000/        工作台 http://127.0.0.1:8000/desk/"
        yield "江南小区 http://127.0.0.1:8000/s/E001  后苑小区 …/s/E002  西苑小区 …/s/E003"
        yield "接口说明 http://127.0.0.1:8000/api/v1/schema"
        yield f"示例账号（密码均为 {self._password()}）："
        yield "  bureau 主管部门 · firm-q01 鼎盛物业 · community-c01 望江社区 · petition 信访办"
        yield "  其余企业 firm-q02…，其余社区 community-c02…"

    def _password(self) -> str:
        """Made for this installation: a password in a public repository protects nobody."""
        kept = Path(settings.VAR_DIR) / "demo-password"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(f"jiangzhou-{secrets.token_hex(4)}")
        return kept.read_text()

    def _invite_people(self) -> None:
        hats: list[tuple[str, str, Role, dict[str, Any]]] = [
            ("bureau", "周科长", Role.BUREAU, {}),
            ("petition", "何主任", Role.PETITION_OFFICE, {}),
        ]
        hats += [
            (f"firm-{firm.code.lower()}", f"{firm.name}客服", Role.FIRM, {"company": firm})
            for firm in Company.objects.all()
        ]
        hats += [
            (f"community-{one.code.lower()}", f"{one.name}工作者", Role.COMMUNITY,
             {"community": one})
            for one in Community.objects.all()
        ]  # fmt: skip
        for username, full_name, role, where in hats:
            user = User.objects.filter(username=username).first()
            if user is None:
                user = invite(username, full_name=full_name, password=self._password())
            grant(user, role, **where)

    def _train(self) -> None:
        corpus = read_corpus(self.corpus)
        folder = Path(settings.MODEL_DIR)
        manifest = artifact.read_manifest(folder)
        if manifest is None or manifest.version != artifact.version(corpus_hash(corpus)):
            self.say(f"训练分类模型（{len(corpus)} 条自编语料）…")
            manifest = train(corpus, folder, progress=self.progress)
            self.say(f"交叉验证：首选正确率 {manifest.metrics['accuracy']:.1%}，"
                     f"宏平均 F1 {manifest.metrics['macro_f1']:.3f}")  # fmt: skip

    def _import(self, channel: Channel) -> None:
        path = self.folder / f"complaints_{channel}.csv"
        new = import_complaints(path, channel).complaints
        for start in self.progress(range(0, len(new), rounds.CHUNK), f"处理 {path.name}"):
            pipeline.process(new[start : start + rounds.CHUNK])

    def _score(self, period: str) -> None:
        if latest_run(period) is not None:
            return
        as_of = min(today(), quarter(period)[1] + _KNOWN_AFTER)
        run = scoring.run(period, as_of=as_of)
        guide(run)
        scoring.publish(run)
        if period == PERIODS[-1]:
            talks.propose_due(run, on=as_of)

    def _begin_a_talk(self) -> None:
        """The officer decides on one of the proposals; the others are left for the newcomer."""
        if Talk.objects.exclude(state="proposed").exists():
            return
        talk = Talk.objects.filter(rule="T4-danger-late").order_by("-pk").first()
        if talk is None:
            return
        day = add_workdays(today(), talks.NOTICE_BEFORE + 1, working_calendar(since=today()))
        meets_at = timezone.make_aware(datetime.combine(day, time(9, 30)))
        officer = User.objects.get(username="bureau")
        talks.notify(talk, by=officer, meets_at=meets_at, place="市住建局 305 会议室")

    def _live_a_day(self) -> None:
        """Today's complaints come in; one firm answers at once and its resident is content."""
        lines = (self.folder / "today.jsonl").read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            said = json.loads(line)
            external_id = f"web-demo-{number:02}"
            if Complaint.objects.filter(channel=Channel.WEB, external_id=external_id).exists():
                continue
            draft = Draft(
                text=said["text"],
                external_id=external_id,
                stated_estate=said["stated_estate"],
                reporter_phone=said["phone"],
            )
            complaint = intake.lodge(draft, channel=Channel.WEB, by=RESIDENT)
            if said["stated_estate"] == "E002":
                self._answer_at_once(complaint)

    def _answer_at_once(self, complaint: Complaint) -> None:
        pipeline.process([complaint.pk])  # where a queue works, it may not have got there yet
        complaint.refresh_from_db()
        finding = current_finding(complaint)
        if complaint.state != State.DISPATCHED or finding is None or finding.company is None:
            return
        clerk = User.objects.get(username=f"firm-{finding.company.code.lower()}")
        firm = Actor("firm", clerk)
        actions.move(complaint, Move.ACCEPT, by=firm)
        actions.move(
            complaint, Move.ANSWER, by=firm, note="灯泡已更换，并检查了同一排的其他草坪灯。"
        )
        actions.move(complaint, Move.CONFIRM, by=RESIDENT, resolved=True, satisfied=True)
