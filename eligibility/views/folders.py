"""A programme's folder out of the portal and into it: the same two files as in the repository."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from eligibility.actions.bringing_in import bring_in
from eligibility.actions.programmes import NotReady
from eligibility.definition import Definition
from eligibility.drafting import expression_text
from eligibility.forms.folders import ImportForm
from eligibility.language import RuleError
from eligibility.packed import UnreadableFolder, data_of, packed, unpacked
from eligibility.rule_words import with_place
from eligibility.views.admin import READERS, version_for
from portal.kit.access import Refused, needs
from portal.kit.http import PortalRequest
from portal.kit.states import MoveRefused
from portal.requests import MemberRequest


@require_safe
@needs(*READERS)
def folder(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """The version as a .zip of its folder."""
    version = version_for(request, code, number)
    response = HttpResponse(packed(Definition.from_dict(version.definition)), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{code}-version-{number}.zip"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def bring(request: MemberRequest) -> HttpResponse:
    """Take a folder in as a draft; what does not work is said, and nothing is kept of it."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = {}
        try:
            data = _data(form.cleaned_data, request.membership.agency.slug)
            draft = bring_in(by=request.actor, definition=_definition(data), at=timezone.now(), note=form.cleaned_data["note"])
        except (UnreadableFolder, RuleError, NotReady, MoveRefused, Refused) as problem:
            formula = expression_text(data, problem.where) if isinstance(problem, RuleError) else ""
            form.add_error("folder", with_place(problem, formula))
        else:
            messages.success(request, _("The folder is a draft now. Its worked examples ran."))
            return redirect("eligibility:admin_version", draft.programme.code, draft.number)
    return render(request, "eligibility/admin/import.html", {"form": form})


def _data(values: dict[str, Any], agency: str) -> dict[str, Any]:
    """What the folder holds, under the code and agency it shall have. Raises UnreadableFolder."""
    data = data_of(unpacked(values["folder"]))
    head = data.get("programme")
    if not isinstance(head, dict):
        raise UnreadableFolder(_("programme.toml has no [programme]."))
    if values["code"]:
        data["programme"] = {**head, "code": values["code"], "agency": agency}
    elif head.get("agency") != agency:
        words = _("It is a programme of “%(agency)s”. To make one of your agency from it, enter a code of its own.")
        raise UnreadableFolder(words % {"agency": head.get("agency", "?")})
    return data


def _definition(data: dict[str, Any]) -> Definition:
    """Raises UnreadableFolder, RuleError."""
    try:
        return Definition.from_dict(data)
    except (TypeError, AttributeError, KeyError, ValueError) as problem:
        if isinstance(problem, RuleError):
            raise
        raise UnreadableFolder(
            _("A part of the rule has another form than it should: %(problem)s") % {"problem": problem}
        ) from None
