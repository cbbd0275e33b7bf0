"""The worklist."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from casework.actions import cases
from casework.forms import AssignForm, WorklistFilter
from casework.models import ProgrammeCase
from casework.queries import worklist as listing
from casework.queries.cases import colleagues
from casework.queries.offers import programme_names
from portal.kit.access import Refused, needs
from portal.requests import MemberRequest
from portal.roles import powers_of


@require_GET
@needs("see_worklist")
def worklist(request: MemberRequest) -> HttpResponse:
    """The agency's open cases: mine, my team's, unassigned or all, soonest due first, page after page."""
    by, membership = request.actor, request.membership
    today = timezone.localdate()
    queue = request.GET.get("queue", listing.MINE)
    if queue not in listing.QUEUES:
        queue = listing.MINE
    names = programme_names(on=today, agency_id=membership.agency_id)
    form = WorklistFilter(request.GET, programmes=names)
    chosen = form.cleaned_data if form.is_valid() else {}
    try:
        page = listing.page(
            by=by,
            queue=queue,
            today=today,
            team_id=membership.team_id,
            programme=chosen.get("programme", ""),
            state=chosen.get("state", ""),
            after=request.GET.get("after", ""),
            subdivision=membership.agency.subdivision,
        )
    except listing.BadKey:
        return redirect("casework:worklist")
    people = colleagues(membership.agency_id, today)
    workers = {member.user_id: str(member.user) for member in people}
    counts = listing.counts(by=by, team_id=membership.team_id)
    may_work = "work_cases" in powers_of(by.role)
    return render(
        request,
        "casework/worklist/list.html",
        {
            "rows": [
                {
                    "row": row,
                    "url": reverse("casework:case", args=[row.case_id]) if may_work else "",
                    "programme": names.get(row.grant.programme, row.grant.programme),
                    "worker": workers.get(row.grant.assignee_id, "") if row.grant.assignee_id else "",
                }
                for row in page.rows
            ],
            "filter": form,
            "queue": queue,
            "tabs": [
                (_url(request, queue=name, after=None), words, name == queue, _shown(counts[name])) for name, words in _queues()
            ],
            "late": listing.late(page.rows),
            "next_url": _url(request, queue=queue, after=page.next_key) if page.next_key else "",
            "first_url": _url(request, queue=queue, after=None) if request.GET.get("after") else "",
            "here": request.get_full_path(),
            "assign": AssignForm(initial={"user": str(by.user_id)}, colleagues=people) if may_work else None,
        },
    )


@require_POST
@needs("work_cases")
def assign_picked(request: MemberRequest) -> HttpResponse:
    """Give the picked cases to a colleague, or back to the team."""
    by = request.actor
    form = AssignForm(request.POST, colleagues=colleagues(request.membership.agency_id, timezone.localdate()))
    back = request.POST.get("back", "")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("casework:worklist")
    picked = request.POST.getlist("pick")[: listing.PAGE]
    if not picked:
        messages.warning(request, _("Pick one or more cases first."))
        return redirect(back)
    if not form.is_valid():
        messages.error(request, _("Choose a colleague who works on cases here."))
        return redirect(back)
    user_id = UUID(form.cleaned_data["user"]) if form.cleaned_data["user"] else None
    done = 0
    for case_id in picked:
        try:
            cases.assign(by=by, case_id=UUID(case_id), user_id=user_id, at=timezone.now())
            done += 1
        except (ValueError, ProgrammeCase.DoesNotExist, cases.NotPossible, Refused):
            continue
    messages.success(request, ngettext("%(n)s case was assigned.", "%(n)s cases were assigned.", done) % {"n": done})
    if done < len(picked):
        missed = len(picked) - done
        messages.warning(
            request, ngettext("%(n)s case could not be assigned.", "%(n)s cases could not be assigned.", missed) % {"n": missed}
        )
    return redirect(back)


def _queues() -> list[tuple[str, str]]:
    return [(listing.MINE, _("Mine")), (listing.TEAM, _("My team’s")), (listing.FREE, _("Unassigned")), (listing.ALL, _("All"))]


def _shown(count: int) -> str:
    return f"{listing.MOST_COUNTED}+" if count > listing.MOST_COUNTED else str(count)


def _url(request: HttpRequest, **changes: str | None) -> str:
    query: QueryDict = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"{reverse('casework:worklist')}?{query.urlencode()}"
