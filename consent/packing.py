"""The typed facts of a record as one short row of bytes, so that a whole caseload can be read as columns without reading JSON.

A packed record is the digest of the layout (8 bytes), the row of the household, and one row for each person, in the order of the JSON. A fact
takes a state byte and, where its type needs one, a value. What does not fit (a sum above 21 million pounds, a very long name) is not packed:
the JSON stays the truth, and readers turn to it wherever the bytes are missing or were written under another catalogue. Pure.
"""

import datetime as dt
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from hashlib import blake2b
from typing import Any

from consent.facts import FactKind, catalogue

DIGEST = 8  # bytes
MISSING, NOT_APPLICABLE, KNOWN = 0, 1, 2  # states; from KNOWN on the state can carry the value: yes or no, period, choice
PERIODS = ("week", "four_weeks", "month", "year")
ROLES = ("applicant", "partner", "child", "other_adult")
DECIMAL_SCALE = 1_000_000
TEXT_BYTES = 40
_WITH_NUMBER = {"money", "amount", "integer", "decimal", "date"}
_MOST_PEOPLE, _MOST_CHOICES = 40, 250
_MAGIC = "1"  # of this module's way of writing; another one makes old bytes unreadable on purpose


@dataclass(frozen=True)
class Layout:
    """Which facts stand where. home, person: fact kinds in order; a person's row begins with the place of the role in ROLES."""

    home: tuple[FactKind, ...]
    person: tuple[FactKind, ...]

    @cached_property
    def home_format(self) -> struct.Struct:
        """How the household's row is written."""
        return struct.Struct("<" + "".join(map(_format, self.home)))

    @cached_property
    def person_format(self) -> struct.Struct:
        """How a person's row is written."""
        return struct.Struct("<B" + "".join(map(_format, self.person)))

    @cached_property
    def digest(self) -> bytes:
        """Tells rows of this layout from those of another."""
        parts = [repr((kind.code, kind.type, kind.choices)) for kind in (*self.home, *self.person)]
        return blake2b("\n".join([_MAGIC, *parts]).encode(), digest_size=DIGEST).digest()

    @cached_property
    def home_type(self) -> list[tuple[str, str]]:
        """The household's row as fields of a NumPy record: "name" the state, "name.value" what comes with it."""
        return [field for kind in self.home for field in _fields(kind)]

    @cached_property
    def person_type(self) -> list[tuple[str, str]]:
        """As `home_type`, for a person's row; "role" comes first."""
        return [("role", "u1"), *(field for kind in self.person for field in _fields(kind))]


@cache
def layout() -> Layout:
    """The layout of the present catalogue."""
    kinds = [kind for kind in catalogue().values() if kind.type != "identity" and kind.name != "role"]
    kinds = [kind for kind in kinds if len(kind.choices) <= _MOST_CHOICES]
    return Layout(
        tuple(kind for kind in kinds if kind.level == "household"), tuple(kind for kind in kinds if kind.level == "person")
    )


def pack(household: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> bytes:
    """The packed record of `TypedFacts.household` and `.people`; b"" where it cannot be packed."""
    shape = layout()
    roles = [person.get("role") for person in people]
    if len(people) > _MOST_PEOPLE or roles.count("applicant") != 1 or roles.count("partner") > 1:
        return b""
    try:
        rows = [shape.digest, shape.home_format.pack(*_written(shape.home, household, ()))]
        for person in people:
            role = ROLES.index(person["role"])
            rows.append(shape.person_format.pack(role, *_written(shape.person, person, ("id", "role"))))
    except (_DoesNotFit, ValueError, KeyError, TypeError, InvalidOperation, struct.error):
        return b""
    return b"".join(rows)


class _DoesNotFit(Exception):
    """There is no place for this in the row."""


def _format(kind: FactKind) -> str:
    return "Bi" if kind.type in _WITH_NUMBER else f"B{TEXT_BYTES}s" if kind.type == "text" else "B"


def _fields(kind: FactKind) -> list[tuple[str, str]]:
    if kind.type in _WITH_NUMBER:
        return [(kind.name, "u1"), (f"{kind.name}.value", "<i4")]
    return [(kind.name, "u1"), (f"{kind.name}.value", f"S{TEXT_BYTES}")] if kind.type == "text" else [(kind.name, "u1")]


def _written(kinds: Sequence[FactKind], facts: Mapping[str, Any], others: Sequence[str]) -> list[Any]:
    if set(facts) - {kind.name for kind in kinds} - set(others):
        raise _DoesNotFit
    row: list[Any] = []
    for kind in kinds:
        if kind.name not in facts:
            row += _EMPTY.get(kind.type, (MISSING,))
        elif facts[kind.name] is None:
            row += (NOT_APPLICABLE, *_EMPTY.get(kind.type, (MISSING,))[1:])
        else:
            row += _WRITERS[kind.type](kind, facts[kind.name])
    return row


_EMPTY: dict[str, tuple[Any, ...]] = {**dict.fromkeys(_WITH_NUMBER, (MISSING, 0)), "text": (MISSING, b"")}


def _whole(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise _DoesNotFit
    return int(value)


def _money(kind: FactKind, value: Any) -> tuple[Any, ...]:
    if set(value) != {"amount", "per"}:
        raise _DoesNotFit
    return KNOWN + PERIODS.index(value["per"]), _whole(Decimal(value["amount"]) * 100)


def _amount(kind: FactKind, value: Any) -> tuple[Any, ...]:
    return KNOWN, _whole(Decimal(value) * 100)


def _integer(kind: FactKind, value: Any) -> tuple[Any, ...]:
    if type(value) is not int:
        raise _DoesNotFit
    return KNOWN, value


def _decimal(kind: FactKind, value: Any) -> tuple[Any, ...]:
    if type(value) not in (int, str):
        raise _DoesNotFit
    return KNOWN, _whole(Decimal(value) * DECIMAL_SCALE)


def _boolean(kind: FactKind, value: Any) -> tuple[Any, ...]:
    if type(value) is not bool:
        raise _DoesNotFit
    return (KNOWN + value,)


def _date(kind: FactKind, value: Any) -> tuple[Any, ...]:
    return KNOWN, dt.date.fromisoformat(value).toordinal()


def _choice(kind: FactKind, value: Any) -> tuple[Any, ...]:
    return (KNOWN + kind.choices.index(value),)


def _text(kind: FactKind, value: Any) -> tuple[Any, ...]:
    written = value.encode()
    if not written or len(written) > TEXT_BYTES or written.endswith(b"\0"):
        raise _DoesNotFit
    return KNOWN, written


_WRITERS = {
    "money": _money,
    "amount": _amount,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "choice": _choice,
    "text": _text,
}
