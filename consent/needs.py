"""The port between asking and entitling: what would still settle something, without either side knowing the other.

`eligibility` registers a provider when Django is ready; `intake` asks through the functions here. Questions and rules meet
only in the fact catalogue. Nothing here reads a record: the caller hands over the household as far as it is known.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Way = frozenset[str]
MET, OPEN, NOT_MET = "met", "open", "not_met"


@dataclass(frozen=True)
class Hope:
    """What becomes known together, and the values with which programmes tend to fit. facts: as in `OpenProgramme.missing`."""

    name: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Prospect:
    """How one way of a side turns out if the hopes that bear on it come true: met | open | not_met.

    hopes: for "met", names of hopes that are enough for it.
    """

    outcome: str
    hopes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OpenProgramme:
    """A programme that cannot be decided yet, or whose amount cannot be worked out yet.

    missing: what is missing and still matters: "household.rent" or "<person id>.born_on", with the ids of the household
    that was handed over. sides: while the outcome is open, what of the rule is: one way of each side must hold, and a
    way is what is missing for it; together they are `missing`. Empty where only the amount is open.
    name: in the active language. is_rare: with the answers most people give it does not fit. usual_sides: what is open even with those answers.
    prospects: of each way of the first of `sides`, in their order; only told while nothing fits yet, and where hopes were handed over.
    """

    code: str
    missing: Way
    sides: tuple[tuple[Way, ...], ...] = ()
    life_events: tuple[str, ...] = ()
    name: str = ""
    is_rare: bool = False
    usual_sides: tuple[tuple[Way, ...], ...] = ()
    prospects: tuple[tuple[Prospect, ...], ...] = ()

    @property
    def is_undecided(self) -> bool:
        """Whether the outcome is open, not only the amount."""
        return bool(self.sides)


@dataclass(frozen=True)
class Offer:
    """A programme somebody can care about. name, area: in the active language."""

    code: str
    name: str
    area: str
    life_events: tuple[str, ...] = ()


class Provider(Protocol):
    """What `eligibility` registers."""

    def open_programmes(
        self,
        household: dict,
        on: dt.date,
        programmes: set[str] | None,
        usual: dict | None = None,
        hopes: Sequence[Hope] = (),
    ) -> list[OpenProgramme]:
        """See the function of the same name."""

    def needed_concepts(self, programmes: set[str] | None) -> set[str]:
        """See the function of the same name."""

    def offers(self, on: dt.date) -> list[Offer]:
        """See the function of the same name."""


_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Make `provider` the one that is asked; a later registration replaces an earlier one."""
    _providers[:] = [provider]


def has_provider() -> bool:
    """Whether anybody can say what matters. If not, every question that applies has to be asked."""
    return bool(_providers)


def open_programmes(
    household: dict,
    on: dt.date,
    programmes: set[str] | None = None,
    usual: dict | None = None,
    hopes: Sequence[Hope] = (),
) -> list[OpenProgramme]:
    """What is open of `programmes` (None: all) for a household, in order of code.

    household: the interchange form {"household": {name: value}, "people": [{"id", "role", name: value}]}; an absent
    name is missing, None means "does not apply". on: the day whose rules count. usual: the same household where the answers
    most people give stand for missing ones, to tell what is worth asking about first; it decides nothing. hopes: for the same end, what
    questions may bring, the least likely first. Empty when nobody is registered: ask `has_provider` first.
    """
    return _providers[0].open_programmes(household, on, programmes, usual, hopes) if _providers else []


def needed_concepts(programmes: set[str] | None = None) -> set[str]:
    """The catalogue codes that the rules of `programmes` (None: all) read; empty when nobody is registered."""
    return set(_providers[0].needed_concepts(programmes)) if _providers else set()


def offers(on: dt.date) -> list[Offer]:
    """The programmes whose rules hold on `on`, in order of area and code; empty when nobody is registered."""
    return _providers[0].offers(on) if _providers else []
