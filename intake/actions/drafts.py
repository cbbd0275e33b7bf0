"""Keeping a draft: every question is saved by itself, so that nothing is lost and two tabs cannot overwrite each other unseen."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.models import CaseRecord
from intake.actions.forms import publish, read_document
from intake.actions.known import known_of, members_of
from intake.definition import HOUSEHOLD, YOU
from intake.models import Submission
from intake.models.submission import ABANDONED, DRAFT, FLOW, SUBMITTED
from intake.queries.drafts import birth_digest, code_digest, draft_of, holding
from intake.queries.forms import newest_revision
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.identity import spoken_code, uuid7

KEPT = dt.timedelta(days=30)  # after the last change; announced on the screen
MOST_MEMBERS = 30


class DraftGone(Exception):
    """The draft was deleted or its 30 days are over."""


class AlreadySent(Exception):
    """The form was sent meanwhile, from another tab or by a helper."""


class AnswerConflict(Exception):
    """The same question was answered elsewhere since this page was opened. `current` is that answer."""

    def __init__(self, current: Mapping[str, Any]):
        super().__init__(_("You answered this question in another window."))
        self.current = current


@transaction.atomic
def start(
    *,
    by: Actor,
    at: dt.datetime,
    language: str,
    event: str = "",
    programmes: Collection[str] = (),
    record: CaseRecord | None = None,
) -> tuple[Submission, str]:
    """Begin a draft; returns it with its come-back code, which is told once and kept nowhere.

    event: code of a life event of the form. programmes: codes the person cares about; empty means all.
    record: the record the answers will go to, when there is one; what is known in it is taken over through the gate.
    Raises AccessRefused when `by` may not read that record.
    """
    revision = newest_revision() or publish(by=by, document=read_document(), at=at)[0]
    code = spoken_code()
    digest = code_digest(code)
    submission = Submission(
        id=uuid7(),
        form_revision=revision,
        language=language,
        code_digest=digest,
        user_id=by.user_id if by.is_citizen else None,
        interest={"event": event, "programmes": sorted(programmes)},
        assisted_by_id=by.user_id if by.is_staff else None,
        assisted_at_agency_id=by.agency_id if by.is_staff else None,
        started_at=at,
        saved_at=at,
        expires_at=at + KEPT,
    )
    if record is not None:
        released = known_of(by=by, record=record, at=at)
        submission.record_id, submission.person_id = record.pk, record.person_id
        submission.known, submission.members = released.known, members_of(released, [])
        submission.birth_digest = birth_digest(digest, _born_on(released.known.get(f"{YOU}.born_on", {}).get("value")))
    with holding(submission.pk):
        submission.save(force_insert=True)
    return submission, code


@transaction.atomic
def save_answer(
    *,
    by: Actor,
    submission_id: UUID,
    slot_key: str,
    values: Mapping[str, Any],
    not_sure: bool,
    based_on: int,
    at: dt.datetime,
) -> Submission:
    """Save the answer to one question.

    based_on: the `rev` of the answer the page was opened with, 0 for none. The same answer twice changes nothing.
    Raises AnswerConflict when another answer was saved since, DraftGone, AlreadySent, KeyError for a slot that is not asked.
    """
    with holding(submission_id):
        submission = _locked(submission_id, at)
        draft = draft_of(submission, timezone.localdate(at))
        slot = draft.slot(slot_key)
        current = submission.answers.get(slot.key)
        if current is not None and current["values"] == values and current["not_sure"] == not_sure:
            return submission
        if (current["rev"] if current else 0) != based_on:
            raise AnswerConflict(current or {"values": {}, "not_sure": False, "rev": 0})
        submission.answers[slot.key] = {
            "values": dict(values),
            "not_sure": not_sure,
            "rev": based_on + 1,
            "by": _typist(by),
            "at": at.isoformat(),
        }
        if slot.key == f"{YOU}/born_on":
            submission.birth_digest = birth_digest(submission.code_digest, _born_on(values.get("person.born_on")))
        return _save(submission, by, at)


@transaction.atomic
def save_interest(*, by: Actor, submission_id: UUID, event: str, programmes: Collection[str], at: dt.datetime) -> Submission:
    """Change what the person wants to find out about; no answer is lost. programmes: codes, empty for everything.

    Raises DraftGone, AlreadySent.
    """
    with holding(submission_id):
        submission = _locked(submission_id, at)
        interest = {"event": event, "programmes": sorted(programmes)}
        if submission.interest == interest:
            return submission
        submission.interest = interest
        return _save(submission, by, at)


@transaction.atomic
def save_member(
    *,
    by: Actor,
    submission_id: UUID,
    role: str,
    name: str,
    born_on: dt.date | None,
    at: dt.datetime,
    member_id: str = "",
    entry_key: str = "",
    based_on: int = 0,
) -> Submission:
    """Enter somebody of the household, or change what was entered (`member_id`).

    entry_key: of the page, so that a double click enters nobody twice. Raises Refused for a second partner,
    AnswerConflict when the same person was changed elsewhere since `based_on`, DraftGone, AlreadySent.
    """
    with holding(submission_id):
        submission = _locked(submission_id, at)
        mine = next((one for one in submission.members if one["id"] == member_id), None)
        if member_id and mine is None:
            raise DraftGone
        if not member_id and any(one.get("entry_key") == entry_key for one in submission.members if entry_key):
            return submission
        said = {"role": role, "name": name, "born_on": born_on.isoformat() if born_on else None}
        if mine is not None and {key: mine.get(key) for key in said} == said:
            return submission
        if mine is not None and mine.get("rev", 0) != based_on:
            raise AnswerConflict({"values": mine, "not_sure": False, "rev": mine.get("rev", 0)})
        if role == "partner" and any(one["role"] == "partner" and one is not mine for one in submission.members):
            raise Refused(_("You have entered a partner already. Change that entry, or choose another role."))
        if mine is None:
            if len(submission.members) >= MOST_MEMBERS:
                raise Refused(_("This form has room for %(count)s people. Ask at a counter for help.") % {"count": MOST_MEMBERS})
            mine = {"id": str(uuid7()), "entry_key": entry_key}
            submission.members.append(mine)
        mine |= said | {"rev": mine.get("rev", 0) + 1, "by": _typist(by), "at": at.isoformat()}
        submission.answers.pop(f"{HOUSEHOLD}/members", None)
        return _save(submission, by, at)


@transaction.atomic
def remove_member(*, by: Actor, submission_id: UUID, member_id: str, at: dt.datetime) -> Submission:
    """Take somebody out of the household, with what was answered about them. Doing it twice changes nothing."""
    with holding(submission_id):
        submission = _locked(submission_id, at)
        submission.members = [one for one in submission.members if one["id"] != member_id]
        submission.answers = {key: value for key, value in submission.answers.items() if not key.startswith(f"{member_id}/")}
        return _save(submission, by, at)


@transaction.atomic
def attach_record(*, by: Actor, submission_id: UUID, record: CaseRecord, at: dt.datetime) -> Submission:
    """The person of a draft turned out to have a record (they signed in): what is known joins the draft.

    People entered again are recognised by role and date of birth, so that nobody is in the household twice.
    """
    with holding(submission_id):
        submission = _locked(submission_id, at)
        if submission.record_id is not None:
            return submission
        released = known_of(by=by, record=record, at=at)
        before = [one["id"] for one in submission.members]
        submission.members = members_of(released, submission.members)
        renamed = dict(zip(before, [one["id"] for one in submission.members if one.get("entered")], strict=True))
        submission.answers = {
            f"{renamed.get(subject, subject)}/{code}": answer
            for (subject, code), answer in ((key.split("/", 1), value) for key, value in submission.answers.items())
        }
        submission.record_id, submission.person_id, submission.known = record.pk, record.person_id, released.known
        return _save(submission, by, at)


@transaction.atomic
def new_code(*, by: Actor, submission_id: UUID, at: dt.datetime) -> str:
    """Give the draft another come-back code; the old one stops working. Returns the new one."""
    with holding(submission_id):
        submission = _locked(submission_id, at)
        code = spoken_code()
        submission.code_digest = code_digest(code)
        born_on = draft_of(submission, timezone.localdate(at)).values.get(f"{YOU}.born_on")
        submission.birth_digest = birth_digest(submission.code_digest, _born_on(born_on))
        _save(submission, by, at)
        return code


@transaction.atomic
def give_up(*, by: Actor, submission_id: UUID, at: dt.datetime) -> None:
    """Delete what was answered, at once, because the person wants it. Raises AlreadySent."""
    with holding(submission_id):
        submission = _locked(submission_id, at)
        FLOW.move(submission, ABANDONED, {"keeper"})
        submission.answers, submission.members, submission.known, submission.birth_digest = {}, [], {}, ""
        submission.expires_at = at
        submission.save()


@transaction.atomic
def purge(*, by: Actor, at: dt.datetime) -> int:
    """Delete drafts whose 30 days are over; returns how many. by: a machine."""
    return Submission.objects.exclude(state=SUBMITTED).filter(expires_at__lt=at).delete()[0]


def _locked(submission_id: UUID, at: dt.datetime) -> Submission:
    submission = Submission.objects.select_for_update().filter(pk=submission_id).first()
    if submission is None or submission.state == ABANDONED or (submission.state == DRAFT and submission.expires_at <= at):
        raise DraftGone
    if submission.state == SUBMITTED:
        raise AlreadySent
    return submission


def _save(submission: Submission, by: Actor, at: dt.datetime) -> Submission:
    if by.is_citizen and by.user_id is not None and submission.user_id is None:
        submission.user_id = by.user_id
    submission.saved_at, submission.expires_at = at, at + KEPT
    submission.revision += 1
    submission.save()
    return submission


def _typist(by: Actor) -> dict[str, str]:
    """Who typed an answer: the person themself, or the officer who helped, by name."""
    if by.is_staff:
        return {"source": "counter", "by": by.name, "user": str(by.user_id), "agency": str(by.agency_id)}
    return {"source": "self", "by": by.name}


def _born_on(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
