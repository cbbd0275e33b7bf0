"""What is the same everywhere. Places differ only in `local`, `test` and `production`."""

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal.settings import environment
from portal.settings.environment import ROOT
from portal.settings.programmes import programme_apps

BASE_DIR = ROOT

# --- Packages ------------------------------------------------------------------------------------------------------

PACKAGES = ["portal", "consent", "intake", "eligibility", "casework"]  # from the ground up

INSTALLED_APPS = [
    *PACKAGES,  # first, so that their templates win over the libraries'
    *programme_apps(ROOT / "eligibility" / "programmes"),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",  # its widget templates, for what our renderer has none of its own
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",  # which sessions are whose; no middleware: the session itself knows when it was used
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.NoNullBytes",
    "portal.middleware.SessionClock",
    "portal.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "portal.context_processors.interface",
            ],
        },
    }
]

# --- Database and broker -------------------------------------------------------------------------------------------

DATABASES = environment.databases()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # A table (portal/migrations/0003): rate limits and used one-time codes hold for all processes, and the broker
    # keeps nothing that matters.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache", "TIMEOUT": 600}
}
# Hosts in private networks to which referrals may be carried (partner agencies inside the same network).
DELIVERY_PRIVATE_HOSTS = environment.words("DELIVERY_PRIVATE_HOSTS", " ")
REDIS_URL = environment.text("REDIS_URL", "redis://127.0.0.1:6379/0")

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True  # the database holds every outcome
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240  # seconds; all three in this order, or a long job runs twice
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    # kombu sweeps for unacknowledged messages every 10 x 10 seconds unless told otherwise
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    # A request that hints at work while the broker is down waits this little, not 6 seconds: the sweep finds the work.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "celery"

# Job names are dotted paths: strings may point upward. A job that carries referrals belongs to the queue `delivery`.
CELERY_TASK_ROUTES: dict[str, dict[str, str]] = {
    "casework.jobs.delivery.*": {"queue": "delivery"},
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "referral deliveries": {"task": "casework.jobs.delivery.drain", "schedule": 1.0, "options": {"expires": 2}},
    "referral permissions": {"task": "casework.jobs.delivery.recheck_permissions", "schedule": 30.0, "options": {"expires": 30}},
    "referral clocks": {"task": "casework.jobs.delivery.look_at_clocks", "schedule": 900.0, "options": {"expires": 900}},
    "waiting referrals": {"task": "casework.jobs.delivery.send_allowed", "schedule": 60.0, "options": {"expires": 60}},
    "case permissions": {"task": "casework.jobs.cases.sweep_permissions", "schedule": 300.0, "options": {"expires": 300}},
    "ended consents": {"task": "consent.jobs.expire_consents", "schedule": 900.0, "options": {"expires": 900}},
    "old drafts": {"task": "intake.jobs.purge_drafts", "schedule": 3600.0, "options": {"expires": 3600}},
    "screening": {"task": "eligibility.jobs.sweep", "schedule": 60.0, "options": {"expires": 60}},
    "openings": {"task": "eligibility.jobs.tell_openings", "schedule": 900.0, "options": {"expires": 900}},
    "notifications": {"task": "portal.jobs.carry_notifications", "schedule": 60.0},  # seconds; finds what a hint lost
    "account mails": {"task": "portal.jobs.carry_mails", "schedule": 15.0, "options": {"expires": 15}},
    "old account mails": {"task": "portal.jobs.forget_old_mails", "schedule": 3600.0, "options": {"expires": 3600}},
    "ended sessions": {"task": "portal.jobs.forget_ended_sessions", "schedule": 3600.0},
}

# --- People --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "portal.User"
ANONYMOUS_USER_NAME = None  # guardian: no database row stands for "nobody"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [  # length and known passwords, no composition rules (ASVS 5.0 6.2)
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # one password: who mistypes it sets a new one
ACCOUNT_ADAPTER = "portal.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.forms.SignInForm",
    "signup": "portal.forms.SignUpForm",
    "add_email": "portal.forms.ChangeEmailForm",
    "change_password": "portal.forms.ChangePasswordForm",
    "reset_password": "portal.forms.ForgottenPasswordForm",
    "reset_password_from_key": "portal.forms.NewPasswordForm",
    "reauthenticate": "portal.forms.ConfirmPasswordForm",
}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before changing an address or the second factor
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "OneDoor"
MFA_TOTP_TOLERANCE = 1  # one period of 30 seconds before and after; portal.forms refuses a code used before
MFA_ADAPTER = "portal.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "portal.forms.CodeForm",
    "reauthenticate": "portal.forms.CodeAgainForm",
    "activate_totp": "portal.forms.FirstCodeForm",
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.views.errors.page_too_old"

# --- Browser -------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
STATICFILES_DIRS = [ROOT / "static"]  # built from assets/ by scripts/build_css.py and committed

# --- Words and time ------------------------------------------------------------------------------------------------

USE_I18N = True
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic")), ("cy", _("Welsh"))]
LOCALE_PATHS = [ROOT / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_TZ = True  # moments are stored in UTC
TIME_ZONE = "Europe/London"  # and shown where the people are

FORM_RENDERER = "portal.rendering.PortalRenderer"

# --- Mail ----------------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", "OneDoor <no-reply@onedoor.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where people find this portal: the links in e-mails that jobs send, which know no request.
PUBLIC_URL = environment.text("PUBLIC_URL", f"http://127.0.0.1:{environment.text('PORT', '8000')}").rstrip("/")
CONTACT_PHONE = environment.text("CONTACT_PHONE", "")  # shown at the foot of each page where it is set
SECURITY_CONTACT = environment.text("SECURITY_CONTACT", "mailto:security@onedoor.example")

# --- Privacy -------------------------------------------------------------------------------------------------------

# The register the privacy page lists (a model whose manager has `in_force(day)`): a string, as it lies on a higher floor.
PROCESSING_REGISTER = "consent.ProcessingActivity"
# How many different rules the impact preview works out, and how many different questions it answers (a question: rule, day, group and
# table). Each draws other noise for the same few people, and enough draws averaged give a small number away: about 60 for ten or
# eleven, where everybody else is known. docs/impact-preview.md, "How often one may ask", has the numbers.
PREVIEW_RULES_A_DAY = 40  # of one programme; who writes a rule in earnest tries some ten in a day
PREVIEW_RULES_A_MONTH = 200  # of one programme, in 30 days
PREVIEW_RULES_A_DAY_OF_AGENCY = 120  # of all programmes of one agency
PREVIEW_QUESTIONS_A_DAY = 120
PREVIEW_QUESTIONS_A_DAY_OF_AGENCY = 360

# --- API -----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.api.authentication.PartnerToken", "portal.api.authentication.OwnSession"],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.permissions.Nobody"],
    "EXCEPTION_HANDLER": "portal.api.problems.answer",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsers.ShallowJson"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "OneDoor",
    "DESCRIPTION": "A person's own record and results, a partner agency's referrals, and the catalogue of programmes.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"ProgrammeWindow": "eligibility.api.WINDOWS", "ProgrammeState": "eligibility.api.STATES"},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Log -----------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "INFO")},
    "loggers": {"django": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "INFO"), "propagate": False}},
}
