"""The worklist: an agency's open cases, soonest due first, read from the grant rows alone, page after page by key.

Each queue and filter the page offers has an index that begins with it and goes on in the order of the list, so a page of
50 costs the same at a thousand cases and at millions (engineering.md 4.3). Nothing is counted past `MOST_COUNTED`.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from casework import clocks
from casework.models import CaseGrant
from portal.kit.actor import Actor

PAGE = 50
MOST_COUNTED = 1000
MINE, TEAM, FREE, ALL = "mine", "team", "unassigned", "all"
QUEUES = (MINE, TEAM, FREE, ALL)
NOBODY = UUID(int=0)  # whoever has no team has no team's queue


@dataclass(frozen=True)
class Row:
    """One line of the list. days_left: working days, negative when late; stopped_on_day: set while the clock stands."""

    grant: CaseGrant
    days_left: int
    stopped_on_day: int | None

    @property
    def case_id(self) -> UUID:
        return self.grant.content_object_id


@dataclass(frozen=True)
class Page:
    """Rows in the order of the list; next_key leads to the rows after them, None on the last page."""

    rows: list[Row]
    next_key: str | None


class BadKey(ValueError):
    """The key of a page does not read as one."""


def page(
    *,
    by: Actor,
    queue: str,
    today: dt.date,
    team_id: UUID | None = None,
    programme: str = "",
    state: str = "",
    after: str = "",
    subdivision: str = "ENG",
    limit: int = PAGE,
) -> Page:
    """A page of the agency's open cases, soonest due first. One query.

    by: staff; their agency bounds the list. queue: mine | team | unassigned | all; team_id: for the queue "team".
    programme, state: codes, "" for any. after: `next_key` of the page before. Raises BadKey, ValueError for an unknown queue.
    """
    grants = _queue(by, queue, team_id)
    if programme:
        grants = grants.filter(programme=programme)
    if state:
        grants = grants.filter(state=state)
    if after:
        grants = grants.filter(RawSQL("(due_on, content_object_id) > (%s, %s)", _read_key(after), BooleanField()))
    found = list(grants.order_by("due_on", "content_object_id")[: limit + 1])
    rows = [_row(grant, today, subdivision) for grant in found[:limit]]
    return Page(rows=rows, next_key=_key(found[limit - 1]) if len(found) > limit else None)


def _queue(by: Actor, queue: str, team_id: UUID | None) -> QuerySet[CaseGrant]:
    grants = CaseGrant.objects.filter(agency_id=by.agency_id or NOBODY, is_open=True)
    if queue == MINE:
        return grants.filter(assignee_id=by.user_id)
    if queue == TEAM:
        return grants.filter(team_id=team_id or NOBODY)
    if queue == FREE:
        return grants.filter(assignee=None)
    if queue == ALL:
        return grants
    raise ValueError(f"there is no queue {queue!r}")


def _row(grant: CaseGrant, today: dt.date, subdivision: str) -> Row:
    stopped = None
    if grant.paused_on is not None:
        stopped = clocks.day_of_clock(grant.due_on, grant.standard_days, grant.paused_on, subdivision)
    return Row(grant=grant, days_left=clocks.days_left(grant.due_on, today, subdivision), stopped_on_day=stopped)


def _key(grant: CaseGrant) -> str:
    return f"{grant.due_on.isoformat()}.{grant.content_object_id}"


def _read_key(key: str) -> tuple[dt.date, UUID]:
    day, _dot, case_id = key.partition(".")
    try:
        return dt.date.fromisoformat(day), UUID(case_id)
    except ValueError:
        raise BadKey(key) from None


def counts(*, by: Actor, team_id: UUID | None) -> dict[str, int]:
    """{queue: open cases}, each counted up to one more than `MOST_COUNTED`. One query."""
    queries: list[str] = []
    parameters: list[Any] = []
    for queue in QUEUES:
        counted = _queue(by, queue, team_id).order_by()[: MOST_COUNTED + 1].values("pk")
        sql, part = counted.query.sql_with_params()
        queries.append(f"(select count(*) from ({sql}) counted)")
        parameters.extend(part)
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(queries), parameters)
        return dict(zip(QUEUES, cursor.fetchone(), strict=True))


def late(rows: Iterable[Row]) -> int:
    """How many of these rows are past their due day with a running clock."""
    return sum(row.days_left < 0 and row.stopped_on_day is None for row in rows)
