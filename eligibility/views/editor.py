"""The programme editor: dated limits, texts and the whole rule as text. What does not work is shown where it is."""

import tomllib
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import drafting
from eligibility.actions import programmes as actions
from eligibility.definition import Definition
from eligibility.forms import DraftForm, FilesForm, LimitRowForm, PreviewForm, TextsForm
from eligibility.language import RuleError
from eligibility.models import ProgrammeVersion
from eligibility.queries import editing
from eligibility.queries.presentation import lines_of
from eligibility.queries.preview import preview as worked_out
from eligibility.scaffold import read_data
from eligibility.views.admin import READERS, version_for
from eligibility.views.catalogue import reader_language
from portal.kit.access import needs
from portal.kit.http import PortalRequest
from portal.kit.states import MoveRefused

Change = Callable[[], dict[str, Any]]


def saved(request: PortalRequest, version: ProgrammeVersion, form: DraftForm, change: Change) -> bool:
    """Save the draft as `change` makes it; a problem becomes an error of the form, at its field."""
    data: dict[str, Any] = {}
    try:
        data = change()
        actions.save_draft(
            by=request.actor,
            version_id=version.pk,
            data=data,
            lock_version=form.cleaned_data["lock_version"],
            at=timezone.now(),
        )
    except RuleError as problem:
        form.add_error(form.place_of(problem.where), _sentence(problem, version))
        form.rule_error = marked(problem, problem.text or drafting.expression_text(data, problem.where))
    except tomllib.TOMLDecodeError as problem:
        form.add_error(None, _("The text cannot be read: %(problem)s") % {"problem": problem})
    except (actions.DraftConflict, actions.NotReady, MoveRefused) as problem:
        form.add_error(None, str(problem))
        if isinstance(problem, actions.DraftConflict):
            sent = form.data.copy()
            sent["lock_version"] = version.lock_version
            form.data = sent
    else:
        return True
    return False


def _sentence(problem: RuleError, version: ProgrammeVersion) -> str:
    if not problem.line:
        return f"{problem.where}: {problem.message}" if problem.where else problem.message
    return _("Line %(line)s, character %(column)s: %(message)s") % {
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }


def marked(problem: RuleError, text: str) -> dict[str, str] | None:
    """The line of the formula `text` that is wrong, in three parts; None where the error has no place in a formula."""
    lines = text.splitlines()
    if not 0 < problem.line <= len(lines):
        return None
    line, start = lines[problem.line - 1], problem.column - 1
    end = start + max(1, problem.length)
    return {"before": line[:start], "at": line[start:end] or " ", "after": line[end:], "message": problem.message}


def back_to(version: ProgrammeVersion, place: str) -> HttpResponse:
    """To the page of the version, at a section of it."""
    return redirect(f"{_address(version)}#{place}")


def _address(version: ProgrammeVersion) -> str:
    return redirect("eligibility:admin_version", version.programme.code, version.number)["Location"]


def frame(version: ProgrammeVersion, form: forms.Form, **more: Any) -> dict[str, Any]:
    """What every page of the editor needs."""
    return {"version": version, "programme": version.programme, "form": form, "back": _address(version)} | more


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def limit(request: PortalRequest, code: str, number: int, name: str) -> HttpResponse:
    """Add a dated row to a limit. Rows that were published stay; a new row of this draft can be taken out again."""
    version = version_for(request, code, number)
    chosen = Definition.from_dict(version.definition).limits.get(name)
    if chosen is None:
        raise Http404
    last = chosen.rows[-1]
    lines = lines_of(chosen, last, reader_language())
    stored = [_stored(line) for line in last.get("table", [last])]
    for line, value in zip(lines, stored, strict=True):
        line["initial"] = value
    form = LimitRowForm(request.POST or None, initial={"lock_version": version.lock_version}, lines=lines, unit=chosen.unit)

    def change() -> dict[str, Any]:
        return drafting.with_limit_row(version.definition, name, _row(chosen, last, form))

    if request.method == "POST" and form.is_valid() and saved(request, version, form, change):
        messages.success(request, _("Saved. The worked examples ran again."))
        return back_to(version, "limits")
    table = next(table for table in editing.own_limits(version, timezone.localdate(), reader_language()) if table["name"] == name)
    return render(request, "eligibility/admin/limit.html", frame(version, form, limit=table, unit=chosen.unit))


def _stored(line: dict[str, Any]) -> str:
    value = line["value"]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _row(chosen, last: dict[str, Any], form: LimitRowForm) -> dict[str, Any]:
    """The new row as stored: the lines of the row before with the new values."""
    values = [drafting.typed_value(chosen.unit, text) for text in form.values()]
    row: dict[str, Any] = {"from": form.cleaned_data["starts_on"].isoformat(), "law": form.cleaned_data["law"]}
    if form.cleaned_data["note"]:
        row["note"] = form.cleaned_data["note"]
    if chosen.by:
        row["table"] = [{**line, "value": value} for line, value in zip(last["table"], values, strict=True)]
    else:
        row["value"] = values[0]
    return row


@require_POST
@needs("edit_programmes")
def limit_row_remove(request: PortalRequest, code: str, number: int, name: str) -> HttpResponse:
    """Take a row out again that this draft added."""
    version = version_for(request, code, number)
    form = _RemoveRow(request.POST)
    if form.is_valid():
        day = form.cleaned_data["day"]
        if saved(request, version, form, lambda: drafting.without_limit_row(version.definition, name, day)):
            messages.success(request, _("The row is gone."))
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, str(error))
    return back_to(version, "limits")


class _RemoveRow(DraftForm):
    day = forms.DateField()


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def texts(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """All texts of the version in one language."""
    version = version_for(request, code, number)
    language = request.GET.get("language", "en")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    definition = Definition.from_dict(version.definition)
    written = definition.translations.get(language, {})
    lines = [(path, words, words if language == "en" else written.get(path, "")) for path, words in definition.english().items()]
    form = TextsForm(request.POST or None, initial={"lock_version": version.lock_version}, texts=lines, language=language)
    if request.method == "POST" and form.is_valid():
        before = {path: words for path, _english, words in lines}

        def change() -> dict[str, Any]:
            data = version.definition
            for path, words in form.texts().items():
                if words != before[path]:
                    data = drafting.with_text(data, path, words, language)
            return data

        if saved(request, version, form, change):
            messages.success(request, _("Saved. The worked examples ran again."))
            return back_to(version, "texts")
    tabs = [(f"{request.path}?language={other}", name, other == language, None) for other, name in settings.LANGUAGES]
    return render(request, "eligibility/admin/texts.html", frame(version, form, tabs=tabs, language=language))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def files(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """The whole version as text: rule and worked examples, as in its folder."""
    version = version_for(request, code, number)
    written = editing.files_of(version)
    initial = {
        "lock_version": version.lock_version,
        "programme": written["programme.toml"],
        "cases": written.get("cases.toml", ""),
    }
    form = FilesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if saved(request, version, form, lambda: read_data(values["programme"], values["cases"])):
            messages.success(request, _("Saved. The worked examples ran again."))
            return back_to(version, "examples")
    return render(request, "eligibility/admin/files.html", frame(version, form))


@require_safe
@needs(*READERS)
def preview(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """What the version would do to the caseload: counts only, small ones hidden."""
    version = version_for(request, code, number)
    form = PreviewForm(request.GET or None, initial={"on": _first_new_day(version)})
    day = form.cleaned_data["on"] if form.is_bound and form.is_valid() else None
    context = frame(version, form)
    try:
        context["report"] = worked_out(version, on=day or _first_new_day(version))
    except RuleError as problem:
        context["problem"] = str(problem)
    return render(request, "eligibility/admin/preview.html", context)


def _first_new_day(version: ProgrammeVersion):
    """Today, or the first later day from which a new row of this version holds."""
    today = timezone.localdate()
    new = [
        row["from"]
        for table in editing.own_limits(version, today, "en")
        for row in table["rows"]
        if row["is_new"] and row["from"] > today
    ]
    return min(new, default=today)
