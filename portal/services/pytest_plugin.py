"""The test database and broker: real ones, started when a test first asks for them.

Each pytest process (each xdist worker too) has a PostgreSQL of its own, copied from a migrated image in a fraction of a
second, and serves itself as `portal_app`, so that row-level security holds in every test. After a test that commits
(`transaction=True`) the database is cloned anew from its template: triggers that forbid deleting stay in force, and what
migrations put in comes back.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase

from portal.services.images import TEMPLATE, copy_migrated
from portal.services.postgres import Postgres
from portal.services.processes import is_alive
from portal.services.valkey import Valkey

DATABASE = "portal_test"
_PREFIX = "onedoor-tests-"


def session_folder() -> Path:
    """A folder of this process for servers' data; removed at the end, or by the next session after a crash."""
    for old in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if not is_alive(int(old.name.split("-")[2])):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)  # the database server may run as nobody
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@pytest.fixture(scope="session")
def services_folder() -> Path:
    """Where this session's servers keep their data."""
    return session_folder()


@pytest.fixture(scope="session")
def postgres(services_folder: Path) -> Iterator[Postgres]:
    """This session's PostgreSQL server with the databases `migrated` (a template) and, for tests, `portal_test`."""
    server = copy_migrated(services_folder / "database").start()
    atexit.register(server.stop)
    server.create_database(DATABASE, TEMPLATE)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django_db_setup(postgres: Postgres, django_db_blocker: Any) -> Iterator[None]:
    """Point Django at this session's database, as the serving role."""
    with using_database(postgres.url(DATABASE)), _cloning_instead_of_flushing(postgres):
        yield
        with django_db_blocker.unblock():
            connections["default"].close()


@contextmanager
def using_database(url: str) -> Iterator[None]:
    """Within the block Django's default connection goes to `url`."""
    from portal.settings import environment  # settings are ready only when the session has begun

    connection = connections["default"]
    before = dict(connection.settings_dict)
    connection.close()
    entry = environment.database(url)
    connection.settings_dict.update({key: entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def _cloning_instead_of_flushing(server: Postgres) -> Iterator[None]:
    flush = TransactionTestCase._fixture_teardown

    def clone_anew(self: TransactionTestCase) -> None:
        connections.close_all()
        server.drop_database(DATABASE)
        server.create_database(DATABASE, TEMPLATE)

    TransactionTestCase._fixture_teardown = clone_anew  # type: ignore[method-assign]
    try:
        yield
    finally:
        TransactionTestCase._fixture_teardown = flush  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def _valkey(services_folder: Path) -> Iterator[Valkey]:
    server = Valkey(services_folder / "valkey", persistent=False).start()
    atexit.register(server.stop)
    yield server
    server.stop()


@pytest.fixture
def broker(_valkey: Valkey) -> Iterator[Valkey]:
    """The real broker, emptied for this test; jobs enqueued during the test go there."""
    import redis

    from portal.celery import app

    client = redis.Redis.from_url(_valkey.url())
    client.flushall()
    client.close()
    before = app.conf.broker_url
    app.conf.broker_url = app.conf.broker_write_url = app.conf.broker_read_url = _valkey.url()
    app.pool.force_close_all()
    app._pool = None
    try:
        yield _valkey
    finally:
        app.pool.force_close_all()
        app._pool = None
        app.conf.broker_url = app.conf.broker_write_url = app.conf.broker_read_url = before
