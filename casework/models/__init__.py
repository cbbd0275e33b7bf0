"""What doing stores: cases, requests, decisions, letters, referrals and their deliveries."""

from casework.models.case import Application, CaseGrant, CoordinationCase, ProgrammeCase, StatusEvent
from casework.models.decision import Decision
from casework.models.delivery import ReferralDelivery
from casework.models.inbound import InboundKey
from casework.models.letter import Letter
from casework.models.manifest import Disclosure, DisclosureManifest
from casework.models.referral import Referral, ReferralAnswer, ReferralEvent, ReferralTask
from casework.models.task import CaseTask, InformationRequest, Note

__all__ = [
    "Application",
    "CaseGrant",
    "CaseTask",
    "CoordinationCase",
    "Decision",
    "Disclosure",
    "DisclosureManifest",
    "InboundKey",
    "InformationRequest",
    "Letter",
    "Note",
    "ProgrammeCase",
    "Referral",
    "ReferralAnswer",
    "ReferralDelivery",
    "ReferralEvent",
    "ReferralTask",
    "StatusEvent",
]
