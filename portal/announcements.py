"""What the ground floor tells the world."""

from dataclasses import dataclass
from uuid import UUID

from portal.kit.announce import Announcement


@dataclass(frozen=True)
class Notified(Announcement):
    """A notification was written; its e-mail waits."""

    notification_id: UUID


@dataclass(frozen=True)
class MailPutOut(Announcement):
    """An e-mail about an account waits."""

    mail_id: UUID
