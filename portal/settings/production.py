"""Production: everything from the environment, and no start with a setting that would betray people's data."""

from django.core.exceptions import ImproperlyConfigured

from portal.settings.base import *  # noqa: F403  Django's own way to layer settings
from portal.settings.base import ROOT, environment

_YEAR = 365 * 24 * 3600  # seconds


def _strong(name: str, key: str) -> str:
    """The key, at least 50 characters with at least 20 different ones. Raises ImproperlyConfigured for a weaker one."""
    if len(key) < 50 or len(set(key)) < 20 or "insecure" in key.lower():
        raise ImproperlyConfigured(
            f"{name} is weak. It needs at least 50 random characters; make one with: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return key


def _hosts() -> list[str]:
    """ALLOWED_HOSTS; "*" is refused, because links in e-mails are built from the host."""
    hosts = environment.words("ALLOWED_HOSTS")
    if "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts; * would let anybody choose the links in our e-mails.")
    return hosts


if environment.flag("DEBUG"):
    raise ImproperlyConfigured("DEBUG shows people's data on error pages: production does not start with it.")
if environment.flag("PLAIN_HTTP_COOKIES"):
    raise ImproperlyConfigured("Cookies that travel over plain http can be read on the way: production does not start with them.")

DEBUG = False
DEMONSTRATION = environment.flag("PORTAL_DEMONSTRATION")
SECRET_KEY = _strong("SECRET_KEY", environment.text("SECRET_KEY"))
PSEUDONYM_KEY = _strong("PSEUDONYM_KEY", environment.text("PSEUDONYM_KEY"))  # agencies' own names for people: never changed
if PSEUDONYM_KEY == SECRET_KEY:
    raise ImproperlyConfigured("PSEUDONYM_KEY must not be SECRET_KEY: that one is changed now and then, this one never.")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS", "")
ALLOWED_HOSTS = _hosts()
PUBLIC_URL = environment.text("PUBLIC_URL", f"https://{ALLOWED_HOSTS[0]}").rstrip("/")
if not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured("PUBLIC_URL must begin with https://.")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", PUBLIC_URL)
environment.text("DATABASE_URL")  # no default here: both addresses must be given
environment.text("REDIS_URL")

# --- https only ----------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # the container's own health check speaks plain http to itself
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # the proxy must set or drop it: docs and compose say so
SECURE_HSTS_SECONDS = 2 * _YEAR
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# How many proxies of ours a request passes: who guesses passwords is slowed down by the address the outermost one saw.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number("TRUSTED_PROXIES", 1)
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True

# --- files and mail ------------------------------------------------------------------------------------------------

MEDIA_DIR = environment.text("MEDIA_DIR", str(ROOT / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_DIR}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = environment.text("EMAIL_HOST")
EMAIL_PORT = environment.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = environment.text("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_PASSWORD", "")
EMAIL_USE_SSL = EMAIL_PORT == 465  # there the encryption begins with the first byte (RFC 8314)
EMAIL_USE_TLS = environment.flag("EMAIL_TLS", default=True) and not EMAIL_USE_SSL
EMAIL_TIMEOUT = 10  # seconds
