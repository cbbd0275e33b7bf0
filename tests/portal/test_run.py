"""One command runs everything, and Ctrl-C, a crash and kill -9 all end well."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from portal.services.live import LiveStack
from portal.services.preparation import ROOT
from portal.services.processes import is_alive, listen
from tests.portal.test_services import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("run")]


@pytest.fixture
def stack(services_folder: Path, request: pytest.FixtureRequest):
    live = LiveStack(services_folder / "run" / request.node.name)
    yield live
    live.stop()


def processes_of(folder: Path) -> list[int]:
    """Every process whose command line or environment names the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in text and is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found


def test_it_serves_and_stops_without_leaving_a_process(stack: LiveStack) -> None:
    stack.start()
    with urllib.request.urlopen(f"{stack.url}healthz") as answer:
        assert json.load(answer)["ok"] is True
    assert len(processes_of(stack.data)) > 6
    stack.stop()
    assert stack.process is not None and stack.process.returncode == 0
    assert wait_until(lambda: not processes_of(stack.data), 60), processes_of(stack.data)
    assert "Traceback" not in stack.log.read_text()


def test_kill_9_of_the_supervisor_leaves_nothing_behind(stack: LiveStack) -> None:
    stack.start()
    with stack.database() as cursor:
        cursor.execute("create table kept (n int)")
        cursor.execute("insert into kept values (1)")
    assert stack.process is not None
    stack.process.send_signal(signal.SIGKILL)
    stack.process.wait()
    assert wait_until(lambda: not processes_of(stack.data), 60), processes_of(stack.data)
    (stack.data / "state.json").unlink()
    stack.log.unlink()
    _start_again(stack)
    assert "the database is ready" in stack.log.read_text()
    assert "schema" not in stack.log.read_text() and "loading" not in stack.log.read_text()  # a warm start does neither
    with stack.database() as cursor:
        cursor.execute("select n from kept")
        assert cursor.fetchone() == (1,)


def test_what_dies_is_started_again(stack: LiveStack) -> None:
    stack.start()
    before = stack.state["programs"]
    for name in before:
        stack.kill(name)
    assert wait_until(lambda: not set(before.values()) & set(stack.state["programs"].values()), 60)
    assert wait_until(lambda: _answers(stack), 60)


def test_a_second_command_says_where_it_runs(stack: LiveStack) -> None:
    stack.start()
    done = subprocess.run(
        [sys.executable, "-m", "portal.services.supervisor"],
        cwd=ROOT,
        env=stack.environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout.strip()) == (0, f"OneDoor already runs at {stack.url}")


@pytest.mark.parametrize(("port", "sentence"), [("", "is taken by another program"), ("eight", "must be a number")])
def test_an_impossible_port_is_said(services_folder: Path, port: str, sentence: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        environment = os.environ | {"PORTAL_DATA": str(services_folder / "port"), "PORT": port or str(other.getsockname()[1])}
        done = subprocess.run(
            [sys.executable, "-m", "portal.services.supervisor"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_port_is_held_from_the_first_moment_and_over_a_crash_of_the_web_server(stack: LiveStack) -> None:
    stack.start()
    port = int(stack.url.rstrip("/").rpartition(":")[2])
    for _crash in range(2):
        stack.kill("web server")
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", port)
        assert wait_until(lambda: _answers(stack), 60)


def _start_again(stack: LiveStack) -> None:
    with stack.log.open("ab") as log:
        stack.process = subprocess.Popen(
            [sys.executable, "-m", "portal.services.supervisor"], cwd=ROOT, env=stack.environment(), stdout=log, stderr=log
        )
    assert wait_until(lambda: bool(stack.state), 180), stack.log.read_text()


def _answers(stack: LiveStack) -> bool:
    try:
        with urllib.request.urlopen(f"{stack.url}healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
