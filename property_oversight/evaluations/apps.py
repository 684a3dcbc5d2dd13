from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "property_oversight.evaluations"
    verbose_name = _("评价")
