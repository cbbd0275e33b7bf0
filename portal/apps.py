"""Registers portal with Django."""
from django.apps import AppConfig
from django.db.models.signals import pre_migrate

from portal.database.roles import grant_serving_role


class PortalConfig(AppConfig):
    """The app. Before a migration the serving role is given its rights to what will be created."""

    name = "portal"

    def ready(self) -> None:
        """Connect the signal."""
        pre_migrate.connect(grant_serving_role, sender=self, dispatch_uid="portal.grant_serving_role")
