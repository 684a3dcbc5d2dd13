from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "property_oversight.registry"
    verbose_name = _("小区与企业登记")
