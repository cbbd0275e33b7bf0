"""P1 and P8: the worklist at every size, for every queue and filter it offers, against OFFSET paging; and what visibility costs
against the same list without it and against django-guardian's list helper."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone
from guardian.shortcuts import get_objects_for_user

from casework.models import ProgrammeCase
from casework.queries import worklist
from portal.kit.actor import acting_as
from portal.services.postgres import OWNER, SERVING
from tests.bench.caseload import GRANTS, PROGRAMME, STATE, UNSCOPED, database_of
from tests.bench.furnishing import COLLEAGUE, actor_of, client_of, colleague
from tests.bench.measure import Cost, Line, at_most, buffers, cost, nodes, plan_of, recorded, side_by_side, statement_cost
from tests.bench.stage import Stage

MOST_BUFFERS, MOST_QUERIES = 60, 3


@dataclass
class List:
    """One combination of queue and filters; `keys`: where its middle page begins, by database."""

    queue: str
    programme: str
    state: str
    keys: dict[str, str]

    def query(self, after: str = "") -> str:
        """The page's address."""
        fields = {"queue": self.queue, "programme": self.programme, "state": self.state, "after": after}
        return "/staff/cases/?" + urlencode({name: value for name, value in fields.items() if value})


class Worklists:
    """The colleague's lists in the databases of these sizes."""

    def __init__(self, stage: Stage, sizes: list[int]):
        self.stage, self.sizes = stage, sizes
        stage.use(database_of(sizes[0]))
        self.seat = colleague()
        self.by = actor_of(self.seat)
        self.today = timezone.localdate()
        self.lists = [
            List(queue, programme, state, {})
            for queue, programme, state in itertools.product(worklist.QUEUES, ("", PROGRAMME), ("", STATE))
        ]
        self.client = client_of(stage.cookies[COLLEAGUE])

    def page(self, one: List, after: str = "") -> worklist.Page:
        """The page as the view asks for it."""
        return worklist.page(
            by=self.by, queue=one.queue, today=self.today, team_id=self.seat.team_id, programme=one.programme, state=one.state,
            after=after,
        )  # fmt: skip

    def asked(self, one: List, after: str = "") -> str:
        """The one statement of a page. Raises AssertionError when there are more, or the page is not full."""
        with recorded() as statements:
            found = self.page(one, after)
        if len(statements) != 1 or len(found.rows) != worklist.PAGE:
            raise AssertionError(f"{one}: {len(statements)} statements, {len(found.rows)} rows")
        return statements.sent[0]

    def keys_of(self, database: str, one: List) -> tuple[str, str]:
        """The keys of the first and the middle page."""
        return "", one.keys[database]

    def measure(self) -> Iterator[Line]:
        """All lines of P1 and P8."""
        read, offset = self._buffers()
        yield from self._buffer_lines(read, offset)
        yield from self._service()
        yield from self._html()
        yield from self._visibility()

    # --- P1

    def _buffers(self) -> tuple[dict[int, dict[str, list[int]]], dict[int, tuple[int, float, int, float]]]:
        """Buffers of every first and middle page; and of the middle page of the whole list, by OFFSET and by key, with ms."""
        read: dict[int, dict[str, list[int]]] = {}
        offset = {}
        for size in self.sizes:
            database = database_of(size)
            self.stage.use(database)
            read[size] = {"first": [], "middle": [], "sorted": []}
            with acting_as(self.by), transaction.atomic(), connection.connection.cursor() as cursor:
                for one in self.lists:
                    first = self.asked(one)
                    half, key = _middle(cursor, first)
                    one.keys[database] = key
                    later = self.asked(one, key)
                    for place, sql in (("first", first), ("middle", later)):
                        plan = plan_of(cursor, sql)
                        read[size][place].append(buffers(plan))
                        read[size]["sorted"].append(any("Sort" in node["Node Type"] for node in nodes(plan["Plan"])))
                    if one.queue == worklist.ALL and not one.programme and not one.state:
                        skipping, going_on = plan_of(cursor, f"{first} OFFSET {half}"), plan_of(cursor, later)
                        offset[size] = (
                            buffers(skipping), skipping["Execution Time"], buffers(going_on), going_on["Execution Time"],
                        )  # fmt: skip
        return read, offset

    def _buffer_lines(self, read: Any, offset: Any) -> Iterator[Line]:
        small, large = self.sizes[0], self.sizes[-1]
        for place in ("first", "middle"):
            most = {size: max(read[size][place]) for size in self.sizes}
            yield Line(
                "P1", f"{place} page, buffers, the worst of {len(self.lists)} queues and filters, {large:,} cases",
                f"{most[large]} buffers", f"{most[small]} buffers at {small:,}",
                ratio=most[large] / most[small], limit=f"≤ {MOST_BUFFERS} buffers, ≤ 1.1 x",
                is_met=max(most.values()) <= MOST_BUFFERS and most[large] <= 1.1 * most[small],
            )  # fmt: skip
        yield Line(
            "P1", f"pages sorted instead of read in the order of an index, of {len(read[large]['sorted'])}, {large:,} cases",
            str(sum(read[large]["sorted"])), f"{sum(read[small]['sorted'])} at {small:,}", limit="0",
            is_met=not any(read[large]["sorted"]),
        )  # fmt: skip
        for size in self.sizes:
            skipped, skipped_ms, keyed, keyed_ms = offset[size]
            yield Line(
                "P1", f"middle page by key against OFFSET, {size:,} cases", f"{keyed} buffers, {keyed_ms:.2f} ms",
                f"{skipped} buffers, {skipped_ms:.2f} ms", ratio=keyed / skipped,
            )  # fmt: skip

    def _tour(self, database: str) -> None:
        with acting_as(self.by), transaction.atomic():
            for one in self.lists:
                for key in self.keys_of(database, one):
                    self.page(one, key)

    def _service(self) -> Iterator[Line]:
        def work(size: int) -> Cost:
            database = database_of(size)
            self.stage.use(database)
            self._tour(database)
            return _each(cost(partial(self._tour, database)), 2 * len(self.lists))

        found = side_by_side({size: partial(work, size) for size in self.sizes})
        yield from self._growth("rows of a page, 1 query (service layer)", found, 1.2)

    @property
    def _shown(self) -> list[List]:
        """Each queue without filters and with both."""
        return [one for one in self.lists if bool(one.programme) == bool(one.state)]

    def _visit(self, database: str) -> None:
        for one in self._shown:
            for key in self.keys_of(database, one):
                answer = self.client.get(one.query(key))
                if answer.status_code != 200:
                    raise AssertionError(f"{one}: {answer.status_code}")

    def _html(self) -> Iterator[Line]:
        def work(size: int) -> Cost:
            database = database_of(size)
            self.stage.use(database)
            for one in self.lists[:4]:
                self.client.get(one.query())
            return _each(cost(partial(self._visit, database)), 2 * len(self._shown))

        found = side_by_side({size: partial(work, size) for size in self.sizes})
        with recorded() as statements:
            self.client.get(self.lists[0].query())
        rows = sum(GRANTS in sql and "count(*)" not in sql.lower() for sql in statements.sent)
        yield Line(
            "P1", "queries of the rows, and of the whole HTML page", f"{rows} and {len(statements)}",
            limit=f"≤ {MOST_QUERIES} for the rows", is_met=rows <= MOST_QUERIES,
        )  # fmt: skip
        yield from self._growth("HTML page of 50 (CPU app+database)", found, 1.2)

    def _growth(self, what: str, found: dict[int, Cost], limit: float) -> Iterator[Line]:
        small = self.sizes[0]
        for size in self.sizes[1:]:
            yield Line(
                "P1", f"{what}, {size:,} cases", str(found[size]), f"{found[small]} at {small:,}",
                **at_most(found[size].cpu / found[small].cpu, limit),
            )  # fmt: skip

    # --- P8

    def _visibility(self) -> Iterator[Line]:
        for size in self.sizes[1:]:
            yield from self._visibility_at(size)

    def _visibility_at(self, size: int) -> Iterator[Line]:
        database = database_of(size)
        self.stage.use(database)
        everything = next(one for one in self.lists if (one.queue, one.programme, one.state) == (worklist.ALL, "", ""))
        with acting_as(self.by), transaction.atomic():
            scoped = self.asked(everything)
            cases = get_objects_for_user(
                get_user_model().objects.get(pk=self.by.user_id), "open_case", ProgrammeCase, accept_global_perms=False
            )
            with recorded() as statements:
                list(cases.filter(closed_on=None).order_by("due_on", "id")[: worklist.PAGE + 1])
        unscoped = re.sub(r'"casework_casegrant"\."agency_id" = \S+ AND ', "", scoped).replace(GRANTS, UNSCOPED)
        if self.by.agency_id and str(self.by.agency_id) in unscoped:
            raise AssertionError("The control is scoped too.")
        with self.stage.driver(database, SERVING) as ours, self.stage.driver(database, OWNER) as theirs:
            context = ("staff", str(self.by.user_id), "", str(self.by.agency_id), "", "")
            names = ("kind", "user", "person", "agency", "record", "caseload")
            for name, value in zip(names, context, strict=True):
                ours.execute("select set_config(%s, %s, false)", [f"app.{name}", value])
            found = side_by_side(
                {
                    "walled": partial(statement_cost, ours, scoped, 200),
                    "scoped": partial(statement_cost, theirs, scoped, 200),
                    "unscoped": partial(statement_cost, theirs, unscoped, 200),
                    "guardian": partial(statement_cost, theirs, statements.sent[-1], 3),
                }
            )
        plain = found["unscoped"].cpu
        control = f"{plain:.2f} ms unscoped"
        yield Line(
            "P8", f"list over the agency's grant rows, {size:,} cases", f"{found['scoped'].cpu:.2f} ms", control,
            **at_most(found["scoped"].cpu / plain, 1.2),
        )  # fmt: skip
        yield Line(
            "P8", f"the same with row-level security too, {size:,} cases", f"{found['walled'].cpu:.2f} ms", control,
            **at_most(found["walled"].cpu / plain, 1.2),
        )  # fmt: skip
        yield Line(
            "P8", f"control: django-guardian's get_objects_for_user, {size:,} cases", f"{found['guardian'].cpu:.2f} ms", control,
            ratio=found["guardian"].cpu / plain,
        )  # fmt: skip


def _middle(cursor: Any, first: str) -> tuple[int, str]:
    """How many rows lie before the middle of a list whose first page `first` reads, and the key that leads there."""
    whole = first.rsplit(" LIMIT ", 1)[0]
    cursor.execute(f"select count(*) / 2 from ({whole}) listed")
    half = cursor.fetchone()[0]
    cursor.execute(f"select due_on, content_object_id from ({whole}) listed offset %s limit 1", [half - 1])
    due_on, case_id = cursor.fetchone()
    return half, f"{due_on.isoformat()}.{case_id}"


def _each(whole: Cost, parts: int) -> Cost:
    return Cost(whole.app / parts, whole.database / parts, whole.wall / parts)
