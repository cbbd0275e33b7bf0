"""Registers portal with Django."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import pre_migrate, pre_save

from portal.database.roles import prepare_database
from portal.notices import register_own


def forget_address(instance: Any, **_: Any) -> None:
    """Keep no internet address of a session: a person knows their devices by their names."""
    instance.ip = "0.0.0.0"  # noqa: S104  stored where the library demands one, never bound


class PortalConfig(AppConfig):
    """The app. Before a migration the serving role is given its rights to what will be created."""

    name = "portal"

    def ready(self) -> None:
        """Connect the signal, the notices and the listeners."""
        pre_migrate.connect(prepare_database, sender=self, dispatch_uid="portal.prepare_database")
        register_own()
        pre_save.connect(
            forget_address, sender=apps.get_model("usersessions", "UserSession"), dispatch_uid="portal.forget_address"
        )
        import_module("portal.listeners")
