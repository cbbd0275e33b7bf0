"""A person's own results: what may fit and why, while a job works them out and after."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from consent.queries.records import own_record
from eligibility.actions.determinations import screen_as_machine
from eligibility.queries.results import REFUSED, WORKING, results_for
from portal.kit.access import OWN_RECORD, needs
from portal.kit.http import PortalRequest

FIRST_LOOK, LATER_LOOKS = 1, 3  # seconds between two looks of the waiting page
PATIENCE = 4  # looks after which the page offers to work the results out at once


@needs(OWN_RECORD)
@require_safe
def results(request: PortalRequest) -> HttpResponse:
    """The results; while they are being worked out, a page that looks again by itself (no script needed)."""
    record = own_record(request.actor)
    if record is None or record.version == 0:
        return render(request, "eligibility/results/none.html", {"start_url": address("intake:start")})
    found = results_for(record, timezone.localdate())
    if found.state == WORKING:
        looks = _looks(request)
        waiting = {
            "next_look": f"{FIRST_LOOK if looks < PATIENCE else LATER_LOOKS};url={request.path}?looks={looks + 1}",
            "is_slow": looks >= PATIENCE,
        }
        return render(request, "eligibility/results/working.html", waiting)
    if found.state == REFUSED:
        return render(request, "eligibility/results/refused.html", {"reason": found.reason, "data_url": address("consent:data")})
    context = {
        "results": found,
        "apply_url": address("casework:apply"),
        "change_url": address("intake:start"),
        "contact_url": address("portal:contact"),
        "what_if_url": address("eligibility:what_if"),
    }
    return render(request, "eligibility/results/page.html", context)


@needs(OWN_RECORD)
@require_POST
def screen_now(request: PortalRequest) -> HttpResponse:
    """Work the results out at once, in this request: the way when no worker answers. The same action as the job's."""
    record = own_record(request.actor)
    if record is not None:
        screen_as_machine(record_id=record.pk, at=timezone.now())
    return redirect("eligibility:results")


def address(name: str, *args: object) -> str:
    """The address of a page of another package by its name; "" where that page does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _looks(request: PortalRequest) -> int:
    text = request.GET.get("looks", "")
    return min(int(text), 1000) if text.isascii() and text.isdigit() else 0
