"""Make a worked example from a real case with names removed: choose one, and its present result becomes what is expected."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from eligibility import drafting
from eligibility.forms.shared import DraftForm
from eligibility.language import RuleError
from eligibility.models import ProgrammeVersion
from eligibility.models.programme import DRAFT
from eligibility.permissions import may_edit
from eligibility.queries.real_cases import candidates, chosen
from eligibility.rule_words import with_place
from eligibility.views.admin import version_for
from eligibility.views.catalogue import reader_language
from eligibility.views.editor import back_to, frame, saved
from eligibility.views.place import Place
from portal.kit.access import Refused, needs
from portal.kit.http import PortalRequest


class ChooseForm(DraftForm):
    """The household one chose, by its token on this page."""

    token = forms.RegexField(
        r"^[0-9a-f]{24}$",
        widget=forms.HiddenInput,
        error_messages={"required": _("Choose a case"), "invalid": _("Choose a case")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def real_cases(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """Households of the caseload as examples of a draft, without names; POST adds the chosen one."""
    version = version_for(request, code, number)
    if not may_edit(request.actor, version.programme):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    if version.state != DRAFT:
        return redirect("eligibility:admin_version", code, number)
    today = timezone.localdate()
    form = ChooseForm(request.POST or None, initial={"lock_version": version.lock_version})
    if request.method == "POST" and form.is_valid() and _added(request, version, form):
        messages.success(request, _("Added with its present result. Confirm that this is the right result, or change it."))
        return back_to(version, "examples")
    context = frame(version, form)
    try:
        context["candidates"] = candidates(version, on=today, language=reader_language())
    except RuleError as problem:
        context["problem"] = with_place(problem)
    return render(request, "eligibility/admin/real_cases.html", context)


def _added(request: PortalRequest, version: ProgrammeVersion, form: ChooseForm) -> bool:
    case = chosen(version, form.cleaned_data["token"], on=timezone.localdate())
    if case is None:
        form.add_error(None, _("This case is not there any more. Choose another one"))
        return False
    return saved(request, Place(version), form, lambda: drafting.with_case(version.definition, case))
