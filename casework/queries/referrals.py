"""Referrals for showing: the inbox, what was sent, one referral's page, the person's own, and what the sweeps look for.

Row-level security decides what exists for the actor; each list also names its agency, so that an index serves it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet

from casework.models import Referral, ReferralAnswer, ReferralEvent, ReferralTask
from casework.models.referral import (
    ACCEPTED,
    AWAITING_CONSENT,
    IN_PROGRESS,
    LIVE,
    ON_HOLD,
    REQUEST_ON_HOLD,
    REQUESTED,
    TASK_FLOW,
)
from portal.kit.clocks import moment_of

PAGE = 50
Key = tuple[str, str]  # (sort value in ISO form, id) of the last row shown

# --- Lists ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """One page of a list; `after` is the key of the next page, or None at the end."""

    tasks: list[ReferralTask]
    after: Key | None


class BadKey(ValueError):
    """The key of a page does not read as one of this list."""


def inbox(agency_id: UUID, *, queue: str, today: dt.date, after: Key | None = None, limit: int = PAGE) -> Page:
    """The receiver's list by due day. queue: new | accepted | working | late | done. Ids and places, no facts."""
    rows = ReferralTask.objects.filter(target_id=agency_id, delivered_at__isnull=False)
    rows = rows.select_related("referral", "requester", "target", "worker")
    if queue == "done":
        return _page(rows.exclude(state__in=LIVE), "ended_at", after, limit, newest_first=True)
    rows = rows.filter(state__in=LIVE)
    rows = {
        "new": rows.filter(state=REQUESTED),
        "accepted": rows.filter(state=ACCEPTED),
        "working": rows.filter(state__in=(IN_PROGRESS, ON_HOLD)),
        "late": rows.filter(Q(state=REQUESTED, due_on__lt=today) | Q(state=ON_HOLD, review_on__lte=today)),
    }[queue]
    return _page(rows, "due_on", after, limit)


def inbox_counts(agency_id: UUID, *, today: dt.date) -> dict[str, int]:
    """How many wait in each open queue of the receiver."""
    rows = ReferralTask.objects.filter(target_id=agency_id, delivered_at__isnull=False, state__in=LIVE)
    return rows.aggregate(
        new=Count("pk", filter=Q(state=REQUESTED)),
        accepted=Count("pk", filter=Q(state=ACCEPTED)),
        working=Count("pk", filter=Q(state__in=(IN_PROGRESS, ON_HOLD))),
        late=Count("pk", filter=Q(state=REQUESTED, due_on__lt=today) | Q(state=ON_HOLD, review_on__lte=today)),
    )


def sent(agency_id: UUID, *, queue: str, after: Key | None = None, limit: int = PAGE) -> Page:
    """The sender's list, newest first. queue: open | ended."""
    rows = ReferralTask.objects.filter(requester_id=agency_id).select_related("referral", "target", "referral__owner")
    rows = rows.prefetch_related("deliveries")
    rows = rows.filter(state__in=LIVE) if queue == "open" else rows.exclude(state__in=LIVE)
    return _page(rows, "created_at", after, limit, newest_first=True)


def needing_sender(agency_id: UUID, limit: int = PAGE) -> list[Referral]:
    """The sender's referrals that wait for the person's answer or for a new place to go, oldest first."""
    rows = Referral.objects.filter(agency_id=agency_id, state__in=(AWAITING_CONSENT, REQUEST_ON_HOLD))
    return list(rows.select_related("target", "owner").order_by("created_at", "pk")[:limit])


def _page(rows: QuerySet[ReferralTask], field_: str, after: Key | None, limit: int, *, newest_first: bool = False) -> Page:
    if after is not None:
        value, last = _read_key(field_, after)
        step = "lt" if newest_first else "gt"
        rows = rows.filter(Q(**{f"{field_}__{step}": value}) | Q(**{field_: value, f"pk__{step}": last}))
    sign = "-" if newest_first else ""
    found = list(rows.order_by(f"{sign}{field_}", f"{sign}pk")[: limit + 1])
    more = len(found) > limit
    shown = found[:limit]
    return Page(shown, (getattr(shown[-1], field_).isoformat(), str(shown[-1].pk)) if more else None)


def _read_key(field_: str, key: Key) -> tuple[dt.date, UUID]:
    """What the list sorts by and the id, of the last row shown. Raises BadKey."""
    try:
        return (dt.date.fromisoformat(key[0]) if field_ == "due_on" else moment_of(key[0])), UUID(key[1])
    except ValueError:
        raise BadKey(key[0]) from None


# --- One referral --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thread:
    """A referral with its tasks (newest first) and what happened, as far as the actor may see it."""

    referral: Referral
    tasks: list[ReferralTask]
    events: list[ReferralEvent] = field(default_factory=list)

    @property
    def task(self) -> ReferralTask | None:
        """The live task, else the newest."""
        return next((task for task in self.tasks if task.state in LIVE), self.tasks[0] if self.tasks else None)


def thread_of(referral_id: UUID) -> Thread:
    """One referral. Raises Referral.DoesNotExist when the actor may not know that it exists."""
    referral = Referral.objects.select_related("agency", "target", "owner").get(pk=referral_id)
    return _threads([referral], "deliveries")[0]


def referrals_about(person_id: UUID) -> list[Thread]:
    """The referrals of a person's record that the actor may see, newest first: the person's page."""
    return _threads(_newest(record__person=person_id).select_related("agency", "owner")[:PAGE])


def standings_of(record_id: UUID) -> list[Thread]:
    """The referrals of a record that the actor may see and how they stand, newest first: a case page. Two statements."""
    found = {referral.pk: Thread(referral, []) for referral in _newest(record=record_id)[:PAGE]}
    for task in ReferralTask.objects.filter(referral__in=found).order_by("-created_at", "-pk"):
        found[task.referral_id].tasks.append(task)
    return list(found.values())


def _newest(**about: UUID) -> QuerySet[Referral]:
    return Referral.objects.filter(**about).select_related("target").order_by("-created_at", "-pk")


def _threads(referrals: Iterable[Referral], *also: str) -> list[Thread]:
    referrals = list(referrals)
    tasks = (
        ReferralTask.objects.filter(referral__in=referrals)
        .select_related("target", "requester", "worker", "manifest")
        .prefetch_related(*also, Prefetch("answers", ReferralAnswer.objects.order_by("-at", "-pk")))
        .order_by("-created_at", "-pk")
    )
    events = ReferralEvent.objects.filter(referral__in=referrals).select_related("target").order_by("pk")
    found = {referral.pk: Thread(referral, [], []) for referral in referrals}
    for task in tasks:
        task.referral = found[task.referral_id].referral
        found[task.referral_id].tasks.append(task)
    for event in events:
        found[event.referral_id].events.append(event)
    return list(found.values())


def standing_of(referral_id: UUID) -> Thread:
    """As `thread_of`, without what happened: how the referral and its tasks stand. Raises Referral.DoesNotExist."""
    referral = Referral.objects.select_related("target").get(pk=referral_id)
    tasks = ReferralTask.objects.filter(referral=referral).select_related("target").order_by("-created_at", "-pk")
    return Thread(referral, list(tasks))


def task_of(task_id: UUID) -> ReferralTask:
    """A task with what its page shows. Raises ReferralTask.DoesNotExist when the actor may not know that it exists."""
    return ReferralTask.objects.select_related("referral", "requester", "target", "worker", "manifest").get(pk=task_id)


def next_states(task: ReferralTask, sides: frozenset[str]) -> list[str]:
    """What somebody on these sides may do next with the task."""
    return TASK_FLOW.onward(task.state, sides)


# --- What the sweeps look for (seen only by the house) -------------------------------------------------------------


def live_tasks_of(*, record_id: UUID, target_id: UUID) -> list[tuple[UUID, UUID]]:
    """(task, record) of the live tasks of a record with a target."""
    rows = ReferralTask.objects.filter(record_id=record_id, target_id=target_id, state__in=LIVE)
    return list(rows.order_by("pk").values_list("pk", "record_id"))


def tasks_to_recheck(*, before: dt.datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(task, record) of live tasks whose permission was last looked at before a moment, longest ago first."""
    rows = ReferralTask.objects.filter(state__in=LIVE, permission_seen_at__lt=before)
    return list(rows.order_by("permission_seen_at").values_list("pk", "record_id")[:limit])


def waiting_referrals(*, record_id: UUID | None, limit: int) -> list[tuple[UUID, UUID]]:
    """(referral, record) of referrals that wait for the person."""
    rows = Referral.objects.filter(state=AWAITING_CONSENT)
    if record_id:
        rows = rows.filter(record_id=record_id)
    return list(rows.order_by("created_at", "pk").values_list("pk", "record_id")[:limit])


def tasks_with_something_due(*, today: dt.date, limit: int) -> list[tuple[UUID, UUID]]:
    """(task, record) of tasks that are unanswered after their due day, or on hold past their review day."""
    rows = ReferralTask.objects.filter(
        Q(state=REQUESTED, due_on__lt=today) | Q(state=ON_HOLD, review_on__lte=today, reminded_on=None)
    )
    return list(rows.order_by(F("escalated_at").asc(nulls_first=True), "due_on", "pk").values_list("pk", "record_id")[:limit])
