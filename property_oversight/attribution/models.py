"""Nouns of attribution: findings, never changed but superseded; incidents that findings make up."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.models import Category, Complaint
from property_oversight.registry.models import Company, Estate, ServiceContract


class Incident(models.Model):
    """Many neighbours, one broken lift: complaints that are one matter and count once."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="incidents")
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    first_on = models.DateField(_("首次发生"))
    last_on = models.DateField(_("最近发生"))
    said = models.JSONField(
        _("所说的"),
        default=dict,
        blank=True,
        editable=False,
        help_text=_("各件所说的词、类别和楼栋的合计，新来的与它相比"),
    )
    is_apart = models.BooleanField(
        _("人工拆出"), default=False, help_text=_("系统不再把它与别的事件合并")
    )

    class Meta:
        ordering = ["-first_on", "-pk"]
        verbose_name = verbose_name_plural = _("同一事件")
        indexes = [models.Index(fields=["estate", "last_on"], name="incident_by_estate")]

    def __str__(self) -> str:
        return f"{self.estate} {self.category} {self.first_on}"


class Reason(models.TextChoices):
    """Why the finding says what it says."""

    NAMED = "named", _("文中写明小区")
    STATED = "stated", _("反映人所选小区")
    DECIDED = "decided", _("人工认定")
    AMBIGUOUS = "ambiguous", _("可能是几个小区，待人工认定")
    NOT_FOUND = "not_found", _("未提及登记在册的小区")
    NO_CONTRACT = "no_contract", _("当日该小区没有物业服务合同")
    NOBODYS = "nobodys", _("异议成立，不是任何物业企业的责任")


class Standing(models.TextChoices):
    """How firm the finding is."""

    FOUND = "found", _("系统认定")
    CONFIRMED = "confirmed", _("人工确认")
    CONTESTED = "contested", _("企业有异议")


class Attribution(models.Model):
    """Whom a complaint concerns. A correction is a new row; one row a complaint is current."""

    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="attributions", verbose_name=_("投诉")
    )
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, verbose_name=_("小区")
    )
    contract = models.ForeignKey(
        ServiceContract, models.PROTECT, null=True, blank=True, verbose_name=_("合同")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, verbose_name=_("物业企业")
    )
    incident = models.ForeignKey(
        Incident, models.SET_NULL, null=True, blank=True, related_name="findings"
    )
    reason = models.CharField(_("理由"), max_length=20, choices=Reason)
    standing = models.CharField(_("效力"), max_length=20, choices=Standing, default=Standing.FOUND)
    confidence = models.FloatField(_("把握"), default=0.0)
    evidence = models.JSONField(_("证据"), default=dict)
    note = models.TextField(_("说明"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("认定时间"), default=timezone.now)
    superseded_at = models.DateTimeField(_("被取代时间"), null=True, blank=True)
    told_at = models.DateTimeField(_("已告知信访办"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("归属认定")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint"],
                condition=models.Q(superseded_at=None),
                name="one_current_attribution",
            )
        ]
        indexes = [
            models.Index(
                fields=["company", "estate"],
                name="current_findings_by_firm",
                condition=models.Q(superseded_at=None),
            ),
            models.Index(
                fields=["id"], name="untold_attribution", condition=models.Q(told_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint} → {self.estate or self.get_reason_display()}"
