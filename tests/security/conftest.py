"""The stage, built once for a module inside a transaction that is rolled back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.security.stage import Stage, build


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """The stage. Requests made with `stage.knock` leave it as it was."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)
