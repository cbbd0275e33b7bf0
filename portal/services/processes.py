"""Processes and ports: what every service needs to start cleanly and to leave nothing behind."""

import ctypes
import hashlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class ServiceError(Exception):
    """A service cannot run; the message says what to do."""


@dataclass(frozen=True)
class Identity:
    """The operating-system user a server runs as, where it is not ours."""

    uid: int
    gid: int


def on_parents_death(number: signal.Signals = signal.SIGTERM, identity: Identity | None = None) -> Callable[[], None] | None:
    """A `preexec_fn` that has the kernel send `number` to the child when its parent dies (Linux; None elsewhere).

    `identity` is taken on first, because changing the user id clears the request. It is tied to the forking thread, so
    children must be started from the main thread.
    """
    if sys.platform != "linux":
        return _become(identity) if identity else None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prepare() -> None:
        if identity:
            os.setgroups([])
            os.setgid(identity.gid)
            os.setuid(identity.uid)
        libc.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return prepare


def _become(identity: Identity) -> Callable[[], None]:
    def prepare() -> None:
        os.setgroups([])
        os.setgid(identity.gid)
        os.setuid(identity.uid)

    return prepare


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """True when a server could listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(preferred: int = 0) -> int:
    """`preferred` when it is free, else any free port of the loopback interface."""
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there, to be handed to the server: between choosing a port and using it nobody can take it.

    port: 0 means any free one. Raises OSError when it is taken or not ours to take.
    """
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def stable_port(path: Path, salt: str) -> int:
    """A port between 20000 and 29999 that is the same at every start for one data folder."""
    return 20000 + int(hashlib.sha256(f"{path}{salt}".encode()).hexdigest(), 16) % 10000


def is_alive(pid: int) -> bool:
    """True when a process with this number runs; a zombie counts as dead."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self/stat").exists()


def command_line(pid: int) -> str:
    """The command line of a process, or "" where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def end_leftover(pid: int, belongs_to: Path, number: signal.Signals, seconds: float = 10.0) -> bool:
    """End a server that an earlier run left behind, if `pid` is one of this folder.

    Returns True when there was one. Raises ServiceError when it does not end within `seconds`.
    """
    if not is_alive(pid) or str(belongs_to) not in command_line(pid):
        return False
    os.kill(pid, number)
    until = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > until:
            raise ServiceError(f"A left-over server (process {pid}) of {belongs_to} does not stop. End it and try again.")
        time.sleep(0.05)
    return True


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, for an error message."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
