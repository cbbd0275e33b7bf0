"""One command runs everything: `python -m portal.services.supervisor` (what `make run` calls).

Servers (unless DATABASE_URL and REDIS_URL name some), schema, demonstration, workers, beat, web. What dies is started
again; Ctrl-C ends all in the right order; and should this process be killed, the kernel ends its children.
"""

import errno
import fcntl
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

import psycopg2

from portal.services.postgres import OWNER, SERVING, Postgres
from portal.services.preparation import (
    LOAD_DEMONSTRATION,
    ROOT,
    SHOW_SIGN_INS,
    Preparation,
    clean_environment,
    has_command,
    manage,
)
from portal.services.processes import ServiceError, listen, tail
from portal.services.programs import Program, say
from portal.services.translations import compile_stale
from portal.services.valkey import Valkey


@dataclass
class Stack:
    """The whole house of one data folder."""

    data: Path
    environment: dict[str, str]
    postgres: Postgres | None = None
    valkey: Valkey | None = None
    listener: socket.socket | None = None  # held while the house stands: the web server may die, the port stays ours
    programs: list[Program] = field(default_factory=list)

    @property
    def state(self) -> Path:
        """Where this stack says who and where it is, while it runs."""
        return self.data / "state.json"

    @property
    def durable(self) -> bool:
        """False only for the copies that tests run."""
        return "PORTAL_TEST_STACK" not in self.environment

    def run(self) -> None:
        """Start all and keep it running until KeyboardInterrupt. Raises ServiceError when something cannot be had."""
        host, self.listener = self._listen()
        url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{self.listener.getsockname()[1]}/"  # noqa: S104  compared, not bound
        self.environment.setdefault("PUBLIC_URL", url)
        (self.data / "logs").mkdir(parents=True, exist_ok=True)
        compile_stale(ROOT)
        self._start_database()
        self._start_broker()
        self._prepare_database()
        self._name_programs(self.listener.fileno())
        self._start(self.programs[:1])
        sign_ins = self._sign_ins()
        self._await_web(url)
        self._start(self.programs[1:])  # after the web server, which somebody waits for
        self._write_state(url)
        say("ready")
        print(f"\n  OneDoor is open at {url}\n", flush=True)
        if sign_ins:
            print("\n".join("  " + line for line in sign_ins.rstrip().splitlines()) + "\n", flush=True)
        print("  Ctrl-C stops everything; the data stay.", flush=True)
        self._keep_running(url)

    def stop(self) -> None:
        """End everything: the programs first, then the servers they use."""
        begun = time.monotonic()
        for program in self.programs:
            program.ask_to_end()
        for program in self.programs:
            program.await_end(12 - (time.monotonic() - begun))
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()
        if self.listener:
            self.listener.close()
        self.state.unlink(missing_ok=True)
        say(f"stopped in {time.monotonic() - begun:.1f} seconds")

    # --- steps ------------------------------------------------------------------------------------------------------

    def _listen(self) -> tuple[str, socket.socket]:
        """The host and the socket of the web server: at PORT (0: any), or at 8000 where it is free and any other else."""
        host = self.environment.get("HOST", "127.0.0.1")
        wish = self.environment.get("PORT", "")
        if wish and (not wish.isdigit() or int(wish) > 65535):
            raise ServiceError(f"PORT must be a number between 1 and 65535, or 0 for any, not {wish!r}.")
        try:
            return host, listen(host, int(wish or 8000))
        except OSError as error:
            if not wish and error.errno == errno.EADDRINUSE:
                return host, listen(host, 0)
            if error.errno == errno.EADDRINUSE:
                raise ServiceError(f"Port {wish} is taken by another program. Choose another one: PORT=8001 make run") from None
            raise ServiceError(f"The web server cannot listen at {host}:{wish or 8000}: {error.strerror}.") from None

    def _start_database(self) -> None:
        if self.environment.get("DATABASE_URL"):
            if not self.environment.get("DATABASE_OWNER_URL"):
                raise ServiceError(
                    "DATABASE_URL is set: set DATABASE_OWNER_URL too, the address of the role that owns the tables."
                )
            say("PostgreSQL: the server in DATABASE_URL")
            return
        self.postgres = Postgres(self.data / "pg", durable=self.durable).start()
        self.environment["DATABASE_URL"] = self.postgres.url("portal", SERVING)
        self.environment["DATABASE_OWNER_URL"] = self.postgres.url("portal", OWNER)
        say(f"PostgreSQL answers on port {self.postgres.port}")

    def _start_broker(self) -> None:
        if self.environment.get("REDIS_URL"):
            say("broker: the server in REDIS_URL")
            return
        self.valkey = Valkey(self.data / "valkey", persistent=self.durable).start()
        self.environment["REDIS_URL"] = self.valkey.url()
        say(f"Valkey answers on port {self.valkey.port}")

    def _prepare_database(self) -> None:
        notes = Preparation(self.data / "prepared.json")
        if self.postgres is None:
            manage(["migrate", "-v0", "--skip-checks"], self.environment)
            say("the schema is up to date")
            if self._wants_demonstration() and not _has_users(self.environment["DATABASE_OWNER_URL"]):
                manage([LOAD_DEMONSTRATION, "--skip-checks"], self.environment)
                say("the demonstration is loaded")
            return
        if notes.is_half_loaded():
            say("loading the demonstration was interrupted last time: beginning anew")
            self.postgres.drop_database("portal")
        if not self.postgres.has_database("portal"):
            self.postgres.create_database("portal")
            notes.note(schema=None, demonstration=None)
        if not notes.is_migrated():
            say("bringing the schema up to date ...")
            notes.migrate(self.environment)
        if self._wants_demonstration() and not notes.is_loaded():
            say("loading the demonstration ...")
            notes.load_demonstration(self.environment)
        say("the database is ready")

    def _wants_demonstration(self) -> bool:
        return has_command(LOAD_DEMONSTRATION) and self.environment.get("PORTAL_DEMONSTRATION", "yes").lower() != "no"

    def _name_programs(self, listening: int) -> None:
        """listening: the descriptor of the socket that the web server takes over."""
        logs = self.data / "logs"
        celery = ["-m", "celery", "-A", "portal"]
        worker = [*celery, "worker", "-l", "info", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        self.programs = [
            Program(
                "web server",
                # without --no-control-socket gunicorn writes into the home folder, which two portals would share
                ["-m", "gunicorn", "portal.wsgi", "-b", f"fd://{listening}", "-w", "2", "--threads", "4", "--preload",
                 "--no-control-socket", "--timeout", "60", "--graceful-timeout", "10"],
                logs / "web.log",
                hands_over=(listening,),
            ),
            Program("worker", [*worker, "-Q", "celery", "-c", "2", "-n", "general@%h"], logs / "worker.log"),
            Program("delivery worker", [*worker, "-Q", "delivery", "-c", "1", "-n", "delivery@%h"], logs / "delivery.log"),
            Program("clock", [*celery, "beat", "-l", "info", "-s", str(self.data / "beat"), "--pidfile="], logs / "beat.log"),
        ]  # fmt: skip

    def _start(self, programs: list[Program]) -> None:
        for program in programs:
            program.start(self.environment)
        say(f"{', '.join(program.name for program in programs)}: starting")

    def _sign_ins(self) -> str:
        return (
            manage([SHOW_SIGN_INS, "--skip-checks"], self.environment)
            if has_command(SHOW_SIGN_INS) and self._wants_demonstration()
            else ""
        )

    def _await_web(self, url: str, seconds: float = 180.0) -> None:
        web = self.programs[0]
        until = time.monotonic() + seconds
        answer = "no answer"
        while time.monotonic() < until and web.is_running():
            try:
                with urllib.request.urlopen(f"{url}healthz", timeout=5):  # noqa: S310  our own address
                    return
            except urllib.error.HTTPError as error:
                answer = f"error {error.code}"
                time.sleep(0.5)
            except OSError:
                time.sleep(0.05)
        raise ServiceError(f"The web server did not become ready ({answer}). The end of {web.log}:\n{tail(web.log)}")

    def _write_state(self, url: str) -> None:
        facts = {"pid": os.getpid(), "url": url, "programs": {p.name: p.process.pid for p in self.programs if p.process}}
        facts |= {name: self.environment[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")}
        unfinished = self.state.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            json.dump(facts, file)
        unfinished.rename(self.state)

    def _keep_running(self, url: str) -> None:
        while True:
            if self.postgres and not self.postgres.is_running():
                say("PostgreSQL died and is started again")
                self.postgres.start()
            if self.valkey and not self.valkey.is_running():
                say("Valkey died and is started again")
                self.valkey.start()
            for program in self.programs:
                if not program.is_running():
                    program.restart(self.environment)
                    self._write_state(url)
            time.sleep(0.3)


def _has_users(owner_url: str) -> bool:
    connection = psycopg2.connect(owner_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select exists (select from portal_user)")
            row = cursor.fetchone()
            return bool(row and row[0])
    finally:
        connection.close()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _lock(data: Path) -> IO[str] | None:
    """The lock of a data folder, or None where another stack holds it. Raises ServiceError for a folder not ours."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        file = (data / "lock").open("a")
    except PermissionError:
        raise ServiceError(
            f"{data} belongs to another user: it was probably made by root. Run as that user, remove the folder, "
            "or set PORTAL_DATA to another one."
        ) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def main(arguments: list[str]) -> int:
    """`run` (the default) or `stop`. Returns the exit code."""
    environment = clean_environment()
    data = Path(environment.setdefault("PORTAL_DATA", str(ROOT / ".local"))).absolute()
    try:
        lock = _lock(data)
    except ServiceError as error:
        print(error, file=sys.stderr)
        return 1
    stack = Stack(data, environment)
    running = json.loads(stack.state.read_text()) if lock is None and stack.state.exists() else {}
    if arguments[:1] == ["stop"]:
        if running:
            os.kill(running["pid"], signal.SIGTERM)
        print("OneDoor is stopping." if running else "OneDoor is not running.")
        return 0
    if lock is None:
        print(f"OneDoor already runs at {running['url']}" if running else "OneDoor is being started by another command already.")
        return 0
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        stack.run()
    except KeyboardInterrupt:
        print(flush=True)
    except ServiceError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stack.stop()
        lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
