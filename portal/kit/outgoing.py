"""The outbox base: what must leave the house is a row in the same transaction as its cause; the broker only says "look".

Design and measurements: transactional outbox, one row per delivery transaction, `FOR UPDATE SKIP LOCKED`, back-off in the
row (never a broker countdown), dead letters that stay visible and can be sent again.
"""

import datetime as dt
import random
from collections.abc import Callable
from typing import TypeVar

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7

PENDING, DONE, DEAD, RECALLED = "pending", "done", "dead", "recalled"


Row = TypeVar("Row", bound="Outgoing")


class Retry(Exception):
    """The carrier could not deliver now; trying again later may help. The message must hold no personal data."""


class Undeliverable(Exception):
    """Trying again cannot help: the row goes dead at once and is shown to an admin."""


class Recalled(Exception):
    """What was to be sent may not be sent any more (permission ended): the row ends without delivery."""


class Outgoing(models.Model):
    """One thing to deliver once. `id` is the idempotency key the receiver dedupes on."""

    FIRST_DELAY = dt.timedelta(seconds=5)
    LONGEST_DELAY = dt.timedelta(hours=1)
    MOST_ATTEMPTS = 12
    EMPTIED: tuple[str, ...] = ()  # text fields that are emptied when the row ends, delivered or not

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(
        max_length=10,
        default=PENDING,
        choices=[(PENDING, _("Waiting")), (DONE, _("Sent")), (DEAD, _("Could not be sent")), (RECALLED, _("Recalled"))],
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def due_index(cls, name: str) -> models.Index:
        """The partial index the drain reads; each concrete outbox names its own."""
        return models.Index(fields=["next_at"], condition=Q(state=PENDING), name=name)


def drain_one(outbox: type[Row], carry: Callable[[Row], None], *, now: Callable[[], dt.datetime]) -> bool:
    """Deliver the next due row of `outbox` in one transaction. Returns False when nothing is due.

    carry: delivers one locked row; raises Retry, Undeliverable or Recalled. now: the clock of the job that calls.
    """
    with transaction.atomic():
        row = (
            outbox._default_manager.select_for_update(skip_locked=True)
            .filter(state=PENDING, next_at__lte=now())
            .order_by("next_at")
            .first()
        )
        if row is None:
            return False
        row.attempts += 1
        try:
            with transaction.atomic():
                carry(row)
            row.state, row.last_error, row.ended_at = DONE, "", now()
        except Recalled as ended:
            row.state, row.last_error, row.ended_at = RECALLED, str(ended)[:300], now()
        except Undeliverable as broken:
            row.state, row.last_error, row.ended_at = DEAD, str(broken)[:300], now()
        except Retry as later:
            row.last_error = str(later)[:300]
            if row.attempts >= outbox.MOST_ATTEMPTS:
                row.state, row.ended_at = DEAD, now()
            else:
                row.next_at = now() + delay(outbox, row.attempts)
        emptied = outbox.EMPTIED if row.state != PENDING else ()
        for name in emptied:
            setattr(row, name, "")
        row.save(update_fields=["state", "attempts", "next_at", "last_error", "ended_at", *emptied])
    return True


def delay(outbox: type[Outgoing], attempts: int) -> dt.timedelta:
    """The pause before the next try: doubling from FIRST_DELAY to LONGEST_DELAY, with +-20 % jitter."""
    pause = min(outbox.FIRST_DELAY * 2 ** (attempts - 1), outbox.LONGEST_DELAY)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 (spreads load, guards nothing)


def replay(row: Outgoing, *, at: dt.datetime) -> None:
    """Give a dead row a fresh start. The caller is an action: it checks who may and logs it."""
    row.state, row.attempts, row.next_at, row.ended_at = PENDING, 0, at, None
    row.save(update_fields=["state", "attempts", "next_at", "ended_at"])
