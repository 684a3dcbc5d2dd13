"""Nouns of the feed: numbered entries, subscribers, deliveries."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FeedEntry(models.Model):
    """One thing that happened, with the number under which readers know it."""

    sequence = models.BigIntegerField(_("序号"), primary_key=True)
    event_id = models.UUIDField(_("事件号"), unique=True)
    type = models.CharField(_("类型"), max_length=60)
    subject = models.CharField(_("对象"), max_length=140)
    time = models.DateTimeField(_("发生时间"))
    data = models.JSONField(_("内容"))
    entered_at = models.DateTimeField(_("编号时间"), default=timezone.now)

    class Meta:
        ordering = ["sequence"]
        verbose_name = verbose_name_plural = _("推送条目")

    def __str__(self) -> str:
        return f"{self.sequence} {self.type}"


class Subscriber(models.Model):
    """An office's machine that is sent each entry, signed (Standard Webhooks)."""

    name = models.CharField(_("名称"), max_length=80, unique=True)
    url = models.URLField(_("地址"))
    secret = models.CharField(_("签名密钥"), max_length=120, help_text=_("whsec_ 开头"))
    is_active = models.BooleanField(_("启用"), default=True)
    disabled_because = models.CharField(_("停用原因"), max_length=200, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = verbose_name_plural = _("订阅方")

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One entry on its way to one subscriber. The row is there before the call is made."""

    class State(models.TextChoices):
        PENDING = "pending", _("待发")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已送达")
        DEAD = "dead", _("已放弃")

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    entry = models.ForeignKey(FeedEntry, models.PROTECT, related_name="deliveries")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    due_at = models.DateTimeField(_("下次发送"), default=timezone.now)
    claimed_at = models.DateTimeField(_("认领时间"), null=True, blank=True)
    last_answer = models.CharField(_("最近答复"), max_length=200, blank=True)

    class Meta:
        ordering = ["entry_id"]
        verbose_name = verbose_name_plural = _("推送")
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "entry"], name="one_delivery_a_subscriber"
            )
        ]
        indexes = [
            models.Index(
                fields=["subscriber", "entry"],
                name="deliveries_under_way",
                condition=models.Q(state__in=["pending", "sending"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.entry_id} {self.state}"
