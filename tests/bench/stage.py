"""The stage: throw-away servers with ordinary durability, a database with the demonstration's agencies and some of its
people, and copies of it for each size."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

from portal.services.images import TEMPLATE, copy_migrated, environment
from portal.services.postgres import OWNER, SERVING, Postgres
from portal.services.valkey import Valkey

BASE = "bench"
PEOPLE = 6  # of the demonstration's told stories


@dataclass
class Stage:
    """Servers and what stands on them. `people`: session cookies by who is signed in, good in every database."""

    folder: Path
    postgres: Postgres
    valkey: Valkey
    cookies: dict[str, str] = field(default_factory=dict)

    def environment(self, database: str) -> dict[str, str]:
        """The environment of a process that serves `database`."""
        return environment(self.postgres, database) | {
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "REDIS_URL": self.valkey.url(),
            "LOG_LEVEL": "ERROR",
        }

    def use(self, database: str) -> None:
        """Point Django's connection of this process at `database`, as the serving role."""
        from django.db import connection  # Django is set up only after the servers stand

        if connection.settings_dict["NAME"] != database:
            connection.close()
            connection.settings_dict["NAME"] = database
        connection.ensure_connection()

    def copy(self, name: str) -> None:
        """Make the database `name` as a copy of the base."""
        from django.db import connection

        connection.close()
        self.postgres.create_database(name, BASE)

    @contextmanager
    def driver(self, database: str, role: str = OWNER) -> Iterator[Any]:
        """A plain cursor, committing each statement: the owner's, whom no policy binds, or another role's."""
        link = self.postgres.connect(database, role)
        try:
            with link.cursor() as cursor:
                yield cursor
        finally:
            link.close()


@contextmanager
def standing() -> Iterator[Stage]:
    """The stage, with Django set up on it; everything is stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="onedoor-bench-"))
    folder.chmod(0o755)  # the database server may run as nobody
    copy_migrated(folder / "database")
    postgres = Postgres(folder / "database" / "pg").start()
    valkey = Valkey(folder / "valkey", persistent=False).start()
    try:
        postgres.create_database(BASE, TEMPLATE)
        stage = Stage(folder, postgres, valkey)
        os.environ.update(stage.environment(BASE))
        django.setup()
        yield stage
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def furnish(stage: Stage) -> None:
    """Agencies, programmes, the form, some people, the controls' tables, and who is signed in."""
    from tests.bench import furnishing  # needs Django set up

    stage.use(BASE)
    furnishing.move_in(PEOPLE)
    with stage.driver(BASE) as cursor:
        for statement in furnishing.control_tables():
            cursor.execute(statement)
        cursor.execute(f"grant select, insert, update, delete on all tables in schema public to {SERVING}")
        cursor.execute(
            "insert into bench_control_unit (title, text) select 'Row ' || n, repeat('word ', 20) from generate_series(1, 10) n"
        )
        cursor.execute("analyze")
    stage.cookies = furnishing.signed_in()
