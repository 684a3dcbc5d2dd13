"""Settings, read from the environment; a bad value is refused at start-up, with its name.

Two addresses turn the embedded default into a city: DATABASE_URL and CELERY_BROKER_URL.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Any

import environ
from bootstrap_wrapper import get_bootstrap_dir
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def env_bool(name: str, default: bool) -> bool:
    """A switch: 1/0, true/false, yes/no, on/off."""
    said = env.str(name, default="").strip().lower()
    if said in {"1", "true", "yes", "on"}:
        return True
    if said in {"0", "false", "no", "off"}:
        return False
    if said:
        raise ImproperlyConfigured(f"{name}={said!r}: 只接受 1/0、true/false、yes/no、on/off")
    return default


def env_int(name: str, default: int, *, least: int) -> int:
    """A whole number not below `least`."""
    said = env.str(name, default=str(default))
    try:
        value = int(said)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={said!r}: 应为整数") from error
    if value < least:
        raise ImproperlyConfigured(f"{name}={value}: 不得小于 {least}")
    return value


SHORTEST_SECRET = 32


def env_secret(name: str, kept_in: Path | None) -> str:
    """A secret of at least 32 characters from the environment. Only the embedded default, which
    serves nobody but its owner, may make one for itself and keep it in a file."""
    said = env.str(name, default="")
    if not said and kept_in is not None:
        if not kept_in.exists():
            kept_in.parent.mkdir(parents=True, exist_ok=True)
            kept_in.touch(mode=0o600)
            kept_in.write_text(secrets.token_urlsafe(50))
        said = kept_in.read_text()
    if len(said) < SHORTEST_SECRET:
        raise ImproperlyConfigured(f"{name}: 必须在环境变量中给出，至少 {SHORTEST_SECRET} 个字符")
    return said


# What the running system makes: database, models, pictures. Never in the repository.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)
EMBEDDED = not env.str("DATABASE_URL", default="")

DEBUG = env_bool("DEBUG", default=False)
SECRET_KEY = env_secret("SECRET_KEY", kept_in=VAR_DIR / "secret.key" if EMBEDDED else None)
# The key of the blind index of telephone numbers; it lies outside the database that it protects.
BLIND_INDEX_KEY = env.str("BLIND_INDEX_KEY", default="") or (
    hmac.new(SECRET_KEY.encode(), b"blind index of telephone numbers", hashlib.sha256).hexdigest()
)
if len(BLIND_INDEX_KEY) < SHORTEST_SECRET:
    raise ImproperlyConfigured(f"BLIND_INDEX_KEY: 至少 {SHORTEST_SECRET} 个字符")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "property_oversight.web.refusals.csrf_failure"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "drf_spectacular",
    "rest_framework",
    "rest_framework_api_key",
    "complaints",
    "property_oversight.registry",
    "property_oversight.accounts",
    "property_oversight.attribution",
    "property_oversight.evaluations",
    "property_oversight.scoring",
    "property_oversight.pricing",
    "property_oversight.talks",
    "property_oversight.petition",
    "property_oversight.casework",
    "property_oversight.api.apps.ApiConfig",
    "property_oversight.web.apps.WebConfig",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "property_oversight.urls"
WSGI_APPLICATION = "property_oversight.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Database ---------------------------------------------------------------------------------------
if EMBEDDED:
    DATABASES: dict[str, dict[str, Any]] = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "db.sqlite3",
            "OPTIONS": {
                # A write that starts as a read cannot be retried: take the lock at once.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }
else:
    DATABASES = {"default": env.db("DATABASE_URL")}
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["CONN_MAX_AGE"] = 0
        DATABASES["default"].setdefault("OPTIONS", {})["pool"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Queue and cache --------------------------------------------------------------------------------
BROKER_URL = env.str("CELERY_BROKER_URL", default="")
CELERY_TASK_ALWAYS_EAGER = not BROKER_URL  # no broker: the work is done where it is asked for
CELERY_BROKER_URL = BROKER_URL or "memory://localhost/"
CELERY_TASK_ACKS_LATE = True  # a worker that dies gives its task back
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request that files a complaint must not hang on a broker that is away: the round takes it.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "socket_connect_timeout": 2}
CACHE_URL = env.str("CACHE_URL", default=BROKER_URL if BROKER_URL.startswith("redis") else "")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
    }
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# People -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/desk/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "web/desk/locked_out.html"

# Language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Bootstrap's word for an error.
MESSAGE_TAGS = {message_levels.ERROR: "danger"}

# Files ------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [("bootstrap", get_bootstrap_dir())]  # served out of the installed package
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = VAR_DIR / "media"
UPLOAD_LIMIT_BYTES = env_int("UPLOAD_LIMIT_BYTES", 10 * 1024 * 1024, least=1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT_BYTES + 1024 * 1024
FIXTURES_DIR = BASE_DIR / "fixtures"
MODEL_DIR = Path(env.str("MODEL_DIR", default=str(VAR_DIR / "model")))

# Doors ------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_TLS = env_bool("BEHIND_TLS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SESSION_COOKIE_AGE = 12 * 3600
# How many proxies stand before us: without it everybody behind one shares one throttle.
PROXY_COUNT = env_int("PROXY_COUNT", 0, least=0)
# The petition office may sit in our own network; nobody else's machine should be reached there.
WEBHOOKS_TO_PRIVATE_ADDRESSES = env_bool("WEBHOOKS_TO_PRIVATE_ADDRESSES", default=False)

# Interfaces -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "property_oversight.api.base.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["property_oversight.api.base.MayAct"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "property_oversight.api.base.JsonParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "property_oversight.api.base.KeyPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "property_oversight.api.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,  # what there is, the schema says
    "EXCEPTION_HANDLER": "property_oversight.api.base.problem",
    "DEFAULT_THROTTLE_RATES": {
        "file": env.str("FILE_THROTTLE", default="60/hour"),
        "guess": "30/hour",
    },
    "NUM_PROXIES": PROXY_COUNT,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "物业服务监管与投诉平台",
    "DESCRIPTION": (
        "居民、物业企业、社区、主管部门与信访办的机器接口。\n\n"
        "机器以 `Authorization: Api-Key <密钥>` 表明身份，可做密钥所属用户可做的事；"
        "公开的内容、提交投诉和凭查询码查进度不需要密钥。\n\n"
        "看不到的一律 404，看得到而不许做的 403，需要身份而没有的 401；"
        "出错的答复都是 `application/problem+json`（RFC 9457）。\n\n"
        "列表按主键排序，一页一页取：照 `next` 走到 `null` 为止。地址末尾的斜杠可有可无。"
    ),
    "VERSION": "1.0.0",
    "TAGS": [
        {"name": "投诉", "description": "提交；各办理单位查看和办理"},
        {"name": "我的投诉", "description": "凭查询码查进度、催办、补充、确认"},
        {"name": "登记", "description": "小区、物业企业、投诉类别；公开"},
        {"name": "评价", "description": "社区对物业服务的评价"},
        {"name": "评分", "description": "评分卡和收费指导；计算与发布由主管部门办"},
        {"name": "约谈", "description": "建议、通知、约谈、整改、核实、办结"},
        {"name": "信访", "description": "信访办的事件流"},
    ],
    # Docstrings are English and for programmers; people read what is written for them.
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {
        "ComplaintState": "complaints.models.STATES",
        "TalkState": "property_oversight.talks.models.STATES",
        "Channel": "complaints.models.Channel",
        "Urgency": "complaints.models.Urgency",
        "ClockKind": "complaints.models.Clock.Kind",
        "EstateKind": "property_oversight.registry.models.Estate.Kind",
        "LetterKind": "property_oversight.talks.models.Document.Kind",
        "FindingReason": "property_oversight.attribution.models.Reason",
        "FindingStanding": "property_oversight.attribution.models.Standing",
        "Audience": "property_oversight.evaluations.models.Audience",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
