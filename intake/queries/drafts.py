"""Finding drafts. Holding one means naming it to row-level security for the open transaction; nothing else opens it."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from intake.draft import Draft
from intake.models import Submission
from intake.models.submission import DRAFT
from intake.queries.forms import form_of
from portal.kit.actor import Actor
from portal.kit.identity import normal_code


@contextmanager
def holding(submission_id: UUID | str) -> Iterator[None]:
    """Within the block (and the open transaction) the draft of this id may be read and changed.

    Callers have the id from the session, an account or a come-back code, never from an address or a form.
    """
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('app.draft', true), set_config('app.draft', %s, true)", [str(submission_id)])
        before = cursor.fetchone()[0]
    try:
        yield
    finally:
        if connection.in_atomic_block and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("select set_config('app.draft', %s, true)", [before or ""])


def held(submission_id: UUID | str) -> Submission | None:
    """The submission of this id, or None when it was deleted. Call it while `holding` it."""
    return Submission.objects.filter(pk=submission_id).first()


def draft_of(submission: Submission, on: dt.date) -> Draft:
    """The submission as a draft to reason about on the day `on`."""
    return Draft(
        form=form_of(submission.form_revision_id),
        answers=submission.answers,
        members=submission.members,
        known=submission.known,
        on=on,
        event=submission.interest.get("event", ""),
    )


def drafts_of(actor: Actor, *, now: dt.datetime) -> list[Submission]:
    """What a signed-in citizen began and has not sent, the last saved first."""
    if not actor.is_citizen or actor.user_id is None:
        return []
    return list(Submission.objects.filter(user_id=actor.user_id, state=DRAFT, expires_at__gt=now).order_by("-saved_at", "id"))


def find_by_code(code: str, born_on: dt.date | None) -> UUID | None:
    """The id of the draft or sent form a come-back code opens, or None.

    born_on: the applicant's date of birth; it counts when one was given in the form.
    """
    digest = code_digest(code)
    with connection.cursor() as cursor:
        cursor.execute("select intake_come_back(%s, %s)", [digest, birth_digest(digest, born_on)])
        return cursor.fetchone()[0]


def code_digest(code: str) -> str:
    """The keyed digest under which a come-back code is looked up. code: as the person typed it."""
    return salted_hmac("intake.come_back.code", normal_code(code), algorithm="sha256").hexdigest()


def birth_digest(code: str, born_on: dt.date | None) -> str:
    """The keyed digest of the date of birth beside a code's digest; empty without a date."""
    if born_on is None:
        return ""
    return salted_hmac("intake.come_back.birth", f"{code} {born_on.isoformat()}", algorithm="sha256").hexdigest()
