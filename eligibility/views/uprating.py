"""New values for all limits of an agency in one sheet: out as CSV, in as drafts."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from eligibility.actions.uprating import uprate
from eligibility.forms import UpratingForm
from eligibility.queries.uprating import UnreadableSheet, read_sheet, sheet_of
from portal.kit.access import needs
from portal.kit.http import PortalRequest
from portal.requests import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def uprating(request: PortalRequest) -> HttpResponse:
    """Take the sheet, fill it in, bring it back: a draft for each programme, or all problems and nothing changed."""
    form = UpratingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            drafts = uprate(
                by=request.actor,
                values=read_sheet(form.cleaned_data["sheet"]),
                note=form.cleaned_data["note"],
                at=timezone.now(),
                today=timezone.localdate(),
            )
        except UnreadableSheet as problem:
            for words in problem.problems:
                form.add_error("sheet", words)
        else:
            count = len(drafts)
            messages.success(request, ngettext("%(n)s draft was made.", "%(n)s drafts were made.", count) % {"n": count})
            return redirect("eligibility:admin_list")
    return render(request, "eligibility/admin/uprating.html", {"form": form})


@require_safe
@needs("edit_programmes")
def sheet(request: MemberRequest) -> HttpResponse:
    """The sheet with the values in force today."""
    today = timezone.localdate()
    response = HttpResponse(sheet_of(request.membership.agency_id, today), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="limits-{today.isoformat()}.csv"'
    return response
