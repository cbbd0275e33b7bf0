"""State tables. A noun's life is one `Flow`: which moves exist and which powers may make them. What is not listed is refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _


class MoveRefused(Exception):
    """The state table has no such move, or the mover may not make it. The message is fit for the person."""


@dataclass(frozen=True)
class Flow:
    """A state table.

    field: name of the model field that holds the state.
    labels: code -> translatable label, in order of life.
    moves: (from, to) -> frozenset of kinds/powers that may move it (e.g. {"citizen", "work_cases", "machine"}).
    ends: states without a way on.
    """

    labels: Mapping[str, object]
    moves: Mapping[tuple[str, str], frozenset[str]]
    field: str = "state"

    @property
    def choices(self) -> list[tuple[str, object]]:
        return list(self.labels.items())

    @property
    def ends(self) -> frozenset[str]:
        return frozenset(self.labels) - {start for start, _end in self.moves}

    def may(self, start: str, end: str, powers: frozenset[str] | set[str]) -> bool:
        """True if somebody holding `powers` may move from `start` to `end`."""
        return bool(self.moves.get((start, end), frozenset()) & set(powers))

    def onward(self, start: str, powers: frozenset[str] | set[str]) -> list[str]:
        """The states somebody holding `powers` may move to from `start`, in order of life."""
        return [end for end in self.labels if self.may(start, end, powers)]

    def move(self, thing: object, end: str, powers: frozenset[str] | set[str]) -> str:
        """Set the state of `thing` (unsaved) and return the state it left. Raises MoveRefused."""
        start = getattr(thing, self.field)
        if (start, end) not in self.moves:
            raise MoveRefused(
                _("This is “%(start)s” and cannot become “%(end)s”. Somebody may have changed it: load the page again.")
                % {"start": self.labels.get(start, start), "end": self.labels.get(end, end)}
            )
        if not self.may(start, end, powers):
            raise MoveRefused(_("Your role may not do this step."))
        setattr(thing, self.field, end)
        return start
