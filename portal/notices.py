"""The kinds of notices and their sentences. Each package registers its own in AppConfig.ready.

The sentence is shown in the portal only; an e-mail says no more than that something is waiting.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class NoticeKind:
    """subject: two or three words, the heading; sentence: what happened, with %(name)s for parameters."""

    subject: object
    sentence: object

    def words(self, parameters: Mapping[str, str]) -> str:
        """The sentence with its names filled in. Raises KeyError when one is missing."""
        return str(self.sentence) % parameters


KINDS: dict[str, NoticeKind] = {}


def register(code: str, *, subject: object, sentence: object) -> None:
    """Add a kind. Raises ValueError for a code that another package uses with other words."""
    kind = NoticeKind(subject, sentence)
    if KINDS.setdefault(code, kind) != kind:
        raise ValueError(f"the notice kind {code!r} is registered twice")


def register_own() -> None:
    """The ground floor's own kinds."""
    register(
        "membership_began",
        subject=_("A new role"),
        sentence=_("You now work for %(agency)s as %(role)s, from %(day)s."),
    )
    register(
        "membership_ended",
        subject=_("A role ended"),
        sentence=_("Your role as %(role)s at %(agency)s ends on %(day)s."),
    )
