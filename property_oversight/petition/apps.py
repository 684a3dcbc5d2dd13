from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PetitionConfig(AppConfig):
    name = "property_oversight.petition"
    verbose_name = _("信访推送")
