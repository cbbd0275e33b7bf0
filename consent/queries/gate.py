"""The one gate: may this actor read these facts of this record, for this purpose, now? Decides, writes nothing.

The steps and their order are those of domain.md section 4. Deny overrides; within permits the intersection wins; where the
gate of the one activity is shut, no other legal basis is tried (WP29/EDPB: consent cannot be swapped for another basis).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from consent.facts import categories_of, fact
from consent.models import CaseRecord, Consent, DataSharingAgreement, Involvement, ProcessingActivity, RecordGrant
from consent.models.consents import EFFECTIVE
from consent.permit import ALLOW, DENY, PARTIAL, Decision
from portal.kit.actor import Actor, acting_as

OWN = "own"

# Which involvement opens which purpose (step 5).
RELATIONSHIPS: Mapping[str, tuple[str, ...]] = {
    "determination": ("application", "assignment"),
    "coordination": ("application", "assignment", "referral"),
    "referral": ("referral_triage", "referral"),
    "counter": ("counter",),
}
# In a subquery: the activity of the statement around it.
_ACTIVITY_AROUND = SimpleNamespace(
    **{name: OuterRef(name) for name in ("agency_id", "programme", "purpose", "legal_basis", "release_gate")}
)


def decide(
    *,
    by: Actor,
    record: CaseRecord,
    purpose: str,
    concepts: Iterable[str],
    now: dt.datetime,
    programme: str = "",
    as_if: str = "",
) -> Decision:
    """Decide on a request for `concepts` (catalogue codes) of `record`.

    by: who asks; staff act for the agency of their membership, machines for the agency they name.
    purpose: code of `consent.models.activities.PURPOSES`, or "own" for a person's own record.
    programme: code, for activities tied to one. as_if: an involvement kind taken as given, to ask "could this
    agency read it once I refer?". Raises KeyError for a code the catalogue does not hold.
    """
    asked = frozenset(concepts)
    for code in asked:
        fact(code)
    if purpose == OWN:
        if by.is_citizen and by.person_id == record.person_id:
            return Decision(ALLOW, released=asked, basis="6-1-e", gate="own", reference="UK GDPR art. 15")
        return _deny("not_own", asked)
    if by.agency_id is None or not (by.is_staff or by.is_machine):
        return _deny("not_signed_in", asked)
    with acting_as(by):
        return _decide_for_agency(by, record, purpose, asked, now, programme, as_if)


def _decide_for_agency(
    by: Actor, record: CaseRecord, purpose: str, asked: frozenset[str], now: dt.datetime, programme: str, as_if: str
) -> Decision:
    if by.is_staff and by.user_id is not None and record.person.user_id == by.user_id:
        return _deny("conflict_of_interest", asked)
    activities = list(
        ProcessingActivity.objects.in_force(timezone.localdate(now))
        .select_related("agency")
        .annotate(
            involved=ArraySubquery(_involvements(by, record, purpose, programme, now).values("kind")),
            said=_consent_with_grants(record, now),
        )
        .filter(agency_id=by.agency_id, purpose=purpose, programme=programme)[:2]
    )
    if len(activities) != 1:
        return _deny("configuration" if activities else "no_activity", asked)
    activity = activities[0]
    if by.role not in activity.roles:
        return _deny("role", asked, activity)
    kinds = {*activity.involved, as_if} if as_if else set(activity.involved)
    if not by.is_machine and not kinds & set(RELATIONSHIPS.get(purpose, ())):
        return _deny("no_relationship", asked, activity)
    if by.is_machine and by.record_id != record.pk and not as_if:
        return _deny("no_relationship", asked, activity)
    refused = dict.fromkeys(asked - set(activity.concepts), "not_in_activity")
    if purpose == "referral" and "referral" not in kinds:
        refused |= {code: "triage_only" for code in asked - set(activity.triage_concepts) if code not in refused}
    consent = None
    if activity.release_gate in ("consent", "explicit_request"):
        consent = activity.said
        if consent is None:
            return _deny("gate", asked, activity)
        refused |= {code: "not_allowed" for code in asked - set(consent["concepts"]) if code not in refused}
        if not as_if and not _grants_agree(consent):
            return _deny("configuration", asked, activity)
    elif activity.release_gate == "emergency":
        return _deny("gate", asked, activity)
    released = asked - set(refused)
    return Decision(
        DENY if not released else PARTIAL if refused else ALLOW,
        released=released,
        refused=refused,
        reason="" if released else next(iter(refused.values()), "not_in_activity"),
        activity_id=activity.pk,
        consent_id=UUID(consent["id"]) if consent else None,
        consent_until=dt.datetime.fromisoformat(consent["until"]) if consent else None,
        basis=activity.legal_basis,
        reference=activity.legal_reference,
        gate=activity.release_gate,
        agency_name=activity.agency.name,
    )


def live_consent(record: CaseRecord, activity: ProcessingActivity, now: dt.datetime) -> Consent | None:
    """The effective consent (or explicit request) of `record` for `activity` at `now`, unexpired; else None.

    One given to an earlier revision of the same activity, under the same basis, goes on for the facts it named.
    """
    return _live_consents(record, activity, now).first()


def _live_consents(record: CaseRecord, activity: ProcessingActivity | SimpleNamespace, now: dt.datetime) -> QuerySet[Consent]:
    return same_activity(Consent.objects.filter(record=record, state__in=EFFECTIVE, until__gt=now), activity)


def _consent_with_grants(record: CaseRecord, now: dt.datetime) -> Subquery:
    """The live consent for the activity of the statement around it, with the permissions stored with it."""
    stored = RecordGrant.objects.filter(consent=OuterRef("pk"), until__gt=now).values("permission__codename")
    found = _live_consents(record, _ACTIVITY_AROUND, now).annotate(granted=ArraySubquery(stored))
    return Subquery(found.values(said=JSONObject(id="id", concepts="concepts", until="until", granted="granted"))[:1])


def same_activity(consents: QuerySet[Consent], activity: ProcessingActivity | SimpleNamespace) -> QuerySet[Consent]:
    """Of `consents` those for any revision of `activity` with its agency, programme, purpose, basis and gate, newest first."""
    return consents.filter(
        activity__agency_id=activity.agency_id,
        activity__programme=activity.programme,
        activity__purpose=activity.purpose,
        activity__legal_basis=activity.legal_basis,
        activity__release_gate=activity.release_gate,
    ).order_by("-created_at", "-id")


def provenance_allows(
    provenance: Mapping[str, Any], concept: str, *, agency_id, purpose: str, agreements: list[DataSharingAgreement]
) -> str:
    """Step 8: "" if a fact with this provenance may be used, else the reason code.

    What the person said themself (also at a counter) goes where they allow it; what another agency supplied crosses
    only under an agreement in force that lists purpose and concept.
    """
    if provenance.get("verification") == "rejected":
        return "rejected"
    supplier = other_supplier(provenance, agency_id)
    if supplier is None:
        return ""
    covered = any(
        str(terms.provider_id) == supplier and purpose in terms.purposes and concept in terms.concepts for terms in agreements
    )
    return "" if covered else "no_agreement"


def other_supplier(provenance: Mapping[str, Any], agency_id) -> str | None:
    """The id of another agency than `agency_id` that supplied a fact; None for what the person said or the agency has itself."""
    if provenance.get("source") in ("self", "counter", "derived"):
        return None
    supplier = provenance.get("agency")
    return None if supplier == str(agency_id) else supplier


def agreements_for(agency_id, day: dt.date) -> list[DataSharingAgreement]:
    """The agreements in force on `day` under which the agency takes facts from others."""
    return list(
        DataSharingAgreement.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), consumer_id=agency_id, starts_on__lte=day)
    )


def _involvements(by: Actor, record: CaseRecord, purpose: str, programme: str, now: dt.datetime) -> QuerySet[Involvement]:
    """How the agency is involved with the record: by itself or by this colleague, for this programme or for any."""
    rows = Involvement.objects.in_force(now).filter(
        Q(user_id=None) | Q(user_id=by.user_id), record=record, agency_id=by.agency_id
    )
    return rows if not programme or purpose == "referral" else rows.filter(programme__in=("", programme))


def _grants_agree(consent: Mapping[str, Any]) -> bool:
    """The stored grants must tell the same as the consent; where they do not, fail closed."""
    return {f"view_{category}" for category in categories_of(consent["concepts"])} <= set(consent["granted"])


def _deny(reason: str, asked: frozenset[str], activity: ProcessingActivity | None = None) -> Decision:
    return Decision(
        DENY,
        refused=dict.fromkeys(asked, reason),
        reason=reason,
        activity_id=activity.pk if activity else None,
        basis=activity.legal_basis if activity else "",
        reference=activity.legal_reference if activity else "",
        gate=activity.release_gate if activity else "",
        agency_name=activity.agency.name if activity else "",
    )
