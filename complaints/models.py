"""Nouns of the desk: complaints, what happened to them, what was read in them, their clocks."""

import secrets
import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.workflow import OPEN, State

# Without the letters and digits that people confuse when they read a code over the telephone.
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 12


def new_tracking_code() -> str:
    """A code that nobody can guess (59 bits) and everybody can read out."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _i in range(_CODE_LENGTH))


class Channel(models.TextChoices):
    """The way a complaint came in."""

    WEB = "web", _("网页")
    API = "api", _("接口")
    HOTLINE = "hotline", _("12345热线")
    PETITION = "petition", _("信访件")
    COMMUNITY_QA = "community_qa", _("社区互助问答")
    OTHER = "other", _("其他")


class Urgency(models.TextChoices):
    """How fast it must be answered."""

    URGENT = "urgent", _("紧急")
    NORMAL = "normal", _("一般")


STATES = [
    (State.RECEIVED, _("已受理")),
    (State.DISPATCHED, _("已派单")),
    (State.IN_PROGRESS, _("办理中")),
    (State.ANSWERED, _("已答复")),
    (State.CLOSED, _("已办结")),
    (State.TRANSFERRED, _("已转办")),
    (State.WITHDRAWN, _("已撤回")),
    (State.JOINED, _("已并单")),
]


class Category(models.Model):
    """What a complaint may be about; reference data in `fixtures/categories.csv`."""

    code = models.SlugField(_("代码"), primary_key=True, max_length=40)
    name = models.CharField(_("名称"), max_length=60)
    group = models.CharField(_("大类"), max_length=40)
    urgency = models.CharField(_("默认紧急程度"), max_length=10, choices=Urgency)
    department = models.CharField(_("负责单位"), max_length=60)
    firm_answers = models.BooleanField(_("属物业企业职责"))
    channel = models.CharField(_("处置途径"), max_length=20)
    standard_code = models.CharField(_("DB44/T 2479 代码"), max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = verbose_name_plural = _("投诉类别")

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """One file that was read in, with what became of its rows."""

    channel = models.CharField(_("来源"), max_length=20, choices=Channel)
    file_name = models.CharField(_("文件"), max_length=255)
    started_at = models.DateTimeField(_("开始"), default=timezone.now)
    finished_at = models.DateTimeField(_("完成"), null=True, blank=True)
    rows_new = models.PositiveIntegerField(_("新增"), default=0)
    rows_known = models.PositiveIntegerField(_("已有"), default=0)
    rows_refused = models.PositiveIntegerField(_("拒收"), default=0)
    refusals = models.JSONField(_("拒收明细"), default=list, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("导入批次")

    def __str__(self) -> str:
        return self.file_name


class Complaint(models.Model):
    """What a person said. Whom it concerns is a finding, kept one floor up."""

    tracking_code = models.CharField(
        _("查询码"), max_length=_CODE_LENGTH, unique=True, default=new_tracking_code
    )
    channel = models.CharField(_("来源"), max_length=20, choices=Channel)
    external_id = models.CharField(_("工单编号"), max_length=80)
    batch = models.ForeignKey(
        ImportBatch, models.PROTECT, null=True, blank=True, verbose_name=_("导入批次")
    )
    received_at = models.DateTimeField(_("受理时间"), db_index=True)
    occurred_on = models.DateField(_("发生日期"), db_index=True)
    title = models.CharField(_("标题"), max_length=200, blank=True)
    text = models.TextField(_("诉求内容"))
    stated_estate = models.CharField(_("反映小区"), max_length=120, blank=True)
    stated_category = models.CharField(_("反映类别"), max_length=120, blank=True)

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("登录的反映人"),
    )
    reporter_name = models.CharField(_("姓名"), max_length=60, blank=True)
    reporter_phone = models.CharField(_("电话"), max_length=40, blank=True)
    reporter_key = models.CharField(
        _("反映人索引"), max_length=64, blank=True, editable=False,
        help_text=_("电话的盲索引：认得出同一个人，查不出号码；没有可用号码的为空"),
    )  # fmt: skip
    shows_phone_to_firm = models.BooleanField(_("同意物业电话联系"), default=False)

    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, verbose_name=_("类别")
    )
    danger = models.BooleanField(_("危及安全"), default=False)
    read_at = models.DateTimeField(_("读件时间"), null=True, blank=True)

    state = models.CharField(
        _("状态"),
        max_length=20,
        choices=STATES,
        default=State.RECEIVED,
    )
    joined_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="joined_complaints",
        verbose_name=_("并入"),
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    resolved = models.BooleanField(_("是否解决"), null=True, blank=True)
    satisfied = models.BooleanField(_("是否满意"), null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = verbose_name_plural = _("投诉")
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="one_row_per_ticket"),
            models.CheckConstraint(
                condition=models.Q(state=State.JOINED, joined_to__isnull=False)
                | (~models.Q(state=State.JOINED) & models.Q(joined_to__isnull=True)),
                name="joined_means_joined_to_something",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "received_at"], name="complaint_by_state"),
            models.Index(
                fields=["reporter_key", "received_at"],
                name="complaint_by_reporter",
                condition=~models.Q(reporter_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def whole(self) -> str:
        """Title and text as one: what is read, and what offsets count in."""
        return f"{self.title}\n{self.text}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def awaits_reading(self) -> bool:
        """It was read, but not surely enough: a person must say what it is about."""
        return self.read_at is not None and self.category_id is None


class Prediction(models.Model):
    """What a model read in a complaint; kept for ever, also after a person has corrected it."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="predictions")
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("类别"))
    confidence = models.FloatField(_("把握"))
    abstained = models.BooleanField(_("留待人工"))
    danger = models.BooleanField(_("危及安全"))
    alternatives = models.JSONField(_("其他可能"))
    because = models.JSONField(_("依据词"))
    model_version = models.CharField(_("模型版本"), max_length=80)
    unseen = models.FloatField(
        _("生词比例"), null=True, blank=True, help_text=_("文中的词有多大比例是模型没有学过的")
    )
    made_at = models.DateTimeField(_("判读时间"), default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("判读")

    def __str__(self) -> str:
        return f"{self.category_id} {self.confidence:.2f}"


class Verdict(models.Model):
    """What a person said a complaint is about. Never changed: of several the latest counts."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="verdicts")
    prediction = models.ForeignKey(
        Prediction,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="verdicts",
        verbose_name=_("所答的读件"),
    )
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("类别"))
    danger = models.BooleanField(_("危及安全"))
    agrees = models.BooleanField(
        _("与读件一致"), null=True, blank=True, help_text=_("没有读件过的为空")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("人工读件")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(prediction__isnull=True, agrees__isnull=True)
                | models.Q(prediction__isnull=False, agrees__isnull=False),
                name="agrees_with_what_was_read",
            )
        ]

    def __str__(self) -> str:
        return self.category_id


class TrainedModel(models.Model):
    """A model that was trained here. Where none of them serves, the starter model does."""

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("候选")
        SERVING = "serving", _("在用")
        RETIRED = "retired", _("已替换")
        REFUSED = "refused", _("不采用")

    version = models.CharField(_("版本"), max_length=80, unique=True)
    folder = models.CharField(_("文件夹"), max_length=120)
    data_hash = models.CharField(_("数据指纹"), max_length=64)
    corpus_rows = models.PositiveIntegerField(_("语料条数"))
    confirmed_rows = models.PositiveIntegerField(_("学到的人工读件"))
    figures = models.JSONField(
        _("指标"), default=dict, help_text=_("交叉验证的指标，以及与在用模型的比较")
    )
    state = models.CharField(_("状态"), max_length=20, choices=State, default=State.CANDIDATE)
    replaced = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("所替换的模型"),
        help_text=_("空：初始模型"),
    )
    made_at = models.DateTimeField(_("训练时间"), default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("模型")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="serving"), name="one_model_serves"
            )
        ]

    def __str__(self) -> str:
        return self.version


class ModelDecision(models.Model):
    """What a person decided about a model, and why. Never changed."""

    class Verb(models.TextChoices):
        PROMOTE = "promote", _("启用")
        REFUSE = "refuse", _("不采用")
        ROLL_BACK = "roll_back", _("退回")

    model = models.ForeignKey(TrainedModel, models.PROTECT, related_name="decisions")
    verb = models.CharField(_("决定"), max_length=20, choices=Verb)
    note = models.TextField(_("理由"), blank=True)
    figures = models.JSONField(_("当时的比较"), default=dict, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("模型决定")

    def __str__(self) -> str:
        return self.verb


class ComplaintEvent(models.Model):
    """What happened, written with the change itself; also the outbox of the petition feed."""

    # Facts that a later reader needs are stored in `data` when they happen.
    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="events")
    kind = models.CharField(_("事件"), max_length=40)
    at = models.DateTimeField(_("时间"))
    recorded_at = models.DateTimeField(_("记录时间"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    actor = models.CharField(_("经办方"), max_length=40, blank=True)
    note = models.TextField(_("说明"), blank=True)
    data = models.JSONField(_("事实"), default=dict, blank=True)
    told_at = models.DateTimeField(_("已告知信访办"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("投诉经过")
        indexes = [
            models.Index(
                fields=["id"], name="untold_complaint_event", condition=models.Q(told_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.kind


class Clock(models.Model):
    """A time limit as it was set; later changes of policy or calendar do not move it."""

    class Kind(models.TextChoices):
        ACCEPT = "accept", _("签收")
        ANSWER = "answer", _("答复")

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="clocks")
    kind = models.CharField(_("时限"), max_length=20, choices=Kind)
    round = models.PositiveSmallIntegerField(_("第几次办理"), default=1)
    started_on = models.DateField(_("起算日"))
    workdays = models.PositiveSmallIntegerField(_("工作日数"))
    due_on = models.DateField(_("到期日"), db_index=True)
    provisional = models.BooleanField(
        _("暂定"), default=False, help_text=_("放假安排尚未公布，按周一至周五推算")
    )
    met_on = models.DateField(_("完成日"), null=True, blank=True)
    missed_at = models.DateTimeField(_("记逾期时间"), null=True, blank=True)
    stopped_at = models.DateTimeField(
        _("停止时间"), null=True, blank=True, help_text=_("撤回、并单、转办、退回派单后不再计时")
    )

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = verbose_name_plural = _("时限")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "kind", "round"], name="one_clock_a_round")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.due_on}"

    @property
    def is_running(self) -> bool:
        return self.met_on is None and self.stopped_at is None

    def is_overdue(self, on: date) -> bool:
        """Whether the limit was broken by `on`, whether or not it has been met since."""
        if self.stopped_at is not None and self.met_on is None:
            return False
        return (self.met_on or on) > self.due_on


class Attachment(models.Model):
    """A picture that belongs to an event; re-encoded, without what the camera wrote into it."""

    event = models.ForeignKey(ComplaintEvent, models.PROTECT, related_name="attachments")
    file = models.FileField(_("图片"), upload_to="complaints/%Y/%m/")
    sha256 = models.CharField(_("指纹"), max_length=64)
    size = models.PositiveIntegerField(_("字节数"))

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("附件")

    def __str__(self) -> str:
        return self.sha256[:12]


class CalendarDay(models.Model):
    """A day on which the week is not followed: a public holiday or a make-up working day (调休)."""

    day = models.DateField(_("日期"), primary_key=True)
    is_workday = models.BooleanField(_("是否上班"))
    name = models.CharField(_("名称"), max_length=60, blank=True)

    class Meta:
        ordering = ["day"]
        verbose_name = verbose_name_plural = _("放假与调休")

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
