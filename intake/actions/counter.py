"""Counter sessions: helping a person who is present, with a trace of it, and nothing left on the screen."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.actions import involvements
from consent.actions.consents import allow_visit
from consent.models import CaseRecord
from consent.queries.activities import activity_for
from consent.queries.records import record_for
from intake.actions.drafts import DraftGone, start
from intake.models import CounterSession, Submission
from intake.models.submission import SUBMITTED
from intake.permissions import may_help
from intake.queries.drafts import held, holding
from portal.kit.access import Refused
from portal.kit.actor import Actor


@dataclass(frozen=True)
class Officer:
    """Who helps: the ids of an actor that may."""

    user_id: UUID
    agency_id: UUID
    membership_id: UUID

    @property
    def source(self) -> str:
        """What the counter involvement rests on (as `open_record` writes it)."""
        return f"counter:{self.user_id}"


@transaction.atomic
def open_session(
    *, by: Actor, at: dt.datetime, language: str, submission_id: UUID | None = None, allows: bool = False
) -> tuple[CounterSession, Submission, str]:
    """The person at the counter agreed aloud to be helped: returns the session, their form, and its code if it is new.

    submission_id: of the form their come-back code opened; one already sent leads to a new form over the same record. allows: the
    person said aloud that the agency may see the answers they gave before, during this visit.
    Raises Refused without the power help_at_counter, AccessRefused when the agency may not see that record, DraftGone.
    """
    officer = _officer(by)
    for forgotten in CounterSession.objects.filter(user_id=officer.user_id, ended_at=None):
        close_session(by=by, session_id=forgotten.pk, at=at)
    submission, code = _form_for(by, officer, at, language, submission_id, allows)
    session = CounterSession.objects.create(
        agency_id=officer.agency_id,
        user_id=officer.user_id,
        membership_id=officer.membership_id,
        submission_id=submission.pk,
        agreed_at=at,
    )
    return session, submission, code


def _form_for(
    by: Actor, officer: Officer, at: dt.datetime, language: str, submission_id: UUID | None, allows: bool
) -> tuple[Submission, str]:
    if submission_id is None:
        return start(by=by, at=at, language=language)
    with holding(submission_id):
        submission = held(submission_id)
        if submission is None:
            raise DraftGone
        if submission.record_id is not None:
            involvements.begin(
                by=by,
                record=CaseRecord(pk=submission.record_id),
                agency_id=officer.agency_id,
                kind="counter",
                at=at,
                source=officer.source,
                user_id=officer.user_id,
            )
            if submission.state == SUBMITTED:
                record = record_for(submission.record_id)
                activity = activity_for(agency_id=officer.agency_id, purpose="counter", on=timezone.localdate(at))
                if allows and activity is not None:
                    allow_visit(by=by, record=record, activity=activity, language=language, at=at)
                return start(by=by, at=at, language=language, record=record)
        submission.assisted_by_id, submission.assisted_at_agency_id = officer.user_id, officer.agency_id
        submission.save(update_fields=["assisted_by", "assisted_at_agency"])
        return submission, ""


@transaction.atomic
def close_session(*, by: Actor, session_id: UUID, at: dt.datetime) -> None:
    """The person leaves: the session ends, and with it the agency's way to the record. Doing it twice changes nothing."""
    officer = _officer(by)
    session = CounterSession.objects.filter(pk=session_id, user_id=officer.user_id, ended_at=None).first()
    if session is None:
        return
    session.ended_at = at
    session.save(update_fields=["ended_at"])
    with holding(session.submission_id):
        submission = held(session.submission_id)
    if submission is not None and submission.record_id is not None:
        involvements.end(
            by=by, record_id=submission.record_id, agency_id=officer.agency_id, kind="counter", source=officer.source, at=at
        )


def _officer(by: Actor) -> Officer:
    if not may_help(by) or by.user_id is None or by.agency_id is None or by.membership_id is None:
        raise Refused(_("Your role may not help at the counter."))
    return Officer(by.user_id, by.agency_id, by.membership_id)
