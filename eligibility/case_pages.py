"""The port to whoever keeps cases: which open cases of a programme a colleague may open, and where each is found.

`casework` registers itself when Django is ready; the floors below it do not know it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from portal.kit.actor import Actor


@dataclass(frozen=True)
class CasePage:
    """A case one may open: the record it is about, its reference, and the address of its page."""

    record_id: UUID
    reference: str
    address: str


class Keeper(Protocol):
    """What `casework` registers."""

    def open_cases(self, by: Actor, programme: str) -> Iterator[CasePage]:
        """See the function of the same name."""


_keepers: list[Keeper] = []


def register(keeper: Keeper) -> None:
    """Make `keeper` the one that is asked; a later registration replaces an earlier one."""
    _keepers[:] = [keeper]


def open_cases(by: Actor, programme: str) -> Iterator[CasePage]:
    """The open cases of the programme at the actor's agency that they may open, the latest first; none when nobody keeps cases."""
    if _keepers:
        yield from _keepers[0].open_cases(by, programme)
