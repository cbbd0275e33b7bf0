"""Forms and drafts for tests, made through the product's own actions."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from intake.actions.drafts import save_answer, save_member, start
from intake.actions.forms import publish, read_document
from intake.actions.submissions import content_of
from intake.models import Submission
from intake.queries.drafts import held, holding
from portal.kit.actor import Actor, acting_as
from portal.kit.identity import uuid7

ANONYMOUS = Actor.anonymous()
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "you/born_on": {"person.born_on": "1990-04-02"},
    "household/members": {"done": True},
    "household/nation": {"household.nation": "england"},
    "household/tenure": {"household.tenure": "private_rent"},
    "household/rent": {"household.rent": {"amount": "950.00", "per": "month"}},
    "household/savings": {"household.savings": "1200.00"},
}


def load_form():
    """The shipped form, published."""
    return publish(by=Actor.machine("load_form"), document=read_document(), at=timezone.now())[0]


def make_draft(
    answers: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    by: Actor = ANONYMOUS,
    at: dt.datetime | None = None,
    **options: Any,
) -> tuple[Submission, str]:
    """A draft with answers ({slot key: values}) and its come-back code."""
    at = at or timezone.now()
    load_form()
    with acting_as(by):
        submission, code = start(by=by, at=at, language="en", **options)
        for key, values in (ANSWERS if answers is None else answers).items():
            answer(submission, key, values, by=by, at=at)
    return fresh(submission), code


def answer(
    submission: Submission,
    key: str,
    values: Mapping[str, Any],
    *,
    by: Actor = ANONYMOUS,
    at: dt.datetime | None = None,
    based_on: int = 0,
    not_sure: bool = False,
) -> Submission:
    """Save one answer."""
    return save_answer(
        by=by,
        submission_id=submission.pk,
        slot_key=key,
        values=values,
        not_sure=not_sure,
        based_on=based_on,
        at=at or timezone.now(),
    )


def add(submission: Submission, role: str, name: str, born_on: str | None, *, by: Actor = ANONYMOUS) -> str:
    """Enter somebody of the household; returns their id."""
    saved = save_member(
        by=by,
        submission_id=submission.pk,
        role=role,
        name=name,
        at=timezone.now(),
        entry_key=str(uuid7()),
        born_on=dt.date.fromisoformat(born_on) if born_on else None,
    )
    return saved.members[-1]["id"]


def fresh(submission: Submission) -> Submission | None:
    """The submission as it is in the database now."""
    with holding(submission.pk):
        return held(submission.pk)


def content(submission: Submission) -> str:
    """The digest that the check page would show now."""
    return content_of(fresh(submission))
