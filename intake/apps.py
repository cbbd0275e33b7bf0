"""Registers intake with Django."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Asking."""

    name = "intake"
