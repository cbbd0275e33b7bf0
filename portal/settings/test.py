"""Tests: the same real parts, made anew for each session by `portal.services.pytest_plugin`.

The database address is a placeholder that the plugin replaces, and jobs go nowhere until a test asks for the real
broker. Processes that the plugin starts (worker, web server, `manage.py`) get the real addresses from the environment.
"""

import os
import tempfile
from pathlib import Path

from portal.settings.base import *  # noqa: F403  Django's own way to layer settings
from portal.settings.base import INSTALLED_APPS as PRODUCT_APPS
from portal.settings.base import STATICFILES_DIRS as STATICFILES_DIRS
from portal.settings.base import environment

DATA_DIR = Path(environment.text("PORTAL_DATA", tempfile.gettempdir()))
SECRET_KEY = "a-key-for-tests-only-that-is-long-enough-to-please-everybody-and-is-never-served"  # noqa: S105
PSEUDONYM_KEY = "another-key-for-tests-only"
DEBUG = False
DEMONSTRATION = True
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

if "PORTAL_TEST_STACK" not in os.environ:
    INSTALLED_APPS = [*PRODUCT_APPS, "zeal"]  # finds queries repeated per row; see tests/guards
    ZEAL_NPLUSONE_THRESHOLD = 3
    DATABASES = {"default": environment.database("postgresql://portal_app@127.0.0.1:1/not_prepared")}
    CELERY_BROKER_URL = "memory://"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; production's Argon2 has its own test
EMAIL_BACKEND = (
    "portal.mailbox.MailboxBackend" if "PORTAL_TEST_STACK" in os.environ else "django.core.mail.backends.locmem.EmailBackend"
)
MAILBOX_DIR = DATA_DIR / "mailbox"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    if "PORTAL_TEST_STACK" not in os.environ
    else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "media"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
