"""The draft on the desk: which one this session holds, and what every page about it needs."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from consent.facts import in_language
from consent.queries.records import own_record
from intake.actions.drafts import AlreadySent, DraftGone, attach_record
from intake.definition import HOUSEHOLD
from intake.draft import Draft, Slot
from intake.models import Submission
from intake.models.submission import ABANDONED, SUBMITTED
from intake.queries.drafts import draft_of, held, holding
from intake.queries.steps import DONE, Steps, steps
from intake.wording import gaps, progress_words, short_of
from portal.kit.http import PortalRequest

HELD = "intake"  # session key: {"draft", "code", "counter"}
CARRIED = "intake_carried"  # what was typed into a page that had lost its draft: {"path", "data"}
LARGEST_CARRIED = 20_000  # characters


@dataclass
class Desk:
    """One request's look at the draft. code: the come-back code while this session knows it. counter: id of the counter session."""

    submission: Submission
    now: dt.datetime
    code: str = ""
    counter: UUID | None = None

    @property
    def on(self) -> dt.date:
        return timezone.localdate(self.now)

    @cached_property
    def draft(self) -> Draft:
        return draft_of(self.submission, self.on)

    @cached_property
    def steps(self) -> Steps:
        return steps(self.draft, self.on, self.submission.interest.get("programmes", ()))

    def saved(self, submission: Submission) -> "Desk":
        """The desk after `submission` was saved."""
        return Desk(submission, self.now, self.code, self.counter)

    def frame(self) -> dict[str, Any]:
        """Context of every page about the draft."""
        return {"desk": self, "counter_session": self.counter}

    def progress(self, slot: Slot | None = None) -> dict[str, Any]:
        """How much is left: `answers_left` pages, and what the next answers, that of `slot` among them, are certain to decide."""
        return {"answers_left": len(self.steps.pending), "progress": progress_words(self.steps, slot)}

    def place(self, slot: Slot) -> dict[str, Any]:
        """Where in the form a page is, for the component `steps`."""
        states = self.steps.section_states
        here = next((number for number, state in enumerate(states, 1) if state.section.code == slot.question.section), 1)
        bar = ["is-now" if number == here else "is-done" if state.state == DONE else "" for number, state in enumerate(states, 1)]
        name = in_language(self.draft.form.section(slot.question.section).title)
        return {"step": here, "steps": len(states), "name": name, "bar": bar}


def gap_rows(desk: Desk) -> list[dict[str, Any]]:
    """What cannot be told as it stands: [{"questions": [{"text", "url"}], "programmes": names}]."""
    return [
        {
            "questions": [{"text": short_of(desk.draft, slot), "url": address_of(slot, back_to_check=True)} for slot in slots],
            "programmes": names,
        }
        for slots, names in gaps(desk.steps)
    ]


def take_up(request: PortalRequest, submission: Submission, *, code: str = "", counter: UUID | None = None) -> None:
    """Let this session hold the draft, under a new session key."""
    request.session.cycle_key()
    request.session[HELD] = {"draft": str(submission.pk), "code": code, "counter": str(counter) if counter else ""}


def join_record(request: PortalRequest, submission: Submission) -> bool:
    """Put the draft together with the record its person turned out to have (they signed in); False when there is none."""
    record = None if submission.record_id else own_record(request.actor)
    if record is None or submission.state == SUBMITTED:
        return False
    attach_record(
        by=request.actor,
        submission_id=submission.pk,
        record=record,
        at=timezone.now(),
    )
    return True


def put_down(request: PortalRequest) -> None:
    """This session holds nothing any more."""
    request.session.pop(HELD, None)
    request.session.cycle_key()


def in_hand(request: PortalRequest) -> dict[str, str]:
    """What this session holds: {"draft", "code", "counter"}; empty when nothing."""
    return request.session.get(HELD) or {}


def with_draft(view: Callable) -> Callable:
    """Decorator: give the view the Desk of this session's draft. Without one: a way back, with what was typed kept."""

    @wraps(view)
    def wrapped(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        entry = in_hand(request)
        if request.actor.is_staff and not entry.get("counter"):
            return redirect("intake:counter")
        if not entry:
            return lost(request)
        with holding(entry["draft"]):
            submission = held(entry["draft"])
            now = timezone.now()
            if (
                submission is None
                or submission.state == ABANDONED
                or (submission.state != SUBMITTED and submission.expires_at <= now)
            ):
                put_down(request)
                return lost(request)
            if submission.state == SUBMITTED:
                return redirect("intake:receipt")
            desk = Desk(submission, now, entry["code"], UUID(entry["counter"]) if entry["counter"] else None)
            try:
                return view(request, desk, *args, **kwargs)
            except DraftGone:
                put_down(request)
                return lost(request)
            except AlreadySent:
                return redirect("intake:receipt")

    return wrapped


def lost(request: PortalRequest) -> HttpResponse:
    """The session ended, or never held a draft. What was typed is kept in the new session until the person is back."""
    if request.method == "POST":
        data = {key: request.POST.getlist(key) for key in request.POST if key != "csrfmiddlewaretoken"}
        if sum(len(key) + sum(map(len, values)) for key, values in data.items()) <= LARGEST_CARRIED:
            request.session[CARRIED] = {"path": request.path, "data": data}
    if request.method != "POST" and not request.session.get(CARRIED):
        return redirect("intake:start")
    return render(request, "intake/draft/lost.html", {"expired": request.session.pop("expired", False)}, status=200)


def carried_for(request: PortalRequest) -> dict[str, list[str]] | None:
    """What was typed into this page before the session ended; given once."""
    carried = request.session.get(CARRIED)
    if not carried or carried["path"] != request.path:
        return None
    del request.session[CARRIED]
    return carried["data"]


def address_of(slot: Slot | None, *, back_to_check: bool = False) -> str:
    """The address of a page of the form; of "check your answers" when there is none left."""
    if slot is None:
        return reverse("intake:check")
    if slot.question.kind == "members":
        return reverse("intake:members")
    subject = slot.subject or HOUSEHOLD
    return reverse("intake:question", args=[subject, slot.question.code]) + ("?from=check" if back_to_check else "")
