"""The engine's measures as lines of the table."""

import contextlib
import io
from collections.abc import Iterator

from tests.bench import engine
from tests.bench.engines import comparison
from tests.bench.measure import Line, at_most
from tests.bench.stage import Stage

# Bars of the rule engine: against the rule by hand, or (second name) against another measure of the same run.
_BARS = {
    "outcomes and amounts": ("", 1.5),
    "and every criterion": ("outcomes and amounts", 2.5),
    "and the facts that block": ("outcomes and amounts", 3.0),
    "what if: two versions": ("outcomes and amounts", 2.2),
}
_RULE = "one rule about people, with an amount: "


def measure(stage: Stage, sizes: list[int], households: list[int], engines: list[str]) -> Iterator[Line]:
    """The made workload against other engines at each number of households, then one rule about people with an amount."""
    yield from comparison.measure(stage, households, engines)
    yield from _with_people(sizes)


def _with_people(sizes: list[int]) -> Iterator[Line]:
    """Each measure of one rule, against the rule written by hand and where there is a bar, against it."""
    with contextlib.redirect_stdout(io.StringIO()):
        measures = engine.run(sizes=tuple(size for size in sizes if size > min(sizes)))
    values = {one.name: one for one in measures}
    by_hand = next(iter(measures))
    for one in measures:
        if one.ratio is None:
            by_hand = one
            continue
        shown, control = f"{one.value:.2f} {one.unit}", f"{by_hand.value:.2f} {by_hand.unit} by hand"
        size, _comma, name = one.name.rpartition(", ")
        other, limit = _BARS.get(name, ("", 0.0))
        if limit and not other:
            yield Line("Engine", f"{_RULE}{one.name}", shown, control, **at_most(one.ratio, limit))
            continue
        yield Line("Engine", f"{_RULE}{one.name}", shown, control, ratio=one.ratio)
        if other:
            base = values[f"{size}, {other}"]
            yield Line(
                "Engine", f"{_RULE}{one.name}, against {other}", shown, f"{base.value:.2f} {base.unit}",
                **at_most(one.value / base.value, limit),
            )  # fmt: skip
