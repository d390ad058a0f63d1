"""Every setting of the portal. What differs between places comes from the environment (docs/environment.md)."""

from pathlib import Path

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from sehat.config import env

ROOT = Path(__file__).resolve().parent.parent

SEHAT_DEMO = env.flag("SEHAT_DEMO")
DATA = Path(env.text("DATA", "var")).resolve()
DATA.mkdir(parents=True, exist_ok=True)
BUILD_DIR = Path(env.text("SEHAT_BUILD", str(DATA / "build"))).resolve()

DEBUG = False
SECRET_KEY = env.secret_key(SEHAT_DEMO, DATA)
HOSTS = env.words("SEHAT_HOSTS")
if not HOSTS and not SEHAT_DEMO:
    env.stop("SEHAT_HOSTS", "should name the portal's host, for example opd.example.in")
if HOSTS and SEHAT_DEMO and any(host not in {"127.0.0.1", "localhost", "[::1]"} for host in HOSTS):
    env.stop("SEHAT_DEMO", "should not be set together with a public SEHAT_HOSTS: a demo shows every secret")
ALLOWED_HOSTS = HOSTS or ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in HOSTS if host != "*"]
PUBLIC_URL = env.url("SEHAT_PUBLIC_URL", {"http", "https"}, "https://opd.example.in") or (
    f"http://127.0.0.1:{env.text('PORT', '8000')}" if SEHAT_DEMO else f"https://{ALLOWED_HOSTS[0]}"
)

ROOMS = [
    "kernel",
    "audit",
    "live",
    "notices",
    "accounts",
    "clinic",
    "entitlement",
    "registration",
    "tokens",
    "waiting",
    "desk",
    "consultation",
    "papers",
    "prescription",
    "letters",
    "history",
    "pharmacy",
    "office",
    "api",
    "site",
]
INSTALLED_APPS = [
    # The rooms come first: their templates (the admin's base among them) are found before a library's.
    *[f"sehat.{room}" for room in ROOMS],
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_altcha",
    "django_tasks_db",
    "axes",
]
MIDDLEWARE = [
    # First of all: every answer has an id and a line in the log, and balancers ask without TLS and by number.
    "sehat.config.logs.RequestLogMiddleware",
    "sehat.config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sehat.kernel.compression.CompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sehat.registration.sessions.PatientMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sehat.kernel.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "sehat.config.urls"
WSGI_APPLICATION = "sehat.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sehat.kernel.context.portal",
            ],
            "builtins": ["sehat.kernel.templatetags.fields"],
        },
    }
]
FORM_RENDERER = "sehat.kernel.controls.Controls"

DATABASES = {"default": env.database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.url("REDIS_URL", {"redis", "rediss", "unix"}, "redis://:password@host:6379/0")
CACHES = {
    "default": {
        "BACKEND": "sehat.config.cache.ForgetfulRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Files: uploads and prescriptions are private; static files are collected once and served by whitenoise.
FILES = env.text("SEHAT_FILES", str(DATA / "files"))
PRIVATE = env.files("SEHAT_FILES", DATA)
STATIC_URL = "/static/"
STATIC_ROOT = BUILD_DIR / "collected"
STATICFILES_DIRS = [BUILD_DIR / "static"]
(BUILD_DIR / "static").mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": PRIVATE,
    "private": PRIVATE,
    "staticfiles": {"BACKEND": "sehat.config.static.StaticStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

# People
AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "sehat.accounts.backend.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
SECOND_FACTOR_REQUIRED = env.one_of("SEHAT_SECOND_FACTOR", "optional", "required") == "required"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "accounts:home"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
SESSION_ENGINE = "sehat.kernel.session_store"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# Language and time: India's clock where a person sees it, UTC in the database.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("hi", _("Hindi"))]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.zone("Asia/Kolkata")

# Safety
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "media-src": [CSP.SELF, "blob:"],
    "worker-src": [CSP.SELF, "blob:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.SELF],
}
if not SEHAT_DEMO:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # whether other hosts below this name have TLS is theirs to say
    "security.W021",  # as is the browsers' list
    "security.W009",  # `env.secret_key` looks at the length
    "security.W019",  # prescriptions are shown inside the portal's own pages
    "mail.W001",  # e-mail is not needed: SMS is
]

# Notices
SMS_URL = env.text("SMS_URL")
EMAIL_URL = env.text("EMAIL_URL")
MAILERS = env.mailers("EMAIL_URL")
DEFAULT_FROM_EMAIL = env.text("SEHAT_EMAIL_FROM", f"SeHAT OPD <no-reply@{ALLOWED_HOSTS[0]}>")
DLT_TEMPLATES = env.pairs("SEHAT_DLT_TEMPLATES")
if not SEHAT_DEMO and not SMS_URL:
    env.stop("SMS_URL", "should be an Apprise URL of the SMS gateway: without it no patient gets an OTP")

# The contact page's proof of work (site).
ALTCHA_HMAC_KEY = f"altcha:{SECRET_KEY}"

# Calls
TURN_URLS = env.words("TURN_URLS")
TURN_SECRET = env.text("TURN_SECRET")
if TURN_URLS and not TURN_SECRET:
    env.stop("TURN_SECRET", "should be the relay's static-auth-secret, as TURN_URLS is set")

# Signature of prescriptions; in demo mode a development certificate is made in the data folder.
SIGNING_KEY = env.signing_key("SEHAT_SIGNING_KEY")
SIGNING_CERT = env.existing_file("SEHAT_SIGNING_CERT")
if not SEHAT_DEMO and not (SIGNING_KEY and SIGNING_CERT):
    env.stop("SEHAT_SIGNING_KEY", "should be the path of the signing key, and SEHAT_SIGNING_CERT of its certificate")

# Where a time-stamp authority (RFC 3161) answers; empty: signatures carry the portal's own time.
TIMESTAMP_URL = env.url("SEHAT_TIMESTAMP_URL", {"http", "https"}, "https://tsa.example.in/")

# The signed codes on prescriptions; in demo mode a key is made in the data folder. Old public keys and certificates
# stay published.
QR_KEY = env.p256_key("SEHAT_QR_KEY")
OLD_KEYS = env.existing_files("SEHAT_OLD_KEYS")
if not SEHAT_DEMO and not QR_KEY:
    env.stop("SEHAT_QR_KEY", "should be the path of the private key (P-256, PEM) that signs the codes of prescriptions")

# The embedded process (`sehat run`) runs the worker and the sweeper in threads of its own.
EMBEDDED_WORKER = env.flag("SEHAT_EMBEDDED_WORKER")
# Opens /metrics to askers from other hosts.
METRICS_TOKEN = env.secret("SEHAT_METRICS_TOKEN")
# Whose word on the asker's address and on TLS is taken: the reverse proxies.
TRUSTED_PROXIES = env.networks("SEHAT_TRUSTED_PROXIES", "127.0.0.1,::1")

# The OPD day (domain.md); numbers that AFMS may change.
CALL_NOW_SECONDS = env.seconds("SEHAT_CALL_NOW_SECONDS", 120)
ANSWER_SECONDS = env.seconds("SEHAT_ANSWER_SECONDS", 30)
# A third person: what it takes to read the question and to ask at home, and to look up from what one is reading. Ours.
CONSENT_SECONDS = env.seconds("SEHAT_CONSENT_SECONDS", 60)
INVITED_SECONDS = env.seconds("SEHAT_INVITED_SECONDS", 60)
TOKENS_OPEN_MINUTES_BEFORE = 30
OPEN_AT_ANY_HOUR = SEHAT_DEMO
# A missed Call Now sends to the back of the line; a number here lets the first miss fall behind so many only.
FIRST_MISS_FALLS_BEHIND = env.whole("SEHAT_FIRST_MISS_FALLS_BEHIND", 0)
PUT_BACK_REST_SECONDS = env.whole("SEHAT_PUT_BACK_REST_SECONDS", 60)
CREDIT_MINUTES = {"emergency": 1440, "referral": 20, "ex_serviceman": 10, "vulnerable": 10}
CREDIT_CAP_MINUTES = 60
COME_BACK_MINUTES = 30
# Telemedicine Practice Guidelines (clinical.md, items marked †).
VIDEO_SECONDS = env.seconds("SEHAT_VIDEO_SECONDS", 60)
FOLLOW_UP_MONTHS = env.whole("SEHAT_FOLLOW_UP_MONTHS", 6)
FOLLOW_UP_IN_PERSON_ONLY = env.flag("SEHAT_FOLLOW_UP_IN_PERSON_ONLY")
SICK_LEAVE_DAYS = env.whole("SEHAT_SICK_LEAVE_DAYS", 7)
OVERRULE_ALLOWED = env.flag("SEHAT_OVERRULE_ALLOWED")
# For how many days after its issue a prescription is dispensed by: to be confirmed by AFMS.
DISPENSE_DAYS = env.whole("SEHAT_DISPENSE_DAYS", 30)
# OTPs an hour to one address; 0: no limit, as a demo's SMS cost nothing.
OTP_POLICY = {"sends_an_hour_per_address": 0 if SEHAT_DEMO else 300}
ENTITLEMENT_POLICY = {"verified_only": False, "son_until_age": 25}

# A line for each request: for machines that collect logs, not for people who try the portal.
LOG_REQUESTS = not EMBEDDED_WORKER
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        # For people who try the portal, and for machines that collect logs.
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "sehat.config.logs.formatter"},
    },
    "filters": {"of_requests": {"()": "sehat.config.logs.OfRequests"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line" if EMBEDDED_WORKER else "json",
            "filters": ["of_requests"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Refused requests are answered to the asker; their paths may hold secrets of links.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
        # These say at every start that they have started.
        "pikepdf": {"level": "WARNING"},
        "apprise": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
    },
}
