"""Handing out facts: decide, write the access log, then read. The only way to a fact for screens, pages, API and jobs."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from consent.facts import fact
from consent.models import AccessLog, CaseRecord, DataSharingAgreement, RecordSnapshot
from consent.permit import AccessRefused, Decision, Released
from consent.queries.gate import OWN, agreements_for, decide, other_supplier, provenance_allows
from consent.queries.households import household_of
from portal.kit.actor import Actor, acting_as
from portal.models import Agency


def release(
    *,
    by: Actor,
    record: CaseRecord,
    purpose: str,
    concepts: Iterable[str],
    at: dt.datetime,
    programme: str = "",
    operation: str = "view",
) -> Released:
    """Release what the gate allows of `concepts`, after the decision was logged.

    operation: view | export | deliver | screen, as shown in the log. Raises AccessRefused (logged too) when nothing may be
    released. A key whose provenance bars it is left out and named in `refused`.
    """
    asked = frozenset(concepts)
    # No savepoint inside a caller's transaction: a refusal is raised after the block, so that its log row stays.
    with transaction.atomic(savepoint=False):
        decision = decide(by=by, record=record, purpose=purpose, concepts=asked, now=at, programme=programme)
        entry = _log(by, record, purpose, programme, operation, asked, decision, at)
        if not decision.is_denied:
            with acting_as(by):
                return _read(by, record, purpose, decision, entry, at)
    raise AccessRefused(decision, entry)


def _log(
    by: Actor, record: CaseRecord, purpose: str, programme: str, operation: str, asked, decision: Decision, at: dt.datetime
) -> AccessLog:
    agency_name = decision.agency_name
    if by.agency_id and not agency_name:
        agency_name = Agency.objects.filter(pk=by.agency_id).values_list("name", flat=True).first() or ""
    return AccessLog.objects.create(
        at=at,
        record_id=record.pk,
        actor_kind=by.kind,
        actor_user_id=by.user_id,
        actor_name=by.name,
        actor_role=by.role,
        agency_id=by.agency_id,
        agency_name=agency_name,
        programme=programme,
        purpose=purpose,
        operation=operation,
        activity_id=decision.activity_id,
        legal_basis=decision.basis,
        legal_reference=decision.reference,
        gate=decision.gate,
        consent_id=decision.consent_id,
        concepts_asked=sorted(asked),
        concepts_released=sorted(decision.released),
        outcome=decision.outcome,
        reason=decision.reason,
    )


def _read(by: Actor, record: CaseRecord, purpose: str, decision: Decision, entry: AccessLog, at: dt.datetime) -> Released:
    snapshot = RecordSnapshot.objects.filter(record=record).first()
    day = timezone.localdate(at)
    people, identity = household_of(record, day, {code for code in decision.released if fact(code).type == "identity"})
    about_people = any(code.startswith("person.") for code in decision.released)
    refused: dict[str, str] = dict(decision.refused)
    values: dict[str, Any] = {}
    provenance: dict[str, Any] = {}
    present = {person["id"] for person in people}
    known, sources = (snapshot.values, snapshot.provenance) if snapshot else ({}, {})
    agreements = None if purpose == OWN else _agreements(by, sources, day)
    for key, value in known.items():
        subject, name = key.split(".", 1)
        concept = key if subject == "household" else f"person.{name}"
        if concept not in decision.released or (subject != "household" and subject not in present):
            continue
        source = sources.get(key, {})
        if agreements is not None:
            bar = provenance_allows(source, concept, agency_id=by.agency_id, purpose=purpose, agreements=agreements)
            if bar:
                refused[key] = bar
                continue
        values[key], provenance[key] = value, source
    if not (about_people or identity):
        people = []
    for person in people:
        if name := identity.get(person["id"], {}).get("name"):
            person["name"] = name
    return Released(
        record_id=record.pk,
        version=snapshot.version if snapshot else 0,
        values=values,
        provenance=provenance,
        people=people,
        identity=identity,
        refused=refused,
        decision=decision,
        log_id=entry.pk,
    )


def _agreements(by: Actor, sources: Mapping[str, Mapping[str, Any]], day: dt.date) -> list[DataSharingAgreement]:
    """The agreements that facts supplied by others need; not looked up where nobody else supplied any."""
    crossing = any(other_supplier(source, by.agency_id) for source in sources.values())
    return agreements_for(by.agency_id, day) if crossing else []
