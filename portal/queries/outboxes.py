"""How the e-mails fare that wait to be sent."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from portal.kit.outgoing import DEAD, PENDING, Outgoing
from portal.models import AccountMail, Notification

OUTBOXES: dict[str, type[Outgoing]] = {"Accounts": AccountMail, "Notices": Notification}


@dataclass(frozen=True)
class Outbox:
    """waiting, dead: numbers of e-mails; oldest: when the one that waits longest was written; trouble: why the last one waits."""

    name: str
    waiting: int
    dead: int
    oldest: datetime | None
    trouble: str


def outboxes() -> list[Outbox]:
    """Both outboxes of e-mails. Only a machine sees those about accounts."""
    return [_outbox(name, rows) for name, rows in OUTBOXES.items()]


def _outbox(name: str, rows: type[Outgoing]) -> Outbox:
    waits = Q(state=PENDING)
    sums = rows._default_manager.aggregate(
        waiting=Count("pk", filter=waits), dead=Count("pk", filter=Q(state=DEAD)), oldest=Min("created_at", filter=waits)
    )
    last = rows._default_manager.filter(waits).exclude(last_error="").order_by("-next_at").first()
    return Outbox(name=name, trouble=last.last_error if last else "", **sums)
