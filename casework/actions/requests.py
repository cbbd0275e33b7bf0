"""Asking the person for something, and their answer."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casework import permissions
from casework.actions.cases import CASE_FLOW, NotPossible, locked, move, resume_clock, store
from casework.actions.notes import raise_task
from casework.announcements import Answered, Asked
from casework.models import InformationRequest
from consent.actions import facts
from consent.facts import catalogue
from portal.actions.notifications import notify
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.announce import announce
from portal.roles import powers_of

LONGEST_ANSWER = 2000


@transaction.atomic
def ask(
    *,
    by: Actor,
    case_id: UUID,
    seen: int,
    what: str,
    why: str,
    answer_by: dt.date,
    at: dt.datetime,
    fact: str = "",
    stops_clock: bool = True,
) -> InformationRequest:
    """Ask the person for something. The case waits, its clock stands if `stops_clock`, the person is told.

    fact: code of the catalogue fact that the answer fills in, "" for an answer in words. answer_by: a day after today.
    Raises Refused, CaseChanged, MoveRefused, NotPossible.
    """
    case = locked(case_id=case_id, seen=seen)
    if not permissions.may_work(by, case):
        raise Refused(_("Only staff of the agency that works on this case may do this."))
    today = timezone.localdate(at)
    if not what.strip() or not why.strip():
        raise NotPossible(_("Say what you need and why: the person reads both."))
    if answer_by <= today:
        raise NotPossible(_("Give the person until a day after today."))
    if fact and (fact not in catalogue() or catalogue()[fact].type == "identity"):
        raise NotPossible(_("Choose a fact from the list."))
    assert by.user_id is not None  # staff are signed in
    request = InformationRequest.objects.create(
        case=case, what=what.strip(), why=why.strip(), fact=fact, answer_by=answer_by, stops_clock=stops_clock,
        asked_by_id=by.user_id, asked_by_name=by.name, asked_at=at,
    )  # fmt: skip
    if case.assignee_id is None:
        case.assignee_id = by.user_id
    if case.state != "awaiting_information":
        move(case, "awaiting_information", by=by, at=at)
    if stops_clock and case.paused_on is None:
        case.paused_on = today
    store(case, by=by, at=at)
    announce(Asked(request_id=request.pk, case_id=case.pk))
    if (user_id := case.record.person.user_id) is not None:
        notify(
            by=by, user_id=user_id, kind="asked", at=at, path=reverse("casework:my_case", args=[case.pk]),
            parameters={"agency": case.agency.name, "reference": case.reference},
        )  # fmt: skip
    return request


@transaction.atomic
def answer(
    *, by: Actor, request_id: UUID, at: dt.datetime, text: str = "", value: Any = None, has_value: bool = False
) -> InformationRequest:
    """Answer a question in words, with the fact asked for, or both. Answering twice changes nothing.

    value, has_value: the fact in its stored form (see `consent.values.parse_value`); has_value False leaves the fact alone.
    Raises Refused, NotPossible, InvalidFact, InformationRequest.DoesNotExist.
    """
    request = InformationRequest.objects.select_related("case").get(pk=request_id)
    case = locked(case_id=request.case_id, seen=None)
    request.refresh_from_db()
    if not permissions.is_persons_own(by, case):
        raise Refused(_("Only the person who was asked can answer."))
    if request.state == "answered":
        return request
    if request.state != "open":
        raise NotPossible(_("This question is no longer needed. You do not have to do anything."))
    if not text.strip() and not has_value:
        raise NotPossible(_("Write your answer"))
    if has_value and request.fact:
        subject = "household" if request.fact.startswith("household.") else str(case.person_id)
        facts.write(
            by=by, record=case.record, changes={f"{subject}.{request.fact.split('.', 1)[1]}": value}, source="self",
            collected_under="determination", at=at,
        )  # fmt: skip
    request.state, request.answer, request.answered_at = "answered", text.strip()[:LONGEST_ANSWER], at
    request.answered_by_name = by.name
    request.save(update_fields=["state", "answer", "answered_at", "answered_by_name"])
    raise_task(case, kind="check_answer", source=f"request:{request.pk}", at=at)
    _go_on(case, by=by, at=at)
    announce(Answered(request_id=request.pk, case_id=case.pk))
    if case.assignee_id is not None:
        notify(
            by=by, user_id=case.assignee_id, kind="answered", at=at, path=reverse("casework:case", args=[case.pk]),
            parameters={"reference": case.reference},
        )  # fmt: skip
    return request


@transaction.atomic
def take_back(*, by: Actor, case_id: UUID, request_id: UUID, at: dt.datetime) -> InformationRequest:
    """A question that is no longer needed. Raises Refused, NotPossible, InformationRequest.DoesNotExist."""
    case = locked(case_id=case_id, seen=None)
    if not permissions.may_work(by, case):
        raise Refused(_("Only staff of the agency that works on this case may do this."))
    request = case.requests.get(pk=request_id)
    if request.state != "open":
        raise NotPossible(_("The person has answered this already."))
    request.state = "taken_back"
    request.save(update_fields=["state"])
    _go_on(case, by=by, at=at)
    return request


def _go_on(case, *, by: Actor, at: dt.datetime) -> None:
    """When nothing is waited for any more, the clock runs and the case goes on; it is stored either way."""
    waiting = list(case.requests.filter(state="open").values_list("stops_clock", flat=True))
    if not any(waiting):
        resume_clock(case, timezone.localdate(at))
    if not waiting and CASE_FLOW.may(case.state, "in_assessment", powers_of(by.role)):
        move(case, "in_assessment", by=by, at=at)
    store(case, by=by, at=at)
