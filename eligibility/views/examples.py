"""A worked example of a draft, written in a form: facts, day, and what is expected."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from eligibility.cases import Case, read_cases
from eligibility.drafting_local import name_from, with_item, without_item
from eligibility.engine import Assessment, assess, compile_programme
from eligibility.forms.examples import MOST_CHILDREN, MOST_OTHERS, ExampleForm, shown
from eligibility.interchange import InterchangeError
from eligibility.language import RuleError
from eligibility.queries.catalogue import definition_of, in_force, needs_of_version
from eligibility.queries.editing import also_expected
from eligibility.rule_words import place_said, sentence, with_place
from eligibility.rules import catalogue
from eligibility.views.catalogue import reader_language
from eligibility.views.editor import back_to_place, frame_of, saved
from eligibility.views.place import Place, place_for
from portal.kit.access import needs
from portal.kit.http import PortalRequest
from portal.places import place_words


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def example(request: PortalRequest, id_: str = "", **at: Any) -> HttpResponse:
    """One worked example, or a new one (like=<id> begins with the facts of another); of a proposal only one that lives there."""
    where = place_for(request, **at)
    like = id_ or request.GET.get("like", "")
    try:
        case = _case(where, like)
    except RuleError as problem:
        messages.error(request, _("The examples cannot be read: %(problem)s") % {"problem": with_place(problem)})
        return redirect(where.address if where.proposal else where.url("admin_files"))
    if case is None or (id_ and not _lives_there(where, case)):
        raise Http404
    try:
        form = _form(request, where, case, id_)
    except RuleError as problem:  # a proposal that does not fit the common rule any more
        messages.error(request, place_said(problem.where) + ": " + sentence(problem))
        return redirect(where.address)
    context: dict[str, Any] = {"id": id_}
    if request.method == "POST":
        what = request.POST.get("do", "save")
        if what in ("child", "other", "fewer_children", "fewer_others"):
            form.errors.clear()
            form.cleaned_data = {}  # as typed, with one person more or less; nothing is checked yet
        elif what == "remove" and id_:
            form.is_valid()
            form.errors.clear()
            form.cleaned_data = {"lock_version": _lock(request)}
            if saved(request, where, form, lambda: without_item(where.version.definition, "cases.case", id_)):
                messages.success(request, _("The example is taken out."))
                return back_to_place(where, "examples")
        elif form.is_valid():
            made = _made(where, form, id_, case)
            if what == "try":
                context |= _tried(where, form, made)
            elif saved(request, where, form, lambda: with_item(where.version.definition, "cases.case", made)):
                messages.success(request, _("Saved. The worked examples ran again."))
                return back_to_place(where, "examples")
    also = also_expected(case.expect, where.common, reader_language()) if id_ else []
    return render(request, "eligibility/admin/example.html", frame_of(where, form, also=also) | context)


def _lives_there(where: Place, case: Case) -> bool:
    """Whether the example is one that can be changed in this place."""
    if where.proposal is None or where.variant is None:
        return True
    return case.facts["household"].get("local_authority") in where.variant.local_authorities


def _lock(request: PortalRequest) -> int:
    text = request.POST.get("lock_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _case(where: Place, like: str) -> Case | None:
    """The stored example, or an empty one on today; None for one that is not there. Raises RuleError."""
    definition = where.common
    if not like:
        new = {"id": "new", "on": timezone.localdate().isoformat(), "expect": {"outcome": "likely"}}
        empty = replace(definition, cases={"given": definition.cases.get("given", {}), "case": [new]})
        return replace(read_cases(empty, catalogue())[0], says="", id="new", expect={})
    return next((case for case in read_cases(definition, catalogue()) if case.id == like), None)


def _form(request: PortalRequest, where: Place, case: Case, id_: str) -> ExampleForm:
    definition, language = where.common, reader_language()
    roles = [person["role"] for person in case.facts["people"]]
    counts = {"children": roles.count("child"), "others": roles.count("other_adult")}
    sent = request.POST if request.method == "POST" else None
    if sent is not None:
        what = sent.get("do", "save")
        for name, most, more, less in (
            ("children", MOST_CHILDREN, "child", "fewer_children"),
            ("others", MOST_OTHERS, "other", "fewer_others"),
        ):
            text = sent.get(name, "")
            held = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else counts[name]
            counts[name] = min(max(held + (what == more) - (what == less), 0), most)
    initial = shown(case) | {"lock_version": where.version.lock_version}
    if not id_:
        initial |= {"says": ""}
        if where.proposal is not None and where.variant is not None and not _lives_there(where, case):
            initial["household-local_authority"] = place_words(where.variant.local_authorities[0])
    names = {item.programme.code: definition_of(item).text("name", language) for item in in_force(timezone.localdate())}
    used = {code: names.get(code, code.replace("_", " ")) for code in sorted(definition.programmes_used())}
    has_amount = definition.amount is not None or any(item.amount for item in definition.variants)
    needed = needs_of_version(where.version)
    return ExampleForm(sent, initial=initial, needs=needed, programmes=used, has_amount=has_amount, language=language, **counts)


def _made(where: Place, form: ExampleForm, id_: str, case: Case) -> dict[str, Any]:
    definition = where.common
    taken = {item.get("id", "") for item in definition.cases.get("case", ())}
    key = id_ or name_from(form.cleaned_data["says"], taken, "example")
    kept = dict(case.expect) if id_ else {}
    if kept and form.cleaned_data["outcome"] != kept.get("outcome"):
        kept = {}  # what else was expected belonged to another result
    return form.case(key, definition.cases.get("given", {}), kept)


def _tried(where: Place, form: ExampleForm, made: dict[str, Any]) -> dict[str, Any]:
    """What the rule gives for the example now, for the page; an error of the facts goes to the form."""
    definition = where.common
    given = {"given": definition.cases.get("given", {}), "case": [made]}
    try:
        case = read_cases(replace(definition, cases=given), catalogue())[0]
        compiled = compile_programme(definition, case.on, {}, catalogue())
        answer: Assessment = assess(case.facts, {definition.code: compiled}, case.on, case.given)[definition.code]
    except (RuleError, InterchangeError) as problem:
        form.add_error(None, sentence(problem))
        return {}
    language = reader_language()
    variant = next((item.name for item in definition.variants if item.id == answer.variant), "")
    return {
        "answer": answer,
        "answer_amount": answer.amount_words(language) if answer.outcome == "likely" and answer.per else "",
        "reasons": [(item.result, item.says(language)) for item in answer.criteria],
        "answer_variant": variant,
    }
