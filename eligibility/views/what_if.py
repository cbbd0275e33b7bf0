"""What if: a person tries out changes, alone or at a counter. Nothing is stored; answers go in the body of the request, not in its address."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consent.actions.release import release
from consent.permit import AccessRefused
from consent.queries.records import own_record
from eligibility.interchange import InterchangeError
from eligibility.queries.at_counter import household_shown
from eligibility.queries.catalogue import concepts_of, in_force, rulebook_of
from eligibility.queries.results import READY, results_for
from eligibility.queries.what_if_page import what_if_page
from eligibility.views.results import address, facts_at_counter, found_at_counter
from portal.kit.access import OWN_RECORD, needs
from portal.kit.http import PortalRequest


@require_http_methods(["GET", "HEAD", "POST"])
@needs(OWN_RECORD)
def what_if(request: PortalRequest) -> HttpResponse:
    """The form, all programmes before and after, and the curve of support against pay."""
    record = own_record(request.actor)
    if record is None or record.version == 0:
        return redirect("eligibility:results")
    today = timezone.localdate()
    book = rulebook_of(in_force(today))
    released = release(by=request.actor, record=record, purpose="own", concepts=concepts_of(book, today), at=timezone.now())
    household = {"id": str(record.pk), **released.as_household()}
    try:
        context = what_if_page(book, household, request.POST or None, today)
    except InterchangeError:
        return redirect("eligibility:results")
    return render(request, "eligibility/results/what_if.html", context | {"back_url": address("eligibility:results")})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("help_at_counter")
def what_if_at_counter(request: PortalRequest, record_id: UUID) -> HttpResponse:
    """The same for the person at the counter, over the programmes whose answers the officer may see."""
    record = found_at_counter(request, record_id)
    today = timezone.localdate()
    found = results_for(record, today)
    if found.state != READY:
        return redirect("eligibility:results_at_counter", record.pk)
    book = rulebook_of(in_force(today))
    try:
        household, codes = household_shown(found, facts_at_counter(request, record), book)
        if not household["people"]:
            messages.info(
                request, _("Nothing can be tried out here: every result rests on answers that are not shown at a counter.")
            )
            return redirect("eligibility:results_at_counter", record.pk)
        context = what_if_page(book, household, request.POST or None, today, codes)
    except AccessRefused as refusal:
        if refusal.decision.reason != "gate":
            raise
        refusal.keep_trace()
        return redirect("consent:at_counter", record.pk)  # the person has not said yet whether they allow it
    except InterchangeError:
        return redirect("eligibility:results_at_counter", record.pk)
    context |= {"back_url": address("eligibility:results_at_counter", record.pk), "is_counter": True}
    return render(request, "eligibility/results/what_if.html", context)
