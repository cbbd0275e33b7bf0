"""Our own long-running processes: web server, workers, clock."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from portal.services.preparation import ROOT
from portal.services.processes import ServiceError, on_parents_death, tail

_CRASHES = 5  # so many deaths, each within ...
_SOON = 20.0  # ... so many seconds of the start, are a crash loop


_BEGUN = time.monotonic()


def say(message: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"  {time.monotonic() - _BEGUN:5.1f} s  {message}", flush=True)


@dataclass
class Program:
    """One of our own processes: kept running, its output in a log."""

    name: str
    arguments: list[str]
    log: Path
    hands_over: tuple[int, ...] = ()  # descriptors it inherits, as a socket that listens already
    process: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    started: float = 0.0

    def start(self, environment: dict[str, str]) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches it only through us."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.arguments], cwd=ROOT, env=environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=on_parents_death(),
                pass_fds=self.hands_over,
            )  # fmt: skip
        self.started = time.monotonic()

    def is_running(self) -> bool:
        """True while it lives."""
        return self.process is not None and self.process.poll() is None

    def restart(self, environment: dict[str, str]) -> None:
        """Start it again after a death. Raises ServiceError for a crash loop."""
        self.crashes = self.crashes + 1 if time.monotonic() - self.started < _SOON else 1
        if self.crashes >= _CRASHES:
            raise ServiceError(f"The {self.name} died {self.crashes} times in a row. The end of {self.log}:\n{tail(self.log)}")
        code = self.process.returncode if self.process else None
        say(f"the {self.name} ended ({code}) and is started again; see {self.log}")
        time.sleep(min(2**self.crashes * 0.1, 2.0))
        self.start(environment)

    def ask_to_end(self) -> None:
        """Ask it to finish what it does and end."""
        if self.process and self.is_running():
            self.process.terminate()

    def await_end(self, seconds: float) -> None:
        """Wait for it; kill it with all its children when it takes longer."""
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
