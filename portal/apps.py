"""Registers portal with Django."""
from django.apps import AppConfig
from django.db.models.signals import pre_migrate

from portal.database.roles import prepare_database


class PortalConfig(AppConfig):
    """The app. Before a migration the serving role is given its rights to what will be created."""

    name = "portal"

    def ready(self) -> None:
        """Connect the signal."""
        pre_migrate.connect(prepare_database, sender=self, dispatch_uid="portal.prepare_database")
