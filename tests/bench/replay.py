"""The statements of one transaction as a pgbench script: the floor that the server and the disk set for the same SQL."""

import os
import re
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2.extensions
from django.db import connection

from portal.services.postgres import SERVING, Postgres, find_binaries
from tests.bench.measure import Cost, children_of, process_cpu

_LITERAL = re.compile(r"(E?)'((?:[^']|'')*)'")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@contextmanager
def listening() -> Iterator[list[str]]:
    """Everything that Django's connection sends in the block, also what Django does not log: who acts, SAVEPOINTs."""
    sent: list[str] = []

    class Listener(psycopg2.extensions.cursor):
        def execute(self, query: Any, values: Any = None) -> None:
            super().execute(query, values)
            sent.append((self.query or b"").decode())

    connection.ensure_connection()
    connection.connection.cursor_factory = Listener
    try:
        yield sent
    finally:
        connection.connection.cursor_factory = psycopg2.extensions.cursor


def script(sent: list[str], *, since: int, once: str) -> str:
    """A pgbench script that makes what `sent` made, each time anew.

    since: Unix milliseconds; ids younger than that were made by the transaction and become variables, as does the text
    `once` (a unique reference). Ids inside JSON documents stay: nothing refers to them there.
    """
    made: dict[str, str] = {}

    def literal(found: re.Match[str]) -> str:
        escaped, body = found.groups()
        if _UUID.fullmatch(body) and int(body.replace("-", "")[:12], 16) >= since:
            return ":" + made.setdefault(body, f"made{len(made)}")
        if body == once:
            return "substr(md5(random()::text), 1, 16)"
        if re.search(r":\w", body):  # pgbench would take it for a variable
            body = body if escaped else body.replace("\\", "\\\\")
            return f"E'{body.replace(':', chr(92) + 'x3a')}'"
        return found[0]

    lines = [_LITERAL.sub(literal, statement).replace("\n", " ") + ";" for statement in sent]
    drawn = ", ".join(f"uuidv7() as {name}" for name in made.values())
    return "\n".join([f"select {drawn} \\gset", "begin;", *lines, "commit;", ""])


def pgbench(server: Postgres, database: str, path: Path, times: int) -> Cost:
    """Run the script `times` times by one client with prepared statements; the cost of one run."""
    assert server.process is not None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    there = children_of(server.process.pid)
    backends: dict[int, float] = {}
    running = subprocess.Popen(
        [find_binaries() / "pgbench", "-n", "-M", "prepared", "-c", "1", "-t", str(times), "-f", path, "-h", "127.0.0.1",
         "-p", str(server.port), "-U", SERVING, database],
        env=os.environ | {"PGPASSWORD": server.passwords[SERVING]}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while running.poll() is None:  # its server process is gone when it ends
        for pid in children_of(server.process.pid) - there:
            with suppress(OSError):
                if SERVING in Path(f"/proc/{pid}/cmdline").read_text():
                    backends[pid] = process_cpu(pid)
        time.sleep(0.01)
    said, problem = running.communicate()
    if running.returncode or "number of failed transactions: 0 " not in said:
        raise AssertionError(f"pgbench failed:\n{said}\n{problem[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    app = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    latency = re.search(r"latency average = ([\d.]+) ms", said)
    assert latency is not None
    return Cost(app * 1e3 / times, sum(backends.values()) / times, float(latency[1]))
