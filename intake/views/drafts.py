"""Beginning, leaving, coming back."""

import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from consent.facts import in_language
from consent.queries.records import own_record
from intake.actions import drafts
from intake.actions.attempts import count_failure, too_many
from intake.definition import YOU
from intake.forms.pages import ComeBackForm
from intake.models.submission import DRAFT, SUBMITTED
from intake.permissions import may_help
from intake.queries.drafts import drafts_of, find_by_code, held, holding
from intake.queries.forms import form_of, newest_revision
from intake.views.desk import CARRIED, Desk, address_of, in_hand, join_record, put_down, take_up, with_draft
from portal.kit.access import ANYONE, needs
from portal.kit.http import PortalRequest

MOST_PROGRAMMES = 40


def _start_of_staff(request: PortalRequest) -> HttpResponse:
    """Who works for an agency fills in the form with a person at a counter, or signs out first."""
    if may_help(request.actor):
        return redirect("intake:counter")
    messages.warning(request, _("You are signed in to work for an agency. Sign out to fill in the form for yourself."))
    return redirect("portal:home")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
def start(request: PortalRequest) -> HttpResponse:
    """What happens now, how long it takes, what is kept. POST begins a draft.

    Parameters: situation (a life event's code), programme (codes, any number of times), fact (the record's key of a fact: the
    way leads to the question about it, in the draft that is open or in a new one), choose (POST: choose first what to ask
    about).
    """
    if request.actor.is_staff:
        return _start_of_staff(request)
    asked = request.POST if request.method == "POST" else request.GET
    situation = asked.get("situation", "")[:40]
    programmes = [code[:80] for code in asked.getlist("programme")][:MOST_PROGRAMMES]
    fact = asked.get("fact", "")[:120]
    now = timezone.now()
    if fact and (desk := _open_desk(request, now)):
        return redirect(way_to(desk, fact))
    if request.method == "POST":
        return _begin(request, situation, programmes, fact, now)
    revision = newest_revision()
    event = form_of(revision.pk).event(situation) if revision else None
    return render(
        request,
        "intake/draft/start.html",
        {
            "situation": situation,
            "event": in_language(event.text) if event else "",
            "programmes": programmes,
            "fact": fact,
            "has_one_open": bool(in_hand(request)),
            "drafts": drafts_of(request.actor, now=now),
            "has_record": own_record(request.actor) is not None,
            "kept_days": drafts.KEPT.days,
        },
    )


def _open_desk(request: PortalRequest, now: dt.datetime) -> Desk | None:
    """The draft this session holds, while it can still be answered."""
    entry = in_hand(request)
    if not entry:
        return None
    with holding(entry["draft"]):
        submission = held(entry["draft"])
    if submission is None or submission.state != DRAFT or submission.expires_at <= now:
        return None
    return Desk(submission, now, entry["code"])


def way_to(desk: Desk, fact: str) -> str:
    """The address of the question about a fact, or of the next one where the form does not ask it."""
    subject, _dot, name = fact.partition(".")
    key = f"{YOU}.{name}" if subject == str(desk.submission.person_id) else fact
    return address_of((desk.draft.slot_of_fact(key) if fact else None) or desk.steps.after(None))


def _begin(request: PortalRequest, situation: str, programmes: list[str], fact: str, now: dt.datetime) -> HttpResponse:
    submission, code = drafts.start(
        by=request.actor,
        at=now,
        language=(get_language() or "en").split("-")[0],
        event=situation,
        programmes=programmes,
        record=own_record(request.actor),
    )
    take_up(request, submission, code=code)
    if "choose" in request.POST:
        return redirect("intake:interests")
    return redirect(way_to(Desk(submission, now, code), fact))


@require_POST
@needs(ANYONE)
def open_draft(request: PortalRequest, submission_id: UUID) -> HttpResponse:
    """Go on with a draft of one's account."""
    mine = {draft.pk: draft for draft in drafts_of(request.actor, now=timezone.now())}
    if submission_id not in mine:
        return redirect("intake:start")
    join_record(request, mine[submission_id])
    take_up(request, mine[submission_id])
    return _go_on(request)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
def come_back(request: PortalRequest) -> HttpResponse:
    """Open saved answers, or what was sent, by code and date of birth."""
    if request.actor.is_staff:
        return redirect("intake:counter")
    now = timezone.now()
    form = ComeBackForm(request.POST or None, today=timezone.localdate(now))
    status = 200
    if request.method == "POST" and form.is_valid():
        if too_many(request.META["REMOTE_ADDR"], form.cleaned_data["code"]):
            form.add_error(None, _("That was tried too often. Wait 15 minutes, then try again, or call us."))
            status = 429
        elif (found := find_by_code(form.cleaned_data["code"], form.cleaned_data["born_on"])) is None:
            count_failure(request.META["REMOTE_ADDR"], form.cleaned_data["code"])
            form.add_error("code", _("We did not find answers with this code and date of birth. Check both"))
        else:
            return _come_in(request, found, form.cleaned_data["code"])
    return render(request, "intake/draft/come_back.html", {"form": form, "kept_days": drafts.KEPT.days}, status=status)


def _come_in(request: PortalRequest, submission_id: UUID, code: str) -> HttpResponse:
    with holding(submission_id):
        submission = held(submission_id)
    if submission is None:
        return redirect("intake:start")
    take_up(request, submission, code=code)
    if submission.state == SUBMITTED:
        if request.actor.user_id is None:
            request.session["person_id"] = str(submission.person_id)
        return redirect("intake:receipt")
    return _go_on(request)


def _go_on(request: PortalRequest) -> HttpResponse:
    carried = request.session.get(CARRIED)
    return redirect(carried["path"] if carried else "intake:tasks")


@require_http_methods(["GET", "HEAD"])
@needs(ANYONE)
@with_draft
def later(request: PortalRequest, desk: Desk) -> HttpResponse:
    """Your answers are saved: how to come back."""
    return render(request, "intake/draft/later.html", desk.frame() | {"kept_days": drafts.KEPT.days})


@require_POST
@needs(ANYONE)
@with_draft
def new_code(request: PortalRequest, desk: Desk) -> HttpResponse:
    """Make another come-back code when the first is lost."""
    code = drafts.new_code(by=request.actor, submission_id=desk.submission.pk, at=desk.now)
    take_up(request, desk.submission, code=code, counter=desk.counter)
    return redirect("intake:later")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
@with_draft
def give_up(request: PortalRequest, desk: Desk) -> HttpResponse:
    """Delete the answers now."""
    if request.method != "POST":
        return render(request, "intake/draft/give_up.html", desk.frame())
    drafts.give_up(by=request.actor, submission_id=desk.submission.pk, at=desk.now)
    counter_session = desk.counter
    put_down(request)
    return redirect("intake:counter" if counter_session else "portal:start")
