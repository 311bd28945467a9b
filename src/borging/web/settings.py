"""Settings, from the environment. Without any, Borging runs embedded: SQLite and files under one data folder."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

import environ

env = environ.Env()

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("BORGING_DATA_DIR", default="var")).resolve()
DEMO = env.bool("BORGING_DEMO", default=False)
DEMO_TOKEN = env.str("BORGING_DEMO_TOKEN", default="")  # made at random by `borging demo`, each time it starts
DEBUG = False
HTTPS = env.bool("BORGING_HTTPS", default=False)


def _key(name: str) -> str:
    """A key from the environment, or one made once and kept, readable by this user only, in the data folder."""
    key: str = env.str(f"BORGING_{name.upper()}_KEY", default="")
    if key:
        return key
    kept = DATA_DIR / f"{name}-key"
    if not kept.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_name(f"{kept.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):  # of processes that start together one key is kept
            os.link(fresh, kept)
        fresh.unlink()
    return kept.read_text()


SECRET_KEY = _key("secret")
SECRET_KEY_FALLBACKS = env.list("BORGING_SECRET_KEY_FALLBACKS", default=[])
PSEUDONYM_KEY = _key("pseudonym")  # leads from a person to their answers; losing it loses that way for ever
BACKUP_KEY = env.str("BORGING_BACKUP_KEY", default="")  # public: it only makes backups; secret: it also opens them
ALLOWED_HOSTS = env.list("BORGING_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
BASE_URL = env.str("BORGING_URL", default="http://localhost:8000").rstrip("/")  # how links in mails begin
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its field template is ours
    "borging.web",  # before allauth: its pages take our words and our look
    "borging.privacy",
    "borging.connectors",
    "borging.measure",
    "borging.transfer",
    "borging.effects",
    "borging.cards",
    "borging.figures",
    "borging.evidence",
    "borging.programmes",
    "borging.people",
    "lucide",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "borging.web.health.answered",
    "borging.web.middleware.guarded_headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "borging.web.middleware.own_organisation",
    "borging.web.middleware.own_language",
    "borging.web.middleware.second_step",
    "borging.web.middleware.refused_when_large",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "borging.web.urls"
CSRF_FAILURE_VIEW = "borging.web.errors.stale_form"
WSGI_APPLICATION = "borging.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "borging.web.guards.menu",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'borging.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Measured with 8 writers: WAL with IMMEDIATE transactions loses nothing; DEFERRED fails on nearly every write.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
        "PRAGMA temp_store=MEMORY;PRAGMA journal_size_limit=67108864;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        # A server or a network that is gone is noticed within ten seconds.
        "connect_timeout": 5,
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 30,
        # Values go apart from the statement, so PostgreSQL plans once what is asked often: half its work otherwise.
        "server_side_binding": True,
        "prepare_threshold": 5,
        **DATABASES["default"].get("OPTIONS", {}),  # what DATABASE_URL says itself goes first
    }
DATABASES["default"]["CONN_MAX_AGE"] = 60  # opening one for each request costs more than most requests
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What must hold over all web processes (limits, codes that were used) is kept in the database.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "web_cache"}}

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "borging.people.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "borging.people.passwords.Uncommon"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by `borging account`, never by signing up
ACCOUNT_ADAPTER = "borging.web.accounts.ClosedAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "borging.web.accounts.CodeRequestForm",
    "confirm_login_code": "borging.web.accounts.OnceCodeForm",
}
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,20/d/key"}  # beside allauth's own for the rest
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True  # one rule for everyone: twelve hours
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
PASSWORD_RESET_TIMEOUT = 600  # as long as a code; such a link is as good as a login
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("BORGING_TRUSTED_PROXIES", default=0)
MFA_FORMS = {
    "activate_totp": "borging.web.accounts.ActivateForm",
    "authenticate": "borging.web.accounts.OnceAuthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator vouched for the address
MFA_TOTP_ISSUER = "Borging"
# Who sees others by name logs in with a second step: always where others can reach the installation, never in the demo.
SECOND_STEP = env.bool("BORGING_SECOND_STEP", default=HTTPS) and not DEMO

LANGUAGE_CODE = env.str("BORGING_LANGUAGE", default="nl")
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = env.str("BORGING_TIME_ZONE", default="Europe/Amsterdam")
USE_TZ = True

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # a place on the browsers' preload list is for the domain's owner to ask
SECURE_REFERRER_POLICY = "same-origin"  # a card's address stays with us; stricter makes browsers hide a form's origin
X_FRAME_OPTIONS = "DENY"

# An upload larger than this is refused before it is read; the child process that parses it has limits of its own.
UPLOAD_MAX_BYTES = env.int("BORGING_UPLOAD_MAX_BYTES", default=300 * 1024 * 1024)
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# The domain row is the truth about work; this function is told that there is some (settings name it, because the
# rooms that make work lie below the one that does it).
WORK_QUEUE = "borging.tick.enqueue"
REHEARSAL = "borging.tick.rehearse"  # told to send everything of a programme to one account
DEMO_TURN = "borging.demo.turning.enqueue"  # told to turn the clock of the demonstration, with a number of days
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
MAILS_PER_MINUTE = env.int("BORGING_MAILS_PER_MINUTE", default=120)
if DEMO:  # a demonstration writes to nobody: its mail is read on a page
    EMAIL_BACKEND = "borging.web.inbox.Backend"
DEFAULT_FROM_EMAIL = env.str("BORGING_FROM_EMAIL", default="Borging <borging@localhost>")

# Where a message to a Teams or Slack channel may go: these hosts, or hosts under one that starts with a dot.
WEBHOOK_HOSTS = {
    "slack": env.list("BORGING_SLACK_HOSTS", default=["hooks.slack.com"]),
    "teams": env.list("BORGING_TEAMS_HOSTS", default=[".api.powerplatform.com", ".logic.azure.com"]),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "borging.web.logs.Masked", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "filters": {"brief": {"()": "borging.web.logs.Brief"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["brief"]}},
    # What these tell while somebody searches a fault holds what people wrote.
    "loggers": {"django.template": {"level": "INFO"}, "django.db.backends": {"level": "INFO"}},
    "root": {"handlers": ["stderr"], "level": env.str("BORGING_LOG_LEVEL", default="WARNING")},
}
