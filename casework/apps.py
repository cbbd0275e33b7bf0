"""Registers casework with Django."""
from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """The app."""

    name = "casework"
