"""What if, from a case: the worker tries out changes over the programmes that the case's facts, as released, decide. Stores nothing."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from casework.actions.reading import read_facts
from casework.models.case import ENDED
from casework.views.case import found_case
from eligibility.queries.catalogue import in_force, rulebook_of
from eligibility.queries.what_if_page import programmes_within, what_if_page
from portal.kit.access import needs
from portal.kit.http import PortalRequest


@require_http_methods(["GET", "HEAD", "POST"])
@needs("work_cases")
def what_if(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """The programmes now and then and the curve of support, from the facts the gate releases for this case; each look is logged."""
    found = found_case(request, case_id)
    facts = None if found.state in ENDED else read_facts(by=request.actor, case=found, at=timezone.now())
    if facts is None or facts.released is None:
        if facts is not None:
            messages.error(request, facts.sentence)
        return redirect("casework:case", case_id=found.pk)
    today = timezone.localdate()
    book = rulebook_of(in_force(today))
    household = {"id": str(found.record_id), **facts.released.as_household()}
    codes = programmes_within(book, today, facts.released.decision.released)
    context = what_if_page(book, household, request.POST or None, today, codes)
    context |= {
        "layout": "layouts/staff.html",
        "back_url": reverse("casework:case", args=[found.pk]),
        "back_text": found.reference,
    }
    return render(request, "eligibility/results/what_if.html", context)
