"""P3 and P7: a citizen's pages against the unit page F1; one case, released and shown, in queries and database time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from casework.actions.reading import concepts_of
from casework.models import CaseGrant
from casework.queries.cases import case_for_worker
from consent.actions.release import release
from portal.kit.actor import acting_as
from tests.bench.furnishing import APPLICANT, CITIZEN, COLLEAGUE, actor_of, client_of, colleague
from tests.bench.measure import ROUNDS, Cost, Line, at_most, buffers, cost, plan_of, recorded, side_by_side
from tests.bench.stage import BASE, Stage

UNIT = "/bench/unit/"
TIMES = 8  # requests of one page in one round
PAGES = [
    ("my applications", CITIZEN, "/my/"),
    ("your data and consent", CITIZEN, "/record/"),
    ("a question of the form", APPLICANT, "/apply/question/you/born_on/"),
]


def measure(stage: Stage) -> Iterator[Line]:
    """All lines of P3 and P7."""
    stage.use(BASE)
    yield from _citizen_pages(stage)
    yield from _one_case(stage)


def _citizen_pages(stage: Stage) -> Iterator[Line]:
    clients = {name: (client_of(stage.cookies[who]), path) for name, who, path in PAGES}
    works = {"F1": (Client(), UNIT), **clients}
    found, queries = _visited(works)
    yield Line("P3", "the unit F1: one query, ten rows, no session", str(found["F1"]), f"{queries['F1']} queries")
    for name in clients:
        yield Line(
            "P3", f"{name}: CPU of the page against F1", str(found[name]), str(found["F1"]),
            **at_most(found[name].cpu / found["F1"].cpu, 3),
        )  # fmt: skip
        yield Line("P3", f"{name}: queries", str(queries[name]), limit="≤ 8", is_met=queries[name] <= 8)


def _visited(works: dict[str, tuple[Client, str]]) -> tuple[dict[str, Cost], dict[str, int]]:
    """The cost of each page side by side, and its queries when warm."""
    queries = {}
    for name, (client, path) in works.items():
        _get(client, path)
        with recorded() as statements:
            _get(client, path)
        queries[name] = len(statements)
    return side_by_side({name: partial(cost, partial(_get, *work), TIMES) for name, work in works.items()}), queries


def _get(client: Client, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise AssertionError(f"{path}: {answer.status_code}")


def _one_case(stage: Stage) -> Iterator[Line]:
    seat = colleague()
    by = actor_of(seat)
    with acting_as(by), transaction.atomic():
        grants = CaseGrant.objects.filter(agency_id=by.agency_id, is_open=True).order_by("content_object_id")
        case_id = grants.values_list("content_object_id", flat=True)[0]
    now = timezone.now()

    def read() -> Any:
        case = case_for_worker(by, case_id)
        concepts = concepts_of(case, timezone.localdate(now))
        return partial(
            release, by=by, record=case.record, purpose="determination", programme=case.programme, concepts=concepts, at=now
        )

    with _as_if(by):
        released, seconds, touched = _statements(read())
    yield Line(
        "P7", "facts of one case released (decision, access log, facts, household): queries", f"{released} queries",
        f"{seconds * 1e3:.1f} ms in the database, {touched} buffers", limit="1 query, ≤ 0.5 ms",
        is_met=released <= 1 and seconds <= 0.0005,
    )  # fmt: skip
    works = {"F1": (Client(), UNIT), "case": (client_of(stage.cookies[COLLEAGUE]), f"/staff/cases/{case_id}/")}
    found, queries = _visited(works)
    yield Line("P7", "case page: queries", str(queries["case"]), limit="≤ 5", is_met=queries["case"] <= 5)
    yield Line(
        "P7", "case page: CPU against F1", str(found["case"]), str(found["F1"]),
        **at_most(found["case"].cpu / found["F1"].cpu, 2.5),
    )  # fmt: skip


@contextmanager
def _as_if(by: Any) -> Iterator[None]:
    """A transaction of `by` that leaves nothing behind."""
    with acting_as(by), transaction.atomic():
        yield
        transaction.set_rollback(True)


def _statements(work: Callable[[], Any]) -> tuple[int, float, int]:
    """(statements, median seconds waited for the database, buffers of the reads) of `work`, warm, in the open transaction."""
    work()
    waited = []
    for _ in range(ROUNDS):
        with recorded() as statements:
            work()
        waited.append(statements.seconds)
    with connection.connection.cursor() as cursor:
        touched = sum(buffers(plan_of(cursor, sql)) for sql in statements.reads)
    return len(statements), median(waited), touched
