"""The app of the controls."""

from django.apps import AppConfig


class ControlConfig(AppConfig):
    """Its tables are made by the bench."""

    name = "tests.bench.control"
    label = "bench_control"
    default_auto_field = "django.db.models.BigAutoField"
