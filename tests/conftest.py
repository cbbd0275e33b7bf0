"""Fixtures for all tests."""

pytest_plugins = ["portal.services.pytest_plugin"]
