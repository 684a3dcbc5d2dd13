from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttributionConfig(AppConfig):
    name = "property_oversight.attribution"
    verbose_name = _("归属认定")
