"""What the ground floor tells the world."""

from dataclasses import dataclass
from uuid import UUID

from portal.kit.announce import Announcement


@dataclass(frozen=True)
class Notified(Announcement):
    """A notification was written; its e-mail waits."""

    notification_id: UUID
