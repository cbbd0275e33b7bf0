"""The agency's own trail, for its data-protection officer and its auditor; and the public register of processing."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from consent.facts import fact
from consent.queries.activities import register_of
from consent.queries.own import purpose_words, role_words
from consent.queries.trail import trail_of_agency
from consent.views.cursor import cursor_of, cursor_to
from portal.kit.access import PUBLIC, needs
from portal.kit.http import PortalRequest
from portal.requests import MemberRequest

PAGE = 100


@require_safe
@needs("read_access_log")
def agency_log(request: MemberRequest) -> HttpResponse:
    """Who of this agency looked at whom, newest first; refused looks are marked."""
    entries = trail_of_agency(request.membership.agency_id, before=cursor_of(request), limit=PAGE + 1)
    last = entries[PAGE - 1] if len(entries) > PAGE else None
    return render(
        request,
        "consent/trail/agency_log.html",
        {
            "lines": [(entry, purpose_words(entry), role_words(entry)) for entry in entries[:PAGE]],
            "next_url": f"?before={cursor_to(last)}" if last else "",
        },
    )


@require_safe
@needs(PUBLIC)
def register(request: PortalRequest) -> HttpResponse:
    """The register of processing: every agency, purpose, legal basis and fact in force (GDPR art. 30)."""
    language = (get_language() or "en").split("-")[0]
    rows = [
        {
            "activity": activity,
            "words": activity.text.get(language) or activity.text.get("en", ""),
            "facts": [fact(code).words() for code in activity.concepts],
        }
        for activity in register_of(timezone.localdate())
    ]
    return render(request, "consent/trail/register.html", {"rows": rows})
