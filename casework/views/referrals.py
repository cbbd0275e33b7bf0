"""Pages of referrals: the receiver's and the sender's lists, one referral for both sides, and the person's answers."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.actions import inbox
from casework.actions.referral_events import ReferralRefused
from casework.actions.referrals import ProgrammeShut, answer_request, reroute, say_if_helped, send, take_back
from casework.models import Referral, ReferralTask
from casework.models.referral import (
    ACCEPTED,
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    LIVE,
    ON_HOLD,
    REJECTED,
    REQUEST_FLOW,
    REQUEST_ON_HOLD,
    REVOKED,
    TAKEN_ON,
)
from casework.permissions import may_send_referral, sides_of
from casework.queries import referral_pages, referrals
from casework.queries.offers import doors, programme_names
from casework.referral_forms import (
    AcceptForm,
    CompleteForm,
    HelpedForm,
    HoldForm,
    ReasonForm,
    ReferralForm,
    RerouteForm,
    TakeBackForm,
)
from consent.models import CaseRecord
from consent.permit import AccessRefused
from consent.queries.records import record_for
from portal.kit.access import OWN_RECORD, needs
from portal.kit.actor import Actor
from portal.kit.http import PortalRequest
from portal.kit.identity import uuid7
from portal.models import Agency, Membership
from portal.rendering import ErrorSummary

QUEUES_IN = ("new", "accepted", "working", "late", "done")
QUEUES_OUT = ("open", "ended")
STEPS = (ACCEPTED, REJECTED, ON_HOLD, COMPLETED, FAILED, CANCELLED)  # each with a form; starting needs none


def _me(request: PortalRequest) -> Actor:
    return request.actor


def _agency(request: PortalRequest) -> UUID:
    """The agency of the membership in use; @needs has let in nobody without one."""
    agency_id = _me(request).agency_id
    assert agency_id is not None
    return agency_id


# --- Lists ---------------------------------------------------------------------------------------------------------


@require_safe
@needs("receive_referrals")
def referrals_in(request: PortalRequest) -> HttpResponse:
    """What other agencies ask of us: new, accepted, in progress, late, finished."""
    today = timezone.localdate()
    queue = _one_of(request.GET.get("queue"), QUEUES_IN)
    try:
        page = referrals.inbox(_agency(request), queue=queue, today=today, after=_key(request))
    except referrals.BadKey:
        return redirect("casework:referrals_in")
    counts = referrals.inbox_counts(_agency(request), today=today)
    words = {
        "new": _("New"), "accepted": _("Accepted"), "working": _("In progress"), "late": _("Late"), "done": _("Finished")
    }  # fmt: skip
    tabs = [(f"?queue={code}", words[code], code == queue, counts.get(code)) for code in QUEUES_IN]
    return render(request, "casework/referral/inbox.html", _list(page, today, queue) | {"tabs": tabs})


@require_safe
@needs("send_referrals")
def referrals_out(request: PortalRequest) -> HttpResponse:
    """What we asked of others, and what waits for us or for the person."""
    today = timezone.localdate()
    queue = _one_of(request.GET.get("queue"), QUEUES_OUT)
    try:
        page = referrals.sent(_agency(request), queue=queue, after=_key(request))
    except referrals.BadKey:
        return redirect("casework:referrals_out")
    words = {"open": _("On their way or in work"), "ended": _("Ended")}
    tabs = [(f"?queue={code}", words[code], code == queue, None) for code in QUEUES_OUT]
    waiting = referrals.needing_sender(_agency(request)) if queue == "open" else []
    return render(request, "casework/referral/sent.html", _list(page, today, queue) | {"tabs": tabs, "waiting": waiting})


def _list(page: referrals.Page, today: dt.date, queue: str) -> dict[str, Any]:
    following = f"?{urlencode({'queue': queue, 'after': '_'.join(page.after)})}" if page.after else ""
    return {"rows": [referral_pages.list_row(task, today) for task in page.tasks], "next_url": following, "queue": queue}


def _one_of(value: str | None, choices: tuple[str, ...]) -> str:
    return value if value in choices else choices[0]


def _key(request: PortalRequest) -> referrals.Key | None:
    value, _underscore, last = request.GET.get("after", "").rpartition("_")
    return (value, last) if value else None


# --- One referral --------------------------------------------------------------------------------------------------


@require_safe
@needs("send_referrals", "receive_referrals")
def referral(request: PortalRequest, referral_id: UUID) -> HttpResponse:
    """One referral, for the side one is on: facts as far as the gate allows, the thread, and what can be done next."""
    return _page(request, referral_id)


def _page(request: PortalRequest, referral_id: UUID, bound: Any = None, step: str = "") -> HttpResponse:
    now = timezone.now()
    thread = _thread(referral_id)
    task = thread.task
    ours = sides_of(
        _me(request), requester_id=thread.referral.agency_id, target_id=task.target_id if task else thread.referral.target_id
    )
    context: dict[str, Any] = {
        "referral": thread.referral, "task": task, "tasks": thread.tasks, "events": referral_pages.thread_events(thread.events),
        "is_receiver": "receive_referrals" in ours, "is_sender": "send_referrals" in ours,
        "row": referral_pages.list_row(task, timezone.localdate(now)) if task else None,
        "shut": referral_pages.shut_programme(thread.referral.programme, now),
        "errors": ErrorSummary(bound) if bound is not None else None,
        "agreed": referral_pages.categories_words(task.manifest.agreed) if task else [],
        "note": thread.referral.note,
    }  # fmt: skip
    if "receive_referrals" in ours and task is not None:
        context |= _receiver_part(request, task, now, bound, step)
    if "send_referrals" in ours:
        context |= _sender_part(request, thread.referral, now, bound, step)
    return render(request, "casework/referral/referral.html", context)


def _receiver_part(request: PortalRequest, task: ReferralTask, now: dt.datetime, bound: Any, step: str) -> dict[str, Any]:
    today = timezone.localdate(now)
    facts, refusal, may_read_note = [], "", False
    try:
        if task.first_viewed_at is not None or task.accepted_at is not None:
            facts = referral_pages.fact_rows(inbox.facts_now(by=_me(request), task_id=task.pk, at=now))
            may_read_note = task.state in TAKEN_ON and bool(task.manifest.agreed)  # the gate has just allowed the same
    except AccessRefused as refused:
        refused.keep_trace()
        refusal = str(refused)
    onward = referrals.next_states(task, frozenset({"receive_referrals"}))
    colleagues = referral_pages.colleagues(task.target_id, today)
    forms = {
        state: bound if bound is not None and step == state else _step_form(state, colleagues, today, str(_me(request).user_id))
        for state in STEPS
        if state in onward
    }
    may_look = task.state in LIVE and task.first_viewed_at is None and task.accepted_at is None
    return {
        "facts": facts, "facts_refused": refusal, "steps": forms, "may_start": IN_PROGRESS in onward, "may_look": may_look,
        "note": task.referral.note if may_read_note or referral_pages.may_read_note(_me(request), task, now) else "",
    }  # fmt: skip


def _step_form(state: str, colleagues: list[Membership], today: dt.date, me: str, data: Any = None) -> Any:
    """The form of one answer. Several are on one page with the same field names, so each has ids of its own."""
    ids = f"id_{state}_%s"
    if state == ACCEPTED:
        return AcceptForm(data, colleagues=colleagues, initial={"worker": me}, auto_id=ids)
    if state == ON_HOLD:
        return HoldForm(data, today=today, auto_id=ids)
    return (CompleteForm if state == COMPLETED else ReasonForm)(data, auto_id=ids)


def _sender_part(request: PortalRequest, found: Referral, now: dt.datetime, bound: Any, step: str) -> dict[str, Any]:
    part: dict[str, Any] = {}
    if REQUEST_FLOW.may(found.state, REVOKED, {"send_referrals"}):
        part["take_back_form"] = bound if bound is not None and step == "take_back" else TakeBackForm(auto_id="id_back_%s")
    if found.state == REQUEST_ON_HOLD:
        part["reroute_form"] = bound if bound is not None and step == "reroute" else RerouteForm(**_places(request, now))
    return part


@require_POST
@needs("receive_referrals")
def referral_look(request: PortalRequest, task_id: UUID) -> HttpResponse:
    """Show the facts of a new referral: a look the person and the sender can see."""
    task = _task(task_id)
    inbox.look(by=_me(request), task_id=task.pk, at=timezone.now())
    return redirect("casework:referral", task.referral_id)


@require_POST
@needs("receive_referrals")
def referral_step(request: PortalRequest, task_id: UUID, step: str) -> HttpResponse:
    """The receiver answers: accept, reject, start, hold, complete, give up."""
    now = timezone.now()
    task = _task(task_id)
    today = timezone.localdate(now)
    if step != IN_PROGRESS and step not in STEPS:
        raise Http404
    colleagues = referral_pages.colleagues(task.target_id, today)
    form = _step_form(step, colleagues, today, "", request.POST) if step in STEPS else None
    if form is not None and not form.is_valid():
        return _page(request, task.referral_id, bound=form, step=step)
    said = form.cleaned_data if form is not None else {}
    actions: dict[str, Callable[..., Any]] = {
        ACCEPTED: lambda **who: inbox.accept(**who, worker_id=UUID(said["worker"]), their_reference=said["their_reference"]),
        REJECTED: lambda **who: inbox.reject(**who, reason=said["reason"], note=said["note"]),
        IN_PROGRESS: inbox.start,
        ON_HOLD: lambda **who: inbox.hold(**who, reason=said["reason"], review_on=said["review_on"], note=said["note"]),
        COMPLETED: lambda **who: inbox.complete(**who, outcome=said["outcome"], note=said["note"]),
        FAILED: lambda **who: inbox.fail(**who, reason=said["reason"], note=said["note"]),
        CANCELLED: lambda **who: inbox.give_up(**who, reason=said["reason"], note=said["note"]),
    }
    return _done(
        request, lambda: actions[step](by=_me(request), task_id=task.pk, at=now), _("Saved. The sender and the person are told."),
        reverse("casework:referral", args=[task.referral_id]),
    )  # fmt: skip


@require_POST
@needs("send_referrals")
def referral_take_back(request: PortalRequest, referral_id: UUID) -> HttpResponse:
    """The sender ends the ask."""
    found = _thread(referral_id).referral
    form = TakeBackForm(request.POST, auto_id="id_back_%s")
    if not form.is_valid():
        return _page(request, found.pk, bound=form, step="take_back")
    said = form.cleaned_data
    return _done(
        request,
        lambda: take_back(by=_me(request), referral_id=found.pk, reason=said["reason"], note=said["note"], at=timezone.now()),
        _("The referral is taken back."),
        reverse("casework:referral", args=[found.pk]),
    )


@require_POST
@needs("send_referrals")
def referral_reroute(request: PortalRequest, referral_id: UUID) -> HttpResponse:
    """The sender chooses another place."""
    now = timezone.now()
    found = _thread(referral_id).referral
    form = RerouteForm(request.POST, **_places(request, now))
    if not form.is_valid():
        return _page(request, found.pk, bound=form, step="reroute")
    agency_id, programme = form.cleaned_data["place"]
    target = Agency.objects.get(pk=agency_id)
    return _done(
        request,
        lambda: reroute(
            by=_me(request),
            referral_id=found.pk,
            target=target,
            programme=programme,
            asked=form.cleaned_data["asked"],
            at=now,
            although_closed=form.cleaned_data.get("although_closed", False),
        ),
        _("The referral goes to %(agency)s.") % {"agency": target.name},
        reverse("casework:referral", args=[found.pk]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("send_referrals")
def referral_new(request: PortalRequest, record_id: UUID) -> HttpResponse:
    """Refer a person to another agency."""
    now = timezone.now()
    try:
        record = record_for(record_id)
    except CaseRecord.DoesNotExist:
        raise Http404 from None
    if not may_send_referral(_me(request), record, now):
        raise ReferralRefused(
            _("You can refer a person when your agency works on their case, or while they are at your counter.")
        )
    if request.method != "POST":
        form = ReferralForm(**_places(request, now), initial={"key": uuid7(), "priority": "routine"})
        return render(request, "casework/referral/new.html", {"form": form, "record": record})
    form = ReferralForm(request.POST, **_places(request, now))
    if form.is_valid():
        said = dict(form.cleaned_data)
        agency_id, programme = said.pop("place")
        try:
            made = send(
                by=_me(request), record=record, target=Agency.objects.get(pk=agency_id), programme=programme, at=now, **said
            )
        except ProgrammeShut as shut:
            form.add_error("place", str(shut))
        except ReferralRefused as refused:
            form.add_error(None, str(refused))
        else:
            words = (
                _("The referral is sent.")
                if made.state == "active"
                else _("The person is asked. It goes as soon as they allow it.")
            )
            messages.success(request, words)
            return redirect("casework:referral", made.pk)
    return render(request, "casework/referral/new.html", {"form": form, "record": record})


# --- The person ----------------------------------------------------------------------------------------------------


@require_POST
@needs(OWN_RECORD)
def referral_answer(request: PortalRequest, referral_id: UUID) -> HttpResponse:
    """Allow or refuse what a waiting referral needs."""
    decision = request.POST.get("decision")
    if decision not in ("allow", "refuse"):
        messages.error(request, _("Press one of the buttons on the card."))
        return redirect("casework:my")
    allow = decision == "allow"
    found = _thread(referral_id).referral
    return _done(
        request,
        lambda: answer_request(
            by=_me(request), referral_id=found.pk, allow=allow, language=translation.get_language() or "en", at=timezone.now()
        ),
        _("You allowed it. The referral is on its way.") if allow else _("You did not allow it. Nothing was sent."),
        reverse("casework:my"),
    )


@require_POST
@needs(OWN_RECORD)
def referral_stop(request: PortalRequest, referral_id: UUID) -> HttpResponse:
    """The person stops a referral."""
    found = _thread(referral_id).referral
    return _done(
        request,
        lambda: take_back(by=_me(request), referral_id=found.pk, reason="person_declined", at=timezone.now()),
        _("The referral is stopped. %(agency)s is told.") % {"agency": found.target.name},
        reverse("casework:my"),
    )


@require_POST
@needs(OWN_RECORD)
def referral_helped(request: PortalRequest, task_id: UUID) -> HttpResponse:
    """Did you get help?"""
    task = _task(task_id)
    form = HelpedForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Select yes, partly or no"))
        return redirect("casework:my")
    said = form.cleaned_data
    return _done(
        request,
        lambda: say_if_helped(by=_me(request), task_id=task.pk, helped=said["helped"], words=said["words"], at=timezone.now()),
        _("Thank you. We have kept your answer."),
        reverse("casework:my"),
    )


# --- Steps ---------------------------------------------------------------------------------------------------------


def _done(request: PortalRequest, act: Callable[[], Any], words: str, url: str) -> HttpResponse:
    """Do it and say so; a refusal is shown as its sentence, on the page one came from."""
    try:
        act()
    except ReferralRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words)
    return redirect(url)


def _places(request: PortalRequest, now: dt.datetime) -> dict[str, Any]:
    today = timezone.localdate(now)
    activities = referral_pages.places(today, but=_agency(request))
    found = doors((activity.programme for activity in activities if activity.programme), today, is_counter=True)
    shut = {door.code: door.opening.headline for door in found if not door.opening.is_open}
    return {"activities": activities, "names": programme_names(on=today), "shut": shut}


def _thread(referral_id: UUID) -> referrals.Thread:
    try:
        return referrals.thread_of(referral_id)
    except Referral.DoesNotExist:
        raise Http404 from None


def _task(task_id: UUID) -> ReferralTask:
    try:
        return referrals.task_of(task_id)
    except ReferralTask.DoesNotExist:
        raise Http404 from None
