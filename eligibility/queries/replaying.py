"""Repeats determinations from what they kept, and says which do not come out the same, bit for bit."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eligibility.engine import Assessment, Compiled, assess, compile_programme
from eligibility.interchange import InterchangeError
from eligibility.language import RuleError
from eligibility.language.tree import canonical, digest
from eligibility.models import Determination, ProgrammeVersion
from eligibility.queries.catalogue import definition_of
from eligibility.rules import catalogue

_BESIDE = ("outlook", "sources")  # parts of an explanation that are told beside the rule's answer
_BULKY = [f"programme_version__{name}" for name in ("definition", "shared", "examples")]
_MOST_READY = 200
_ready: dict[UUID, list[Compiled]] = {}


@dataclass(frozen=True)
class Replayed:
    """One determination repeated. differs: names of the parts that are not the same; empty when all are."""

    id: UUID
    code: str
    differs: tuple[str, ...]


def replayed(after: UUID | None = None, most: int = 500) -> list[Replayed]:
    """Repeat up to `most` determinations the actor may see, in order of id after `after`."""
    rows = Determination.objects.select_related("programme_version__programme").defer(*_BULKY).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return [repeat(row) for row in rows[:most]]


def all_replayed() -> Iterator[Replayed]:
    """Every determination the actor may see, repeated."""
    after = None
    while part := replayed(after):
        yield from part
        after = part[-1].id


def repeat(row: Determination) -> Replayed:
    """One determination, from its own inputs by its own version on its own day, compared with what it kept."""
    kept = {name: value for name, value in row.explanation.items() if name not in _BESIDE}
    code = row.programme_version.programme.code
    try:
        programme = _made_ready(row.programme_version, row.on)
        answer = assess(row.inputs["facts"], {code: programme}, row.on, row.inputs.get("programmes"))[code]
    except (InterchangeError, RuleError) as error:  # one that no longer can be read must not hide the others
        return Replayed(row.pk, code, (f"could not be repeated: {error}",))
    again = answer.to_dict(kept["language"])
    inputs = again.pop("inputs")
    differs = [name for name in sorted({*kept, *again}) if canonical(kept.get(name)) != canonical(again.get(name))]
    if not digest(inputs) == digest(row.inputs) == row.inputs_sha256:
        differs.append("inputs")
    columns = in_columns(answer)
    differs += [f"stored {name.replace('_', ' ')}" for name, value in columns.items() if getattr(row, name) != value]
    return Replayed(row.pk, code, tuple(differs))


def in_columns(answer: Assessment) -> dict[str, Any]:
    """What a determination keeps of an answer in columns of its own, to be counted and sorted by."""
    least, most = answer.amount_range or (None, None)
    return {
        "outcome": answer.outcome,
        "amount": _pence(answer.amount),
        "amount_least": _pence(least),
        "amount_most": _pence(most),
        "amount_per": answer.per or "",
        "missing": [key.removeprefix("people.") for key in answer.missing],
    }


def _pence(pounds: Any) -> int | None:
    return None if pounds is None else int(pounds * 100)


def _made_ready(version: ProgrammeVersion, on: dt.date) -> Compiled:
    """The version made ready for a day, kept in this process for all days that have the same limits."""
    kept = _ready.get(version.pk, [])
    found = next((item for item in kept if item.fits(on)), None)
    if found is None:
        found = compile_programme(definition_of(version), on, {}, catalogue())
        if len(_ready) >= _MOST_READY:
            _ready.clear()
        _ready[version.pk] = [*kept, found]
    return found
