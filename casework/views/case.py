"""The case page and the steps taken from it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework import permissions
from casework.actions import cases, notes, requests
from casework.actions.reading import concepts_of, read_facts
from casework.forms import AskForm, AssignForm, NoteForm, ReasonToCitizenForm
from casework.models import CaseTask, InformationRequest, ProgrammeCase
from casework.models.case import ENDED
from casework.queries import cases as reading
from casework.queries.offers import latest_determination, offer_of, proofs_asked
from casework.queries.referrals import standings_of
from portal.kit.access import needs
from portal.kit.http import PortalRequest
from portal.kit.states import MoveRefused
from portal.roles import powers_of

_PROBLEMS = (cases.CaseChanged, cases.NotPossible, MoveRefused)


def found_case(request: PortalRequest, case_id: UUID) -> ProgrammeCase:
    """The case for the colleague who asks; 404 when it is another agency's or none, Refused (403) when the role may not."""
    try:
        return reading.case_for_worker(request.actor, case_id)
    except ProgrammeCase.DoesNotExist:
        raise Http404 from None


def seen_version(request: PortalRequest) -> int:
    """The lock_version that the form was made from; 0, which no case has, when it does not read as one."""
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@require_GET
@needs("work_cases")
def case(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """Everything about one case that its worker may see now."""
    return _page(request, found_case(request, case_id))


def _page(request: PortalRequest, found: ProgrammeCase, *, note_form: NoteForm | None = None, status: int = 200) -> HttpResponse:
    by, now = request.actor, timezone.now()
    today = timezone.localdate(now)
    ended = found.state in ENDED
    facts = None if ended else read_facts(by=by, case=found, at=now)
    released = facts.released if facts else None
    offer = offer_of(found.programme_version)
    determination = latest_determination(found.record_id, found.programme_version_id) if released else None
    people = reading.colleagues(found.agency_id, today)
    context: dict[str, Any] = {
        "case": found,
        "programme": offer.name,
        "offer": offer,
        "proofs": proofs_asked(offer, determination.explanation.get("evidence") if determination else None),
        "ended": ended,
        "facts": facts,
        "fact_rows": reading.fact_rows(released, reading.used_by(found, facts.asked)) if facts and released else [],
        "person": reading.person_line(found, released, today),
        "result": reading.result_of(determination, released),
        "consent": reading.consent_state(found, released, today),
        "clock": reading.clock_of(found, today),
        "tasks": list(found.tasks.filter(done_at=None)),
        "requests": list(found.requests.all()),
        "decisions": list(found.decisions.select_related("letter").defer("letter__pdf").order_by("-number")),
        "notes": list(found.notes.all()),
        "events": reading.timeline(found),
        "moves": reading.moves_for(by, found),
        "may_decide": permissions.may_decide(by, found),
        "assign": AssignForm(initial={"user": str(found.assignee_id or "")}, colleagues=people),
        "is_mine": found.assignee_id == by.user_id,
        "note_form": note_form or NoteForm(),
        "form": note_form,
        "referral_threads": standings_of(found.record_id),
        "record_id": found.record_id,
        "may_refer": not ended and "send_referrals" in powers_of(by.role),
    }
    return render(request, "casework/case/page.html", context, status=status)


def step(view: Callable[..., str]) -> Callable:
    """Decorator for one-press steps: find the case, take the step, say what happened, go back to the case."""

    @require_POST
    @needs("work_cases")
    @wraps(view)
    def taken(request: PortalRequest, case_id: UUID, **kwargs: UUID) -> HttpResponse:
        found = found_case(request, case_id)
        try:
            messages.success(request, view(request, found, **kwargs))
        except _PROBLEMS as problem:
            messages.error(request, str(problem))
        return redirect("casework:case", case_id=found.pk)

    return taken


@step
def advance(request: PortalRequest, found: ProgrammeCase) -> str:
    """Take up the case, or say that it is ready for a decision (POST `state`)."""
    by = request.actor
    moved = cases.advance(
        by=by, case_id=found.pk, seen=seen_version(request), state=request.POST.get("state", ""), at=timezone.now()
    )
    return _("The case is now “%(state)s”.") % {"state": moved.get_state_display()}


@step
def assign(request: PortalRequest, found: ProgrammeCase) -> str:
    """Give the case to somebody (POST `user`; "me" for oneself)."""
    by = request.actor
    wanted = request.POST.get("user", "")
    try:
        user_id = by.user_id if wanted == "me" else UUID(wanted) if wanted else None
    except ValueError:
        raise cases.NotPossible(_("Choose a colleague who works on cases here.")) from None
    cases.assign(by=by, case_id=found.pk, user_id=user_id, seen=seen_version(request), at=timezone.now())
    return _("The case was assigned.")


@step
def take_back(request: PortalRequest, found: ProgrammeCase, request_id: UUID) -> str:
    """A question that is no longer needed."""
    try:
        requests.take_back(by=request.actor, case_id=found.pk, request_id=request_id, at=timezone.now())
    except InformationRequest.DoesNotExist:
        raise Http404 from None
    return _("The question was taken back. The person sees that it is no longer needed.")


@step
def finish_task(request: PortalRequest, found: ProgrammeCase, task_id: UUID) -> str:
    """Tick off something that had to be looked at."""
    try:
        notes.finish_task(by=request.actor, case_id=found.pk, task_id=task_id, at=timezone.now())
    except CaseTask.DoesNotExist:
        raise Http404 from None
    return _("Done.")


@require_POST
@needs("work_cases")
def note(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """Keep a note for the agency itself."""
    found = found_case(request, case_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, found, note_form=form, status=422)
    notes.write(by=request.actor, case_id=found.pk, text=form.cleaned_data["text"], at=timezone.now())
    messages.success(request, _("The note was kept."))
    return redirect("casework:case", case_id=found.pk)


@require_http_methods(["GET", "POST"])
@needs("work_cases")
def ask(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """Ask the person for something."""
    found = found_case(request, case_id)
    today = timezone.localdate()
    form = AskForm(
        request.POST if request.method == "POST" else None, facts=reading.askable_facts(concepts_of(found, today)), today=today
    )
    if request.method == "POST" and form.is_valid():
        try:
            requests.ask(
                by=request.actor,
                case_id=found.pk,
                seen=seen_version(request),
                at=timezone.now(),
                **form.cleaned_data,
            )
        except _PROBLEMS as problem:
            form.add_error(None, str(problem))
            found = found_case(request, case_id)
        else:
            messages.success(request, _("The question was sent to the person."))
            return redirect("casework:case", case_id=found.pk)
    return _form_page(request, "casework/case/ask.html", found, form)


@require_http_methods(["GET", "POST"])
@needs("work_cases")
def close(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """Close a case: after a decision at once, without one with words for the person."""
    found = found_case(request, case_id)
    if found.state == "decided":
        return _words_step(request, found, cases.close, "casework/case/close.html", _("The case is closed."), needs_words=False)
    return _words_step(request, found, cases.close, "casework/case/close.html", _("The case is closed."))


@require_http_methods(["GET", "POST"])
@needs("decide")
def reopen(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """Open a closed case again."""
    return _words_step(
        request, found_case(request, case_id), cases.reopen, "casework/case/reopen.html", _("The case is open again.")
    )


def _words_step(
    request: PortalRequest, found: ProgrammeCase, action: Callable, template: str, done: str, *, needs_words: bool = True
) -> HttpResponse:
    form = ReasonToCitizenForm(request.POST if request.method == "POST" else None)
    form.fields["text"].required = needs_words
    if request.method == "POST" and form.is_valid():
        try:
            action(
                by=request.actor,
                case_id=found.pk,
                seen=seen_version(request),
                text=form.cleaned_data["text"],
                at=timezone.now(),
            )
        except _PROBLEMS as problem:
            form.add_error(None, str(problem))
            found = found_case(request, found.pk)
        else:
            messages.success(request, done)
            return redirect("casework:case", case_id=found.pk)
    return _form_page(request, template, found, form)


def _form_page(request: PortalRequest, template: str, found: ProgrammeCase, form) -> HttpResponse:
    offer = offer_of(found.programme_version)
    return render(
        request,
        template,
        {
            "case": found,
            "form": form,
            "programme": offer.name,
            "back_url": reverse("casework:case", args=[found.pk]),
        },
        status=422 if form.is_bound else 200,
    )
