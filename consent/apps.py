"""Registers consent with Django."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """The shared case record and its lock."""

    name = "consent"

    def ready(self) -> None:
        from consent import listeners  # noqa: F401  (registers what this package listens to)
