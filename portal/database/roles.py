"""The two roles: the owner migrates, the serving role serves and owns nothing."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connections

_EXAMINE = """
    select rolname, rolsuper, rolbypassrls,
           exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where c.relowner = r.oid and c.relkind in ('r', 'p', 'v', 'm') and n.nspname = 'public')
      from pg_roles r where rolname = current_user
"""


def refuse_mighty_role(cursor: Any) -> None:
    """Raise ImproperlyConfigured when the connected role could step over row-level security.

    A superuser, a role with BYPASSRLS and the owner of a table are all exempt from its policies (PostgreSQL manual,
    "Row Security Policies"), so serving with one would silently switch the second wall off.
    """
    cursor.execute(_EXAMINE)
    name, is_superuser, bypasses, owns = cursor.fetchone()
    reasons = [
        reason
        for holds, reason in [
            (is_superuser, "is a superuser"),
            (bypasses, "has BYPASSRLS"),
            (owns, "owns tables"),
        ]
        if holds
    ]
    if reasons:
        raise ImproperlyConfigured(
            f"The database role {name} {' and '.join(reasons)}: row-level security would not hold. "
            "DATABASE_URL must name a role that only serves; the owner's address belongs in DATABASE_OWNER_URL."
        )


# PostgreSQL trusts these: a database's owner may create them without being a superuser.
EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")


def prepare_database(using: str = "default", **_: Any) -> None:
    """Before migrating: the extensions exist, and what the owner creates from now on the serving role may use.

    Only defaults for new tables are set, so a right that a migration takes away stays away. Does nothing when the
    connection is not the owner's.
    """
    connection = connections[using]
    role = connection.settings_dict.get("SERVING_ROLE")
    if not role:
        return
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        for extension in EXTENSIONS:
            cursor.execute(f"create extension if not exists {extension}")
        cursor.execute(f"grant usage on schema public to {name}")
        for rights, kind in [("select, insert, update, delete", "tables"), ("usage, select", "sequences")]:
            cursor.execute(f"alter default privileges in schema public grant {rights} on {kind} to {name}")
