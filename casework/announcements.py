"""What `casework` tells the world. Ids only."""

from dataclasses import dataclass
from uuid import UUID

from portal.kit.announce import Announcement

# --- cases


@dataclass(frozen=True)
class CaseOpened(Announcement):
    """An application became a programme case."""

    case_id: UUID
    record_id: UUID
    agency_id: UUID


@dataclass(frozen=True)
class CaseMoved(Announcement):
    """A programme case has a new state."""

    case_id: UUID
    record_id: UUID
    state: str


@dataclass(frozen=True)
class Asked(Announcement):
    """The person was asked for something."""

    request_id: UUID
    case_id: UUID


@dataclass(frozen=True)
class Answered(Announcement):
    """The person answered."""

    request_id: UUID
    case_id: UUID


@dataclass(frozen=True)
class Decided(Announcement):
    """A decision was issued, with its letter."""

    decision_id: UUID
    case_id: UUID


# --- referrals


@dataclass(frozen=True)
class DeliveryWaiting(Announcement):
    """Something lies in the outbox of referrals. Holds nothing: who listens looks for itself."""
