"""Questions and answers in the words of the person: headings with names in them, values as one reads them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consent.facts import FactKind, fact, in_language
from intake.definition import HOUSEHOLD, YOU, Option, Question
from intake.draft import LEFT_OUT, Draft, Member, Slot
from intake.forms.questions import CHOSEN
from intake.queries.steps import Steps
from portal.places import place_words

SOURCES = {
    "self": gettext_lazy("You told us"),
    "counter": gettext_lazy("Told at a counter"),
    "agency": gettext_lazy("From an agency"),
    "evidence": gettext_lazy("From a paper"),
    "derived": gettext_lazy("Worked out"),
}


def source_words(entry: Mapping[str, Any]) -> str:
    """Where what the record knows comes from: "You told us", or the agency by name."""
    if entry["source"] in ("agency", "evidence", "counter") and entry.get("agency"):
        return {
            "agency": _("From %(agency)s"),
            "evidence": _("From a paper %(agency)s has seen"),
            "counter": _("Told at a counter of %(agency)s"),
        }[entry["source"]] % {"agency": entry["agency"]}
    return str(SOURCES[entry["source"]])


def progress_words(steps: Steps, slot: Slot | None = None) -> str:
    """What the next answers decide, `slot`'s among them: "2 more answers decide 3 programmes". Empty when nothing is left."""
    promise = steps.promise(slot)
    if promise.programmes:
        programmes = ngettext("%(count)s programme", "%(count)s programmes", len(promise.programmes)) % {
            "count": len(promise.programmes)
        }
        return ngettext(
            "%(count)s more answer decides %(programmes)s.", "%(count)s more answers decide %(programmes)s.", len(promise.pages)
        ) % {"count": len(promise.pages), "programmes": programmes}
    left = len(steps.pending)
    return ngettext("%(count)s more answer.", "%(count)s more answers.", left) % {"count": left} if left else ""


def all_words(steps: Steps) -> str:
    """How much there is to answer until everything is decided that can be. Empty when nothing more is."""
    goals = steps.decisive
    pages = frozenset().union(*goals.values())
    if not goals:
        return ""
    programmes = ngettext("%(count)s programme", "%(count)s programmes", len(goals)) % {"count": len(goals)}
    return ngettext(
        "%(programmes)s still open: at most %(count)s more answer decides all.",
        "%(programmes)s still open: at most %(count)s more answers decide all.",
        len(pages),
    ) % {"count": len(pages), "programmes": programmes}


def gaps(steps: Steps) -> list[tuple[list[Slot], list[str]]]:
    """[(pages that were left without an answer, names of the programmes)]: what cannot be told as it stands."""
    found: dict[tuple[str, ...], tuple[list[Slot], list[str]]] = {}
    for programme in steps.open or ():
        if programme.is_undecided:
            left = {slot.key: slot for key in sorted(programme.missing) if (slot := steps.left_open(key)) is not None}
            if left:
                found.setdefault(tuple(left), (list(left.values()), []))[1].append(programme.name)
    return list(found.values())


def name_of(draft: Draft, member: Member) -> str:
    """The name or nickname; without one, what the person is to the applicant."""
    if member.name:
        return member.name
    if member.role == "partner":
        return _("your partner")
    same = [other.id for other in draft.people if other.role == member.role]
    number = same.index(member.id) + 1
    if member.role == "child":
        return _("child %(number)s") % {"number": number}
    return _("adult %(number)s") % {"number": number}


def boxes(steps: Steps, slot: Slot) -> list[Option]:
    """The boxes of a page: those of the form, or the people that a "who" page asks about."""
    if slot.question.kind != "who":
        return steps.options(slot)
    return [Option(member.id, {"en": box_of(steps.draft, member)}, {}, "", ()) for member in steps.people(slot)]


def box_of(draft: Draft, member: Member) -> str:
    """The words beside the box of a member of the household."""
    name = _("You") if member.id == YOU else name_of(draft, member)
    return name[:1].upper() + name[1:]


def heading(draft: Draft, slot: Slot) -> str:
    """The question as it is put to the person at the screen."""
    if slot.subject in (HOUSEHOLD, YOU):
        return in_language(slot.question.text)
    return in_language(slot.question.text_other).replace("{name}", name_of(draft, draft.person(slot.subject)))


def hint(question: Question) -> str:
    """The line under the question; may be empty."""
    return in_language(question.hint) if question.hint else ""


def why(question: Question) -> str:
    """Why we ask; may be empty."""
    return in_language(question.why) if question.why else ""


def short(slot: Slot) -> str:
    """What the question is about in a few words."""
    if slot.question.short:
        return in_language(slot.question.short)
    return fact(slot.question.facts[0]).words()


def short_of(draft: Draft, slot: Slot) -> str:
    """What the question is about in a few words, with the name where it is about somebody else."""
    if slot.subject in (HOUSEHOLD, YOU):
        return short(slot)
    return _("%(thing)s: %(name)s") % {"thing": short(slot), "name": name_of(draft, draft.person(slot.subject))}


def fact_row(kind: FactKind, value: Any) -> dict[str, Any]:
    """A value for the components `summary_list` and `facts_table`: value, kind, choices."""
    if value is None:
        return {"value": _("Does not apply"), "kind": "", "choices": {}}
    if kind.code == "household.local_authority":
        return {"value": place_words(value), "kind": "", "choices": {}}
    choices = {choice: kind.choice_words(choice) for choice in kind.choices}
    return {"value": value, "kind": {"amount": "money", "date": "date"}.get(kind.type, ""), "choices": choices}


def answer_rows(draft: Draft, slot: Slot, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An answer as rows {key, value, kind, choices}."""
    if answer["not_sure"]:
        kept = _("You left this out") if answer["values"].get(LEFT_OUT) else _("I am not sure")
        return [{"key": short(slot), "value": kept, "kind": "", "choices": {}}]
    values = answer["values"]
    question = slot.question
    if question.kind == "which":
        words = [in_language(option.text) for option in question.options if option.code in values[CHOSEN]]
        return [{"key": short(slot), "value": words or _("None of these"), "kind": "", "choices": {}}]
    if question.kind == "who":
        names = [box_of(draft, member) for member in draft.people if member.id in values[CHOSEN]]
        return [{"key": short(slot), "value": names or _("None of us"), "kind": "", "choices": {}}]
    if question.kind == "facts":
        return [{"key": fact(code).words()} | fact_row(fact(code), value) for code, value in values.items()]
    if question.kind == "name":
        return [{"key": short(slot), "value": values["full"]}]
    if question.kind == "contact":
        return [
            {
                "key": short(slot),
                "value": [values[kind] for kind in ("phone", "email", "address") if values.get(kind)] or _("Not given"),
            }
        ]
    if question.kind == "needs":
        said = [values["needs"]] if values["needs"] else []
        said += [_("Interpreter needed")] if values["interpreter_needed"] else []
        return [{"key": short(slot), "value": said or _("Nothing special")}]
    return [{"key": short(slot), "value": _("Confirmed")}]
