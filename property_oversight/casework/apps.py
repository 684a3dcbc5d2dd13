from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CaseworkConfig(AppConfig):
    name = "property_oversight.casework"
    verbose_name = _("办理流程")
