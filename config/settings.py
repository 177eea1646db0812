"""Every knob of Hindsight, read once from the environment. `.env.example` explains each one."""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_dotenv(BASE_DIR / ".env")

# --- Where things are -------------------------------------------------------------------------------------------------
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
MEDIA_ROOT = DATA_DIR / "media"
INDEX_DIR = Path(env.text("INDEX_DIR", str(DATA_DIR / "index"))).resolve()
SAMPLE_DIR = DATA_DIR / "sample"
WEIGHTS_DIR = DATA_DIR / "weights"
BROKER_DIR = DATA_DIR / "broker"
try:
    (DATA_DIR / "incoming").mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"DATA_DIR is {DATA_DIR}, which can't be made: {error.strerror}.") from error

# --- Django -----------------------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", False)
PRODUCTION = env.flag("PRODUCTION", False)  # behind TLS, on real hosts: turns on every check of `check --deploy`
SECRET_KEY = env.text("SECRET_KEY", "" if PRODUCTION else "only-for-a-laptop-" + "x" * 40)
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is empty. In production set it to 50 or more random characters.")
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", () if PRODUCTION else ("127.0.0.1", "localhost", "[::1]"))
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is empty. In production set it to the site's host names, with commas.")
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS")
SITE_NAME = env.text("SITE_NAME", "Hindsight")

INSTALLED_APPS = [
    "accounts.admin_app.HouseAdminConfig",  # django.contrib.admin, with our login
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "csp",
    "simple_history",
    "accounts",
    "catalog",
    "search",
    "worker",
]
MIDDLEWARE = [
    "catalog.request_id.RequestIdMiddleware",  # first: whatever is logged later carries its name
    "search.operating.metrics.MetricsMiddleware",
    "search.operating.sampling.SamplingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "search.gate.GateMiddleware",  # before anything reads the body
    "catalog.uploads.UploadQuotaMiddleware",  # before the token is looked for in a body that may be far too long
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "catalog.audit.AuditMiddleware",
    "accounts.sessions.SessionEndsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # default deny: a public view says so itself
    "config.access.AccessMiddleware",  # and each address says who may come in
    "accounts.enrolment.SecondStepMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "NAME": "django",
        "BACKEND": "config.templating.Templates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "search.context.site",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = env.text("TIME_ZONE", "UTC")
try:
    ZoneInfo(TIME_ZONE)
except (LookupError, ValueError) as error:
    raise ImproperlyConfigured(f"TIME_ZONE is {TIME_ZONE!r}. Set it to a name such as Europe/Berlin.") from error
USE_I18N = False
USE_TZ = True
AUTHENTICATION_BACKENDS = ["accounts.rights.RightsBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "search"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- Database ---------------------------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL")
    or {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "db.sqlite3")},
}
ON_POSTGRES = DATABASES["default"]["ENGINE"].endswith("postgresql")
STATEMENT_SECONDS = env.integer("STATEMENT_SECONDS", 10)  # workers and migrations take longer: 0 is without end
if ON_POSTGRES:
    # Without health checks the first request of each connection fails after a server restart.
    DATABASES["default"] |= {
        "ENGINE": "config.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ANSWER_SECONDS": STATEMENT_SECONDS + 5 if STATEMENT_SECONDS else None,  # the server itself ends it before
        "OPTIONS": {
            "connect_timeout": 3,
            # Where the network swallows packets the kernel tries for a quarter of an hour, and asks an idle connection
            # after two hours whether anybody is there.
            "tcp_user_timeout": 5_000,  # ms
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            # A page's queries are always the same: planned once a connection, they cost PostgreSQL two thirds.
            "server_side_binding": True,
            "prepare_threshold": 5,
            "options": f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout=3s "
            "-c idle_in_transaction_session_timeout=30s",
            **DATABASES["default"].get("OPTIONS", {}),  # from the URL, such as ?sslmode=require
        },
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        # FULL: with NORMAL a power cut may take back commits that were confirmed.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        "transaction_mode": "IMMEDIATE",  # a writer waits for its turn instead of failing half-way
        "timeout": 20,
    }
CACHES = {
    # Sessions live in the database: trouble with the cache must not log staff out.
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.text("CACHE_URL"),
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 0.5},
    }
    if env.text("CACHE_URL")
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "hindsight_cache"},
}

# --- Files ------------------------------------------------------------------------------------------------------------
S3_BUCKET = env.text("S3_BUCKET")
MEDIA_SIGNED_BY_STORAGE = bool(S3_BUCKET)  # the browser is sent to the bucket with a short-lived signed address
MEDIA_ACCEL = env.text("MEDIA_ACCEL")  # nginx' internal location, such as /protected-media/: nginx sends the file
if MEDIA_ACCEL and not (MEDIA_ACCEL.startswith("/") and MEDIA_ACCEL.endswith("/")):
    raise ImproperlyConfigured(f"MEDIA_ACCEL is {MEDIA_ACCEL!r}. Set it to a location such as /protected-media/.")
MEDIA_LINK_SECONDS = env.integer("MEDIA_LINK_SECONDS", 600, minimum=60, maximum=600)
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "catalog.storage.MediaStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "catalog.bucket.BucketStorage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
            "region_name": env.text("S3_REGION") or None,
            "access_key": env.text("S3_ACCESS_KEY") or None,
            "secret_key": env.text("S3_SECRET_KEY") or None,
            "default_acl": None,  # private
            "querystring_auth": True,
            "querystring_expire": MEDIA_LINK_SECONDS,
            "file_overwrite": False,
        },
    }
PHOTO_MAX_BYTES = env.integer("PHOTO_MAX_BYTES", 40_000_000, minimum=100_000)
SELLER_PHOTO_MAX_BYTES = env.integer("SELLER_PHOTO_MAX_BYTES", 20_000_000, minimum=100_000)
DECODE_CHILDREN = env.integer("DECODE_CHILDREN", 2, minimum=1, maximum=64)
DECODE_WAIT_SECONDS = env.number("DECODE_WAIT_SECONDS", 5.0, minimum=0.1, maximum=60)
MEDIA_CHECK_HOURS = env.integer("MEDIA_CHECK_HOURS", 20, maximum=10_000)  # each photo's checksum so often; 0: never
IMPORT_MAX_BYTES = env.integer("IMPORT_MAX_BYTES", 2_000_000_000, minimum=1_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000  # the admin's item form with 20 photos has about 200
DATA_UPLOAD_MAX_NUMBER_FILES = 40
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"  # on the disk that the photos go to: a large import does not fit in /tmp
FILE_UPLOAD_HANDLERS = [
    "catalog.uploads.QuotaUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750

# --- Embedding and search ---------------------------------------------------------------------------------------------
ENCODER = env.text("ENCODER", "strong")
ENCODER_WEIGHTS = env.text("ENCODER_WEIGHTS")
ENCODER_DEVICE = env.text("ENCODER_DEVICE", "auto")
if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", ENCODER_DEVICE):
    raise ImproperlyConfigured(f"ENCODER_DEVICE is {ENCODER_DEVICE!r}. Set it to auto, cpu or cuda.")
ENCODER_BATCH = env.integer("ENCODER_BATCH", 16, minimum=1, maximum=1024)
QUERY_BATCH = env.integer("QUERY_BATCH", 16, minimum=1, maximum=256)  # photos of questions that are embedded at once
# Searches by photo that one web process works on at once, fewer than its threads; and how long one may have waited in
# line before it is sent away, because whoever asked has given up.
SEARCHES_AT_ONCE = env.integer("SEARCHES_AT_ONCE", 4, minimum=1)
SEARCH_PATIENCE_SECONDS = env.number("SEARCH_PATIENCE_SECONDS", 8.0, minimum=0.1, maximum=300)
ENCODER_THREADS = env.integer("ENCODER_THREADS", 1, minimum=1, maximum=256)
env.hold_libraries_to(ENCODER_THREADS)
# How often that happens side by side in one web process: on as many cores as each process has for itself.
QUERY_ABREAST = env.integer("QUERY_ABREAST", 0, maximum=64) or max(
    1, (os.cpu_count() or 1) // (env.integer("WEB_WORKERS", 2, minimum=1) * ENCODER_THREADS)
)
ENCODER_BF16 = env.text("ENCODER_BF16", "auto", choices=("auto", "yes", "no"))
EMBED_LEASE_SECONDS = env.integer("EMBED_LEASE_SECONDS", 300, minimum=5)
EMBED_ATTEMPTS = env.integer("EMBED_ATTEMPTS", 3, minimum=1, maximum=20)
HEAD_DIM = env.integer("HEAD_DIM", 256, minimum=2, maximum=4096)
INDEX_ENGINE = env.text("INDEX_ENGINE", "auto", choices=("auto", "annoy", "signature", "exact", "milvus"))
EXACT_BELOW = env.integer("EXACT_BELOW", 50_000)  # measured: docs/benchmarks.md
ANNOY_TREES = env.integer("ANNOY_TREES", 20, minimum=1, maximum=1000)
ANNOY_SEARCH_K = env.integer("ANNOY_SEARCH_K", 50_000, minimum=100)
SIGNATURE_BITS = env.integer("SIGNATURE_BITS", 256, minimum=8, maximum=4096)
SIGNATURE_CANDIDATES = env.integer("SIGNATURE_CANDIDATES", 2_000, minimum=20)  # compared exactly after the scan
MILVUS_URI = env.text("MILVUS_URI")  # a server such as http://milvus:19530, or a file for milvus-lite
MILVUS_TOKEN = env.text("MILVUS_TOKEN")
RECALL_TARGET = env.number("RECALL_TARGET", 0.99, minimum=0, maximum=1)  # recall@20, mean, below which staff are warned
RECALL_SAMPLE = env.integer("RECALL_SAMPLE", 200, minimum=10, maximum=10_000)
RECALL_CHECK_MINUTES = env.integer("RECALL_CHECK_MINUTES", 360, minimum=1)
REBUILD_AFTER_CHANGES = env.integer("REBUILD_AFTER_CHANGES", 500, minimum=1)
REBUILD_AFTER_MINUTES = env.integer("REBUILD_AFTER_MINUTES", 60, minimum=1)
# Share of photos of things that were never sold which may still find something "similar": decides the cut-off.
FALSE_ALARM_RATE = env.number("FALSE_ALARM_RATE", 0.2, minimum=0.001, maximum=0.9)
# Search only within the network's so many likeliest categories; 0 searches all of them.
CATEGORY_LIMIT = env.integer("CATEGORY_LIMIT", 0, maximum=50)
# A cosine in place of the cut-off that the calibration chose, for every head; empty: the calibration's.
LIKENESS_CUTOFF = env.number("LIKENESS_CUTOFF", 0.35, minimum=-1, maximum=1) if env.text("LIKENESS_CUTOFF") else None

# --- The broker and the workers ---------------------------------------------------------------------------------------
# The rows of the database are the to-do list; the broker only says "now". It may be slow, empty or gone.
REDIS_URL = env.text("REDIS_URL")
if REDIS_URL and not env.is_url(REDIS_URL, ("redis", "rediss", "redis+socket")):
    raise ImproperlyConfigured(
        "REDIS_URL has another form than redis://:password@host:6379/0. Set it so, or not at all."
    )
BROKER = env.text("BROKER", "embedded", choices=("embedded", "files"))  # where REDIS_URL is empty
BROKER_SOCKET = BROKER_DIR / "broker.sock"
if len(os.fsencode(BROKER_SOCKET)) > 100:  # the address of a socket has room for 107 bytes
    _digest = hashlib.sha256(os.fsencode(BROKER_DIR)).hexdigest()[:16]
    BROKER_SOCKET = Path(tempfile.gettempdir()) / f"hindsight-{os.getuid()}-{_digest}" / "broker.sock"
CELERY_BROKER_URL = REDIS_URL or (
    f"redis+socket://{quote(str(BROKER_SOCKET))}" if BROKER == "embedded" else "filesystem://"
)
# For whoever publishes, the web above all: an upload never waits for the broker, the reconciler delivers instead.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 300,
    "socket_timeout": 1,
    "socket_connect_timeout": 0.5,
    "max_retries": 0,
    "retry_on_timeout": False,
}
# A worker waits for messages and may be patient: worker/celery.py exchanges these for the ones above when it starts.
WORKER_TRANSPORT_OPTIONS: dict[str, Any] = CELERY_BROKER_TRANSPORT_OPTIONS | {
    "unacked_restore_interval": 10,  # what a dead worker held is back in the queue after seconds, not minutes
    "unacked_restore_throttle": 1,
    "socket_timeout": 15,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "max_retries": 3,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
if CELERY_BROKER_URL == "filesystem://":
    CELERY_BROKER_TRANSPORT_OPTIONS = WORKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
    }
CELERY_VISIBILITY_TIMEOUT = 300
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True  # the state of the work is in the database
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]  # never pickle
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_ACKS_ON_TIMEOUT = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # a poisonous photo would come round for ever; the row counts its attempts
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = env.integer("TASK_SECONDS", 60, minimum=12)
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT * 3 // 4
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # nothing waits in a dead worker's hands
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 120  # on a busy core a network takes longer to load than Celery's 4 s
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 3_000_000  # kB
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = env.integer("STOP_SECONDS", 20, minimum=1, maximum=600)
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = False  # the reconciler finds what an idle worker kept for later
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # finishing is cheaper than doing it again
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # LOGGING below holds in workers too
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "worker.steady:SteadyScheduler"  # in memory: no file to lose
CELERY_BEAT_MAX_LOOP_INTERVAL = 5  # seconds until a jump of the clock is noticed
RECONCILE_SECONDS = env.integer("RECONCILE_SECONDS", 30, minimum=1)

# --- Sellers ----------------------------------------------------------------------------------------------------------
CURRENCY = env.text("CURRENCY", "EUR")
if not (len(CURRENCY) == 3 and CURRENCY.isalpha() and CURRENCY.isupper()):
    raise ImproperlyConfigured(f"CURRENCY is {CURRENCY!r}. Set it to a three-letter code such as EUR.")
RATE_MAX_DAYS = env.integer("RATE_MAX_DAYS", 92, minimum=0, maximum=3660)  # an older exchange rate converts nothing
SELLER_RETENTION_HOURS = env.integer("SELLER_RETENTION_HOURS", 24, minimum=1, maximum=24 * 30)
STAFF_QUERY_RETENTION_DAYS = env.integer("STAFF_QUERY_RETENTION_DAYS", 90, minimum=1)
SELLER_PHOTOS = env.integer("SELLER_PHOTOS", 6, minimum=1, maximum=20)
SELLER_PER_TEN_MINUTES = env.integer("SELLER_PER_TEN_MINUTES", 10, minimum=1)
SELLER_PER_DAY = env.integer("SELLER_PER_DAY", 50, minimum=1)
SELLER_PER_MINUTE_GLOBAL = env.integer("SELLER_PER_MINUTE_GLOBAL", 120, minimum=1)
SELLER_AT_ONCE = env.integer("SELLER_AT_ONCE", 2, minimum=1)  # in one web process; fewer than its threads
ENQUIRY_RETENTION_DAYS = env.integer("ENQUIRY_RETENTION_DAYS", 30, minimum=1)  # once an enquiry is closed
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, maximum=5)  # how many of our own proxies add X-Forwarded-For
ENQUIRY_EMAIL = env.text("ENQUIRY_EMAIL", "specialists@example.com")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "hindsight@example.com")
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, minimum=1, maximum=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 5

# --- Security ---------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", *env.listing("MEDIA_ORIGINS")],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "accounts.sessions"
SESSION_HOURS = env.integer("SESSION_HOURS", 12, minimum=1, maximum=24 * 7)
SESSION_IDLE_MINUTES = env.integer("SESSION_IDLE_MINUTES", 60, minimum=1, maximum=24 * 60)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
TWO_FACTOR_ROLES = env.listing("TWO_FACTOR_ROLES")
if unknown := set(TWO_FACTOR_ROLES) - {"Viewer", "Cataloguer", "Manager", "Administrator"}:
    raise ImproperlyConfigured(
        f"TWO_FACTOR_ROLES has {', '.join(sorted(unknown))}. Set it to any of Viewer, Cataloguer, Manager and "
        "Administrator, with commas."
    )
CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked for inside, past the proxy that ends TLS
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sid"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"

# --- Being watched ----------------------------------------------------------------------------------------------------
# Who may read /metrics and the details of /readyz without logging in: from these networks directly, or with the token.
METRICS_ALLOW = env.networks("METRICS_ALLOW", ("127.0.0.0/8", "::1"))
METRICS_TOKEN = env.text("METRICS_TOKEN")
MEASUREMENT_DAYS = env.integer("MEASUREMENT_DAYS", 3, minimum=1, maximum=60)

# --- Logs -------------------------------------------------------------------------------------------------------------
LOG_LEVEL = env.text("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = env.text("LOG_FORMAT", "json" if PRODUCTION else "line", choices=("json", "line"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "catalog.logs.JsonFormatter"}, "line": {"()": "catalog.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Three lines for every job, every few seconds: only for whoever looks for a fault.
    "loggers": {
        name: {"level": "WARNING" if LOG_LEVEL == "INFO" else LOG_LEVEL}
        for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace")
    },
}
