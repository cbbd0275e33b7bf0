"""Registers portal with Django."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import pre_migrate

from portal.database.roles import prepare_database
from portal.notices import register_own


class PortalConfig(AppConfig):
    """The app. Before a migration the serving role is given its rights to what will be created."""

    name = "portal"

    def ready(self) -> None:
        """Connect the signal, the notices and the listeners."""
        pre_migrate.connect(prepare_database, sender=self, dispatch_uid="portal.prepare_database")
        register_own()
        import_module("portal.listeners")
