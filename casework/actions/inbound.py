"""Keyed requests of partners' systems: the same message sent twice has one effect, also when both arrive at once."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from casework.actions.referral_events import ReferralRefused
from casework.models import InboundKey
from portal.kit.actor import Actor
from portal.models import MachineClient

Answer = tuple[int, dict[str, Any]]  # HTTP status and body


class KeyReused(ReferralRefused):
    """The key came before with another message."""


@transaction.atomic
def once(
    *, by: Actor, client: MachineClient, key: str, message: bytes, act: Callable[[], Answer], at: dt.datetime
) -> tuple[Answer, bool]:
    """Do `act` for this key, or give the answer it gave before. Returns (answer, whether it is a repeat).

    message: what must be equal for the key to be (method, path and body). A second call that comes while the first still runs
    waits for it in the database. What `act` raises is raised, and the key is free again. Raises KeyReused.
    """
    row = InboundKey(client=client, agency_id=client.agency_id, key=key, sha256=hashlib.sha256(message).hexdigest(), at=at)
    InboundKey.objects.bulk_create([row], ignore_conflicts=True)  # waits for a transaction that has just put the same key in
    kept = InboundKey.objects.select_for_update().get(client=client, key=key)
    if kept.sha256 != row.sha256:
        raise KeyReused(_("This Idempotency-Key was used for another message. Use a new key for a new message."))
    if kept.pk != row.pk:
        assert kept.status is not None and kept.body is not None  # its transaction has ended, so its answer is there
        return (kept.status, kept.body), True
    answer = act()
    InboundKey.objects.filter(pk=row.pk).update(status=answer[0], body=answer[1])
    return answer, False
