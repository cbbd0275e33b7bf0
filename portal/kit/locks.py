"""Locks by name in the database: what must not happen twice at once although no row stands for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def hold(name: str, *, wait: bool = True) -> bool:
    """Hold the lock until the open transaction ends. Without `wait`, False when somebody else holds it."""
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
            return True
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return cursor.fetchone()[0]


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Hold the lock over several transactions, while the block runs; gives False, and holds nothing, when somebody else does.

    A process that dies takes its connection and so its lock with it.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        is_held = cursor.fetchone()[0]
    try:
        yield is_held
    finally:
        if is_held:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])
