"""Nouns of accounts: users, the hats they wear, the keys of their machines."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey

from property_oversight.registry.models import Community, Company


class Role(models.TextChoices):
    """The hats."""

    FIRM = "firm", _("物业企业")
    COMMUNITY = "community", _("社区")
    BUREAU = "bureau", _("主管部门")
    PETITION_OFFICE = "petition_office", _("信访办")


class User(AbstractUser):
    """A person, or an office's machine, that signs in."""

    class Meta:
        verbose_name = verbose_name_plural = _("用户")

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Membership(models.Model):
    """One hat: a role at a firm, at a community, at the bureau or at the petition office."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("角色"), max_length=20, choices=Role)
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, verbose_name=_("物业企业")
    )
    community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, verbose_name=_("社区")
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("任职")
        constraints = [
            models.UniqueConstraint(fields=["user", "company"], name="one_hat_a_firm"),
            models.UniqueConstraint(fields=["user", "community"], name="one_hat_a_community"),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(company=None, community=None),
                name="one_hat_an_office",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(role=Role.FIRM, company__isnull=False, community=None)
                    | models.Q(role=Role.COMMUNITY, company=None, community__isnull=False)
                    | models.Q(
                        role__in=[Role.BUREAU, Role.PETITION_OFFICE], company=None, community=None
                    )
                ),
                name="a_hat_belongs_where_its_role_works",
            ),
        ]

    def __str__(self) -> str:
        place = self.company or self.community
        return f"{place} {self.get_role_display()}" if place else str(self.get_role_display())


class ApiKey(AbstractAPIKey):
    """A machine's key: it may do what the user it belongs to may do, and nothing else."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")

    class Meta(AbstractAPIKey.Meta):
        verbose_name = verbose_name_plural = "接口密钥"
