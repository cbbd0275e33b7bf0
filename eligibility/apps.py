"""Registers eligibility with Django."""
from django.apps import AppConfig


class EligibilityConfig(AppConfig):
    """The app."""

    name = "eligibility"
