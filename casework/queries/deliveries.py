"""What is on its way, what could not be delivered, and whether the books balance."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q

from casework.models import ReferralDelivery, ReferralTask
from casework.models.referral import LIVE
from portal.kit.outgoing import DEAD, DONE, PENDING, RECALLED


def hold_consent_still(*, record_id: UUID, agency_id: UUID) -> None:
    """Lock what the person has allowed the agency FOR SHARE until this transaction ends: a withdrawal waits for it.

    The record first, as giving and withdrawing do, so that neither waits for the other in a circle. Changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM consent_caserecord WHERE id = %s FOR KEY SHARE", [record_id])
        cursor.execute(
            "SELECT id FROM consent_consent WHERE record_id = %s AND agency_id = %s AND state IN ('given', 'renewed') "
            "ORDER BY id FOR SHARE",
            [record_id, agency_id],
        )


def dead_letters(agency_id: UUID, limit: int = 200) -> list[ReferralDelivery]:
    """What the agency could not deliver, newest first. Ids, places and reasons: nothing about the person."""
    rows = ReferralDelivery.objects.filter(requester_id=agency_id, state=DEAD).select_related("target", "task")
    return list(rows.order_by("-ended_at", "-id")[:limit])


@dataclass(frozen=True)
class Books:
    """Referral tasks against their deliveries. `faults`: sentences about what does not add up; empty when all is well."""

    submitted: int
    delivered: int
    pending: int
    dead: int
    recalled: int
    faults: tuple[str, ...]


def books() -> Books:
    """Prove that submitted = delivered + pending + dead + recalled, and that tasks and deliveries tell the same.

    Sees everything only as the house's machine without a record.
    """
    requests = ReferralDelivery.objects.filter(message=ReferralDelivery.REQUEST)
    counts = dict(requests.values_list("state").annotate(number=Count("pk")))
    submitted = ReferralTask.objects.count()
    checks = {
        "tasks without a delivery": ReferralTask.objects.exclude(deliveries__message=ReferralDelivery.REQUEST),
        "deliveries whose key is not their task": requests.exclude(pk=F("task_id")),
        "sent, but the task does not say so": requests.filter(state=DONE, task__delivered_at=None),
        "the task says it arrived, but it was not sent": requests.exclude(state=DONE).filter(task__delivered_at__isnull=False),
        "recalled, but the task still waits": requests.filter(state=RECALLED, task__state__in=LIVE),
        "still to be sent for a task that has ended": requests.filter(Q(state=PENDING) & ~Q(task__state__in=LIVE)),
    }
    faults = [f"{words}: {number}" for words, rows in checks.items() if (number := rows.count())]
    total = sum(counts.values())
    if total != submitted:
        faults.insert(0, f"{submitted} submitted, but {total} deliveries")
    return Books(
        submitted=submitted, delivered=counts.get(DONE, 0), pending=counts.get(PENDING, 0), dead=counts.get(DEAD, 0),
        recalled=counts.get(RECALLED, 0), faults=tuple(faults),
    )  # fmt: skip
