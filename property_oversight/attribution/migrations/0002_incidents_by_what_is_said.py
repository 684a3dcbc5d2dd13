"""Incidents keep what their complaints say, so that a new one can be compared with it.

Incidents from before stay as they are; what they say is reckoned when the next complaint of the
estate comes in.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attribution", "0001_initial"), ("complaints", "0004_find_by_reporter_key")]

    operations = [
        migrations.RemoveIndex(model_name="incident", name="incident_recent"),
        migrations.AddField(
            model_name="incident",
            name="said",
            field=models.JSONField(
                blank=True,
                default=dict,
                editable=False,
                help_text="各件所说的词、类别和楼栋的合计，新来的与它相比",
                verbose_name="所说的",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="is_apart",
            field=models.BooleanField(
                default=False, help_text="系统不再把它与别的事件合并", verbose_name="人工拆出"
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["estate", "last_on"], name="incident_by_estate"),
        ),
    ]
