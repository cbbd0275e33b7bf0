"""What the record stores, and who may look: persons, households, facts, purposes, consents, grants, the access log."""

from consent.models.access_log import AccessLog
from consent.models.activities import DataSharingAgreement, ProcessingActivity
from consent.models.case_record import CaseRecord, RecordGrant, SectorIdentifier
from consent.models.consents import Consent, ConsentEvent
from consent.models.fact import FactEvent, RecordSnapshot, TypedFacts
from consent.models.households import Household, HouseholdMembership
from consent.models.involvements import Involvement
from consent.models.people import ContactPoint, Person, PersonName

__all__ = [
    "AccessLog",
    "CaseRecord",
    "Consent",
    "ConsentEvent",
    "ContactPoint",
    "DataSharingAgreement",
    "FactEvent",
    "Household",
    "HouseholdMembership",
    "Involvement",
    "Person",
    "PersonName",
    "ProcessingActivity",
    "RecordGrant",
    "RecordSnapshot",
    "SectorIdentifier",
    "TypedFacts",
]
