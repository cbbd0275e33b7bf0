"""Measuring: CPU of this process and of its database backend, buffers of a statement, medians of interleaved rounds."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection

ROUNDS = 5


@dataclass(frozen=True)
class Line:
    """One line of the table.

    bar: its name in the engineering notes. ours, against: the two sides with their units. ratio: ours to theirs, None where
    only a count is shown. limit: the bar, and is_met whether it holds (None: reported, not a bar).
    """

    bar: str
    what: str
    ours: str
    against: str = ""
    ratio: float | None = None
    limit: str = ""
    is_met: bool | None = None


@dataclass(frozen=True)
class Cost:
    """What something cost: CPU of our process and of the database backend, wall time; in milliseconds."""

    app: float
    database: float
    wall: float

    @property
    def cpu(self) -> float:
        """Both sides' CPU."""
        return self.app + self.database

    def __str__(self) -> str:
        return f"{self.app:.2f}+{self.database:.2f} ms"


def at_most(ratio: float, limit: float) -> dict[str, Any]:
    """The fields of a Line whose ratio may be at most `limit`."""
    return {"ratio": ratio, "limit": f"≤ {limit:g} x", "is_met": ratio <= limit}


def at_least(ratio: float, limit: float) -> dict[str, Any]:
    """The fields of a Line whose ratio must be at least `limit`."""
    return {"ratio": ratio, "limit": f"≥ {limit:g} x", "is_met": ratio >= limit}


def process_cpu(pid: int) -> float:
    """Milliseconds of CPU (user and system) that another process of one thread has used."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def threads_cpu(pid: int) -> float:
    """Milliseconds of CPU that another process has used with all its threads, in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def children_of(pid: int) -> set[int]:
    """The living children of a process."""
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def backend() -> int:
    """The process that serves Django's connection."""
    connection.ensure_connection()
    return connection.connection.info.backend_pid


def cost(work: Callable[[], Any], times: int = 1) -> Cost:
    """The mean cost of `work` over `times` runs on Django's open connection."""
    pid = backend()
    app, database, wall = time.process_time(), process_cpu(pid), time.perf_counter()
    for _ in range(times):
        work()
    wall, app = time.perf_counter() - wall, time.process_time() - app
    return Cost(app * 1e3 / times, (process_cpu(pid) - database) / times, wall * 1e3 / times)


def middle(costs: list[Cost]) -> Cost:
    """The median of each part."""
    return Cost(*(median(getattr(one, part) for one in costs) for part in ("app", "database", "wall")))


def side_by_side(works: Mapping[Any, Callable[[], Cost]], rounds: int = ROUNDS) -> dict[Any, Cost]:
    """Run each work once per round, one after the other, and keep the median of the rounds."""
    found: dict[Any, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            found[name].append(work())
    return {name: middle(costs) for name, costs in found.items()}


@dataclass
class Statements:
    """What Django sent: each statement with its parameters put in, and the seconds it took."""

    sent: list[str]
    seconds: float = 0.0

    def __len__(self) -> int:
        return len(self.sent)

    @property
    def reads(self) -> list[str]:
        """The statements that only read."""
        return [sql for sql in self.sent if sql.lstrip("( ").upper().startswith("SELECT")]


@contextmanager
def recorded() -> Iterator[Statements]:
    """Record the statements of the block, SAVEPOINTs left out."""
    found = Statements([])

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            found.seconds += time.perf_counter() - begun
            found.sent.append(connection.ops.last_executed_query(context["cursor"].cursor, sql, params))

    with connection.execute_wrapper(note):
        yield found


def plan_of(cursor: Any, sql: str) -> dict[str, Any]:
    """The plan of a statement as it ran, warm. `cursor` is a driver's cursor; the statement holds its values."""
    cursor.execute(sql)
    cursor.execute("explain (analyze, buffers, format json) " + sql)
    found = cursor.fetchone()[0]
    return (json.loads(found) if isinstance(found, str) else found)[0]


def buffers(plan: Mapping[str, Any]) -> int:
    """Shared buffers a plan touched."""
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The nodes of a plan, the outermost first."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def statement_cost(cursor: Any, sql: str, times: int) -> Cost:
    """The mean cost of a statement and of fetching its rows, on a driver's cursor."""
    cursor.execute(sql)
    pid = cursor.connection.info.backend_pid
    app, database, wall = time.process_time(), process_cpu(pid), time.perf_counter()
    for _ in range(times):
        cursor.execute(sql)
        cursor.fetchall()
    wall, app = time.perf_counter() - wall, time.process_time() - app
    return Cost(app * 1e3 / times, (process_cpu(pid) - database) / times, wall * 1e3 / times)
