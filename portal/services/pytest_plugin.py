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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kombu.pools
import pytest
import redis
from django.db import connections
from django.test import TransactionTestCase

from portal.services.images import TEMPLATE, copy_migrated, environment
from portal.services.live import LiveStack
from portal.services.postgres import Postgres
from portal.services.processes import ServiceError, is_alive, tail
from portal.services.programs import Program
from portal.services.valkey import Valkey
from portal.settings.environment import database as database_entry

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
    connection = connections["default"]
    before = dict(connection.settings_dict)
    connection.close()
    entry = database_entry(url)
    connection.settings_dict.update({key: entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def _cloning_instead_of_flushing(server: Postgres) -> Iterator[None]:
    case: Any = TransactionTestCase  # what is replaced is left out of the stubs
    flush = case._fixture_teardown

    def clone_anew(self: TransactionTestCase) -> None:
        connections.close_all()
        server.drop_database(DATABASE)
        server.create_database(DATABASE, TEMPLATE)

    case._fixture_teardown = clone_anew
    try:
        yield
    finally:
        case._fixture_teardown = flush


@pytest.fixture(scope="session")
def valkey(services_folder: Path) -> Iterator[Valkey]:
    """This session's broker server. Tests that enqueue use `broker`."""
    server = Valkey(services_folder / "valkey", persistent=False).start()
    atexit.register(server.stop)
    yield server
    server.stop()


@pytest.fixture
def broker(valkey: Valkey) -> Iterator[Valkey]:
    """The real broker, emptied for this test; jobs enqueued during the test go there."""
    client = redis.Redis.from_url(valkey.url())
    client.flushall()
    client.close()
    with celery_speaking_to(valkey.url()):
        yield valkey


@contextmanager
def celery_speaking_to(url: str) -> Iterator[None]:
    """Within the block this process enqueues at `url`."""
    from portal.celery import app  # reads the settings, which are ready only when the session has begun

    before = app.conf.broker_url
    try:
        _connect(app, url)
        yield
    finally:
        _connect(app, before)


def _connect(app: Any, url: str) -> None:
    app.conf.update(broker_url=url, broker_read_url=url, broker_write_url=url)
    kombu.pools.reset()  # connections to the former broker
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def celery_worker(broker: Valkey, postgres: Postgres, services_folder: Path, transactional_db: None) -> Iterator[Program]:
    """A real `celery worker` process on this test's database and broker, taking every queue.

    The test commits (it asks for `transactional_db`), waits for what the worker does, and finds the log in
    `celery_worker.log`.
    """
    arguments = ["-m", "celery", "-A", "portal", "worker", "-Q", "celery,delivery", "-c", "2", "-l", "info"]
    arguments += ["--without-gossip", "--without-mingle", "--without-heartbeat", "-n", f"test{os.getpid()}@%h"]
    program = Program("test worker", arguments, services_folder / "worker.log")
    program.log.unlink(missing_ok=True)
    program.start(environment(postgres, DATABASE) | {"REDIS_URL": broker.url()})
    try:
        _await_worker(program)
        yield program
    finally:
        program.ask_to_end()
        program.await_end(10)


def _await_worker(program: Program, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while " ready." not in (program.log.read_text() if program.log.exists() else ""):
        if not program.is_running() or time.monotonic() > until:
            raise ServiceError(f"The test worker did not start:\n{tail(program.log, 40)}")
        time.sleep(0.05)


@pytest.fixture(scope="session")
def live_stack(services_folder: Path) -> Iterator[LiveStack]:
    """The whole product as `make run` starts it, with the demonstration, for browser journeys: one per test process."""
    stack = LiveStack(services_folder / "live")
    atexit.register(stack.stop)
    stack.start()
    yield stack
    stack.stop()
