"""What `intake` tells the world. Ids only."""

from dataclasses import dataclass
from uuid import UUID

from portal.kit.announce import Announcement


@dataclass(frozen=True)
class SubmissionReceived(Announcement):
    """A form was sent and its answers are in the record."""

    record_id: UUID
    submission_id: UUID
