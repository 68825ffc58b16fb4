"""Django's settings, all derived from one configuration file."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from monitor.crontab import command, shim
from pulsarsite import config, stores

BASE_DIR = Path(__file__).resolve().parent.parent
CONFIG_FILE = Path(os.environ.get("CONFIG_FILE", BASE_DIR / "config.yaml"))

try:
    PULSAR = config.load(CONFIG_FILE)
    SECRET_KEY = stores.secret_key(PULSAR.storage.root)
    DATABASES = stores.databases(PULSAR)
    CELERY = stores.celery(PULSAR)
    EMAIL_HOST_PASSWORD = config.secret(PULSAR.mail.password_env).get_secret_value()
    METRICS_TOKEN = config.secret(PULSAR.monitor.metrics_token).get_secret_value()
    CONNECTION_PASSWORDS = config.passwords(PULSAR.connections)
except config.BadConfig as error:
    raise ImproperlyConfigured(str(error)) from error

# Who works on what is queued; loaded by those alone who send something.
WORKERS = "pulsarsite.celery.app"

# One way to tell settings which file made them, for the lines of the crontab.
CONFIG_FILE = CONFIG_FILE.expanduser().resolve()

_address = urlsplit(PULSAR.site.address)
_https = _address.scheme == "https"

DEBUG = False
ALLOWED_HOSTS = [
    *{_address.hostname or "", "localhost", "127.0.0.1", "[::1]"},
    *PULSAR.site.hosts,
    *filter(None, os.environ.get("PULSARSITE_HOSTS", "").split(",")),
]
CSRF_TRUSTED_ORIGINS = [f"{_address.scheme}://{_address.netloc}"]

INSTALLED_APPS = [
    "accounts.people.PeopleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_crontab",
    "django_htmx",
    "ninja",
    "accounts",
    "monitor",
    "registry",
    "showroom",
    "dispatch",
    "pulsarsite",
]

MIDDLEWARE = [
    "pulsarsite.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pulsarsite.middleware.forgotten",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pulsarsite.middleware.token",
    # Knows who asks, and comes before the first that reads a body: the CSRF check.
    "pulsarsite.middleware.body_limit",
    "pulsarsite.middleware.LogInRequired",
    "pulsarsite.middleware.not_allowed",
    "pulsarsite.once.once",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pulsarsite.middleware.fragment",
    "accounts.zones.activate",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "pulsarsite.urls"
WSGI_APPLICATION = "pulsarsite.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pulsarsite.context.site",
            ]
        },
    }
]

DATABASE_ROUTERS = ["monitor.router.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A page that nobody could open would otherwise be kept for good in a full disk.
FILE_UPLOAD_TEMP_DIR = stores.folder(PULSAR.storage.root / "incoming")
FILE_UPLOAD_HANDLERS = ["pulsarsite.incoming.Handler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = PULSAR.api.max_body_bytes
DATA_UPLOAD_MAX_NUMBER_FILES = PULSAR.showroom.max_files

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
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
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"
AXES_FAILURE_LIMIT = PULSAR.accounts.failures_before_lockout
AXES_COOLOFF_TIME = PULSAR.accounts.lockout_minutes / 60
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "accounts.requests.client_address"
AXES_LOCKOUT_CALLABLE = "pulsarsite.entry.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
# Who was paused stands in the event log; its tables need no pages.
AXES_ENABLE_ADMIN = False

SESSION_COOKIE_AGE = PULSAR.accounts.session_hours * 3600
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
CSRF_FAILURE_VIEW = "pulsarsite.errors.csrf_failure"
SECURE_SSL_REDIRECT = _https
# A load balancer asks over plain http whether the site lives.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^ping$", r"^v2/health/"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if PULSAR.site.behind_proxy else None
)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

EMAIL_HOST = PULSAR.mail.host
EMAIL_PORT = PULSAR.mail.port
EMAIL_HOST_USER = PULSAR.mail.user
EMAIL_USE_TLS = PULSAR.mail.tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = PULSAR.mail.sender

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "pulsarsite.plotly.PlotlyFinder",
]
# Served from the packages themselves: nothing to collect, nothing to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 600

CRONJOBS = [("* * * * *", "monitor.tick.tick")]
CRONTAB_COMMENT = f"pulsarsite {PULSAR.storage.root}"
CRONTAB_LOCK_JOBS = False
# django-crontab sees and writes a draft of its line alone, through a program of ours.
CRONTAB_EXECUTABLE = shim.shim(
    BASE_DIR, PULSAR.storage.root / "crontab.draft", CONFIG_FILE
)
CRONTAB_PYTHON_EXECUTABLE = command.program(BASE_DIR)
# It looks whether this file is there and puts it after the program.
CRONTAB_DJANGO_MANAGE_PATH = str(CONFIG_FILE)
# What the checks say is said at the start, not each minute.
CRONTAB_COMMAND_SUFFIX = "--skip-checks"
LOGGING_CONFIG = "monitor.logs.configure"
LOGGING = {"level": PULSAR.log.level}
