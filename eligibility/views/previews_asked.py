"""What previews were asked, for data protection; asking for more than a day's budget, and allowing it."""

import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from eligibility.actions.previewing import release
from eligibility.forms.preview import ReleaseForm
from eligibility.models import Programme
from eligibility.queries.catalogue import definition_of, programme_by_code
from eligibility.queries.editing import versions_of
from eligibility.queries.preview.log import log_of, names_of, people_of, uses_on
from eligibility.views.admin import READERS, programme_for
from eligibility.views.catalogue import reader_language
from portal.actions.notifications import notify
from portal.kit.access import Refused, needs
from portal.kit.clocks import moment_of
from portal.queries.memberships import memberships_at
from portal.requests import MemberRequest
from portal.roles import powers_of

PAGE = 100


@require_safe
@needs("read_access_log")
def preview_log(request: MemberRequest) -> HttpResponse:
    """Who had which rules worked out over the caseload: today's use of the budgets, the last thirty days by person, every question."""
    return _page(request)


@require_POST
@needs("approve_sharing")
def preview_release(request: MemberRequest, code: str) -> HttpResponse:
    """Allow as many previews of a programme again for the rest of today."""
    try:
        programme = programme_by_code(code)
    except Programme.DoesNotExist:
        raise Http404 from None
    if programme.agency_id != request.membership.agency_id:
        raise Refused(_("This programme belongs to another agency."))
    form = ReleaseForm(request.POST, prefix=code)
    if not form.is_valid():
        return _page(request, wrong=(code, form))
    is_new = release(by=request.actor, programme=programme, reason=form.cleaned_data["reason"], at=timezone.now())
    messages.success(
        request, _("More previews are allowed until midnight.") if is_new else _("More previews were allowed already today.")
    )
    return redirect("eligibility:preview_log")


@require_POST
@needs(*READERS)
def preview_more(request: MemberRequest, code: str) -> HttpResponse:
    """Tell the agency's data-protection officers, once a day, that somebody asks for more previews of a programme."""
    programme = programme_for(request, code)
    now, today = timezone.now(), timezone.localdate()
    officers = {
        member.user_id
        for member in memberships_at(programme.agency, today)
        if "approve_sharing" in powers_of(member.role) and member.starts_on <= today
    } - {request.actor.user_id}
    if officers and cache.add(f"previews-more:{programme.pk}:{today.isoformat()}", "asked", 24 * 3600):
        name = _name(programme)
        for user_id in sorted(officers):
            notify(
                by=request.actor,
                user_id=user_id,
                kind="previews_used_up",
                path=reverse("eligibility:preview_log"),
                parameters={"programme": name, "colleague": request.actor.name},
                at=now,
            )
    if officers:
        messages.success(request, _("Your data-protection officer was asked. What you tried today can still be looked at."))
    else:
        messages.error(request, _("Your agency has no data-protection officer who could allow more. Come back tomorrow."))
    return redirect("eligibility:admin_programme", code)


def _name(programme: Programme) -> str:
    versions = versions_of(programme)
    return definition_of(versions[0]).text("name", reader_language()) if versions else programme.code


def _page(request: MemberRequest, wrong: tuple[str, ReleaseForm] | None = None) -> HttpResponse:
    agency_id, today = request.membership.agency_id, timezone.localdate()
    entries = log_of(agency_id, before=_cursor(request), limit=PAGE + 1)
    last = entries[PAGE - 1].row if len(entries) > PAGE else None
    may_release = "approve_sharing" in powers_of(request.actor.role)
    uses = [
        (use, (wrong[1] if wrong and wrong[0] == use.programme else ReleaseForm(prefix=use.programme)) if may_release else None)
        for use in uses_on(agency_id, today)
    ]
    context = {
        "names": names_of(agency_id, reader_language()),
        "form": wrong[1] if wrong else None,
        "uses": uses,
        "people": people_of(agency_id, today),
        "entries": entries[:PAGE],
        "next_url": f"?before={last.at.isoformat().replace('+00:00', 'Z')}_{last.pk}" if last else "",
    }
    return render(request, "eligibility/admin/previews_asked.html", context)


def _cursor(request: MemberRequest) -> tuple[dt.datetime, UUID] | None:
    try:
        at, last = request.GET["before"].rsplit("_", 1)
        return moment_of(at), UUID(last)
    except (KeyError, ValueError):
        return None
