"""What if, from a case: the worker tries out changes over the programmes the agency decides on for this person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casework.actions.reading import read_facts
from casework.actions.trying import household_to_try
from casework.models.case import ENDED
from casework.views.case import found_case
from consent.permit import AccessRefused
from eligibility.queries.catalogue import in_force, rulebook_of
from eligibility.queries.what_if_page import what_if_page
from portal.kit.access import needs
from portal.kit.http import PortalRequest


@require_http_methods(["GET", "HEAD", "POST"])
@needs("work_cases")
def what_if(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """The programmes now and then and the curve of support; each look is logged, as the worker's and as the machine's."""
    found = found_case(request, case_id)
    now = timezone.now()
    if found.state in ENDED:
        return redirect("casework:case", case_id=found.pk)
    facts = read_facts(by=request.actor, case=found, at=now)
    if facts.released is None:
        messages.error(request, facts.sentence)
        return redirect("casework:case", case_id=found.pk)
    book = rulebook_of(in_force(timezone.localdate(now)))
    try:
        household, codes = household_to_try(by=request.actor, case=found, book=book, at=now)
    except AccessRefused as refusal:
        refusal.keep_trace()
        messages.error(request, _("The person has stopped the comparison with the rules, so nothing can be tried out."))
        return redirect("casework:case", case_id=found.pk)
    context = what_if_page(book, household, request.POST or None, timezone.localdate(now), codes, facts.released.as_household())
    context |= {
        "layout": "layouts/staff.html",
        "back_url": reverse("casework:case", args=[found.pk]),
        "back_text": found.reference,
    }
    return render(request, "eligibility/results/what_if.html", context)
