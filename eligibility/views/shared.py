"""Shared limits: where each is used, and a new value for all of them at once."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from eligibility.actions.programmes import NotReady
from eligibility.actions.shared import change_shared
from eligibility.definition import SharedFile
from eligibility.forms.limits import LimitRowForm
from eligibility.language import RuleError
from eligibility.queries import shared as queries
from eligibility.queries.presentation import lines_of
from eligibility.registry import shared_files
from eligibility.rule_words import with_place
from eligibility.views.admin import READERS
from eligibility.views.catalogue import reader_language
from eligibility.views.limits import unchecked
from portal.kit.access import needs
from portal.kit.http import PortalRequest


@require_safe
@needs(*READERS)
def shared(request: PortalRequest) -> HttpResponse:
    """All shared files with their limits and the programmes that use them."""
    pages = queries.shared_pages(sorted(shared_files()), timezone.localdate(), reader_language(), request.actor.agency_id)
    context = {"pages": pages, "may_write": request.actor.role == "programme_admin"}
    return render(request, "eligibility/admin/shared.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def shared_limit(request: PortalRequest, name: str, limit: str) -> HttpResponse:
    """A new dated row of a shared limit: says first which programmes it changes, then makes a draft of each."""
    if name not in shared_files():
        raise Http404
    today, language = timezone.localdate(), reader_language()
    chosen = SharedFile.from_dict(name, queries.newest(name)).limits.get(limit)
    page = queries.shared_pages([name], today, language, request.actor.agency_id)[0]
    table = next((item for item in page.limits if item["name"] == limit), None)
    if chosen is None or table is None:
        raise Http404
    last = chosen.rows[-1]
    lines = [
        {"cells": [line.get(column) for column, _unit in chosen.by], "value": line["value"], "now": words["value"]}
        for line, words in zip(last.get("table", [last]), lines_of(chosen, last, language), strict=True)
    ]
    form = LimitRowForm(request.POST or None, initial={"lock_version": 0}, lines=lines, unit=chosen.unit, by=chosen.by)
    if request.method == "POST" and request.POST.get("do") == "more":
        form = unchecked(form)
    elif request.method == "POST" and form.is_valid():
        try:
            drafts, others = change_shared(
                by=request.actor, name=name, limit=limit, row=form.row(), at=timezone.now(), today=today
            )
        except (RuleError, NotReady) as problem:
            form.add_error(None, with_place(problem))
        else:
            made = ngettext(
                "%(n)s draft was made. A second person publishes it.",
                "%(n)s drafts were made. A second person publishes each.",
                len(drafts),
            )
            messages.success(request, made % {"n": len(drafts)})
            if others:
                names = ", ".join(sorted({version.programme.agency.name for version in others}))
                messages.warning(
                    request,
                    _("These agencies use it too and publish it for their programmes themselves: %(names)s") % {"names": names},
                )
            return redirect("eligibility:admin_list")
    return render(request, "eligibility/admin/shared_limit.html", {"form": form, "page": page, "limit": table})
