"""The back office of pricing: the standard is the bureau's to edit."""

from django.contrib import admin

from property_oversight.pricing.models import TierStandard


@admin.register(TierStandard)
class TierStandardAdmin(admin.ModelAdmin):
    list_display = (
        "tier",
        "has_lift",
        "base_price",
        "float_up",
        "float_down",
        "least_score",
        "valid_from",
        "valid_to",
        "is_sample",
    )
