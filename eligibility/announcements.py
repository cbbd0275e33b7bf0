"""What `eligibility` tells the world. Ids only."""

from dataclasses import dataclass
from uuid import UUID

from portal.kit.announce import Announcement


@dataclass(frozen=True)
class Determined(Announcement):
    """A record was screened: its results are new."""

    record_id: UUID
    record_version: int


@dataclass(frozen=True)
class ProgrammePublished(Announcement):
    """A version of a programme was published: results may change from its first day."""

    programme_code: str
    version_id: UUID
