from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "property_oversight.accounts"
    verbose_name = _("人员与权限")
