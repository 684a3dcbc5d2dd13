"""Print every measurement, each beside its named baseline in the same run: make bench.

With DATABASE_URL set the same is measured on PostgreSQL.
"""

import os
import sys
import tempfile

if __name__ == "__main__":
    os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="property-oversight-bench-"))
    os.environ.setdefault("SECRET_KEY", "for-measuring-only-" + "x" * 40)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from tests import real_data
    from tests.bench import incidents, intake, linking, reading

    parts = [reading, linking, incidents, intake]
    if not real_data.is_there():
        print(f"reading, linking, incidents: {real_data.ABSENT}")
        parts = [intake]
    for part in parts:
        for line in part.measure():
            print(line, flush=True)
    sys.exit(0)
