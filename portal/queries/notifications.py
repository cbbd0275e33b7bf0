"""A user's notices."""

from datetime import datetime
from uuid import UUID

from portal.models import Notification

MOST_SHOWN = 100


def notices_of(user_id: UUID) -> list[Notification]:
    """The latest notices of a user, newest first."""
    return list(Notification.objects.filter(user_id=user_id).order_by("-created_at")[:MOST_SHOWN])


def own_notice(user_id: UUID, notification_id: UUID) -> Notification:
    """One notice of the user. Raises Notification.DoesNotExist for anything else."""
    return Notification.objects.get(pk=notification_id, user_id=user_id)


def is_waiting(user_id: UUID, kind: str, since: datetime) -> bool:
    """Whether the user has a notice of this kind, made after `since`, which they have not opened."""
    return Notification.objects.filter(user_id=user_id, kind=kind, read_at=None, created_at__gt=since).exists()


def count_unread(user_id: UUID) -> int:
    """How many notices the user has not opened."""
    return Notification.objects.filter(user_id=user_id, read_at=None).count()
