"""One's own machine and the demonstration: embedded servers, mail into a folder, a secret made on the spot."""

import os
import secrets
from pathlib import Path

from portal.settings.base import *  # noqa: F403  Django's own way to layer settings
from portal.settings.base import ROOT, environment

DATA_DIR = Path(environment.text("PORTAL_DATA", str(ROOT / ".local")))


def _secret(path: Path) -> str:
    """The secret key of this machine, made at the first start and kept in a file only its owner may read."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = os.environ.get("SECRET_KEY") or _secret(DATA_DIR / "secret_key")
PSEUDONYM_KEY = os.environ.get("PSEUDONYM_KEY") or _secret(DATA_DIR / "pseudonym_key")
DEBUG = environment.flag("DEBUG")
DEMONSTRATION = True
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
INTERNAL_IPS = ["127.0.0.1"]

EMAIL_BACKEND = "portal.mailbox.MailboxBackend"
MAILBOX_DIR = DATA_DIR / "mailbox"

STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "media"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
