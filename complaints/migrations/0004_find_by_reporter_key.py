"""People are found by the blind index and no longer by their phone: third of three steps."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0003_fill_reporter_key")]

    operations = [
        migrations.RemoveIndex(model_name="complaint", name="complaint_by_phone"),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                fields=["reporter_key", "received_at"],
                name="complaint_by_reporter",
                condition=models.Q(("reporter_key", ""), _negated=True),
            ),
        ),
    ]
