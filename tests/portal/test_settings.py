"""Production starts only with settings that keep people's data safe."""

import os
import re
import subprocess
import sys

import pytest

from portal.services.preparation import PACKAGES, ROOT
from portal.settings import environment

SAFE = {
    "DJANGO_SETTINGS_MODULE": "portal.settings.production",
    "SECRET_KEY": "q3uZ0VxkT9mB5hWc8RyN2pLs7FjD4aGe6oKi1tXvMbQwEnUzHrYfCd",
    "PSEUDONYM_KEY": "W8rXk2LzPq7VnT4mYb9HsJd3GfC6aEu5QoKi1tRvMwZxNhUyBjDpSl",
    "ALLOWED_HOSTS": "onedoor.example",
    "DATABASE_URL": "postgresql://portal_app:x@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_HOST": "mail.example",
}


def start(*words: str, without: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` in production with the safe environment, changed."""
    chosen = {name: value for name, value in (SAFE | changes).items() if name != without}
    system = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=system | chosen, capture_output=True, text=True)


def test_the_deployment_check_is_clean() -> None:
    done = start("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is weak"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is weak"),
        ({"SECRET_KEY": "insecure-q3uZ0VxkT9mB5hWc8RyN2pLs7FjD4aGe6oKi1tXvMbQwEnUz"}, "SECRET_KEY is weak"),
        ({"PSEUDONYM_KEY": "short"}, "PSEUDONYM_KEY is weak"),
        ({"PSEUDONYM_KEY": SAFE["SECRET_KEY"]}, "PSEUDONYM_KEY must not be SECRET_KEY"),
        ({"DEBUG": "yes"}, "DEBUG shows people's data"),
        ({"PLAIN_HTTP_COOKIES": "1"}, "Cookies that travel over plain http"),
        ({"ALLOWED_HOSTS": "*"}, "must name the hosts"),
        ({"PUBLIC_URL": "http://onedoor.example"}, "must begin with https"),
        ({"DATABASE_URL": "mysql://x@127.0.0.1/x"}, "must begin with postgresql://"),
    ],
)
def test_an_unsafe_setting_is_refused(changes: dict[str, str], sentence: str) -> None:
    done = start("check", **changes)
    assert done.returncode != 0
    assert sentence in done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "PSEUDONYM_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "EMAIL_HOST"])
def test_what_is_missing_is_named(name: str) -> None:
    done = start("check", without=name)
    assert done.returncode != 0
    assert f"The environment variable {name} must be set" in done.stderr


def seen(expression: str, **changes: str) -> str:
    """What production makes of the expression, in which `s` is the settings."""
    done = start("shell", "-v0", "-c", f"from django.conf import settings as s; print({expression})", **changes)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_setting_our_code_asks_for_is_there_in_production() -> None:
    """A setting that only the demonstration has would fail a person in the middle of a step."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "settings" not in path.parts]
    asked = set(re.findall(r"\bsettings\.([A-Z][A-Z_]+)\b", "".join(path.read_text() for path in files)))
    asked -= {"MAILBOX_DIR"}  # of the demonstration's mail backend and of pages that production does not have
    assert len(asked) > 10
    assert seen(f"[name for name in {sorted(asked)} if not hasattr(s, name)]") == "[]"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, "587 True False"), ({"EMAIL_PORT": "465"}, "465 False True"), ({"EMAIL_TLS": "no"}, "587 False False")],
)
def test_the_mail_server_is_spoken_to_as_its_port_demands(changes: dict[str, str], expected: str) -> None:
    assert seen("s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL", **changes) == expected


def test_who_guesses_is_known_by_the_address_that_our_own_proxy_saw() -> None:
    code = (
        "from django.test import RequestFactory; from allauth.core.internal.httpkit import get_client_ip;"
        "print(get_client_ip(RequestFactory().get('/', REMOTE_ADDR='10.0.0.1', HTTP_X_FORWARDED_FOR='6.6.6.6, 1.2.3.4')))"
    )
    for proxies, address in (("", "1.2.3.4"), ("0", "10.0.0.1")):
        assert start("shell", "-v0", "-c", code, TRUSTED_PROXIES=proxies).stdout.strip() == address


def test_an_empty_value_is_none_as_compose_gives_it() -> None:
    assert (
        seen("s.PUBLIC_URL, s.DELIVERY_PRIVATE_HOSTS", PUBLIC_URL="", DELIVERY_PRIVATE_HOSTS="") == "https://onedoor.example []"
    )


def test_cookies_are_bound_to_https_and_the_host() -> None:
    code = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE)"
    done = start("shell", "-v0", "-c", code)
    assert done.stdout.split() == ["__Host-session", "__Host-csrf", "True"], done.stderr


def test_a_database_address_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = environment.database("postgresql://us%40er:p%2Fw@db.example:5433/name?sslmode=verify-full")
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"], entry["NAME"]) == (
        "us@er", "p/w", "db.example", "5433", "name",
    )  # fmt: skip
    assert entry["OPTIONS"] == {"sslmode": "verify-full"}
    assert entry["ATOMIC_REQUESTS"] is True


def test_a_flag_is_yes_or_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_FLAG", "On")
    assert environment.flag("X_FLAG") is True
    monkeypatch.setenv("X_FLAG", "0")
    assert environment.flag("X_FLAG", default=True) is False
    monkeypatch.setenv("X_FLAG", "perhaps")
    with pytest.raises(environment.ImproperlyConfigured, match="yes or no"):
        environment.flag("X_FLAG")
