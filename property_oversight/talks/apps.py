from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TalksConfig(AppConfig):
    name = "property_oversight.talks"
    verbose_name = _("约谈")
