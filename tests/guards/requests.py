"""A GET changes nothing, and no page asks the database once per row."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.client import ClientHandler
from zeal import zeal_context

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# What reading leaves behind: who looked, and the session's own clock.
TRACES = {"consent_accesslog", "consent_access_log", "eligibility_previewasked", "django_session", "portal_cache"}
_WRITE = re.compile(
    r'^\s*(?:insert\s+into|update|delete\s+from|truncate(?:\s+table)?|merge\s+into)\s+(?:only\s+)?"?(\w+)"?', re.I
)


class GetWrote(AssertionError):
    """A GET request changed the database."""


def _refuse_writes(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    found = _WRITE.match(str(sql))
    if found and found[1].lower() not in TRACES:
        raise GetWrote(str(sql))
    return execute(sql, params, many, context)


@pytest.fixture(autouse=True)
def requests_are_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request of Django's test client is made under both guards."""
    original = ClientHandler.__call__

    def call(self: ClientHandler, environ: dict[str, Any]) -> Any:
        with zeal_context():
            if environ["REQUEST_METHOD"] in SAFE_METHODS:
                with connection.execute_wrapper(_refuse_writes):
                    return original(self, environ)
            return original(self, environ)

    monkeypatch.setattr(ClientHandler, "__call__", call)
