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
from django.views.decorators.http import require_http_methods

from eligibility import drafting
from eligibility.actions import programmes as actions
from eligibility.definition import Definition
from eligibility.forms.programmes import FilesForm, TextsForm
from eligibility.forms.shared import DraftForm
from eligibility.language import RuleError
from eligibility.models import ProgrammeVersion
from eligibility.queries import editing
from eligibility.queries.catalogue import definition_of
from eligibility.rule_words import at_line, place_said, sentence
from eligibility.scaffold import read_data
from eligibility.views.admin import version_for
from eligibility.views.catalogue import reader_language
from eligibility.views.place import Place, place_for
from portal.kit.access import needs
from portal.kit.http import PortalRequest
from portal.kit.states import MoveRefused

Change = Callable[[], dict[str, Any]]


def saved(request: PortalRequest, where: Place, form: DraftForm, change: Change) -> bool:
    """Save the draft, or the proposal, as `change` makes it; a problem becomes an error of the form, at its field."""
    data: dict[str, Any] = {}
    try:
        data = change()
        where.keep(data, form.cleaned_data["lock_version"], by=request.actor, at=timezone.now())
    except RuleError as problem:
        form.add_error(form.place_of(problem.where), _sentence(problem, form))
        form.rule_error = marked(problem, drafting.expression_text(data, problem.where))
    except tomllib.TOMLDecodeError as problem:
        form.add_error(None, _("The text cannot be read: %(problem)s") % {"problem": problem})
    except (actions.DraftConflict, actions.NotReady, MoveRefused) as problem:
        form.add_error(None, str(problem))
        if isinstance(problem, actions.DraftConflict):
            sent = request.POST.copy()
            sent["lock_version"] = str(where.version.lock_version)
            form.data = sent
    else:
        return True
    return False


def _sentence(problem: RuleError, form: DraftForm) -> str:
    """The error in words, with the part it speaks of unless its field says that."""
    at = "" if form.place_of(problem.where) else place_said(problem.where)
    return f"{at}: {at_line(problem)}" if at else at_line(problem)


def marked(problem: RuleError, text: str) -> dict[str, str] | None:
    """The line of the formula `text` that is wrong, in three parts; None where the error has no place in a formula."""
    source = problem.source(text)
    if source is None:
        return None
    before, at, after = source
    return {"before": before, "at": at or " ", "after": after, "message": sentence(problem)}


def back_to(version: ProgrammeVersion, place: str) -> HttpResponse:
    """To the page of the version, at a section of it."""
    return redirect(f"{_address(version)}#{place}")


def back_to_place(place: Place, section: str) -> HttpResponse:
    """To the page of the version, or of the local variant, at a section of it."""
    return redirect(f"{place.address}#{section}")


def frame_of(place: Place, form: forms.Form, **more: Any) -> dict[str, Any]:
    """What every page of the editor needs that writes in one place."""
    own = {"back": place.address, "place": place, "variant": place.variant}
    if place.proposal is not None:
        own["part_of"] = place.common.text("name", reader_language())
    found = frame(place.version, form) | own
    return found | {"back_text": place.variant.name if place.variant else found["part_of"]} | more


def _address(version: ProgrammeVersion) -> str:
    return redirect("eligibility:admin_version", version.programme.code, version.number)["Location"]


def frame(version: ProgrammeVersion, form: forms.Form, **more: Any) -> dict[str, Any]:
    """What every page of the editor needs. part_of: the programme and version in the reader's language, also the words of the way back."""
    name = definition_of(version).text("name", reader_language())
    part_of = _("%(name)s, version %(number)s") % {"name": name, "number": version.number}
    known = {"version": version, "programme": version.programme, "form": form}
    return known | {"back": _address(version), "back_text": part_of, "part_of": part_of} | more


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def texts(request: PortalRequest, **at: Any) -> HttpResponse:
    """All texts of the version, or of a local variant, in one language."""
    where = place_for(request, **at)
    version = where.version
    language = request.GET.get("language", "en")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    lines = _texts_of(where, language)
    form = TextsForm(request.POST or None, initial={"lock_version": version.lock_version}, texts=lines, language=language)
    if request.method == "POST" and form.is_valid():
        before = {path: words for path, _english, words in lines}

        def change(data: dict[str, Any]) -> dict[str, Any]:
            for path, words in form.texts().items():
                if words != before[path]:
                    data = drafting.with_text(data, path, words, language)
            return data

        if saved(request, where, form, lambda: where.changed(change)):
            messages.success(request, _("Saved. The worked examples ran again."))
            return back_to_place(where, "texts")
    tabs = [(f"{request.path}?language={other}", name, other == language, None) for other, name in settings.LANGUAGES]
    context = frame_of(where, form, tabs=tabs, language=language, missing=sum(not words for _path, _english, words in lines))
    return render(request, "eligibility/admin/texts.html", context)


def _texts_of(where: Place, language: str) -> list[tuple[str, str, str]]:
    """(path, English, words in `language`) of the texts written in a place: all of the common rule, or those a variant brings."""
    if where.variant is None:
        definition = Definition.from_dict(where.version.definition)
        english, written = definition.english(), definition.translations.get(language, {})
    else:
        common = where.common.english()
        english = {path: words for path, words in where.definition.english().items() if common.get(path) != words}
        written = where.variant.translations.get(language, {})
    return [(path, words, words if language == "en" else written.get(path, "")) for path, words in english.items()]


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
        if saved(request, Place(version), form, lambda: read_data(values["programme"], values["cases"])):
            messages.success(request, _("Saved. The worked examples ran again."))
            return back_to(version, "examples")
    return render(request, "eligibility/admin/files.html", frame(version, form))
