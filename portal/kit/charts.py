"""Charts as numbers: pure functions compute every coordinate, a template draws the SVG.

No script and no inline style, so a strict content security policy holds; colours come from classes. In
right-to-left pages the horizontal axis is mirrored here, text is never mirrored. Each chart is computed in two
sizes and the style sheet shows one, so that text stays 12 px on a phone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10
from typing import Any

SIZES = (("narrow", 360, 220), ("wide", 720, 300))
START, END, TOP, BOTTOM = 58, 12, 18, 30  # margins in px


@dataclass(frozen=True, slots=True)
class Columns:
    """A value per period or group, with an optional target. ``unit`` follows each number, such as "%"."""

    labels: Sequence[str]
    values: Sequence[float]
    target: float | None = None
    unit: str = ""
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: ``points`` are (x, y) in rising x; ``cliffs`` are the x where support falls at once.

    ``x_words`` and ``y_words`` turn an axis value into words (for instance pounds).
    """

    points: Sequence[tuple[float, float]]
    cliffs: Sequence[float] = ()
    x_words: Callable[[float], str] = str
    y_words: Callable[[float], str] = str


def nice_step(highest: float, steps: int = 4) -> float:
    """The round step (1, 2, 2.5 or 5 times a power of ten) that reaches ``highest`` in at most ``steps`` steps."""
    if highest <= 0:
        return 1
    power = 10.0 ** floor(log10(highest / steps))
    return next(power * part for part in (1, 2, 2.5, 5, 10) if power * part * steps >= highest)


def column_charts(series: Columns, is_rtl: bool = False) -> list[dict[str, Any]]:
    """Both sizes of a column chart. Raises ValueError when labels and values differ in number or are none."""
    if not series.values or len(series.labels) != len(series.values):
        raise ValueError("a column chart needs one label for each of one or more values")
    return [_columns(series, kind, width, height, is_rtl) for kind, width, height in SIZES]


def _columns(series: Columns, kind: str, width: int, height: int, is_rtl: bool) -> dict[str, Any]:
    highest = series.highest or max(*series.values, series.target or 0, 0) or 1
    frame = _Frame(width, height, len(series.values), highest, is_rtl)
    slot = frame.inner_width / len(series.values)
    bar_width = slot * 0.62
    every = max(1, round(44 / slot + 0.49)) if slot < 44 else 1
    bars, ticks = [], []
    for position, (label, value) in enumerate(zip(series.labels, series.values, strict=True)):
        middle = frame.flip(START + slot * (position + 0.5))
        top = frame.y(value)
        bars.append(
            {
                "x": round(middle - bar_width / 2, 1),
                "y": top,
                "width": round(bar_width, 1),
                "height": round(frame.bottom - top, 1),
                "text_x": round(middle, 1),
                "text_y": round(top - 5, 1),
                "value": f"{value:g}",
                "is_missed": series.target is not None and value < series.target,
            }
        )
        if position % every == 0:
            ticks.append({"x": round(middle, 1), "y": height - 9, "text": label})
    return frame.parts(kind, lambda value: f"{value:g}{series.unit}") | {
        "bars": bars,
        "ticks": ticks,
        "target": frame.y(series.target) if series.target is not None else None,
        "show_values": slot > 34,
    }


def line_charts(series: Line, is_rtl: bool = False) -> list[dict[str, Any]]:
    """Both sizes of a curve with its cliffs. Raises ValueError for fewer than two points or x that do not rise."""
    xs = [x for x, _y in series.points]
    if len(xs) < 2 or any(later < earlier for earlier, later in pairwise(xs)) or xs[0] == xs[-1]:
        raise ValueError("a curve needs two or more points in rising order")
    return [_line(series, kind, width, height, is_rtl) for kind, width, height in SIZES]


def _line(series: Line, kind: str, width: int, height: int, is_rtl: bool) -> dict[str, Any]:
    lowest_x, highest_x = series.points[0][0], series.points[-1][0]
    highest = max(max(y for _x, y in series.points), 0) or 1
    frame = _Frame(width, height, 1, highest, is_rtl)

    def x_at(value: float) -> float:
        return round(frame.flip(START + frame.inner_width * (value - lowest_x) / (highest_x - lowest_x)), 1)

    count = 3 if kind == "narrow" else 5
    marks = [lowest_x + (highest_x - lowest_x) * step / count for step in range(count + 1)]
    anchors = ["middle"] * (count + 1)
    anchors[-1] = "start" if is_rtl else "end"
    return frame.parts(kind, series.y_words) | {
        "path": "M" + "L".join(f"{x_at(x)} {frame.y(y)}" for x, y in series.points),
        "cliffs": [{"x": x_at(x), "y1": TOP, "y2": round(frame.bottom, 1)} for x in series.cliffs],
        "ticks": [
            {"x": x_at(mark), "y": height - 9, "text": series.x_words(mark), "anchor": anchor}
            for mark, anchor in zip(marks, anchors, strict=True)
        ],
    }


class _Frame:
    """The drawing area of one chart: margins, the vertical scale, and the mirror for right-to-left."""

    def __init__(self, width: int, height: int, slots: int, highest: float, is_rtl: bool) -> None:
        self.width, self.height, self.is_rtl = width, height, is_rtl
        self.inner_width = width - START - END
        self.bottom = height - BOTTOM
        self.step = nice_step(highest)
        self.highest = self.step
        while self.highest < highest:
            self.highest += self.step

    def flip(self, x: float) -> float:
        return self.width - x if self.is_rtl else x

    def y(self, value: float) -> float:
        return round(TOP + (self.bottom - TOP) * (1 - value / self.highest), 1)

    def parts(self, kind: str, words: Callable[[float], str]) -> dict[str, Any]:
        grid = []
        value = 0.0
        while value <= self.highest + self.step / 1000:
            grid.append({"y": self.y(value), "text": words(value)})
            value += self.step
        first, last = sorted((self.flip(START), self.flip(self.width - END)))
        return {
            "kind": kind,
            "width": self.width,
            "height": self.height,
            "grid": grid,
            "first_x": first,
            "last_x": last,
            "axis_x": self.flip(START - 6),
            "axis_anchor": "start" if self.is_rtl else "end",
        }
