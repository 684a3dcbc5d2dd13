"""The project's settings, made fast and private for tests; the only other settings file."""

import os
import tempfile
from pathlib import Path

_SCRATCH = Path(tempfile.mkdtemp(prefix="property-oversight-tests-"))
os.environ.setdefault("VAR_DIR", str(_SCRATCH))
os.environ.setdefault("SECRET_KEY", "for-tests-only-" + "x" * 40)

from property_oversight.settings import *  # noqa: E402, F403
from property_oversight.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MEDIA_ROOT = _SCRATCH / "media"
MODEL_DIR = _SCRATCH / "model"
AXES_ENABLED = False
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": None}
else:
    # One connection a test process; a pool would outlive the test database it points to.
    DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
