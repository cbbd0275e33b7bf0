"""The form of a worked example: the facts a rule reads, person by person, and what is expected."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.facts import FactKind
from consent.facts import fact as fact_kind
from eligibility.cases import MISSING, NOT_APPLICABLE, Case
from eligibility.forms.shared import DayField, DraftForm
from eligibility.language import RuleError
from eligibility.language.entries import plain_entry, typed_day, typed_number
from eligibility.language.types import PERIODS
from eligibility.language.wording import pounds_text
from eligibility.rule_words import sentence
from eligibility.rules import catalogue
from portal.places import place_code, place_words
from portal.rendering import present

MOST_CHILDREN, MOST_OTHERS = 10, 5
_OUTCOMES = [
    ("likely", gettext_lazy("Likely")),
    ("not_likely", gettext_lazy("Not likely")),
    ("unknown", gettext_lazy("Not known yet")),
]
_PER_WORDS = {
    "week": gettext_lazy("a week"),
    "four_weeks": gettext_lazy("every four weeks"),
    "month": gettext_lazy("a month"),
    "year": gettext_lazy("a year"),
}
_AGE = re.compile(r"[0-9]{1,3}\Z")
_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?\Z")


class ExampleForm(DraftForm):
    """One worked example.

    needs: catalogue codes the rule reads. programmes: {code: name} whose results it uses. children, others: how many there are.
    """

    says = forms.CharField(
        label=gettext_lazy("What the example shows"),
        max_length=200,
        help_text=gettext_lazy("For example: One penny above the savings limit"),
        error_messages={"required": gettext_lazy("Enter what the example shows")},
    )
    on = DayField(
        label=gettext_lazy("On this day"),
        error_messages={"required": gettext_lazy("Enter the day"), "invalid": gettext_lazy("The day must be a real date")},
    )
    has_partner = forms.BooleanField(label=gettext_lazy("There is a partner"), required=False)
    outcome = forms.ChoiceField(label=gettext_lazy("Expected result"), choices=_OUTCOMES, widget=forms.RadioSelect)
    amount = present(
        forms.CharField(
            label=gettext_lazy("Expected amount"),
            required=False,
            max_length=12,
            help_text=gettext_lazy("Leave it empty if the amount does not matter here"),
        ),
        width=10,
        prefix="£",
    )

    def __init__(
        self, *args, needs, programmes: Mapping[str, str], children: int, others: int, has_amount: bool, language: str, **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.language, self.counts = language, {"children": children, "others": others}
        self.home = sorted(code for code in needs if code.startswith("household."))
        self.person = sorted(code for code in needs if code.startswith("person."))
        self.people = [
            "applicant",
            "partner",
            *(f"child{n}" for n in range(1, children + 1)),
            *(f"other_adult{n}" for n in range(1, others + 1)),
        ]
        self.programmes = dict(programmes)
        for code in self.home:
            self.fields.update(self._fields("household", fact_kind(code)))
        for who in self.people:
            for code in self.person:
                self.fields.update(self._fields(who, fact_kind(code)))
        for code, name in self.programmes.items():
            choices = [("", _("not stated")), *_OUTCOMES]
            self.fields[f"programme-{code}"] = present(
                forms.ChoiceField(label=_("Result of %(name)s") % {"name": name}, choices=choices, required=False),
                show_optional=False,
            )
            amount = forms.CharField(
                label=_("Amount of %(name)s") % {"name": name}, required=False, max_length=40, help_text=_("Like 20.00 per week")
            )
            self.fields[f"programme-{code}-amount"] = present(amount, show_optional=False, width=10)
        self.has_amount = has_amount
        if not has_amount:
            del self.fields["amount"]

    def _fields(self, who: str, kind: FactKind) -> dict[str, forms.Field]:
        """The controls of one fact: empty is not known, "-" does not apply."""
        name, label = f"{who}-{kind.name}", kind.words(self.language)
        nothing = [
            ("", _("not known")),
            *([(NOT_APPLICABLE, _("does not apply"))] if catalogue()[kind.code].may_not_apply else []),
        ]
        if kind.type == "boolean":
            made: forms.Field = forms.ChoiceField(choices=[*nothing, ("yes", _("yes")), ("no", _("no"))])
        elif kind.type == "choice":
            made = forms.ChoiceField(
                choices=[*nothing, *((code, kind.choice_words(code, self.language)) for code in kind.choices)]
            )
        elif kind.type == "choices":
            made = forms.MultipleChoiceField(
                choices=[(code, kind.choice_words(code, self.language)) for code in kind.choices],
                widget=forms.CheckboxSelectMultiple,
            )
        else:
            made = forms.CharField(max_length=80)
        made.required, made.label = False, label
        if kind.name == "born_on":
            made.label, made.help_text = _("Age, or date of birth"), _("Like 34, or 1990-04-02")
        is_money = kind.type in ("money", "amount")
        look = {"width": 10} if isinstance(made, forms.CharField) and kind.type != "text" else {}
        out = {name: present(made, show_optional=False, prefix="£" if is_money else "", spellcheck="false", **look)}
        if kind.type == "money":
            per = forms.ChoiceField(
                label=_("%(fact)s: how often") % {"fact": label}, choices=list(_PER_WORDS.items()), required=False
            )
            out[f"{name}-per"] = present(per, show_optional=False)
        return out

    # --- for the page -----------------------------------------------------------------------------------------------------

    @property
    def groups(self) -> Iterator[tuple[str, object, list[Any]]]:
        """(key, heading, controls) for the household and each person, then for other programmes."""
        words = {"household": _("The household"), "applicant": _("The applicant"), "partner": _("The partner")}
        for who in ("household", *self.people):
            number = "".join(letter for letter in who if letter.isdigit())
            heading = words.get(who) or (_("Child %(number)s") if who.startswith("child") else _("Other adult %(number)s")) % {
                "number": number
            }
            controls = [self[name] for name in self.fields if name.startswith(f"{who}-")]
            if who == "partner":
                controls.insert(0, self["has_partner"])
            if controls or who == "applicant":
                yield who, heading, controls
        if self.programmes:
            yield (
                "programmes",
                _("What other programmes give"),
                [self[name] for name in self.fields if name.startswith("programme-")],
            )

    # --- what was entered -------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """Numbers, money and days can be read; amounts of other programmes say their period."""
        values = super().clean() or {}
        for name in [name for name in self.fields if "-" in name and name in values and not name.endswith(("-per", "-amount"))]:
            if name.startswith("programme-"):
                continue
            if type(self.fields[name]) is forms.CharField:
                values[name] = plain_entry(values[name])
            who, _dash, fact = name.partition("-")
            kind = fact_kind(f"{'household' if who == 'household' else 'person'}.{fact}")
            if problem := _problem(kind, values[name]):
                self.add_error(name, problem)
        for code in self.programmes:
            amount, _per, per = plain_entry(values.get(f"programme-{code}-amount", "")).partition(" per ")
            if amount and (per not in PERIODS or _wrong_money(amount)):
                self.add_error(f"programme-{code}-amount", _("Write the amount with its period, like 20.00 per week"))
        amount = plain_entry(values.get("amount") or "")
        if amount and amount != NOT_APPLICABLE and (problem := _wrong_money(amount)):
            self.add_error("amount", problem)
        return values

    def case(self, id_: str, given: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
        """The example as cases.toml writes it. given: what every example starts from. kept: what else was expected of it."""
        values = self.cleaned_data
        case: dict[str, Any] = {"id": id_, "says": values["says"], "on": values["on"].isoformat()}
        if facts := self._facts("household", "household", given):
            case["household"] = facts
        case["applicant"] = self._facts("applicant", "applicant", given)
        if values["has_partner"]:
            case["partner"] = self._facts("partner", "partner", given)
        for role, section in (("child", "children"), ("other_adult", "other_adults")):
            people = [self._facts(who, role, given) for who in self.people if re.fullmatch(rf"{role}\d+", who)]
            if people:
                case[section] = people
        stated = {code: self._stated(code) for code in self.programmes if values.get(f"programme-{code}")}
        if stated:
            case["programmes"] = stated
        expect = dict(kept) | {"outcome": values["outcome"]}
        expect.pop("amount", None)
        if amount := _plain(values.get("amount") or ""):
            expect["amount"] = amount
        return case | {"expect": expect}

    def _facts(self, who: str, role: str, given: Mapping[str, Any]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        before = given.get(role, {})
        for code in self.home if role == "household" else self.person:
            kind = fact_kind(code)
            value = self._value(who, kind)
            if value is not None:
                name = "age" if kind.name == "born_on" and isinstance(value, int) else kind.name
                out[name] = value
            elif kind.name in before or (kind.name == "born_on" and "age" in before):
                out[kind.name] = MISSING
        return out

    def _value(self, who: str, kind: FactKind) -> Any:
        """One fact as cases.toml writes it; None for not known."""
        name = f"{who}-{kind.name}"
        sent = self.cleaned_data.get(name) or ""
        if kind.type == "choices":
            return list(sent) or None
        if sent in ("", MISSING):
            return None
        if sent == NOT_APPLICABLE:
            return sent
        if kind.type == "boolean":
            return sent == "yes"
        if kind.name == "born_on" and _AGE.match(sent):
            return int(sent)
        if kind.type == "money":
            return f"{_plain(sent)} per {self.cleaned_data.get(f'{name}-per') or PERIODS[0]}"
        if kind.type in ("amount", "decimal"):
            return _plain(sent)
        if kind.type == "integer":
            return int(sent)
        if kind.type == "date":
            return typed_day(sent).isoformat()
        return place_code(sent) if kind.type == "text" else sent

    def _stated(self, code: str) -> Any:
        outcome, amount = self.cleaned_data[f"programme-{code}"], self.cleaned_data.get(f"programme-{code}-amount")
        if not amount:
            return outcome
        sum_, _per, per = plain_entry(amount).partition(" per ")
        return {"outcome": outcome, "amount": f"{_plain(sum_)} per {per}"}


def _plain(text: str) -> str:
    """A number that was looked at before, as cases.toml writes it; "" and "-" stay."""
    entry = plain_entry(text)
    return entry if entry in ("", NOT_APPLICABLE) else str(typed_number(entry))


def _wrong_money(entry: str) -> str:
    """What is wrong with a sum of money, "" for nothing."""
    try:
        number = str(typed_number(entry))
    except RuleError as problem:
        return sentence(problem)
    return "" if _MONEY.match(number) else _("Enter an amount of money, like 1200 or 1200.50")


def _problem(kind: FactKind, sent: Any) -> str:
    """What is wrong with what was entered for a fact, "" for nothing."""
    if sent in ("", None, MISSING, NOT_APPLICABLE) or isinstance(sent, list) or kind.type in ("boolean", "choice"):
        return ""
    if kind.type == "date":
        if kind.name == "born_on" and _AGE.match(sent):
            return "" if int(sent) <= 130 else _("Enter an age of at most 130")
        try:
            typed_day(sent)
        except RuleError as problem:
            return sentence(problem)
    elif kind.type in ("money", "amount"):
        return _wrong_money(sent)
    elif kind.type == "integer":
        return "" if re.match(r"[0-9]{1,6}\Z", sent) else _("Enter a whole number, like 3")
    elif kind.type == "decimal":
        try:
            number = str(typed_number(sent))
        except RuleError as problem:
            return sentence(problem)
        return "" if re.match(r"[0-9]{1,6}(\.[0-9]{1,2})?\Z", number) else _("Enter a number, like 16 or 7.5")
    elif not re.match(r"[a-z][a-z0-9_]*\Z", place_code(sent)):
        return _("Enter a name")
    return ""


def shown(case: Case) -> dict[str, Any]:
    """What the form shows of a stored example: {field: text}."""
    values: dict[str, Any] = {"says": case.says or case.id.replace("_", " "), "on": case.on, "has_partner": False}
    values |= {"outcome": case.expect.get("outcome", ""), "amount": case.expect.get("amount", "")}
    values |= _shown_facts("household", case.facts["household"], "household")
    for person in case.facts["people"]:
        values["has_partner"] = values["has_partner"] or person["role"] == "partner"
        facts = {name: value for name, value in person.items() if name not in ("id", "role")}
        values |= _shown_facts(person["id"], facts, "person")
    for code, result in case.given.items():
        values[f"programme-{code}"] = result["outcome"]
        if "amount" in result:
            values[f"programme-{code}-amount"] = f"{pounds_text(result['amount'][0])} per {result['per']}"
    return values


def _shown_facts(who: str, facts: Mapping[str, Any], level: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in facts.items():
        kind = fact_kind(f"{level}.{name}")
        key = f"{who}-{name}"
        if value is None:
            out[key] = NOT_APPLICABLE
        elif kind.type == "money":
            out[key], out[f"{key}-per"] = value["amount"], value["per"]
        elif kind.type == "boolean":
            out[key] = "yes" if value else "no"
        elif kind.type == "text":
            out[key] = place_words(value)
        else:
            out[key] = list(value) if kind.type == "choices" else str(value)
    return out
