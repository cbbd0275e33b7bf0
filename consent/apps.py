"""Registers consent with Django."""

from importlib import import_module

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """The shared case record and its lock."""

    name = "consent"

    def ready(self) -> None:
        """Register listeners."""
        import_module("consent.listeners")
