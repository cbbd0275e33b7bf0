"""The agency's own trail, for its data-protection officer and its auditor; and the public register of processing."""

import datetime as dt
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consent.facts import fact
from consent.queries.activities import register_of
from consent.queries.trail import trail_of_agency
from portal.kit.access import PUBLIC, needs
from portal.kit.clocks import moment_of
from portal.kit.http import PortalRequest
from portal.requests import MemberRequest

PAGE = 100


@require_safe
@needs("read_access_log")
def agency_log(request: MemberRequest) -> HttpResponse:
    """Who of this agency looked at whom, newest first; refused looks are marked."""
    entries = trail_of_agency(request.membership.agency_id, before=_cursor(request), limit=PAGE + 1)
    last = entries[PAGE - 1] if len(entries) > PAGE else None
    return render(
        request,
        "consent/trail/agency_log.html",
        {
            "entries": entries[:PAGE],
            "next_url": f"?before={last.at.isoformat().replace('+00:00', 'Z')}_{last.pk}" if last else "",
        },
    )


@require_safe
@needs(PUBLIC)
def register(request: PortalRequest) -> HttpResponse:
    """The register of processing: every agency, purpose, legal basis and fact in force (GDPR art. 30)."""
    rows = [
        {"activity": activity, "facts": [fact(code).words() for code in activity.concepts]}
        for activity in register_of(timezone.localdate())
    ]
    return render(request, "consent/trail/register.html", {"rows": rows})


def _cursor(request: PortalRequest) -> tuple[dt.datetime, UUID] | None:
    try:
        at, last = request.GET["before"].rsplit("_", 1)
        return moment_of(at), UUID(last)
    except (KeyError, ValueError):
        return None
