"""At a counter: the person says aloud whether the officer's agency may look at their answers with them, during this visit."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consent.actions.consents import VISIT, allow_visit, refuse
from consent.models import CaseRecord
from consent.permit import REASONS
from consent.queries.activities import activity_for
from consent.queries.consents import request_text
from consent.queries.records import record_at_counter
from portal.kit.access import Refused, needs
from portal.requests import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@needs("help_at_counter")
def allow(request: MemberRequest, record_id: UUID) -> HttpResponse:
    """The request to read out, and what the person answers to it; kept with the officer as witness."""
    by, now = request.actor, timezone.now()
    try:
        record = record_at_counter(by, record_id, now)
    except CaseRecord.DoesNotExist:
        raise Http404 from None
    activity = activity_for(agency_id=request.membership.agency_id, purpose="counter", on=timezone.localdate(now))
    if activity is None:
        raise Refused(str(REASONS["no_activity"]))
    language, until = (get_language() or "en").split("-")[0], now + VISIT
    decision = request.POST.get("decision", "")
    if decision == "allow":
        allow_visit(by=by, record=record, activity=activity, language=language, at=now)
        return redirect("eligibility:results_at_counter", record.pk)
    if decision == "refuse":
        refuse(
            by=by,
            record=record,
            activity=activity,
            until=until,
            language=language,
            at=now,
            method="spoken",
            witness_id=by.user_id,
        )
        messages.info(request, _("Kept: the person did not allow it. With their code they see the results themselves."))
        return redirect("intake:handover")
    words = request_text(activity, until=until, language=language)
    consent = {
        "slug": "counter",
        "agency": words["who"],
        "may_see": [fact for group in words["may_see"] for fact in group["facts"]],
        "may_not_see": ", ".join(words["may_not_see"]),
        "only_to": words["only_to"],
        "until": timezone.localdate(until),
        "state": "asked",
        "note": _("On a no, print the code: with it the person sees the results on their own phone or at home."),
    }
    return render(request, "consent/at_counter.html", {"consent": consent, "record": record})
