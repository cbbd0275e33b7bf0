"""Fixtures for all tests. Guards are in `tests/guards`, databases and servers in `portal.services.pytest_plugin`."""

from collections.abc import Iterator

import pytest
from django.utils import translation

pytest_plugins = [
    "portal.services.pytest_plugin",
    "tests.guards.templates",
    "tests.guards.requests",
    "tests.guards.network",
    "tests.guards.browser",
]


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A page that was asked for in Welsh leaves Welsh behind in its thread; the next test begins without."""
    yield
    translation.deactivate()
