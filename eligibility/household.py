"""A household as the engine sees it: facts as exact values, people in their roles, nothing else."""

from dataclasses import dataclass, field

PEOPLE_KEY = "household.people"
LOCAL = "local_authority"  # the fact about the home that local variants go by


@dataclass(eq=False)
class Person:
    """One member. facts: {name: inner value or None for "does not apply"}; a name that is not there is missing.

    state: "here", "absent" (there is no such person) or "unsure" (it is not known whether there is one).
    """

    id: str
    role: str
    facts: dict = field(default_factory=dict)
    state: str = "here"

    def key(self, name):
        """The fact key of one of this person's facts."""
        return f"people.{self.id}.{name}"


@dataclass(eq=False)
class Household:
    """Facts about the home and its people. open: it is not known yet whether more people live there."""

    id: str
    facts: dict = field(default_factory=dict)
    people: list = field(default_factory=list)
    open: bool = False

    def __post_init__(self):
        self.applicant = self._first("applicant") or Person("applicant", "applicant")
        if self.applicant not in self.people:
            self.people = [self.applicant, *self.people]
        self.partner = self._first("partner") or Person("partner", "partner", {}, "unsure" if self.open else "absent")

    def _first(self, role):
        return next((person for person in self.people if person.role == role), None)


def eldest_first(people):
    """The people with the children eldest first, in the places children have; as they stand while a birthday is not known."""
    children = [person for person in people if person.role == "child"]
    if not all(child.facts.get("born_on") for child in children):
        return people
    eldest = iter(sorted(children, key=lambda child: child.facts["born_on"]))
    return [next(eldest) if person.role == "child" else person for person in people]


UNSURE = frozenset({PEOPLE_KEY})
