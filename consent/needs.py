"""The port between asking and entitling: which facts would still settle something, without either side knowing the other.

`eligibility` registers a provider when Django is ready; `intake` asks through `open_questions`. Questions and rules meet
only in the fact catalogue. Nothing here reads a record: the caller hands over the household as far as it is known.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class OpenFact:
    """A missing fact that still matters.

    key: "household.rent" or "<person id>.born_on", with the ids of the household that was handed over.
    concept: the catalogue's code ("household.rent", "person.born_on").
    programmes: codes of the undecided programmes it helps to decide.
    settles: how many programmes this one answer could decide on its own.
    """

    key: str
    concept: str
    programmes: tuple[str, ...]
    settles: int = 0


class Provider(Protocol):
    """What `eligibility` registers."""

    def open_questions(self, household: dict, on: dt.date, programmes: set[str] | None) -> list[OpenFact]:
        """See the function of the same name."""

    def needed_concepts(self, programmes: set[str] | None) -> set[str]:
        """See the function of the same name."""


_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Make `provider` the one that is asked; a later registration replaces an earlier one."""
    _providers[:] = [provider]


def has_provider() -> bool:
    """Whether anybody can say what matters. If not, every question that applies has to be asked."""
    return bool(_providers)


def open_questions(household: dict, on: dt.date, programmes: set[str] | None = None) -> list[OpenFact]:
    """The missing facts that still matter for `programmes` (None: all that are open), the most settling first.

    household: the interchange form {"household": {name: value}, "people": [{"id", "role", name: value}]}; an absent
    name is missing, None means "does not apply". on: the day whose rules count. Empty when nobody is registered: ask
    `has_provider` first.
    """
    return _providers[0].open_questions(household, on, programmes) if _providers else []


def needed_concepts(programmes: set[str] | None = None) -> set[str]:
    """The catalogue codes that the rules of `programmes` (None: all) read; empty when nobody is registered."""
    return set(_providers[0].needed_concepts(programmes)) if _providers else set()
