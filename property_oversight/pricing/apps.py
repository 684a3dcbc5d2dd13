from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PricingConfig(AppConfig):
    name = "property_oversight.pricing"
    verbose_name = _("收费指导")
