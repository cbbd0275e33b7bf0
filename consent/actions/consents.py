"""Giving, refusing, stopping and expiring consents and explicit requests, and keeping the stored grants true to them."""

import datetime as dt
import hashlib
import json
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.announcements import ConsentChanged
from consent.facts import categories_of
from consent.models import CaseRecord, Consent, ConsentEvent, ProcessingActivity, RecordGrant
from consent.models.consents import EFFECTIVE, STATES
from consent.permissions import may_consent_for
from consent.queries.activities import operator_activity
from consent.queries.consents import request_text
from consent.queries.gate import same_activity
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.announce import announce
from portal.kit.states import Flow
from portal.kit.whole import whole

SUBJECT, WITNESS, OFFICER, CLOCK = "subject", "witness", "data_protection_officer", "clock"
FLOW = Flow(
    labels=dict(STATES),
    moves={
        ("requested", "given"): frozenset({SUBJECT, WITNESS}),
        ("requested", "refused"): frozenset({SUBJECT, WITNESS}),
        ("refused", "requested"): frozenset({SUBJECT, WITNESS}),
        ("given", "renewed"): frozenset({SUBJECT, WITNESS}),
        ("renewed", "renewed"): frozenset({SUBJECT, WITNESS}),
        ("given", "withdrawn"): frozenset({SUBJECT, WITNESS}),
        ("renewed", "withdrawn"): frozenset({SUBJECT, WITNESS}),
        ("given", "expired"): frozenset({CLOCK}),
        ("renewed", "expired"): frozenset({CLOCK}),
        ("given", "revoked"): frozenset({OFFICER}),
        ("renewed", "revoked"): frozenset({OFFICER}),
        ("given", "invalidated"): frozenset({OFFICER}),
        ("renewed", "invalidated"): frozenset({OFFICER}),
    },
)
LONGEST = dt.timedelta(days=366)
VISIT = dt.timedelta(hours=12)  # the way to the record ends with the counter session in any case


class NotAsked(Refused):
    """The activity cannot be consented to as asked."""


@whole()
def give(
    *,
    by: Actor,
    record: CaseRecord,
    activity: ProcessingActivity,
    until: dt.datetime,
    language: str,
    at: dt.datetime,
    method: str = "screen",
    witness_id: UUID | None = None,
) -> Consent:
    """Allow the activity to use its facts of this record until `until` (at most 366 days).

    by: the person, or an officer as witness while the person is at their counter (method spoken or paper).
    An effective consent for the same activity and facts is kept and returned; one for other facts or another end is
    superseded: it is withdrawn and a new one given. Raises Refused, NotAsked.
    """
    mover = _mover(by, record, at)
    if activity.release_gate not in ("consent", "explicit_request"):
        raise NotAsked(_("This happens by law and is not a choice. You can still see every time it happens, and object."))
    if not at < until <= at + LONGEST:
        raise NotAsked(_("Choose an end date within the next 12 months."))
    if mover == WITNESS and (method == "screen" or witness_id is None):
        raise NotAsked(_("Say how the person told you, and that you were there."))
    CaseRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    current = same_activity(Consent.objects.filter(record=record, state__in=EFFECTIVE), activity).first()
    if current is not None:
        if set(current.concepts) == set(activity.concepts) and current.until >= until:
            return current
        _end(current, "withdrawn", by, mover, at, reason="superseded")
    consent = _record("given", by, mover, record, activity, until, language, at, method, witness_id)
    _store_grants(consent)
    return consent


@whole()
def ask_to_screen(*, by: Actor, record: CaseRecord, language: str, at: dt.datetime) -> Consent | None:
    """Keep the person's own request to compare their answers with the rules (the operator's activity "screening").

    Sending answers to see results is that request. None when the operator has registered no such activity, or one that
    needs no request. by: the person, or the officer at whose counter they are. Raises Refused.
    """
    activity = operator_activity("screening", timezone.localdate(at))
    if activity is None or activity.release_gate not in ("consent", "explicit_request"):
        return None
    return give(
        by=by,
        record=record,
        activity=activity,
        until=at + LONGEST,
        language=language,
        at=at,
        method="spoken" if by.is_staff else "screen",
        witness_id=by.user_id if by.is_staff else None,
    )


@whole()
def allow_visit(*, by: Actor, record: CaseRecord, activity: ProcessingActivity, language: str, at: dt.datetime) -> Consent | None:
    """Keep that the person at the counter said aloud that the officer's agency may see their answers during this visit.

    by: the officer, who is the witness. activity: the agency's, of the purpose "counter"; None for one that is no choice.
    Raises Refused.
    """
    if activity.release_gate not in ("consent", "explicit_request"):
        return None
    return give(
        by=by,
        record=record,
        activity=activity,
        until=at + VISIT,
        language=language,
        at=at,
        method="spoken",
        witness_id=by.user_id,
    )


@whole()
def refuse(
    *,
    by: Actor,
    record: CaseRecord,
    activity: ProcessingActivity,
    until: dt.datetime,
    language: str,
    at: dt.datetime,
    method: str = "screen",
    witness_id: UUID | None = None,
) -> Consent:
    """Keep that the person said no, with the words they were shown; an effective consent for the activity ends.

    Raises Refused.
    """
    mover = _mover(by, record, at)
    CaseRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    current = same_activity(Consent.objects.filter(record=record, state__in=EFFECTIVE), activity).first()
    if current is not None:
        _end(current, "withdrawn", by, mover, at, reason="refused")
    return _record("refused", by, mover, record, activity, until, language, at, method, witness_id)


@transaction.atomic
def withdraw(*, by: Actor, consent: Consent, at: dt.datetime, reason: str = "") -> Consent:
    """Stop a consent: one step, effective at commit (GDPR art. 7(3)). Stopping what has ended already changes nothing."""
    record = consent.record
    mover = _mover(by, record, at)
    CaseRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    consent = Consent.objects.select_related("record__person", "activity", "agency").get(pk=consent.pk)
    if consent.state in EFFECTIVE:
        _end(consent, "withdrawn", by, mover, at, reason)
    return consent


@transaction.atomic
def expire(*, by: Actor, consent_id: UUID, at: dt.datetime) -> bool:
    """End a consent whose time is over. by: a machine made for its record. False when there is nothing to end."""
    consent = Consent.objects.select_for_update(of=("self",)).filter(pk=consent_id, state__in=EFFECTIVE, until__lte=at).first()
    if consent is None:
        return False
    _end(consent, "expired", by, CLOCK, at, reason="")
    return True


def _mover(by: Actor, record: CaseRecord, at: dt.datetime) -> str:
    if not may_consent_for(by, record, at):
        raise Refused(_("Only the person can decide this, or an officer with the person in front of them."))
    return SUBJECT if by.is_citizen else WITNESS


def _record(state, by, mover, record, activity, until, language, at, method, witness_id) -> Consent:
    """Keep what was asked and, as its first event, what became of it."""
    text = request_text(activity, until=until, language=language)
    consent = Consent(
        record=record,
        activity=activity,
        agency=activity.agency,
        concepts=sorted(activity.concepts),
        until=until,
        language=language,
        text_shown=text,
        text_sha256=hashlib.sha256(_canonical(text)).hexdigest(),
        method=method,
        witness_id=witness_id,
        created_at=at,
    )
    FLOW.move(consent, state, {mover})
    consent.save(force_insert=True)
    _tell(consent, 1, consent.text_sha256, by, mover, at)
    return consent


def _move(consent: Consent, state: str, by: Actor, mover: str, at: dt.datetime, reason: str = "") -> None:
    FLOW.move(consent, state, {mover})
    Consent.objects.filter(pk=consent.pk).update(state=state)
    last = consent.events.order_by("-number").first()
    number, previous = (last.number + 1, last.hash) if last else (1, consent.text_sha256)
    _tell(consent, number, previous, by, mover, at, reason)


def _tell(consent: Consent, number: int, previous: str, by: Actor, mover: str, at: dt.datetime, reason: str = "") -> None:
    """Write the event of the state that the consent is in now, and announce it. previous: the hash of the event before."""
    body = {
        "consent": str(consent.pk),
        "number": number,
        "state": consent.state,
        "at": at.isoformat(),
        "user": str(by.user_id or ""),
        "role": mover,
        "reason": reason,
        "previous": previous,
    }
    ConsentEvent.objects.create(
        consent=consent,
        number=number,
        state=consent.state,
        at=at,
        by_user_id=by.user_id,
        by_name=by.name,
        by_role=mover,
        reason=reason,
        previous_hash=previous,
        hash=hashlib.sha256(_canonical(body)).hexdigest(),
    )
    announce(ConsentChanged(consent_id=consent.pk, record_id=consent.record_id, agency_id=consent.agency_id, state=consent.state))


def _end(consent: Consent, state: str, by: Actor, mover: str, at: dt.datetime, reason: str) -> None:
    _move(consent, state, by, mover, at, reason)
    RecordGrant.objects.filter(consent=consent).delete()


def _store_grants(consent: Consent) -> None:
    """Write one stored grant per category, so that django-guardian and the gate tell the same."""
    codenames = [f"view_{category}" for category in categories_of(consent.concepts)]
    permissions = Permission.objects.filter(
        codename__in=codenames, content_type__app_label="consent", content_type__model="caserecord"
    )
    record = consent.record
    RecordGrant.objects.bulk_create(
        RecordGrant(
            permission=permission,
            group_id=consent.agency.group_id,
            content_object=record,
            agency_id=consent.agency_id,
            consent=consent,
            until=consent.until,
            sort_at=record.changed_at,
        )
        for permission in permissions
    )


def _canonical(body) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()
