"""What the gate answers with: decisions, refusals, released facts."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from consent.models import AccessLog
from portal.kit.access import Refused

ALLOW, PARTIAL, DENY = "allow", "partial", "deny"

# Why something is not released, in words for the person at the screen.
REASONS: Mapping[str, object] = {
    "not_own": _("This is not your own record."),
    "not_signed_in": _("Nobody is signed in."),
    "conflict_of_interest": _("You may not work on your own case. Ask a colleague to take it over."),
    "no_activity": _("Your agency has not said what it needs this for. Ask your data-protection officer."),
    "role": _("Your role may not see this."),
    "no_relationship": _("Your agency is not involved with this person."),
    "gate": _("The person has not allowed it, or has stopped it. Ask the person, or let them tell you themselves."),
    "not_in_activity": _("Your agency does not need this for what it does here."),
    "not_allowed": _("The person did not allow this part."),
    "triage_only": _("You can see this after you have accepted the referral."),
    "no_agreement": _("Another agency supplied this and there is no agreement to share it."),
    "rejected": _("This was checked and found to be wrong."),
    "configuration": _("The sharing rules contradict each other, so nothing is shown. Tell your data-protection officer."),
}


@dataclass(frozen=True)
class Decision:
    """The gate's answer (domain.md section 4).

    outcome: allow | partial | deny. released: concept codes that may be read. refused: {concept: reason code}.
    reason: code of `REASONS` for a denial as a whole. activity_id, consent_id, consent_until, basis, reference, gate: what it
    rests on.
    agency_name: of the activity's agency; empty where no activity was found.
    """

    outcome: str
    released: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    activity_id: UUID | None = None
    consent_id: UUID | None = None
    consent_until: dt.datetime | None = None
    basis: str = ""
    reference: str = ""
    gate: str = ""
    agency_name: str = ""

    @property
    def is_denied(self) -> bool:
        return self.outcome == DENY

    @property
    def sentence(self) -> str:
        """The reason of a denial in words; empty when something is released."""
        return str(REASONS[self.reason]) if self.reason else ""


class AccessRefused(Refused):
    """The gate refused. `entry` is the log row; it is written again if the caller's transaction rolls back."""

    def __init__(self, decision: Decision, entry: AccessLog):
        super().__init__(decision.sentence)
        self.decision = decision
        self.entry = entry

    def keep_trace(self) -> None:
        """Write the log row unless it is there (idempotent by its id)."""
        AccessLog.objects.bulk_create([self.entry], ignore_conflicts=True)


@dataclass(frozen=True)
class Released:
    """Facts that passed the gate, at record version `version`.

    values: {key: value}; provenance: {key: {...}}; people: [{"id", "role", "position"}] in household order, plus "name"
    where identity.name was released; identity: {person id: {"name", "contact": {...}, "language", ...}} as released;
    refused: {key or concept: reason code}. log_id: the access log's row of this release.
    """

    record_id: UUID
    version: int
    values: Mapping[str, Any]
    provenance: Mapping[str, Mapping[str, Any]]
    people: list[dict[str, Any]]
    identity: Mapping[str, Mapping[str, Any]]
    refused: Mapping[str, str]
    decision: Decision
    log_id: UUID

    def as_household(self) -> dict[str, Any]:
        """The interchange form of eligibility.md section 2: {"household": {...}, "people": [{"id", "role", ...}]}."""
        household: dict[str, Any] = {}
        members: dict[str, dict[str, Any]] = {
            person["id"]: {"id": person["id"], "role": person["role"]} for person in self.people
        }
        for key, value in self.values.items():
            subject, name = key.split(".", 1)
            if subject == "household":
                household[name] = value
            elif subject in members:
                members[subject][name] = value
        return {"household": household, "people": list(members.values())}
