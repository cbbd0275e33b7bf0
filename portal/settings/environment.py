"""Reads settings from the environment. Every name the product understands is read through here, so that one test can
hold docker-compose.yml and the documentation against the code."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent


def text(name: str, default: str | None = None) -> str:
    """The value of an environment variable.

    Raises ImproperlyConfigured when it is not set (or empty) and there is no default.
    """
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"The environment variable {name} must be set.")
    return default


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable: 1, true, yes, on (any case) mean yes; 0, false, no, off mean no."""
    value = text(name, "yes" if default else "no").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def words(name: str, default: str | None = None) -> list[str]:
    """A comma-separated list; blanks are dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(url: str, *, max_age: int = 60) -> dict[str, Any]:
    """A Django DATABASES entry from postgresql://user:password@host:port/name?option=value.

    `max_age` is how long a connection is kept, in seconds. Raises ImproperlyConfigured for another kind of address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(f"A database address must begin with postgresql://, not {parts.scheme or 'nothing'}://.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "portal.database",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or options.pop("host", ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": max_age,
        "CONN_HEALTH_CHECKS": True,
    }


def databases() -> dict[str, Any]:
    """The serving role's database, or the owner's where `manage.py migrate` asked for it."""
    serving = database(text("DATABASE_URL", "postgresql://portal_app@127.0.0.1/portal"))
    if os.environ.get("DATABASE_ROLE") != "owner":
        return {"default": serving}
    owner = database(text("DATABASE_OWNER_URL"), max_age=0)
    return {"default": owner | {"SERVING_ROLE": serving["USER"], "IS_OWNER": True}}
