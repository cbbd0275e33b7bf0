"""What a checked expression is: the tree both machines (engine and batch) compile. Operations of a Typed:

const (value) · on · household_fact, person_fact (fact, var) · age, role (var) · worked (name) · worked_person (name, var) · limit (name; keys)
programme (code, what) · compare (tests) · and or not at_least (n) · add sub mul div neg · shift (sign; date, duration) · duration (unit)
min max · round (how, unit as exact value) · applies (fact or value) · applies_partner · per (per, days) · days_between · age_on · if
people (how, roles, var; what, condition) · list (values: frozenset)
"""

from dataclasses import dataclass, field

from eligibility.language.types import Type


@dataclass(frozen=True, eq=False)
class Typed:
    """A checked node: operation, type, parts, details, the source node, and the person variables it depends on."""

    op: str
    type: Type
    parts: tuple = ()
    info: dict = field(default_factory=dict)
    node: object = None
    free: frozenset = frozenset()
    key: str = ""

    def walk(self):
        """This and all below, parents first (worked-out facts are not entered)."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass
class WorkedOut:
    """A named intermediate result: its tree, and whether it is worked out for each person."""

    name: str
    tree: object
    for_person: bool = False
    label: str = ""
