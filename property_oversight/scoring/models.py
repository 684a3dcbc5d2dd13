"""Nouns of scoring: a run with its frozen policy and data, its cards, what each card is made of."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from property_oversight.registry.models import Company, Estate, ServiceContract


class ScoreRun(models.Model):
    """One reckoning of a quarter. Once published it is never changed; a correction is a new run."""

    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    period = models.CharField(_("季度"), max_length=10, db_index=True)
    as_of = models.DateField(_("数据截至"))
    policy = models.JSONField(_("评分办法"))
    data_hash = models.CharField(_("数据指纹"), max_length=64)
    made_at = models.DateTimeField(_("计算时间"), default=timezone.now)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    told_at = models.DateTimeField(_("已告知信访办"), null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("评分批次")

    def __str__(self) -> str:
        return f"{self.period} {self.as_of}"


class ScoreCard(models.Model):
    """评分卡: a contract's score for the quarter, or a firm's (without estate and contract)."""

    run = models.ForeignKey(ScoreRun, models.CASCADE, related_name="cards")
    company = models.ForeignKey(Company, models.PROTECT, related_name="cards")
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, blank=True, related_name="cards")
    contract = models.ForeignKey(ServiceContract, models.PROTECT, null=True, blank=True)
    not_rated_because = models.CharField(_("不予评分的理由"), max_length=200, blank=True)
    score = models.FloatField(_("得分"), null=True, blank=True)
    low = models.FloatField(_("区间下限"), null=True, blank=True)
    high = models.FloatField(_("区间上限"), null=True, blank=True)
    base = models.FloatField(_("全市平均"), null=True, blank=True)
    grade = models.CharField(_("等次"), max_length=4, blank=True)
    households = models.PositiveIntegerField(_("户数"))
    household_months = models.FloatField(_("户·月"))
    complaints = models.PositiveIntegerField(_("投诉件数"))
    incidents = models.PositiveIntegerField(_("事件数"))
    disparity = models.FloatField(_("小区间差异的 p 值"), null=True, blank=True)
    evidence = models.JSONField(_("计数"), default=dict)

    class Meta:
        ordering = ["company__code", "estate__code", "pk"]
        verbose_name = verbose_name_plural = _("评分卡")
        constraints = [
            models.UniqueConstraint(fields=["run", "contract"], name="one_card_a_contract"),
            models.UniqueConstraint(
                fields=["run", "company"],
                condition=models.Q(contract=None),
                name="one_card_a_firm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate or self.company} {self.score}"

    @property
    def rated(self) -> bool:
        return self.score is not None


class Contribution(models.Model):
    """分项: what one indicator adds to a card's score, in points against the city's average."""

    card = models.ForeignKey(ScoreCard, models.CASCADE, related_name="contributions")
    indicator = models.CharField(_("指标"), max_length=20)
    name = models.CharField(_("名称"), max_length=40)
    points = models.FloatField(_("分项得分"))
    low = models.FloatField(_("下限"))
    high = models.FloatField(_("上限"))
    weight = models.FloatField(_("权重"))
    contribution = models.FloatField(_("比平均多得"))
    because = models.CharField(_("依据"), max_length=200)

    class Meta:
        ordering = ["indicator"]
        verbose_name = verbose_name_plural = _("分项")
        constraints = [
            models.UniqueConstraint(fields=["card", "indicator"], name="one_row_per_indicator")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.points:.1f}"
