"""The embedded servers: they start, recover from a crash, and say what is wrong."""

import os
import signal
import socket
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from portal.celery import app
from portal.services.postgres import OWNER, SERVING, Postgres
from portal.services.processes import ServiceError, end_leftover, free_port, is_alive, is_free, stable_port
from portal.services.programs import Program
from portal.services.valkey import Valkey


@pytest.fixture(scope="module")
def cluster(services_folder: Path):
    server = Postgres(services_folder / "own" / "pg").start()
    server.create_database("portal")
    yield server
    server.stop()


def wait_until(condition, seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_the_cluster_has_two_weak_roles(cluster: Postgres) -> None:
    rows = cluster.run(
        "select rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles where rolname like 'portal%%' order by 1",
        [],
    )
    assert rows == [(SERVING, False, False, False, False), (OWNER, False, False, False, False)]


def test_text_sorts_and_folds_alike_everywhere(cluster: Postgres) -> None:
    rows = cluster.run("select datlocprovider, datlocale, lower('ȘTEFAN') from pg_database where datname = 'portal'")
    assert rows == [("b", "C.UTF-8", "ștefan")]


def test_the_password_is_needed(cluster: Postgres) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(cluster.url("portal").replace(cluster.passwords[SERVING], "wrong"))


def test_committed_rows_survive_kill_9(cluster: Postgres) -> None:
    cluster.run("create table kept (n int)", database="portal")
    cluster.run("insert into kept values (1)", database="portal")
    assert cluster.process is not None
    os.kill(cluster.process.pid, signal.SIGKILL)
    cluster.process.wait()
    cluster.start()
    assert cluster.run("select n from kept", database="portal") == [(1,)]


def test_a_leftover_server_is_stopped_first(cluster: Postgres, capsys: pytest.CaptureFixture[str]) -> None:
    leftover = cluster.process
    assert leftover is not None
    again = Postgres(cluster.data).start()
    try:
        assert leftover.wait(5) == 0
        assert f"process {leftover.pid}" in capsys.readouterr().out
        assert again.has_database("portal")
    finally:
        again.stop()
        cluster.start()


def test_another_major_version_is_refused(tmp_path: Path, services_folder: Path) -> None:
    data = services_folder / "old" / "pg"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("13\n")
    with pytest.raises(ServiceError, match=r"made by PostgreSQL 13, and the installed server is PostgreSQL 18"):
        Postgres(data).start()


def test_a_folder_that_is_something_else_is_refused(services_folder: Path) -> None:
    data = services_folder / "letters" / "pg"
    data.mkdir(parents=True)
    (data / "letter.txt").write_text("Dear ...")
    with pytest.raises(ServiceError, match="not a PostgreSQL cluster"):
        Postgres(data).start()
    assert (data / "letter.txt").exists()


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch, services_folder: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ServiceError, match="Set DATABASE_URL"):
        Postgres(services_folder / "none" / "pg").start()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServiceError, match="Set REDIS_URL"):
        Valkey(services_folder / "none" / "valkey").start()


def test_valkey_keeps_its_data_over_a_crash(services_folder: Path) -> None:
    server = Valkey(services_folder / "kept-valkey").start()
    client = redis.Redis.from_url(server.url())
    client.set("n", 1)
    time.sleep(1.1)  # its log is written to disk every second
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.start()
    try:
        assert redis.Redis.from_url(server.url()).get("n") == b"1"
        assert server.password not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
    finally:
        server.stop()


def test_a_taken_port_is_seen() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert not is_free(port)
        assert free_port(port) != port
    assert free_port(port) == port


def test_ports_of_a_folder_are_stable() -> None:
    assert stable_port(Path("/a"), "postgres") == stable_port(Path("/a"), "postgres") != stable_port(Path("/b"), "postgres")
    assert 20000 <= stable_port(Path("/a"), "valkey") < 30000


def test_somebody_elses_process_is_not_ended() -> None:
    assert end_leftover(os.getpid(), Path("/no/such/folder"), signal.SIGTERM) is False
    assert is_alive(os.getpid())


def test_a_worker_takes_both_queues(celery_worker: Program) -> None:
    answer = app.control.inspect(timeout=5).active_queues() or {}
    assert {queue["name"] for queues in answer.values() for queue in queues} == {"celery", "delivery"}


def test_a_job_reaches_a_worker(celery_worker: Program, valkey: Valkey) -> None:
    app.send_task("no.such.job", kwargs={"id": "1"})
    assert wait_until(lambda: "no.such.job" in celery_worker.log.read_text())
    assert redis.Redis.from_url(valkey.url()).llen("celery") == 0
