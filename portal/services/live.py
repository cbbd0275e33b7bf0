"""The whole product, running beside a test: `make run` on a copy of the demonstration's data."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from portal.services.images import copy_demonstration
from portal.services.preparation import ROOT, clean_environment, manage
from portal.services.processes import ServiceError, on_parents_death, tail


@dataclass
class LiveStack:
    """Servers, web, workers and clock of one folder, kept by the same supervisor as in real life."""

    data: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """What the supervisor says; the programs' own logs are in `logs/` beside it."""
        return self.data / "supervisor.log"

    @property
    def state(self) -> dict[str, Any]:
        """pid, url, programs (name to pid), DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL; empty until it is ready."""
        try:
            return dict(json.loads((self.data / "state.json").read_text()))
        except (OSError, ValueError):
            return {}

    @property
    def url(self) -> str:
        """The address of the start page, ending in a slash."""
        return str(self.state["url"])

    @property
    def mailbox(self) -> Path:
        """Where its e-mails land, one file each."""
        return self.data / "mailbox"

    def start(self, seconds: float = 300.0) -> None:
        """Start it and wait until it serves. Raises ServiceError with the log's end when it does not."""
        copy_demonstration(self.data)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.services.supervisor"],
                cwd=ROOT,
                env=self.environment() | {"PORT": "0"},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=on_parents_death(),
            )
        until = time.monotonic() + seconds
        while not self.state:
            if self.process.poll() is not None or time.monotonic() > until:
                raise ServiceError(f"The live stack did not start. The end of {self.log}:\n{tail(self.log, 40)}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop everything it started."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)

    def environment(self) -> dict[str, str]:
        """The environment of a process that belongs to this stack."""
        names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
        ours = {name: value for name, value in clean_environment().items() if name not in names}
        ours |= {"DJANGO_SETTINGS_MODULE": "portal.settings.test", "PORTAL_TEST_STACK": "1", "PORTAL_DATA": str(self.data)}
        return ours | {name: self.state[name] for name in names if name in self.state}

    def manage(self, *words: str) -> str:
        """Run `manage.py` on its database and return what it printed. Raises ServiceError when it fails."""
        return manage(words, self.environment())

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A cursor of the owner role on its database, which row-level security does not bind: for looking, not for setting up."""
        connection = psycopg2.connect(self.state["DATABASE_OWNER_URL"])
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def kill(self, program: str) -> None:
        """End one program at once, as a crash would: "web server", "worker", "delivery worker" or "clock"."""
        os.killpg(self.state["programs"][program], signal.SIGKILL)
