"""The builder's form: a small form for each row and group, made from what was typed, so that every button keeps everything."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eligibility.builder.rows import MOST_DEEP, PERIODS, WHOSE, Group, Path, Row
from eligibility.builder.terms import said
from eligibility.builder.words import Vocabulary
from eligibility.language import RuleError
from eligibility.rule_words import sentence
from portal.rendering import present

MOST_ITEMS = 80
_KEY = re.compile(r"\d{1,2}(-\d{1,2}){0,3}\Z")
_TESTS = {
    "true": gettext_lazy("is true"),
    "false": gettext_lazy("is not true"),
    "applies": gettext_lazy("applies"),
    "applies_not": gettext_lazy("does not apply"),
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "one_of": gettext_lazy("is one of"),
    "none_of": gettext_lazy("is none of"),
    "at_most": gettext_lazy("is at most"),
    "less": gettext_lazy("is less than"),
    "at_least": gettext_lazy("is at least"),
    "more": gettext_lazy("is more than"),
}
_MANY = {"at_least": gettext_lazy("at least"), "at_most": gettext_lazy("at most"), "is": gettext_lazy("exactly")}
_PARTNER_TESTS = {"applies": gettext_lazy("there is one"), "applies_not": gettext_lazy("there is none")}
_DAY_TESTS = {
    "at_most": gettext_lazy("is on or before"),
    "less": gettext_lazy("is before"),
    "at_least": gettext_lazy("is on or after"),
    "more": gettext_lazy("is after"),
}
_FACTS = {
    "household": gettext_lazy("The household"),
    "person": gettext_lazy("A person"),
    "worked_out": gettext_lazy("Worked-out facts"),
    "programme": gettext_lazy("Other programmes"),
    "limit": gettext_lazy("Limits"),
}
_PERIODS = {
    "week": gettext_lazy("a week"),
    "four_weeks": gettext_lazy("every four weeks"),
    "month": gettext_lazy("a month"),
    "year": gettext_lazy("a year"),
    "once": gettext_lazy("once"),
}
_HERE = {
    "number": gettext_lazy("this number"),
    "date": gettext_lazy("this day"),
    "code": gettext_lazy("this answer"),
    "codes": gettext_lazy("these answers"),
}
_KINDS = {
    "all": gettext_lazy("All of these must be true"),
    "any": gettext_lazy("At least one of these must be true"),
    "none": gettext_lazy("None of these may be true"),
}


class AddForm(forms.Form):
    """What a new row is about."""

    def __init__(self, *args, vocabulary: Vocabulary, language: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["fact"] = _choice(_("New row about"), _fact_choices(vocabulary, language))


class GroupForm(forms.Form):
    """How the parts of a group count."""

    kind = forms.ChoiceField(label=gettext_lazy("Of this group"), choices=list(_KINDS.items()))


class RowForm(forms.Form):
    """One row, with just the controls that fit its fact. `checked`: whether it shows what is wrong with it."""

    def __init__(self, row: Row, *, path: Path, vocabulary: Vocabulary, language: str, checked: bool):
        self.row, self.vocabulary, self.language, self.number = row, vocabulary, language, number_of(path)
        prefix = f"row-{key_of(path)}"
        self.answers = vocabulary.answers(row, language)
        values = self._values()
        data = {f"{prefix}-{name}": value for name, value in values.items()} if checked else None
        super().__init__(data, initial=values, prefix=prefix)
        self.fields["fact"] = _choice(_("Fact"), _fact_choices(vocabulary, language, row.fact))
        if row.fact.startswith("person."):
            self.fields["whose"] = _choice(_("Whose"), [(whose, said(whose, language)) for whose in WHOSE])
        if row.counts:
            self.fields["many_test"] = _choice(_("How many people"), list(_MANY.items()))
            many = forms.CharField(label=_("Number of people"), required=False, max_length=4)
            self.fields["many"] = present(many, width=3, show_optional=False, inputmode="numeric")
        if row.per:
            self.fields["per"] = _choice(_("Counted by"), [(per, _PERIODS[per]) for per in PERIODS])
        self.fields["test"] = _choice(_("Test"), self._tests())
        if row.against:
            self._add_value()

    def _values(self) -> dict[str, Any]:
        row = self.row
        values: dict[str, Any] = {
            "fact": row.fact,
            "whose": row.whose,
            "per": row.per,
            "test": row.test,
            "against": row.against,
            "value": row.value,
            "codes": [code.strip() for code in row.value.split(",") if code.strip()],
            "many_test": row.many.partition(" ")[0],
            "many": row.many.partition(" ")[2],
        }
        return values | {f"key_{number}": key for number, key in enumerate(row.keys)}

    def _tests(self) -> list[tuple[str, object]]:
        kind = self.vocabulary.type_of(self.row)
        words = dict(_TESTS)
        if self.row.fact == "partner":
            words |= _PARTNER_TESTS
        elif kind is not None and kind.kind == "date":
            words |= _DAY_TESTS
        return [(test, words[test]) for test in self.vocabulary.tests(self.row)]

    def _add_value(self) -> None:
        row, words, language = self.row, self.vocabulary, self.language
        kind = words.type_of(row)
        here = self._here(kind)
        against: list[tuple[str, object]] = [(_("A value"), here)]
        limits = words.limits(row, language)
        others = [(f"fact {name}", label) for name, label in words.operands(kind, language)] if kind else []
        listed = {value for value, _label in (*limits, *others, *here)}
        if row.against not in listed:
            others.append((row.against, row.against.partition(" ")[2]))
        against += [(_("Dated limits"), limits)] if limits else []
        against += [(_("Another fact"), others)] if others and row.test not in ("one_of", "none_of") else []
        self.fields["against"] = _choice(_("Compared with"), against)
        first = row.against.partition(" ")[0]
        if first in ("code", "codes") and self.answers is not None:
            self.fields["codes"] = present(
                forms.MultipleChoiceField(
                    label=_("Answers"), choices=self.answers, required=False, widget=forms.CheckboxSelectMultiple
                ),
                show_optional=False,
            )
        elif first not in ("limit", "fact"):
            self.fields["value"] = self._value_field(first)
        for number, (column, kind_of_key) in enumerate(words.columns(row)):
            choices = [("", "…"), *words.operands(kind_of_key, language)]
            if row.keys[number] and row.keys[number] not in dict(choices):
                choices.append((row.keys[number], row.keys[number]))
            label = _("%(column)s of the table is") % {"column": column.replace("_", " ").capitalize()}
            self.fields[f"key_{number}"] = _choice(label, choices)

    def _here(self, kind) -> list[tuple[str, object]]:
        first = self.row.against.partition(" ")[0]
        if kind is not None and kind.kind == "money":
            sum_words = _("this sum, %(period)s") % {"period": _PERIODS[kind.per]} if kind.per != "once" else _("this sum")
            return [(f"money {kind.per}", sum_words), ("number", _("nothing (£0)"))]
        if first in _HERE:
            return [(first, _HERE[first])]
        if kind is None:
            return []
        here = "codes" if self.row.test in ("one_of", "none_of") else {"choice": "code"}.get(kind.kind, kind.kind)
        return [(here, _HERE[here])]

    def _value_field(self, first: str) -> forms.Field:
        day = forms.TextInput(attrs={"type": "date"}) if first == "date" else forms.TextInput()
        hint = _("Several with a comma between") if first == "codes" else ""
        made = forms.CharField(label=_("Value"), required=False, max_length=200, widget=day, help_text=hint)
        width = None if first in ("codes", "code", "date") else 10
        return present(made, width=width, prefix="£" if first == "money" else "", show_optional=False, spellcheck="false")

    def clean(self) -> dict[str, Any]:
        """What the row says must be a formula that fits; the error goes to the field it speaks of."""
        try:
            self.vocabulary.check(self.row)
        except RuleError as problem:
            names = {"keys": "key_0", "value": "codes" if "codes" in self.fields else "value"}
            place = names.get(problem.where, problem.where)
            place = place if place in self.fields else "against" if "against" in self.fields else "fact"
            self.add_error(place, _("Row %(number)s: %(problem)s") % {"number": self.number, "problem": sentence(problem)})
        return self.cleaned_data


def _choice(label: str, choices: Iterable) -> forms.ChoiceField:
    return present(forms.ChoiceField(label=label, choices=list(choices), required=False), show_optional=False)


def _fact_choices(vocabulary: Vocabulary, language: str, used: str = "") -> list[tuple[object, Any]]:
    facts = vocabulary.facts(language, used)
    return [("", "…"), *((words, facts[kind]) for kind, words in _FACTS.items() if kind in facts)]


@dataclass
class Part:
    """A row or group as the page draws it."""

    key: str
    form: forms.Form
    path: Path
    reading: str = ""
    items: list["Part"] = field(default_factory=list)
    add: AddForm | None = None
    may_nest: bool = False
    may_wrap: bool = False

    @property
    def number(self) -> str:
        """Its place as people count: "1", "2.1"."""
        return number_of(self.path)

    @property
    def is_group(self) -> bool:
        """Whether it holds other parts."""
        return self.add is not None

    def parts(self) -> Iterator["Part"]:
        """Itself and everything in it, in reading order."""
        yield self
        for item in self.items:
            yield from item.parts()

    def forms(self) -> Iterator[forms.Form]:
        """Its form and those of everything in it, in reading order."""
        for part in self.parts():
            yield part.form
            if part.add is not None:
                yield part.add

    def ask_what_about(self, key: str) -> None:
        """Say that a new row of the group `key` needs a fact first."""
        for part in self.parts():
            if part.key == key and part.add is not None:
                part.add.is_bound = True
                part.add.add_error("fact", _("Select what the new row is about"))


def part_of(item: Row | Group, path: Path, vocabulary: Vocabulary, language: str, *, checked: bool) -> Part:
    """A row or group and all in it as parts of the page."""
    key = key_of(path)
    if isinstance(item, Row):
        form = RowForm(item, path=path, vocabulary=vocabulary, language=language, checked=checked)
        sentence = vocabulary.sentence(item, language)
        return Part(key, form, path, reading=sentence, may_wrap=len(path) < MOST_DEEP)
    group = GroupForm({f"group-{key}-kind": item.kind} if checked else None, initial={"kind": item.kind}, prefix=f"group-{key}")
    part = Part(
        key,
        group,
        path,
        items=[part_of(held, (*path, place), vocabulary, language, checked=checked) for place, held in enumerate(item.items)],
        add=AddForm(prefix=f"add-{key}", vocabulary=vocabulary, language=language),
        may_nest=len(path) + 1 < MOST_DEEP,
        may_wrap=bool(path) and len(path) + item.deep < MOST_DEEP,
    )
    if checked and not item.items:
        group.add_error("kind", _("This group is empty. Add a row to it, or take the group out."))
    return part


def key_of(path: Path) -> str:
    """The name of a place in the form: "root", "0", "0-1"."""
    return "-".join(map(str, path)) or "root"


def number_of(path: Path) -> str:
    """A place as people count: "1", "2.1"."""
    return ".".join(str(place + 1) for place in path)


def path_of(key: str) -> Path:
    """The place a name stands for. Raises ValueError for what is no name."""
    if key == "root":
        return ()
    if not _KEY.match(key):
        raise ValueError(key)
    return tuple(int(part) for part in key.split("-"))


def group_from(post: QueryDict, vocabulary: Vocabulary) -> Group:
    """The groups and rows as they were typed, complete or not. Raises ValueError for a form nobody was given."""
    rows, groups = (sorted({path_of(key) for key in post.getlist(name)}) for name in ("row_at", "group_at"))
    if len(rows) + len(groups) > MOST_ITEMS or () not in groups or set(rows) & set(groups):
        raise ValueError("too many rows, or rows without their group")

    def made(path: Path) -> Group:
        held = sorted(other for other in (*rows, *groups) if len(other) == len(path) + 1 and other[:-1] == path)
        items = tuple(made(other) if other in groups else row_from(post, f"row-{key_of(other)}", vocabulary) for other in held)
        kind = post.get(f"group-{key_of(path)}-kind", "all")
        return Group(kind if kind in _KINDS else "all", items)

    return made(())


def row_from(post: QueryDict, prefix: str, vocabulary: Vocabulary) -> Row:
    """One row as it was typed, with what goes without saying filled in."""

    def sent(name: str) -> str:
        return post.get(f"{prefix}-{name}", "")[:500]

    keys: list[str] = []
    while f"{prefix}-key_{len(keys)}" in post:
        keys.append(sent(f"key_{len(keys)}"))
    codes = post.getlist(f"{prefix}-codes")
    many = f"{sent('many_test')} {sent('many')}" if f"{prefix}-many_test" in post else ""
    return vocabulary.completed(
        Row(
            fact=sent("fact"),
            whose=sent("whose"),
            per=sent("per"),
            test=sent("test"),
            against=sent("against"),
            value=", ".join(codes) if codes else sent("value"),
            keys=tuple(keys),
            many=many,
        )
    )
