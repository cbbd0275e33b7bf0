"""Repeats determinations from what they kept, and says which do not come out the same, bit for bit."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from eligibility.engine import replay
from eligibility.language.tree import canonical, digest
from eligibility.models import Determination
from eligibility.queries.catalogue import definition_of
from eligibility.rules import catalogue


@dataclass(frozen=True)
class Replayed:
    """One determination repeated. differs: names of the parts that are not the same; empty when all are."""

    id: UUID
    code: str
    differs: tuple[str, ...]


def replayed(after: UUID | None = None, most: int = 500) -> list[Replayed]:
    """Repeat up to `most` determinations the actor may see, in order of id after `after`."""
    rows = Determination.objects.select_related("programme_version__programme").order_by("pk")
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
    kept = {name: value for name, value in row.explanation.items() if name not in ("outlook", "sources")}
    again = replay({**kept, "inputs": row.inputs}, definition_of(row.programme_version), {}, catalogue()).to_dict(
        kept["language"]
    )
    inputs = again.pop("inputs")
    differs = [name for name in sorted({*kept, *again}) if canonical(kept.get(name)) != canonical(again.get(name))]
    if digest(inputs) != row.inputs_sha256:
        differs.append("inputs")
    if row.outcome != again["outcome"]:
        differs.append("stored outcome")
    return Replayed(row.pk, row.programme_version.programme.code, tuple(differs))
