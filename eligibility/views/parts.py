"""Parts of a draft written in plain forms: worked-out facts, the amount, evidence, what people read about the programme."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from eligibility import drafting
from eligibility.builder.rows import Row
from eligibility.definition import Definition
from eligibility.drafting_local import as_common, name_from, with_item, with_named, without_item, without_named
from eligibility.forms.parts import AboutForm, AmountBegin, AmountForm, BeginForm, EvidenceForm, WorkedOutForm, keyed, lines_in
from eligibility.language import to_text
from eligibility.language.parser import RESERVED
from eligibility.rules import catalogue
from eligibility.views.admin import version_for
from eligibility.views.catalogue import reader_language
from eligibility.views.conditions import vocabulary_of
from eligibility.views.editor import back_to_place, frame_of, saved
from eligibility.views.place import Place, place_for
from portal.kit.access import needs
from portal.kit.http import PortalRequest

_SAVED = "Saved. The worked examples ran again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def worked_out(request: PortalRequest, name: str = "", **at: Any) -> HttpResponse:
    """A worked-out fact, or a new one. The choices above the formula make one to begin with."""
    where = place_for(request, **at)
    item = where.definition.worked_out.get(name)
    if name and item is None:
        raise Http404
    initial: dict[str, Any] = {"lock_version": where.version.lock_version}
    if item is not None:
        initial |= {"label": item.label, "whose": "person" if item.for_person else "", "formula": to_text(item.tree)}
    begin = _begin_form(request, where)
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None and data.get("do") == "make":
        begin, kinds = _begin_form(request, where, bound=True), _kinds(where)
        if formula := begin.formula(kinds):
            data["formula"] = formula
        form = WorkedOutForm(initial=data)
    else:
        form = WorkedOutForm(data, initial=initial)
        if data is not None and data.get("do") == "remove" and item is not None:
            if _removed(request, where, form, "worked_out", name):
                return back_to_place(where, "worked-out")
        elif data is not None and form.is_valid():
            values = form.cleaned_data
            taken = {*where.definition.worked_out, *where.common.worked_out, *RESERVED, "age", "role", *_person_facts()}
            key = name or name_from(values["label"], taken, "worked_out")
            made = {"is": values["formula"], "label": values["label"]} | ({"for": "person"} if values["whose"] else {})
            if saved(request, where, form, lambda: where.changed(lambda old: with_named(old, "worked_out", key, made))):
                messages.success(request, _(_SAVED))
                return back_to_place(where, "worked-out")
    is_own = name in where.own.worked_out
    context = _with_names(where, form, item=item, name=name, begin=begin, is_own=is_own)
    context["replaces_common"] = bool(where.variant) and is_own and name in where.common.worked_out
    return render(request, "eligibility/admin/worked_out.html", context)


def _person_facts() -> set[str]:
    return {kind.name for kind in catalogue().values() if kind.level == "person"}


def _begin_form(request: PortalRequest, where: Place, *, bound: bool = False) -> BeginForm:
    language = reader_language()
    words = vocabulary_of(where.version, where.definition, timezone.localdate(), language)
    facts = [
        (fact.partition(".")[2], label)
        for fact, label in words.facts(language)["person"]
        if fact not in ("partner", "person.role")
    ]
    return BeginForm(request.POST if bound else None, facts=facts, language=language, prefix="begin")


def _kinds(where: Place) -> dict[str, str]:
    """What kind of value each fact about a person has, by its name."""
    known = {"money": "flow", "amount": "money", "integer": "number", "decimal": "number", "boolean": "yes_no", "date": "date"}
    kinds = {kind.name: known.get(kind.type, kind.type) for kind in catalogue().values() if kind.level == "person"}
    language = reader_language()
    words = vocabulary_of(where.version, where.definition, timezone.localdate(), language)
    kinds["age"] = "number"
    for name, item in where.definition.worked_out.items():
        if item.for_person:
            found = words.type_of_person_fact(name)
            kinds[name] = found.kind if found is not None else ""
    return kinds


def _removed(request: PortalRequest, where: Place, form: Any, kind: str, name: str) -> bool:
    """Take a part out, or give a variant the common one back; a rule that still needs it says so on the form."""
    form.is_valid()
    if "lock_version" in form.errors:
        return False
    form.errors.clear()
    form.cleaned_data["lock_version"] = int(request.POST["lock_version"])

    def change(data: dict[str, Any]) -> dict[str, Any]:
        if where.variant is not None:
            return as_common(data, kind, name)
        return without_named(data, kind, name) if kind == "worked_out" else drafting.with_section(data, kind, None)

    if not saved(request, where, form, lambda: where.changed(change)):
        return False
    messages.success(request, _("The common rule holds here again.") if where.variant else _("It is taken out."))
    return True


def _with_names(where: Place, form: Any, **more: Any) -> dict[str, Any]:
    """The frame of a page with a formula: the names that can be used in it."""
    names = {"limits": sorted(where.definition.limits), "worked_out": sorted(where.definition.worked_out)}
    return frame_of(where, form, **names) | more


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def amount(request: PortalRequest, **at: Any) -> HttpResponse:
    """How much somebody gets."""
    where = place_for(request, **at)
    now = where.definition.amount
    initial: dict[str, Any] = {"lock_version": where.version.lock_version}
    if now is not None:
        initial |= {"formula": to_text(now.tree), "per": now.per, "says": now.says, "how": now.how, "to": now.to or "0.01"}
    data = request.POST.copy() if request.method == "POST" else None
    begin = (
        AmountBegin(data, prefix="begin", choices=_amounts(where))
        if data is not None
        else AmountBegin(prefix="begin", choices=_amounts(where))
    )
    form = AmountForm(data, initial=initial)
    is_own = where.own.amount is not None
    if data is not None and data.get("do") == "make":
        if formula := begin.formula():
            data["formula"], data["per"] = formula, _per_of(where, formula) or data.get("per", "")
        form = AmountForm(initial=data)
    elif request.method == "POST" and request.POST.get("do") == "remove" and is_own:
        if _removed(request, where, form, "amount", "amount"):
            return back_to_place(where, "amount")
    elif request.method == "POST" and form.is_valid():
        made = form.amount()
        if saved(request, where, form, lambda: where.changed(lambda data: drafting.with_section(data, "amount", made))):
            messages.success(request, _(_SAVED))
            return back_to_place(where, "amount")
    context = _with_names(
        where,
        form,
        begin=begin,
        is_own=is_own,
        replaces_common=bool(where.variant) and is_own and where.common.amount is not None,
    )
    return render(request, "eligibility/admin/amount.html", context)


def _amounts(where: Place) -> list[tuple[str, str]]:
    """Limits and worked-out facts that are money, as formulas with their labels."""
    words = vocabulary_of(where.version, where.definition, timezone.localdate(), reader_language())
    language = reader_language()
    found = [
        (f"limits.{name}", words.label(f"limit.{name}", language))
        for name, item in where.definition.limits.items()
        if not item.by and item.type.kind == "money"
    ]
    for name, worked in where.definition.worked_out.items():
        kind = words.type_of(Row(fact=f"worked_out.{name}")) if not worked.for_person else None
        if kind is not None and kind.kind == "money":
            found.append((name, words.label(f"worked_out.{name}", language)))
    return sorted(found, key=lambda choice: choice[1].casefold())


def _per_of(where: Place, formula: str) -> str:
    words = vocabulary_of(where.version, where.definition, timezone.localdate(), "en")
    kind, _dot, name = formula.rpartition(".")
    found = where.definition.limits[name].type if kind else words.type_of(Row(fact=f"worked_out.{name}"))
    return found.per if found is not None else ""


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def evidence(request: PortalRequest, code: str, number: int, id_: str = "") -> HttpResponse:
    """One thing people have to show, or a new one."""
    where = Place(version_for(request, code, number))
    items = Definition.from_dict(where.version.definition).evidence
    item = next((item for item in items if item.id == id_), None)
    if id_ and item is None:
        raise Http404
    initial: dict[str, Any] = {"lock_version": where.version.lock_version}
    if item is not None:
        when = to_text(item.when) if item.when is not None else ""
        initial |= {"label": item.label, "any_of": "\n".join(item.any_of.values()), "when": when}
    form = EvidenceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        key = id_ or name_from(values["label"], {other.id for other in items}, "proof")
        made: dict[str, Any] = {"id": key, "label": values["label"]}
        made["any_of"] = keyed(lines_in(values["any_of"]), item.any_of if item else {}, "proof")
        if values["when"]:
            made["when"] = values["when"]
        is_removed = request.POST.get("do") == "remove" and item is not None

        def change(data: dict[str, Any]) -> dict[str, Any]:
            gone = set(item.any_of) - set(made["any_of"]) if item is not None else set()
            data = without_item(data, "evidence", key) if is_removed else with_item(data, "evidence", made)
            return drafting.without_translations(data, [f"evidence.{key}.any_of.{name}" for name in gone])

        if saved(request, where, form, lambda: where.changed(change)):
            messages.success(request, _("It is taken out.") if is_removed else _(_SAVED))
            return back_to_place(where, "evidence")
    return render(request, "eligibility/admin/evidence.html", _with_names(where, form, item=item))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def about(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """What people read about the programme, the law it rests on, contacts and how long it takes."""
    where = Place(version_for(request, code, number))
    written = Definition.from_dict(where.version.definition)
    form = AboutForm(request.POST or None, initial=_about_now(written, where.version.lock_version), language=reader_language())
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if saved(request, where, form, lambda: where.changed(lambda data: _about(data, values, written))):
            messages.success(request, _(_SAVED))
            return back_to_place(where, "texts")
    return render(request, "eligibility/admin/about.html", frame_of(where, form))


def _about_now(written: Definition, lock_version: int) -> dict[str, Any]:
    return {
        "lock_version": lock_version,
        **written.texts,
        "area": written.area,
        "life_events": list(written.life_events),
        "working_days": written.service_standard.get("working_days"),
        "standard": written.service_standard.get("says", ""),
        **{name: written.contacts.get(name, "") for name in ("phone", "email", "url", "address")},
        "channels": list(written.contacts.get("channels", ())),
        "laws": "\n".join(f"{law['title']} {law.get('url', '')}".strip() for law in written.law),
        "leaves_out": "\n".join(written.leaves_out.values()),
    }


def _about(data: dict[str, Any], values: dict[str, Any], written: Definition) -> dict[str, Any]:
    head = dict(data["programme"])
    for name in ("name", "summary", "purpose", "next_steps", "area", "life_events"):
        head.pop(name, None)
        if values[name]:
            head[name] = values[name]
    left_out = keyed(lines_in(values["leaves_out"]), written.leaves_out, "note")
    days = values["working_days"]
    standard = {"working_days": days, **({"says": values["standard"]} if values["standard"] else {})} if days else None
    contacts = {name: values[name] for name in ("phone", "email", "url", "address", "channels") if values[name]}
    changed = {**data, "programme": head, "law": values["laws"]}
    for section, value in (("service_standard", standard), ("contacts", contacts), ("leaves_out", left_out)):
        changed = drafting.with_section(changed, section, value)
    gone = [f"leaves_out.{name}" for name in set(written.leaves_out) - set(left_out)]
    gone += [] if head.get("next_steps") else ["next_steps"]
    gone += [] if standard and standard.get("says") else ["service_standard.says"]
    return drafting.without_translations(changed, gone)
