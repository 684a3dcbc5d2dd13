from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "property_oversight.scoring"
    verbose_name = _("服务质量评分")
