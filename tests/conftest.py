"""Fixtures for all tests. Guards are in `tests/guards`, databases and servers in `portal.services.pytest_plugin`."""

pytest_plugins = [
    "portal.services.pytest_plugin",
    "tests.guards.templates",
    "tests.guards.requests",
    "tests.guards.network",
    "tests.guards.browser",
]
