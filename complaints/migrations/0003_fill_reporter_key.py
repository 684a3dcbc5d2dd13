"""Fill the blind index of complaints that were there before it: second of three steps.

The rule is written out as it stood on this day. Where a number is read otherwise later, or the key
is another, `manage.py index_phones` fills the index anew.
"""

import hashlib
import hmac
import re
import unicodedata

from django.conf import settings
from django.db import migrations

PARTS = re.compile(r"[/,;、，；|]|或")
EXTENSION = re.compile(
    r"(?:转|分机|ext\.?|x|#)\s*\d{1,6}$|(?<=\d{7})\s*[-—]\s*\d{1,5}$", re.IGNORECASE
)
FILLING = re.compile(r"[\s()\[\]（）【】.·_\-—–]")
HOME = re.compile(r"(?:\+|00)?86(?=\d{9})")
MOBILE = re.compile(r"1[3-9]\d{9}")
FIXED = re.compile(r"(?:10|2\d)[2-8]\d{7}|[3-9]\d{2}[2-8]\d{6,7}")
ABROAD = re.compile(r"(?:\+|00)((?!86)[1-9]\d{7,14})")
MADE_UP = re.compile(r"(\d)\1{7}$")


def number_in(part):
    digits = FILLING.sub("", part)
    abroad = ABROAD.fullmatch(digits)
    if abroad:
        return f"+{abroad[1]}"
    home = HOME.match(digits)
    national = digits[home.end() :] if home else digits
    if MOBILE.fullmatch(national):
        return "" if MADE_UP.search(national) else f"+86{national}"
    if home or national.startswith("0"):
        line = national.removeprefix("0")
        return f"+86{line}" if FIXED.fullmatch(line) else ""
    return ""


def key_of(phone):
    for part in PARTS.split(unicodedata.normalize("NFKC", phone).strip()):
        number = number_in(part.strip()) or number_in(EXTENSION.sub("", part.strip()))
        if number:
            key = settings.BLIND_INDEX_KEY.encode()
            return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()
    return ""


def fill(apps, schema_editor):
    complaint = apps.get_model("complaints", "Complaint")
    rows = complaint.objects.using(schema_editor.connection.alias).exclude(reporter_phone="")
    waiting = []
    for row in rows.only("pk", "reporter_phone").order_by("pk").iterator(chunk_size=1000):
        row.reporter_key = key_of(row.reporter_phone)
        waiting.append(row)
        if len(waiting) == 1000:
            rows.bulk_update(waiting, ["reporter_key"], batch_size=400)
            waiting = []
    rows.bulk_update(waiting, ["reporter_key"], batch_size=400)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0002_reporter_key")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
