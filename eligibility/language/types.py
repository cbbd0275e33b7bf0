"""Types and units: what kind of value an expression has, and what the fact catalogue says about each fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from eligibility.language.messages import message as _

PERIODS = ("week", "four_weeks", "month", "year")
PER_YEAR = {"week": 52, "four_weeks": 13, "month": 12, "year": 1}
ROLES = ("applicant", "partner", "child", "other_adult")
GROUPS = {"household": ROLES, "family": ("applicant", "partner", "child")}
FACT_TYPES = ("money", "amount", "integer", "decimal", "boolean", "date", "choice", "choices", "text")


@dataclass(frozen=True)
class Type:
    """The type of a value. kind: money | flow | number | zero | yes_no | date | choice | choices | duration | list.

    per: for money "once" or its period. choices: the codes a choice can have, None when open. of: for a list, the type of its items.
    A flow is money whose period is only known with the answer; it has to be converted before use.
    """

    kind: str
    per: str = ""
    choices: tuple | None = None

    def words(self):
        """The type as said to an administrator, a Message."""
        return _PER[self.per] if self.kind == "money" else _KINDS[self.kind]


_PER = {
    "once": _("a sum of money"),
    "week": _("money per week"),
    "four_weeks": _("money per four weeks"),
    "month": _("money per month"),
    "year": _("money per year"),
}
_KINDS = {
    "flow": _("money by the week, month or year"),
    "number": _("a number"),
    "zero": _("a number"),
    "yes_no": _("yes or no"),
    "date": _("a date"),
    "choice": _("an answer from a list"),
    "choices": _("several answers from a list"),
    "duration": _("a length of time"),
    "list": _("a list"),
}


def wanted_words(kind):
    """A kind of type that is wanted, whatever its period, as said to an administrator: a Message."""
    return _("money") if kind == "money" else _KINDS[kind]


NUMBER, ZERO, YES_NO, DATE, FLOW = Type("number"), Type("zero"), Type("yes_no"), Type("date"), Type("flow")
DURATION, ONCE = Type("duration"), Type("money", "once")


@dataclass(frozen=True)
class FactType:
    """What the catalogue says about one fact.

    code: "household.savings" or "person.earnings". level: household | person. type: one of FACT_TYPES (`money` comes by a period, `amount`
    is a sum). choices: allowed codes. least, most: bounds of numbers, None for none; no number may be negative unless `least` says so.
    labels: {language: words}. choice_labels: {code of a choice: {language: words}}.
    """

    code: str
    level: str
    type: str
    choices: tuple = ()
    least: Fraction | None = Fraction(0)
    most: Fraction | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    choice_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    if_so: Mapping[str, str] = field(default_factory=dict)
    if_not: Mapping[str, str] = field(default_factory=dict)

    def words(self, language="en"):
        """The label in `language`, else in English; the name, spaced, where it has none."""
        return self.labels.get(language) or self.labels.get("en") or self.name.replace("_", " ")

    @cached_property
    def name(self):
        """The code without its level: "savings"."""
        return self.code.split(".", 1)[1]

    @property
    def may_not_apply(self):
        """Whether "does not apply" is a possible answer. Everybody has a date of birth."""
        return self.name != "born_on"

    @cached_property
    def value_type(self):
        """The `Type` an expression sees."""
        if self.type == "choice":
            return Type("choice", choices=self.choices)
        if self.type == "choices":
            return Type("choices", choices=self.choices)
        return {
            "money": FLOW,
            "amount": ONCE,
            "integer": NUMBER,
            "decimal": NUMBER,
            "boolean": YES_NO,
            "date": DATE,
            "text": Type("choice"),
        }[self.type]


class Catalogue(Mapping):
    """The facts rules may name, by code. `household(name)` and `person(name)` give None for a name the catalogue has not."""

    def __init__(self, facts):
        self._facts = {fact.code: fact for fact in facts}

    def __getitem__(self, code):
        return self._facts[code]

    def __iter__(self):
        return iter(self._facts)

    def __len__(self):
        return len(self._facts)

    def household(self, name):
        """The household fact called `name`, or None."""
        return self._facts.get(f"household.{name}")

    def person(self, name):
        """The person fact called `name`, or None."""
        return self._facts.get(f"person.{name}")


def catalogue_from(kinds):
    """A Catalogue from a mapping of code to (level, type, choices) or to an object with those attributes (and `least`, `most`, `label`).

    Entries of other types (names, addresses) and of other levels are left out: no rule may use them. Raises ValueError for a code whose
    first part is not its level.
    """
    facts = []
    for code, kind in kinds.items():
        if isinstance(kind, tuple):
            level, type_, choices, *_rest = *kind, ()
            least = most = None
            labels: dict[str, str] = {}
            choice_labels: dict[str, dict[str, str]] = {}
        else:
            level, type_, choices = kind.level, kind.type, kind.choices
            least, most, labels = getattr(kind, "least", None), getattr(kind, "most", None), dict(getattr(kind, "label", {}))
            choice_labels = getattr(kind, "choice_labels", {})
        if type_ not in FACT_TYPES or level not in ("household", "person") or code == "person.role":
            continue
        if code.split(".", 1)[0] != level:
            raise ValueError(f"The fact {code} should be called {level}.<name>.")
        facts.append(
            FactType(
                code=code,
                level=level,
                type=type_,
                choices=tuple(choices or ()),
                least=Fraction(0) if least is None else Fraction(str(least)),
                most=None if most is None else Fraction(str(most)),
                labels=labels,
                choice_labels=choice_labels,
                if_so=getattr(kind, "if_so", {}),
                if_not=getattr(kind, "if_not", {}),
            )
        )
    return Catalogue(facts)
