"""Room for the blind index of the phone: first of three steps."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="complaint",
            name="reporter_key",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="电话的盲索引：认得出同一个人，查不出号码；没有可用号码的为空",
                max_length=64,
                verbose_name="反映人索引",
            ),
            preserve_default=False,
        ),
    ]
