"""Sending a form: once, whole, or not at all."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.actions import facts, people
from consent.actions.consents import ask_to_screen
from consent.actions.records import open_record
from consent.models import CaseRecord
from consent.queries.households import people_of
from consent.queries.records import own_record
from intake.actions.drafts import DraftGone
from intake.announcements import SubmissionReceived
from intake.definition import HOUSEHOLD, YOU, digest
from intake.draft import KNOWN, Draft
from intake.models import Submission
from intake.models.submission import ABANDONED, FLOW, SUBMITTED
from intake.queries.drafts import draft_of, holding
from portal.kit.actor import Actor, acting_as
from portal.kit.announce import announce
from portal.kit.identity import spoken_code

PURPOSE = "screening"  # what the answers are collected under


class OtherContent(Exception):
    """The answers are not those that were shown when "Send" was pressed. `is_sent`: others were sent already."""

    def __init__(self, is_sent: bool):
        self.is_sent = is_sent
        super().__init__(
            _("These answers were sent already, and have been changed since. Nothing was sent a second time.")
            if is_sent
            else _("Your answers have changed since this page was opened. Check them again, then send them.")
        )


class KeyUsed(Exception):
    """The idempotency key belongs to another form."""

    def __init__(self):
        super().__init__(_("This page was used to send another form. Open your answers again, then send them."))


def content_of(submission: Submission) -> str:
    """The digest of what would be sent: every answer and member, without who typed it and when."""
    answers = {key: [answer["values"], answer["not_sure"]] for key, answer in submission.answers.items()}
    members = [[one["id"], one["role"], one.get("name", ""), one.get("born_on")] for one in submission.members]
    return digest({"answers": answers, "members": members, "record": str(submission.record_id)})


@transaction.atomic
def submit(*, by: Actor, submission_id: UUID, idempotency_key: UUID, content: str, at: dt.datetime) -> Submission:
    """Send a form: its answers become facts of a record; returns the submission with its receipt.

    The record is opened when there is none. Sending again, also with another key, returns the same receipt; `by` may be
    the person, anonymous, or an officer at a counter. content: `content_of` as the page showed it. Raises OtherContent,
    KeyUsed, DraftGone, and what the record refuses (Refused, InvalidFact).
    """
    with holding(submission_id):
        submission = Submission.objects.select_for_update().filter(pk=submission_id).first()
        if submission is None or submission.state == ABANDONED or (submission.state != SUBMITTED and submission.expires_at <= at):
            raise DraftGone
        if submission.state == SUBMITTED:
            if submission.content_sha256 != content:
                raise OtherContent(is_sent=True)
            return submission
        if content_of(submission) != content:
            raise OtherContent(is_sent=False)
        FLOW.move(submission, SUBMITTED, {"keeper"})
        draft = draft_of(submission, timezone.localdate(at))
        record = submission.record or own_record(by) or open_record(by=by, at=at, language=submission.language)
        owner = by if by.is_staff else Actor.citizen(person_id=record.person_id, user_id=by.user_id)
        with acting_as(owner):
            _write(owner, record, submission, draft, at)
        submission.record, submission.person_id = record, record.person_id
        submission.answers, submission.members, submission.known = {}, [], {}
        submission.idempotency_key, submission.content_sha256 = idempotency_key, content
        submission.submitted_at = submission.saved_at = at
        submission.receipt = spoken_code(groups=2)
        try:
            with transaction.atomic():
                submission.save()
        except IntegrityError as error:
            if "idempotency_key" in str(error):
                raise KeyUsed from error
            raise
        announce(SubmissionReceived(record_id=record.pk, submission_id=submission.pk))
        return submission


def _write(by: Actor, record: CaseRecord, submission: Submission, draft: Draft, at: dt.datetime) -> None:
    ask_to_screen(by=by, record=record, language=submission.language, at=at)
    _correct_household(by, record, submission, at)
    applicant = str(record.person_id)
    changes, provenance = changes_of(draft, applicant)
    confirmed = confirmed_of(draft, applicant)
    provenance |= dict.fromkeys(confirmed - set(changes), draft.answers.get(KNOWN, {}).get("by", {}))
    with facts.holding(record, at) as held:
        known = {person["id"] for person in held.people}
        new = {UUID(one["id"]): one["role"] for one in submission.members if one["id"] not in known}
        people.add_members(by=by, record=record, members=new, at=at, held=held)
        facts.write(
            by=by,
            record=record,
            changes=changes,
            confirmed=confirmed,
            gone=gone_of(draft, applicant),
            source="counter" if by.is_staff else "self",
            collected_under=PURPOSE,
            at=at,
            provenance=provenance,
            held=held,
        )
    _identity(by, record, submission, draft, at)


def _correct_household(by: Actor, record: CaseRecord, submission: Submission, at: dt.datetime) -> None:
    """Whom the record knew and the form does not name has left; who has another role in it has that one."""
    if submission.record_id is None:
        return  # the household is as new as its record
    said = {one["id"]: one["role"] for one in submission.members}
    for person in people_of(record, timezone.localdate(at)):
        if person["role"] != "applicant" and person["id"] not in said:
            people.end_member(by=by, record=record, person_id=UUID(person["id"]), at=at)
        elif said.get(person["id"], person["role"]) != person["role"]:
            people.change_member_role(by=by, record=record, person_id=UUID(person["id"]), role=said[person["id"]], at=at)


def changes_of(draft: Draft, applicant: str) -> tuple[dict[str, Any], dict[str, Mapping[str, Any]]]:
    """What a draft says beyond what was fresh in the record: ({key: value}, {key: who typed it}), keys of the record.

    applicant: the id that "you" stands for.
    """
    present = {member.id for member in draft.people}
    changes: dict[str, Any] = {}
    provenance: dict[str, Mapping[str, Any]] = {}
    for key, value in draft.values.items():
        subject, name = key.split(".", 1)
        if subject != HOUSEHOLD and subject not in present:
            continue
        before = draft.known.get(key)
        if before is not None and before["fresh"] and before["value"] == value:
            continue
        stored = f"{applicant}.{name}" if subject == YOU else key
        changes[stored] = value
        if typist := draft.typist(key):
            provenance[stored] = typist
    return changes, provenance


def confirmed_of(draft: Draft, applicant: str) -> set[str]:
    """What the record knew and the person found right, by keys of the record. applicant: the id that "you" stands for."""
    right = {key for key in draft.confirmed if key in draft.known and draft.values.get(key) == draft.known[key]["value"]}
    return _in_record(draft, right, applicant)


def gone_of(draft: Draft, applicant: str) -> set[str]:
    """What the record knew, the person said is wrong, and has no new answer: nobody may go on using it."""
    return _in_record(draft, {key for key in draft.to_change if key in draft.known and key not in draft.values}, applicant)


def _in_record(draft: Draft, keys: set[str], applicant: str) -> set[str]:
    present = {HOUSEHOLD, *(member.id for member in draft.people)}
    parts = (key.split(".", 1) for key in keys)
    return {f"{applicant if subject == YOU else subject}.{name}" for subject, name in parts if subject in present}


def _identity(by: Actor, record: CaseRecord, submission: Submission, draft: Draft, at: dt.datetime) -> None:
    person_id = record.person_id
    names: dict[UUID, Mapping[str, str]] = {
        UUID(one["id"]): {"full": one["name"]} for one in submission.members if one.get("name")
    }
    name = draft.said(f"{YOU}/name")
    if name.get("full"):
        names[person_id] = name
    if names:
        people.set_names(by=by, record=record, names=names, at=at)
    contact = draft.said(f"{YOU}/contact")
    for kind in ("phone", "email", "address"):
        if contact.get(kind):
            people.set_contact(
                by=by,
                record=record,
                person_id=person_id,
                kind=kind,
                value=contact[kind],
                at=at,
                safe=contact.get("safe", "unknown"),
                voicemail_ok=bool(contact.get("voicemail_ok")) and kind == "phone",
            )
    wishes = draft.said(f"{YOU}/needs")
    if wishes:
        people.set_language_and_needs(
            by=by,
            record=record,
            language=wishes["language"],
            interpreter_needed=wishes["interpreter_needed"],
            needs=wishes["needs"],
            at=at,
        )
