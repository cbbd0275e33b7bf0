"""The database engine: two roles, and the acting person in every transaction."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from portal.database.roles import refuse_mighty_role
from portal.services.postgres import OWNER, Postgres


@pytest.mark.django_db
def test_tests_are_served_by_the_serving_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == ("portal_app", False, False)


@pytest.mark.parametrize(("role", "reason"), [("postgres", "is a superuser"), (OWNER, "owns tables")])
def test_a_mighty_role_is_refused(postgres: Postgres, role: str, reason: str) -> None:
    mighty = postgres.connect("migrated", role)
    try:
        with mighty.cursor() as cursor, pytest.raises(ImproperlyConfigured, match=reason):
            refuse_mighty_role(cursor)
    finally:
        mighty.close()
