"""Nouns of talks: the talk, its grounds with frozen evidence, its history, its letters."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from property_oversight.registry.models import Company, Estate
from property_oversight.talks.workflow import State

STATES = [
    (State.PROPOSED, _("待决定")),
    (State.NOTICED, _("已通知")),
    (State.HELD, _("已约谈")),
    (State.RECTIFYING, _("整改中")),
    (State.VERIFIED, _("整改到位")),
    (State.CLOSED, _("已办结")),
    (State.WITHDRAWN, _("不约谈")),
    (State.ABSENT, _("无故未到")),
    (State.FAILED, _("整改不到位")),
]


class Talk(models.Model):
    """约谈: one firm, one rule, one quarter."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="talks", verbose_name=_("物业企业")
    )
    estates = models.ManyToManyField(Estate, related_name="talks", verbose_name=_("小区"))
    period = models.CharField(_("季度"), max_length=10)
    rule = models.CharField(_("规则"), max_length=40)
    proposed_on = models.DateField(_("建议日期"))
    state = models.CharField(
        _("状态"),
        max_length=20,
        choices=STATES,
        default=State.PROPOSED,
    )
    meets_at = models.DateTimeField(_("约谈时间"), null=True, blank=True)
    place = models.CharField(_("约谈地点"), max_length=120, blank=True)
    rectify_by = models.DateField(_("整改期限"), null=True, blank=True)

    class Meta:
        ordering = ["-proposed_on", "-pk"]
        verbose_name = verbose_name_plural = _("约谈")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "rule", "period"], name="one_talk_a_rule_and_quarter"
            )
        ]

    def __str__(self) -> str:
        return f"{self.company} {self.period} {self.rule}"


class Ground(models.Model):
    """事由: why the talk was proposed, with its evidence as it was."""

    talk = models.OneToOneField(Talk, models.CASCADE, related_name="ground")
    because = models.TextField(_("事由"))
    complaints = models.JSONField(_("涉及投诉"), default=list)
    figures = models.JSONField(_("数字"), default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("约谈事由")

    def __str__(self) -> str:
        return self.because


class TalkEvent(models.Model):
    """What happened to a talk, written with the change; also the outbox of the petition feed."""

    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    talk = models.ForeignKey(Talk, models.PROTECT, related_name="events")
    kind = models.CharField(_("事件"), max_length=40)
    at = models.DateTimeField(_("时间"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.TextField(_("说明"), blank=True)
    data = models.JSONField(_("事实"), default=dict, blank=True)
    told_at = models.DateTimeField(_("已告知信访办"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("约谈经过")
        indexes = [
            models.Index(fields=["id"], name="untold_talk_event", condition=models.Q(told_at=None))
        ]

    def __str__(self) -> str:
        return self.kind


class Document(models.Model):
    """A letter of the talk, kept as it went out."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("约谈通知书")
        MINUTES = "minutes", _("约谈纪要")
        ORDER = "order", _("整改通知书")

    event = models.OneToOneField(TalkEvent, models.PROTECT, related_name="document")
    kind = models.CharField(_("文书"), max_length=20, choices=Kind)
    file = models.FileField(_("文件"), upload_to="talks/%Y/%m/")

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("约谈文书")

    def __str__(self) -> str:
        return str(self.get_kind_display())
