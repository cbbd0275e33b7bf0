"""What rows of a condition can speak of, and what they say: the facts, tests and values that fit, and the condition in words.

Pure but for the fact catalogue of `consent`: no database, no clock. The words of people's pages are in the languages of the portal.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from consent import facts
from eligibility.builder.rows import Group, Row, fact_tree, row_tree
from eligibility.builder.terms import TERMS, said
from eligibility.definition import Definition
from eligibility.engine.plan import scope_of
from eligibility.language import RuleError, parse
from eligibility.language.checker import Checker
from eligibility.language.limits import NO_LIMIT, Limit, exact, unit_type
from eligibility.language.tables import facts_named, limit_words
from eligibility.language.tree import Node
from eligibility.language.types import FLOW, Type
from eligibility.language.wording import day, money, number
from eligibility.rules import catalogue

Choices = list[tuple[str, str]]
_ORDER = ("at_most", "less", "at_least", "more", "is", "is_not")
_FITTING = {
    "yes_no": ("true", "false"),
    "choice": ("one_of", "none_of", "is", "is_not"),
    "number": _ORDER,
    "money": _ORDER,
    "flow": _ORDER,
    "date": _ORDER,
}
_ISOLATED = "\u2068{}\u2069"  # the label may be in another script: it must not turn the sentence around


class Vocabulary:
    """What the conditions of one programme can speak of on a day.

    definition: whole, with its shared limits. programmes: {code: name} of the others. on: the day whose limits are shown.
    """

    def __init__(self, definition: Definition, programmes: Mapping[str, str], on: dt.date):
        self.definition, self.programmes, self.on = definition, programmes, on
        self.kinds = facts.catalogue()
        self.scope = scope_of(definition, {}, catalogue())
        self.read = facts_named(definition)
        self._operands: list[tuple[str, Type]] | None = None

    # --- what there is to choose from -----------------------------------------------------------------------------------

    def facts(self, language: str, used: str = "") -> dict[str, Choices]:
        """The facts a row can be about, by kind (household, person, worked_out, programme, limit); `used` is always there."""
        codes: dict[str, list[str]] = {"household": [], "person": ["partner", "person.age", "person.role"]}
        for code, kind in catalogue().items():
            codes[kind.level].append(code)
        for name, item in self.definition.worked_out.items():
            codes.setdefault("worked_out", []).append(f"{'person' if item.for_person else 'worked_out'}.{name}")
        codes["programme"] = [f"programme.{code}" for code in self.programmes]
        codes["limit"] = [f"limit.{limit.name}" for limit in self.definition.limits.values() if _can_stand_alone(limit)]
        if used and not any(used in listed for listed in codes.values()):
            codes.setdefault(used.partition(".")[0].replace("partner", "person"), []).append(used)
        return {
            kind: sorted(((code, self.label(code, language)) for code in listed), key=lambda choice: choice[1].casefold())
            for kind, listed in codes.items()
            if listed
        }

    def type_of(self, row: Row) -> Type | None:
        """What kind of value the row's fact has; None where it is not known yet or `partner`."""
        if row.fact == "partner":
            return None
        try:
            return self._read(fact_tree(row, "p"))
        except RuleError:
            return None

    def type_of_person_fact(self, name: str) -> Type | None:
        """What kind of value a fact about a person has, worked out or of the catalogue; None for what does not work."""
        return self.type_of(Row(fact=f"person.{name}", whose="applicant"))

    def _read(self, tree: Node) -> Type:
        return Checker(self.scope, {"p"}).read(tree).type

    def tests(self, row: Row) -> tuple[str, ...]:
        """The tests that fit the row's fact."""
        if row.fact == "partner":
            return ("applies", "applies_not")
        kind = self.type_of(row)
        return (*_FITTING.get(kind.kind if kind else "", ()), "applies", "applies_not")

    def answers(self, row: Row, language: str) -> Choices | None:
        """The answers a fact can have, those already chosen first; None where they are open."""
        kind = self.type_of(row)
        if kind is None or kind.kind != "choice" or not kind.choices:
            return None
        chosen = [code.strip() for code in row.value.split(",") if code.strip()]
        codes = [*(code for code in chosen if code in kind.choices), *(code for code in kind.choices if code not in chosen)]
        return [(code, self._answer(row.fact, code, language)) for code in codes]

    def limits(self, row: Row, language: str) -> Choices:
        """The limits a row's fact can be compared with."""
        kind, many = self.type_of(row), row.test in ("one_of", "none_of")
        if kind is None:
            return []
        return [
            (f"limit {limit.name}", "{} ({})".format(*words) if words[1] else words[0])
            for limit in self.definition.limits.values()
            for words in [self._limit_words(limit, (), language)]
            if (limit.type.kind == "choices" and kind.kind == "choice" if many else _alike(limit.type, kind))
        ]

    def operands(self, kind: Type, language: str) -> Choices:
        """Facts of one kind of value by the name they have in a formula: what a row can be compared with, or a table asked for."""
        if self._operands is None:
            self._operands = list(self._all_operands())
        return [(text, self._operand_words(text, language)) for text, other in self._operands if _alike(other, kind)]

    def _all_operands(self) -> Iterable[tuple[str, Type]]:
        names = ["on", *(name for name, item in self.definition.worked_out.items() if not item.for_person)]
        names += [code for code, kind in catalogue().items() if kind.level == "household"]
        people = [kind.name for kind in catalogue().values() if kind.level == "person"]
        people += ["age", *(name for name, item in self.definition.worked_out.items() if item.for_person)]
        names += [f"{person}.{name}" for person in ("applicant", "partner") for name in people]
        for name in names:
            try:
                yield name, self._read(parse(name))
            except RuleError:
                continue

    def columns(self, row: Row) -> list[tuple[str, Type]]:
        """The key columns of the table limit a row is compared with, with the kind of each key; empty for no table."""
        kind, _space, name = row.against.partition(" ")
        limit = self.definition.limits.get(name) if kind == "limit" else None
        return [(column, unit_type("choice" if unit == "choices" else unit)) for column, unit in limit.by] if limit else []

    # --- making rows whole ------------------------------------------------------------------------------------------------

    def completed(self, row: Row) -> Row:
        """The row with what goes without saying filled in: whose, the period, a first test, what kind of value."""
        if not row.fact:
            return row
        is_person = row.fact.startswith("person.")
        row = replace(row, whose=(row.whose or "applicant") if is_person else "")
        row = replace(row, many=(row.many or "at_least 1") if row.counts else "")
        plain = self.type_of(replace(row, per=""))
        if plain is None or plain.kind not in ("flow", "money") or row.test in ("applies", "applies_not"):
            row = replace(row, per="")
        elif plain == FLOW and not row.per:
            row = replace(row, per="month")
        tests = self.tests(row)
        if row.test not in tests:
            row = replace(row, test=tests[0])
        return self._with_value_kind(row)

    def _with_value_kind(self, row: Row) -> Row:
        if row.test in ("true", "false", "applies", "applies_not"):
            return replace(row, against="", value="", keys=())
        kind = self.type_of(row)
        if kind is None:
            return row
        first = row.against.partition(" ")[0]
        if kind.kind == "choice" and first not in ("limit", "fact"):
            return replace(row, against="codes" if row.test in ("one_of", "none_of") else "code", keys=())
        if kind.kind == "money" and first not in ("limit", "fact"):
            against = "number" if first == "number" and row.value.strip() in ("", "0") else f"money {kind.per}"
            return replace(row, against=against, value="0" if against == "number" else row.value, keys=())
        if kind.kind in ("number", "date") and first not in ("limit", "fact"):
            return replace(row, against=kind.kind, keys=())
        columns = self.columns(row)
        keys = (*row.keys, *[""] * len(columns))[: len(columns)]
        return replace(row, keys=keys, value="")

    def takes(self, group: Group) -> bool:
        """Whether the controls can show every row of a group as it is."""
        return all(self.takes(item) if isinstance(item, Group) else self.completed(item) == item for item in group.items)

    def check(self, row: Row) -> Node:
        """The formula of a row that also fits in kind and unit. Raises RuleError whose `where` is a field of the row, or empty."""
        tree = row_tree(row)
        self.scope.check(tree, "yes_no")
        return tree

    # --- in words -----------------------------------------------------------------------------------------------------------

    def label(self, fact: str, language: str) -> str:
        """A fact of a row in words."""
        kind, _dot, name = fact.partition(".")
        if fact == "partner":
            return said("partner", language).capitalize()
        if fact in ("person.age", "person.role"):
            return said(name, language)
        if fact in self.kinds:
            return self.kinds[fact].words(language)
        if kind == "programme":
            return said("may_get", language).format(self.programmes.get(name, name.replace("_", " ")))
        section = "limits" if kind == "limit" else "worked_out"
        return self.definition.text(f"{section}.{name}.label", language) or name.replace("_", " ").capitalize()

    def sentence(self, row: Row, language: str) -> str:
        """A row in words: "Age (applicant): 18 or more"."""
        subject = self.label(row.fact, language) if row.fact else said("missing", language)
        if row.whose in TERMS["en"]:
            subject = f"{subject} ({said(row.whose, language)})"
        if row.test not in TERMS["en"]:
            return subject
        many = self._many_words(row, language)
        value, source = self._value_words(row, language)
        noted = f" ({_ISOLATED.format(source) if language == 'ar' else source})" if source else ""
        return f"{subject}: {said(row.test, language).format(value)}{noted}{many}"

    def _many_words(self, row: Row, language: str) -> str:
        """For how many people it must be true, after the sentence of a row that counts."""
        name, _space, number_of_people = row.many.partition(" ")
        if not row.counts or f"many_{name}" not in TERMS["en"]:
            return ""
        return ("؛ " if language == "ar" else "; ") + said(f"many_{name}", language).format(
            number_of_people or said("missing", language)
        )

    def reading(self, item: Row | Group, language: str) -> dict[str, Any]:
        """A condition in words: {"words", "items_in": [the same]} for a group, {"words"} for a row."""
        if isinstance(item, Row):
            return {"words": self.sentence(item, language)}
        return {"words": said(item.kind, language), "items_in": [self.reading(part, language) for part in item.items]}

    def _value_words(self, row: Row, language: str) -> tuple[str, str]:
        """The value in words, and the label of the limit it comes from."""
        kind, _space, rest = row.against.partition(" ")
        value = row.value.strip()
        if kind == "limit" and rest in self.definition.limits:
            return self._limit_words(self.definition.limits[rest], row.keys, language)
        if kind == "fact":
            return self._operand_words(rest, language), ""
        if not value:
            return said("missing", language), ""
        if kind in ("code", "codes"):
            return ", ".join(self._answer(row.fact, code.strip(), language) for code in value.split(",") if code.strip()), ""
        try:
            tree = row_tree(replace(row, fact="worked_out.x", whose="", per="", test="is")).parts[1]
        except RuleError:
            return value, ""
        if kind == "date":
            return day(dt.date.fromisoformat(tree["value"]), language), ""
        if kind == "money":
            return money(exact(Fraction(tree["value"]) * 100), rest, language), ""
        return number(exact(tree["value"])), ""

    def _limit_words(self, limit: Limit, keys: tuple[str, ...], language: str) -> tuple[str, str]:
        label = self.label(f"limit.{limit.name}", language)
        if limit.by:
            asked = [self._operand_words(key, language) for key in keys if key] or [column for column, _unit in limit.by]
            return said("by", language).format(label, ", ".join(word.replace("_", " ") for word in asked)), ""
        if limit.row_on(self.on) is None:
            return label, ""
        return limit_words(catalogue(), limit, limit.value_on(self.on), language, self.read), label

    def _operand_words(self, text: str, language: str) -> str:
        if text == "on":
            return said("on", language)
        tree = parse(text)
        if tree.op == "call":
            tree = tree.parts[0]
        if tree.op == "worked_out":
            return self.label(f"worked_out.{tree['name']}", language)
        if tree["of"] == "household":
            return self.label(f"household.{tree['name']}", language)
        label = self.label("person." + tree["name"], language)
        return f"{label} ({said(tree['of'], language)})"

    def _answer(self, fact: str, code: str, language: str) -> str:
        if fact == "person.role":
            return said(f"role {code}", language) if f"role {code}" in TERMS["en"] else code
        kind = self.kinds.get(fact)
        return kind.choice_words(code, language) if kind else code.replace("_", " ")


def _can_stand_alone(limit: Limit) -> bool:
    """Whether a condition can ask something of the limit itself: a yes or no, or whether there is one at all."""
    return not limit.by and (limit.unit == "yes/no" or any(row["value"] == NO_LIMIT for row in limit.rows))


def _alike(one: Type, two: Type) -> bool:
    return one.kind == two.kind and one.per == two.per
