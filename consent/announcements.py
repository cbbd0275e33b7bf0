"""What `consent` tells the world. Ids only."""

from dataclasses import dataclass
from uuid import UUID

from portal.kit.announce import Announcement


@dataclass(frozen=True)
class RecordChanged(Announcement):
    """A change set was written: the record has a new version."""

    record_id: UUID
    version: int


@dataclass(frozen=True)
class ConsentChanged(Announcement):
    """A consent was given, renewed, refused, withdrawn, revoked or expired. state: the new one."""

    consent_id: UUID
    record_id: UUID
    agency_id: UUID
    state: str
