"""Django's PostgreSQL backend, with the acting person in every transaction."""

from typing import Any, ClassVar

from django.db.backends.postgresql import base

from portal.database.roles import refuse_mighty_role
from portal.kit.actor import apply_context


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection. The owner's connection (migrations) carries no actor and is not examined."""

    _examined: ClassVar[set[tuple[str, ...]]] = set()

    @property
    def is_owner(self) -> bool:
        """True for the role that owns the tables and migrates."""
        return bool(self.settings_dict.get("IS_OWNER"))

    def init_connection_state(self) -> None:
        """Prepare a fresh connection; the first one of each database and role is examined."""
        super().init_connection_state()
        place = tuple(str(self.settings_dict[key]) for key in ("HOST", "PORT", "NAME", "USER"))
        if not self.is_owner and place not in self._examined:
            with self.connection.cursor() as cursor:
                refuse_mighty_role(cursor)
            self._examined.add(place)

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)
        if not autocommit and not self.is_owner and self.connection is not None:
            with self.wrap_database_errors:
                apply_context(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, and name the connection in pg_stat_activity."""
        conn_params.setdefault("application_name", "onedoor")
        return super().get_new_connection(conn_params)
