"""Nouns of evaluation: a round, its questions, what each evaluator said."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from property_oversight.registry.models import Company, Estate, ServiceContract


class Audience(models.TextChoices):
    """Who evaluates."""

    COMMUNITY = "community", _("社区")
    OWNERS = "owners", _("业主")
    SITE = "site", _("现场")


class Round(models.Model):
    """评价轮次: one quarter."""

    code = models.CharField(_("轮次"), max_length=20, unique=True)
    opens_on = models.DateField(_("开始"))
    closes_on = models.DateField(_("截止"), help_text=_("截止日之后交的评价注明逾期"))

    class Meta:
        ordering = ["-code"]
        verbose_name = verbose_name_plural = _("评价轮次")

    def __str__(self) -> str:
        return self.code


class Question(models.Model):
    """One thing a community is asked; reference data in `fixtures/questions.csv`."""

    code = models.SlugField(_("代码"), unique=True)
    text = models.CharField(_("问题"), max_length=200)
    points = models.PositiveSmallIntegerField(_("满分"))
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = verbose_name_plural = _("评价问题")

    def __str__(self) -> str:
        return self.text


class Evaluation(models.Model):
    """What one evaluator says of the firm at one estate; a later word supersedes the former."""

    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="evaluations")
    audience = models.CharField(_("评价主体"), max_length=20, choices=Audience)
    estate = models.ForeignKey(Estate, models.PROTECT, verbose_name=_("小区"))
    contract = models.ForeignKey(
        ServiceContract, models.PROTECT, null=True, blank=True, verbose_name=_("合同")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, verbose_name=_("物业企业")
    )
    evaluator = models.CharField(_("评价人"), max_length=80)
    points = models.FloatField(_("得分"), validators=[MinValueValidator(0), MaxValueValidator(100)])
    comment = models.TextField(_("意见"), blank=True)
    late = models.BooleanField(_("逾期"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField(_("评价时间"), default=timezone.now)
    superseded_at = models.DateTimeField(_("被取代时间"), null=True, blank=True)

    class Meta:
        ordering = ["-said_at", "-pk"]
        verbose_name = verbose_name_plural = _("评价")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "audience", "estate", "evaluator"],
                condition=models.Q(superseded_at=None),
                name="one_current_word_an_evaluator",
            )
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.estate} {self.points:g}"


class Answer(models.Model):
    """The points given for one question of an evaluation."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    points = models.PositiveSmallIntegerField(_("得分"))

    class Meta:
        ordering = ["question__position"]
        verbose_name = verbose_name_plural = _("评价答案")
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "question"], name="one_answer_a_question")
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.points}"
