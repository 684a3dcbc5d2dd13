"""Nouns of pricing: the tier standard with its source, and the guidance given."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from property_oversight.pricing.tiers import Verdict
from property_oversight.registry.models import ServiceContract
from property_oversight.scoring.models import ScoreCard


class TierStandard(models.Model):
    """等级收费标准: what one tier may cost, with or without lifts, from one day to another."""

    tier = models.PositiveSmallIntegerField(_("等级"))
    has_lift = models.BooleanField(_("有电梯"))
    base_price = models.DecimalField(_("基准价"), max_digits=6, decimal_places=2)
    float_up = models.FloatField(_("上浮"))
    float_down = models.FloatField(_("下浮"))
    least_score = models.FloatField(_("达到该等级所需得分"))
    valid_from = models.DateField(_("施行日期"))
    valid_to = models.DateField(_("废止日期"), null=True, blank=True)
    source = models.CharField(_("依据"), max_length=200)
    is_sample = models.BooleanField(_("示例"), default=True)

    class Meta:
        ordering = ["-valid_from", "has_lift", "tier"]
        verbose_name = verbose_name_plural = _("等级收费标准")
        constraints = [
            models.UniqueConstraint(
                fields=["tier", "has_lift", "valid_from"], name="one_standard_a_tier"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tier}级 {self.base_price}"


class Guidance(models.Model):
    """收费指导: what was said about one contract's fee, on the card it rests on."""

    card = models.OneToOneField(ScoreCard, models.CASCADE, related_name="guidance")
    contract = models.ForeignKey(ServiceContract, models.PROTECT, related_name="guidance")
    tier = models.PositiveSmallIntegerField(_("合同等级"), null=True, blank=True)
    fee_per_m2 = models.DecimalField(
        _("合同收费"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    band_low = models.DecimalField(
        _("指导价下限"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    band_high = models.DecimalField(
        _("指导价上限"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    verdict = models.CharField(
        _("结论"),
        max_length=20,
        choices=[
            (Verdict.FITS, _("质价相符")),
            (Verdict.OVERPRICED, _("收费偏高")),
            (Verdict.UNDERPRICED, _("收费偏低")),
            (Verdict.UNDETERMINED, _("无法判断")),
        ],
    )
    because = models.CharField(_("理由"), max_length=300)
    is_sample = models.BooleanField(_("依据示例标准"), default=True)

    class Meta:
        ordering = ["contract__estate__code", "pk"]
        verbose_name = verbose_name_plural = _("收费指导")

    def __str__(self) -> str:
        return f"{self.contract} {self.verdict}"
