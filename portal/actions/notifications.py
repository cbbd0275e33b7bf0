"""Notices: a line in the portal and an e-mail with an id and a link, never content."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from portal.announcements import Notified
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.announce import announce
from portal.models import Notification
from portal.notices import KINDS


@transaction.atomic
def notify(
    *, by: Actor, user_id: UUID, kind: str, path: str, at: datetime, parameters: Mapping[str, str] | None = None
) -> Notification:
    """Tell a user that something is waiting at `path` (an address on this site, without the host).

    kind: a registered code of `portal.notices`; parameters: names for its sentence, never facts.
    Raises KeyError for an unknown kind or a missing parameter, ValueError for a path that leads elsewhere.
    """
    names = dict(parameters or {})
    KINDS[kind].words(names)
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"{path!r} is not an address on this site")
    notification = Notification.objects.create(user_id=user_id, kind=kind, path=path, parameters=names, created_at=at, next_at=at)
    announce(Notified(notification.pk))
    return notification


@transaction.atomic
def mark_read(*, by: Actor, notification: Notification, at: datetime) -> None:
    """Remember that the user saw it. Raises Refused for somebody else's."""
    if notification.user_id != by.user_id:
        raise Refused
    if notification.read_at is None:
        notification.read_at = at
        notification.save(update_fields=["read_at"])


@transaction.atomic
def mark_all_read(*, by: Actor, at: datetime) -> int:
    """Mark all of the actor's own notices as read and return how many were not. Raises Refused without an account."""
    if by.user_id is None:
        raise Refused
    return Notification.objects.filter(user_id=by.user_id, read_at=None).update(read_at=at)
