"""A person's results: what may fit and why, while a job works them out and after. Their own, or with them at a counter."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from consent.actions.release import release
from consent.models import CaseRecord
from consent.permit import AccessRefused, Released
from consent.queries.records import own_record, record_at_counter
from eligibility.actions import openings
from eligibility.actions.determinations import screen_as_machine
from eligibility.models import Programme
from eligibility.queries.at_counter import as_released
from eligibility.queries.catalogue import concepts_of, in_force, programme_by_code, rulebook_of
from eligibility.queries.openings import waits_for
from eligibility.queries.results import REFUSED, WORKING, results_for
from portal.kit.access import OWN_RECORD, needs
from portal.kit.http import PortalRequest

FIRST_LOOK, LATER_LOOKS = 1, 3  # seconds between two looks of the waiting page
PATIENCE = 4  # looks after which the page offers to work the results out at once


@dataclass(frozen=True)
class Ways:
    """Where the page leads; "" for a way that is not there. now: works the results out at once. record: an officer's, to say whose it is.

    remind: where the person can ask to be told when a programme opens; waits: the programmes for which they did.
    """

    now: str
    apply: str
    change: str
    what_if: str
    contact: str = ""
    data: str = ""
    record: UUID | None = None
    remind: str = ""
    waits: frozenset[str] = frozenset()


@needs(OWN_RECORD)
@require_safe
def results(request: PortalRequest) -> HttpResponse:
    """One's own results; while they are being worked out, a page that looks again by itself (no script needed)."""
    record = own_record(request.actor)
    if record is None or record.version == 0:
        return render(request, "eligibility/results/none.html", {"start_url": address("intake:start")})
    ways = Ways(
        now=address("eligibility:screen_now"),
        apply=address("casework:apply"),
        change=address("intake:start"),
        what_if=address("eligibility:what_if"),
        contact=address("portal:contact"),
        data=address("consent:data"),
        remind=address("eligibility:remind") if request.actor.user_id else "",
    )
    return _page(request, record, ways)


@needs(OWN_RECORD)
@require_POST
def remind(request: PortalRequest) -> HttpResponse:
    """Tell me once when a programme opens, or do not (POST `programme`, `want`: yes or no)."""
    record = own_record(request.actor)
    try:
        programme = programme_by_code(request.POST.get("programme", ""))
    except Programme.DoesNotExist:
        programme = None
    if record is None or programme is None:
        messages.error(request, _("Press the button on the programme you mean."))
        return redirect("eligibility:results")
    if request.POST.get("want") == "no":
        openings.forget(by=request.actor, record=record, programme=programme)
        messages.success(request, _("We do not tell you when it opens."))
    else:
        openings.remind(by=request.actor, record=record, programme=programme, at=timezone.now())
        messages.success(request, _("We tell you once, when it opens. You can change your mind here."))
    return redirect(f"{reverse('eligibility:results')}#programme-{programme.code.replace('_', '-')}")


@needs(OWN_RECORD)
@require_POST
def screen_now(request: PortalRequest) -> HttpResponse:
    """Work the results out at once, in this request: the way when no worker answers. The same action as the job's."""
    record = own_record(request.actor)
    if record is not None:
        screen_as_machine(record_id=record.pk, at=timezone.now())
    return redirect("eligibility:results")


@needs("help_at_counter")
@require_safe
def results_at_counter(request: PortalRequest, record_id: UUID) -> HttpResponse:
    """The results of the person at the counter, as far as the gate lets the officer see the answers behind them."""
    record = found_at_counter(request, record_id)
    ways = Ways(
        now=address("eligibility:screen_now_at_counter", record.pk),
        apply=address("casework:apply"),
        change=address("intake:counter_more"),
        what_if=address("eligibility:what_if_at_counter", record.pk),
        record=record.pk,
    )

    return _page(request, record, ways)


@needs("help_at_counter")
@require_POST
def screen_now_at_counter(request: PortalRequest, record_id: UUID) -> HttpResponse:
    """Work out at once what the person at the counter may get."""
    record = found_at_counter(request, record_id)
    screen_as_machine(record_id=record.pk, at=timezone.now())
    return redirect("eligibility:results_at_counter", record.pk)


def found_at_counter(request: PortalRequest, record_id: UUID) -> CaseRecord:
    """The record of the person who is at the officer's counter now. Raises Http404, Refused without an open counter session."""
    try:
        return record_at_counter(request.actor, record_id, timezone.now())
    except CaseRecord.DoesNotExist:
        raise Http404 from None


def facts_at_counter(request: PortalRequest, record: CaseRecord) -> Released:
    """The answers that programmes ask for, as far as the gate lets the officer see them. Raises AccessRefused."""
    today = timezone.localdate()
    wanted = concepts_of(rulebook_of(in_force(today)), today)
    return release(by=request.actor, record=record, purpose="counter", concepts=wanted, at=timezone.now())


def _page(request: PortalRequest, record: CaseRecord, ways: Ways) -> HttpResponse:
    found = results_for(record, timezone.localdate())
    if found.state == WORKING:
        looks = _looks(request)
        waiting = {
            "next_look": f"{FIRST_LOOK if looks < PATIENCE else LATER_LOOKS};url={request.path}?looks={looks + 1}",
            "is_slow": looks >= PATIENCE,
            "ways": ways,
        }
        return render(request, "eligibility/results/working.html", waiting)
    if found.state == REFUSED:
        return render(request, "eligibility/results/refused.html", {"reason": found.reason, "ways": ways})
    if ways.remind and any(not card.opening.is_open for card in found.everything):
        ways = replace(ways, waits=frozenset(waits_for(record.pk)))
    if request.actor.is_staff:
        try:
            found = as_released(found, facts_at_counter(request, record))
        except AccessRefused as refusal:
            if refusal.decision.reason != "gate":
                raise
            return redirect("consent:at_counter", record.pk)  # the person has not said yet whether they allow it
    return render(request, "eligibility/results/page.html", {"results": found, "ways": ways})


def address(name: str, *args: object) -> str:
    """The address of a page of another package by its name; "" where that page does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _looks(request: PortalRequest) -> int:
    text = request.GET.get("looks", "")
    return min(int(text), 1000) if text.isascii() and text.isdigit() else 0
