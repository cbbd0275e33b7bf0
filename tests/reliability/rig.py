"""The rig: the product's real parts as processes that can be killed at any moment, and the ledgers at both ends."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from portal.services.images import ROOT, TEMPLATE, copy_migrated, environment
from portal.services.postgres import Postgres
from portal.services.processes import free_port, on_parents_death, tail
from portal.services.valkey import Valkey

DATABASE = "rig"
TOKEN = "the-council-system-of-the-rig"
KINDS = ("web", "worker main", "worker child", "beat", "broker", "database")


@dataclass
class Part:
    """One process (with its children) that is started anew after it was killed."""

    name: str
    words: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, variables: dict[str, str]) -> None:
        """Start it; must be called from the main thread."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.words], cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=on_parents_death(signal.SIGKILL),
            )  # fmt: skip

    def kill(self) -> None:
        """kill -9 the process and all its children at once."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_child(self) -> bool:
        """kill -9 one child; False when there is none just now."""
        assert self.process is not None
        try:
            children = psutil.Process(self.process.pid).children()
            if not children:
                return False
            random.choice(children).kill()
        except psutil.NoSuchProcess:
            return False
        return True


@dataclass
class Rig:
    """Servers, web, worker, beat, and the partner's receiver.

    naive: run the control instead of the product. app: the Celery application, where it is not the one of referrals.
    queue: what the worker takes.
    """

    folder: Path
    naive: bool = False
    app: str = ""
    queue: str = "delivery"
    parts: dict[str, Part] = field(default_factory=dict)
    kills: list[str] = field(default_factory=list)

    # --- start and stop ---------------------------------------------------------------------------------------------

    def start(self) -> "Rig":
        """Start the servers; the programs are started by `start_programs` once there is somebody to send to."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self.postgres: Postgres = copy_migrated(self.folder / "database")
        self.postgres.durable = True  # an acknowledged commit must survive the server's death
        self.postgres.start()
        self.postgres.create_database(DATABASE, TEMPLATE)
        self.broker = Valkey(self.folder / "broker", persistent=False).start()
        self.web_port, self.door_port = free_port(), free_port()
        self.ledger = self.folder / "ledger.sqlite"
        return self

    def start_programs(self, *names: str) -> None:
        """Start the named parts (all of them without names)."""
        wsgi, app = ("tests.reliability.naive",) * 2 if self.naive else ("portal.wsgi", "portal")
        app = self.app or app
        words = {
            "door": ["-m", "tests.reliability.receiver", str(self.door_port), str(self.ledger)],
            "web": ["-m", "gunicorn", f"{wsgi}:application", "-w", "2", "--preload", "-b", f"127.0.0.1:{self.web_port}",
                    "--log-level", "warning"],
            "worker": ["-m", "celery", "-A", app, "worker", "-Q", self.queue, "-c", "2", "-l", "warning", "--without-gossip",
                       "--without-mingle", "--without-heartbeat"],
            "beat": ["-m", "celery", "-A", app, "beat", "-l", "warning", "-s", str(self.folder / "beat-schedule"), "--pidfile="],
        }  # fmt: skip
        if self.naive:
            del words["beat"]  # no sweep
        for name in names or words:
            if name in words:
                self.parts[name] = Part(name, words[name], self.folder / f"{name}.log")
                self.parts[name].start(self.variables)
        for name, port in (("door", self.door_port), ("web", self.web_port)):
            if name in self.parts:
                self._await_answer(port, name)

    def stop(self) -> None:
        """End everything."""
        for part in self.parts.values():
            part.kill()
        self.broker.stop()
        self.postgres.stop()

    @property
    def variables(self) -> dict[str, str]:
        """The environment of the programs."""
        return environment(self.postgres, DATABASE) | {"REDIS_URL": self.broker.url(), "LOG_LEVEL": "WARNING"}

    @property
    def door(self) -> str:
        """Where the partner takes referrals."""
        return f"http://127.0.0.1:{self.door_port}/inbox"

    def _await_answer(self, port: int, name: str, seconds: float = 60.0) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"{name} does not answer:\n{tail(self.parts[name].log, 40)}")

    # --- faults -----------------------------------------------------------------------------------------------------

    def kill(self, kind: str) -> None:
        """kill -9 one thing and start it anew, as a supervisor would."""
        self.kills.append(kind)
        if kind == "database":
            self._kill_server(self.postgres.process)
            self._start_database()
        elif kind == "broker":
            self._kill_server(self.broker.process)
            self.broker.start()
        elif kind == "worker child":
            self.parts["worker"].kill_child()
        elif (name := kind.split()[0]) in self.parts:
            self.parts[name].kill()
            time.sleep(0.3)
            self.parts[name].start(self.variables)

    def tend(self) -> None:
        """Start anew what ended by itself, as a supervisor would: a worker gives up when the broker dies while it acknowledges."""
        for part in self.parts.values():
            if part.process is not None and part.process.poll() is not None:
                part.start(self.variables)

    def _start_database(self) -> None:
        """The old server's children may hold the shared memory for a moment."""
        for _attempt in range(20):
            try:
                self.postgres.start()
            except SystemExit:
                time.sleep(0.2)
            else:
                return
        raise AssertionError(f"PostgreSQL does not come back:\n{tail(self.postgres.log, 40)}")

    @staticmethod
    def _kill_server(process: Any) -> None:
        for pid in [child.pid for child in psutil.Process(process.pid).children(recursive=True) if child.name() != "postgres"]:
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()

    # --- offering and counting --------------------------------------------------------------------------------------

    @contextmanager
    def offering(
        self, message: bytes, *, number: int, prefix: str, per_second: float, producers: int = 4
    ) -> Iterator[Callable[[], bool]]:
        """Producers offer `number` referrals while the block runs; the block gets a function that says whether they still do.

        Leaving the block waits for them. Raises AssertionError when one gave up.
        """
        share = number // producers
        running = []
        for index in range(producers):
            words = [f"http://127.0.0.1:{self.web_port}/api/referrals/inbox/", TOKEN, f"{prefix}-{index}", "0", str(share),
                     str(per_second / producers), str(self.acknowledged(prefix, index))]  # fmt: skip
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.reliability.producer", *words], cwd=ROOT, stdin=subprocess.PIPE,
                stderr=subprocess.PIPE, preexec_fn=on_parents_death(signal.SIGKILL),
            )  # fmt: skip
            assert process.stdin is not None
            process.stdin.write(message)
            process.stdin.close()
            running.append(process)

        def still_offering() -> bool:
            for process in running:
                if process.poll():
                    raise AssertionError(process.stderr.read().decode()[-2000:] if process.stderr else "a producer failed")
            return any(process.poll() is None for process in running)

        yield still_offering
        for process in running:
            assert process.wait(300) == 0, process.stderr.read().decode() if process.stderr else ""

    def acknowledged(self, prefix: str, index: int) -> Path:
        """Where a producer keeps what was acknowledged to it."""
        return self.folder / f"{prefix}-{index}.acked"

    def acked(self, prefix: str) -> dict[str, str]:
        """{key: task} of everything acknowledged."""
        lines = [line for path in self.folder.glob(f"{prefix}-*.acked") for line in path.read_text().splitlines()]
        return dict(line.split(" ") for line in lines)

    def effects(self) -> dict[str, str]:
        """{key: id in the body} of what the receiver did; a key is there once or not at all."""
        return dict(self._ledger("select key, id from effects"))

    def hits(self) -> int:
        """How often somebody knocked at the receiver's door."""
        return self._ledger("select count(*) from hits")[0][0]

    def _ledger(self, query: str) -> list[Any]:
        rows = sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)
        try:
            return rows.execute(query).fetchall()
        finally:
            rows.close()

    def tasks(self) -> dict[str, str]:
        """{task: state of its delivery}, read past row-level security."""
        rows = self.postgres.run(
            "select t.id::text, d.state from casework_referraltask t left join casework_referraldelivery d "
            "on d.task_id = t.id and d.message = 'request'",
            database=DATABASE,
        )
        return dict(rows)

    def settle(self, seconds: float) -> None:
        """Wait until every task has had its effect and none is pending, or for `seconds` nobody knocks any more."""
        before, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            tasks = self.tasks()
            if set(tasks) <= set(self.effects()) and "pending" not in tasks.values():
                return
            if (hits := self.hits()) != before:
                before, since = hits, time.monotonic()
            self.tend()
            time.sleep(0.25)


def kill_order(number: int, seed: int, kinds: tuple[str, ...] = KINDS) -> list[str]:
    """`number` kinds in shuffled rounds, so that each comes about as often."""
    chance = random.Random(seed)
    order: list[str] = []
    while len(order) < number:
        order += chance.sample(kinds, len(kinds))
    return order[:number]
