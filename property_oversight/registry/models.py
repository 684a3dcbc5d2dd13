"""Nouns of the register: sub-districts, communities, grids, estates, firms, contracts."""

from datetime import date

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Subdistrict(models.Model):
    """街道."""

    name = models.CharField(_("名称"), max_length=60, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = verbose_name_plural = _("街道")

    def __str__(self) -> str:
        return self.name


class Community(models.Model):
    """社区: the residents' committee's area, which rates the firms on it."""

    code = models.CharField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    subdistrict = models.ForeignKey(
        Subdistrict, models.PROTECT, null=True, blank=True, verbose_name=_("街道")
    )
    households = models.PositiveIntegerField(_("户数"), null=True, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = _("社区")

    def __str__(self) -> str:
        return self.name


class Estate(models.Model):
    """小区: the place that is served, and so the thing that is scored."""

    class Kind(models.TextChoices):
        COMMERCIAL = "commercial", _("成熟物业小区")
        RENOVATED_OLD = "renovated_old", _("已改造老旧小区")
        UNRENOVATED_OLD = "unrenovated_old", _("未改造老旧小区")

    code = models.CharField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="estates", verbose_name=_("社区")
    )
    kind = models.CharField(_("类型"), max_length=20, choices=Kind, default=Kind.COMMERCIAL)
    households = models.PositiveIntegerField(_("户数"))
    area_m2 = models.FloatField(_("面积（㎡）"), null=True, blank=True)
    has_lift = models.BooleanField(_("有电梯"), null=True, blank=True)
    built_year = models.PositiveSmallIntegerField(_("建成年份"), null=True, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_estates",
        verbose_name=_("并入"),
    )

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = _("小区")

    def __str__(self) -> str:
        return self.name


class EstateName(models.Model):
    """Every name by which an estate was ever known; old ones stay findable."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="names", verbose_name=_("小区"))
    name = models.CharField(_("名称"), max_length=120)

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("小区名称")
        constraints = [
            models.UniqueConstraint(fields=["estate", "name"], name="one_row_per_estate_name")
        ]

    def __str__(self) -> str:
        return self.name


class Grid(models.Model):
    """网格: a part of a community with officers of its own."""

    code = models.CharField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60, blank=True)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="grids", verbose_name=_("社区")
    )
    estates = models.ManyToManyField(
        Estate, blank=True, related_name="grids", verbose_name=_("小区")
    )
    households = models.PositiveIntegerField(_("户数"), null=True, blank=True)
    merchants = models.PositiveIntegerField(_("商户数"), null=True, blank=True)
    officers = models.PositiveIntegerField(_("网格员数"), null=True, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = _("网格")

    def __str__(self) -> str:
        return self.name or self.code


class OwnersCommittee(models.Model):
    """业委会."""

    estate = models.OneToOneField(
        Estate, models.PROTECT, related_name="owners_committee", verbose_name=_("小区")
    )
    name = models.CharField(_("名称"), max_length=120)

    class Meta:
        ordering = ["estate"]
        verbose_name = verbose_name_plural = _("业委会")

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    """物业企业."""

    code = models.CharField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    aliases = models.JSONField(_("别名"), default=list, blank=True)
    party_branch = models.BooleanField(_("有党组织"), null=True, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = _("物业企业")

    def __str__(self) -> str:
        return self.name


class ServiceContract(models.Model):
    """物业服务合同: who serves an estate from one day up to, but not including, another."""

    estate = models.ForeignKey(
        Estate, models.PROTECT, related_name="contracts", verbose_name=_("小区")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="contracts", verbose_name=_("物业企业")
    )
    branch = models.CharField(_("分部"), max_length=60, blank=True)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"), null=True, blank=True)
    tier = models.PositiveSmallIntegerField(_("等级"), null=True, blank=True)
    fee_per_m2 = models.DecimalField(
        _("收费标准（元/㎡·月）"), max_digits=6, decimal_places=2, null=True, blank=True
    )

    class Meta:
        ordering = ["estate", "starts_on"]
        verbose_name = verbose_name_plural = _("物业服务合同")
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "company", "starts_on"], name="one_row_per_contract"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gt=models.F("starts_on")),
                name="a_contract_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate} {self.company}"

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


class RegisterChange(models.Model):
    """One row for every change of the register: what is built from it knows when it is stale."""

    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=200)

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("登记变更")

    def __str__(self) -> str:
        return self.what
