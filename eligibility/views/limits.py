"""Dated limits of a draft: a new one, a new date for one, in the common rule or in a local variant."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from eligibility import drafting
from eligibility.drafting_local import as_common, name_from, with_local_row, with_named, without_named
from eligibility.forms.limits import LimitRowForm, NewLimitForm
from eligibility.forms.shared import DraftForm
from eligibility.language.limits import Limit
from eligibility.queries.presentation import limit_table, lines_of
from eligibility.views.catalogue import reader_language
from eligibility.views.editor import back_to_place, frame_of, saved
from eligibility.views.place import Place, place_for
from portal.kit.access import needs
from portal.kit.http import PortalRequest


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def new_limit(request: PortalRequest, **at: Any) -> HttpResponse:
    """A new limit: its name, what kind of value, perhaps the columns of a table, and its first row."""
    where = place_for(request, **at)
    form: Any = NewLimitForm(request.POST or None, initial={"lock_version": where.version.lock_version})
    asked = request.POST.get("do", "save")
    if request.method == "POST" and asked != "save":
        form = unchecked(form)
    elif request.method == "POST" and form.is_valid():
        name = name_from(form.cleaned_data["label"], {*where.definition.limits, *where.common.limits}, "limit")
        if saved(request, where, form, lambda: where.changed(lambda data: with_named(data, "limits", name, form.limit()))):
            messages.success(request, _("Saved. Conditions and formulas can use the limit now."))
            return back_to_place(where, "limits")
    return render(request, "eligibility/admin/limit_new.html", frame_of(where, form))


def unchecked(form: LimitRowForm) -> LimitRowForm:
    """The same form as typed, with more lines or other columns, and no errors yet."""
    form.errors.clear()
    form.cleaned_data = {}
    return form


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def limit(request: PortalRequest, name: str, **at: Any) -> HttpResponse:
    """Add a dated row to a limit. Rows that were published stay; a new row of this draft can be taken out again."""
    where = place_for(request, **at)
    chosen = _limit_at(where, name)
    version = where.version
    language = reader_language()
    last = chosen.rows[-1]
    stored = last.get("table", [last])
    words = lines_of(chosen, last, language)
    lines = [
        {"cells": [line.get(column) for column, _unit in chosen.by], "value": line["value"], "now": shown["value"]}
        for line, shown in zip(stored, words, strict=True)
    ]
    initial = {"lock_version": version.lock_version}
    form = LimitRowForm(request.POST or None, initial=initial, lines=lines, unit=chosen.unit, by=chosen.by)
    if request.method == "POST" and request.POST.get("do") == "more":
        form = unchecked(form)
    elif request.method == "POST" and form.is_valid():

        def change(data: dict[str, Any]) -> dict[str, Any]:
            row = form.row()
            if where.variant is None:
                return drafting.with_limit_row(data, name, row)
            return with_local_row(data, name, row, chosen.to_dict())

        if saved(request, where, form, lambda: where.changed(change)):
            messages.success(request, _("Saved. The worked examples ran again."))
            return back_to_place(where, "limits")
    table = limit_table(where.definition, chosen, timezone.localdate(), language)
    is_own = name in where.own.limits
    return render(request, "eligibility/admin/limit.html", frame_of(where, form, limit=table, unit=chosen.unit, is_own=is_own))


def _limit_at(where: Place, name: str) -> Limit:
    """The limit as it reads in the place; of the common rule only those that the version writes itself. Raises Http404."""
    own = where.own.limits if where.variant is None else where.definition.limits
    if name not in own:
        raise Http404
    return own[name]


@require_POST
@needs("edit_programmes")
def limit_row_remove(request: PortalRequest, name: str, **at: Any) -> HttpResponse:
    """Take a row out again that this draft added, or with do=limit the whole limit (of a variant: back to the common one)."""
    where = place_for(request, **at)
    if name not in where.own.limits:
        raise Http404
    if request.POST.get("do") == "limit":
        form: DraftForm = _Lock(request.POST)
        is_replaced = where.variant is not None and name in where.common.limits

        def change(data: dict[str, Any]) -> dict[str, Any]:
            return as_common(data, "limit", name) if is_replaced else without_named(data, "limits", name)

        said = _("The common limit holds here again.") if is_replaced else _("The limit is gone.")
    else:
        form = _RemoveRow(request.POST)
        said = _("The row is gone.")

        def change(data: dict[str, Any]) -> dict[str, Any]:
            return drafting.without_limit_row(data, name, form.cleaned_data["day"])

    if form.is_valid() and saved(request, where, form, lambda: where.changed(change)):
        messages.success(request, said)
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, str(error))
    return back_to_place(where, "limits")


class _Lock(DraftForm):
    pass


class _RemoveRow(DraftForm):
    day = forms.DateField()
