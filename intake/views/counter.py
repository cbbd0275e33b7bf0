"""The counter: an officer fills in the same form for a person who is present, hands over the code, and leaves nothing behind."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from consent.permit import AccessRefused
from intake.actions.attempts import count_failure, too_many
from intake.actions.counter import close_session, open_session
from intake.actions.drafts import DraftGone
from intake.forms.pages import CounterForm
from intake.queries.drafts import find_by_code, held, holding
from intake.views.desk import Desk, in_hand, put_down, take_up
from intake.views.drafts import way_to
from portal.kit.access import needs
from portal.kit.http import PortalRequest
from portal.kit.identity import normal_code


@require_http_methods(["GET", "HEAD", "POST"])
@needs("help_at_counter")
def counter(request: PortalRequest) -> HttpResponse:
    """What to say to the person, their spoken agreement, and the way into the form."""
    now = timezone.now()
    entry = in_hand(request)
    form = CounterForm(request.POST if request.method == "POST" else None, today=timezone.localdate(now))
    status = 200
    if request.method == "POST" and form.is_valid():
        code = normal_code(form.cleaned_data["code"])
        found, problem, status = _find(request, code, form.cleaned_data["born_on"])
        if problem:
            form.add_error("code", problem)
        else:
            try:
                session, submission, new_code = open_session(
                    by=request.actor,
                    at=now,
                    language=(get_language() or "en").split("-")[0],
                    submission_id=found,
                    allows=form.cleaned_data["allows"],
                )
            except AccessRefused as refusal:
                if refusal.decision.reason != "gate":
                    raise
                refusal.keep_trace()
                form.add_error("allows", _("They have sent their answers. Ask whether we may see them, or leave the code empty"))
            except DraftGone:
                form.add_error("code", _("The answers behind this code were deleted. Leave the code empty to begin anew"))
            else:
                take_up(request, submission, code=new_code or code, counter=session.pk)
                return redirect("intake:tasks")
    return render(request, "intake/counter/open.html", {"form": form, "is_open": bool(entry.get("counter"))}, status=status)


def _find(request: PortalRequest, code: str, born_on) -> tuple[UUID | None, str, int]:
    """(id of the form, problem, status) for the code the person brought; all empty without a code."""
    if not code:
        return None, "", 200
    address = request.META["REMOTE_ADDR"]
    if too_many(address, code):
        return None, _("That was tried too often. Wait 15 minutes, then try again"), 429
    found = find_by_code(code, born_on)
    if found is None:
        count_failure(address, code)
        return None, _("There are no answers with this code and date of birth. Check both"), 200
    return found, "", 200


@require_http_methods(["GET", "HEAD"])
@needs("help_at_counter")
def handover(request: PortalRequest) -> HttpResponse:
    """A page to print: the person's code and how to go on at home."""
    entry = in_hand(request)
    if not entry.get("counter"):
        return redirect("intake:counter")
    with holding(entry["draft"]):
        submission = held(entry["draft"])
    return render(
        request,
        "intake/counter/handover.html",
        {
            "submission": submission,
            "code": entry["code"],
            "counter_session": entry["counter"],
            "needs_birth": bool(submission and submission.birth_digest),
        },
    )


@require_POST
@needs("help_at_counter")
def more(request: PortalRequest) -> HttpResponse:
    """More answers of the person at the counter: the form again over their record, at the question about `fact`."""
    entry = in_hand(request)
    if not entry.get("counter"):
        return redirect("intake:counter")
    now = timezone.now()
    language = (get_language() or "en").split("-")[0]
    try:
        session, submission, code = open_session(by=request.actor, at=now, language=language, submission_id=UUID(entry["draft"]))
    except DraftGone:
        return redirect("intake:counter")
    take_up(request, submission, code=code or entry["code"], counter=session.pk)
    desk = Desk(submission, now, code or entry["code"], session.pk)
    return redirect(way_to(desk, request.POST.get("fact", "")[:120]))


@require_POST
@needs("help_at_counter")
def end(request: PortalRequest) -> HttpResponse:
    """The person leaves: end the session, clean the screen and what the browser keeps of these pages."""
    entry = in_hand(request)
    if entry.get("counter"):
        close_session(
            by=request.actor,
            session_id=UUID(entry["counter"]),
            at=timezone.now(),
        )
        put_down(request)
    response = redirect("intake:counter")
    response["Clear-Site-Data"] = '"cache"'
    return response
