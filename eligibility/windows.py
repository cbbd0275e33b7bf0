"""When claims are taken: windows of days, each year or once, what they make of a day, and on which day that changes. Pure.

A window with full dates goes before one that comes each year, so that a pause or a longer winter can lie inside the yearly
season. Windows of one kind may not meet. Where some window is open, every other day is closed; without any, every day is open.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eligibility.language.errors import RuleError
from eligibility.language.messages import Message, ngettext
from eligibility.language.messages import message as _

OPEN, CLOSED, PAUSED = "open", "closed", "paused"
WINDOW_STATES = (OPEN, CLOSED, PAUSED)
MOST_WINDOWS = 40
_DAY = re.compile(r"(\d{4}-)?\d{2}-\d{2}\Z")
_LEAP_YEAR = 2000
_LEAP_GAP = 9  # years within which a 29 February comes, 1900 and 2100 included


@dataclass(frozen=True)
class Window:
    """When claims are taken. opens, closes: "MM-DD" each year or a full date, both inclusive."""

    opens: str
    closes: str
    state: str = OPEN
    says: str = ""

    @property
    def is_yearly(self) -> bool:
        """Whether it comes each year."""
        return len(self.opens) == 5


def within(window: Window, day: dt.date) -> bool:
    """Whether a day lies in a window. A yearly one may run over the new year; 29 February counts where the year has it."""
    if not window.is_yearly:
        return window.opens <= day.isoformat() <= window.closes
    return _in_season(window, day.isoformat()[5:])


def _in_season(window: Window, month_day: str) -> bool:
    if window.opens <= window.closes:
        return window.opens <= month_day <= window.closes
    return month_day >= window.opens or month_day <= window.closes


def window_of_day(windows: Sequence[Window], day: dt.date) -> int | None:
    """The number of the window that says what holds on `day`; None where none does."""
    found = [number for number, window in enumerate(windows) if within(window, day)]
    return min(found, key=lambda number: windows[number].is_yearly, default=None)


def state_on(windows: Sequence[Window], day: dt.date) -> str:
    """What holds on `day`: open, closed or paused."""
    number = window_of_day(windows, day)
    if number is not None:
        return windows[number].state
    return CLOSED if any(window.state == OPEN for window in windows) else OPEN


def first_day(windows: Sequence[Window], start: dt.date, *, is_open: bool) -> dt.date | None:
    """The first day from `start` on that is open (or is not); None where no such day comes."""
    return next((day for day in _turns(windows, start) if (state_on(windows, day) == OPEN) is is_open), None)


def _turns(windows: Sequence[Window], start: dt.date) -> Iterator[dt.date]:
    """`start` and, ascending, every later day on which another window may begin to hold.

    Between two dates of dated windows only the yearly ones matter, and they have shown all they can within the years in
    which a 29 February comes round.
    """
    dated = {day for window in windows if not window.is_yearly for day in _edges(window.opens, window.closes)}
    stretches = sorted({start, *(day for day in dated if day > start)})
    yearly = [window for window in windows if window.is_yearly]
    for stretch, after in zip(stretches, [*stretches[1:], None], strict=True):
        found = {stretch}
        for year in range(stretch.year, stretch.year + _LEAP_GAP) if yearly else ():
            found.update(day for window in yearly for day in _season_edges(window, year))
        yield from sorted(day for day in found if day >= stretch and (after is None or day < after))


def _edges(opens: str, closes: str) -> Iterator[dt.date]:
    yield dt.date.fromisoformat(opens)
    last = dt.date.fromisoformat(closes)
    if last < dt.date.max:
        yield last + dt.timedelta(days=1)


def _season_edges(window: Window, year: int) -> Iterator[dt.date]:
    if year <= dt.MAXYEAR:
        yield _in_year(year, window.opens)
        last = _in_year(year, window.closes)  # 1 March stands for 29 February in other years, and the window has ended by then
        if last < dt.date.max:
            yield last
            yield last + dt.timedelta(days=1)


def _in_year(year: int, month_day: str) -> dt.date:
    month, day = int(month_day[:2]), int(month_day[3:])
    try:
        return dt.date(year, month, day)
    except ValueError:
        return dt.date(year, 3, 1)


# --- what can be written


def check(windows: Sequence[Window]) -> None:
    """Raises RuleError for a window that cannot be or two that meet, with what to do about it. Its place is the window's number."""
    if len(windows) > MOST_WINDOWS:
        raise RuleError(
            ngettext("There can be %(number)s window at most.", "There can be %(number)s windows at most.", MOST_WINDOWS),
            where="windows",
        )
    for number, window in enumerate(windows):
        _check_one(window, f"windows.{number}")
    for number, window in enumerate(windows):
        for earlier in windows[:number]:
            if day := shared_day(earlier, window):
                raise RuleError(
                    _(
                        "%(one)s and %(two)s both hold on %(day)s. Change the days so that they do not meet, or join them. "
                        "A window with full dates may lie inside a yearly one: it goes before it.",
                        one=_words(earlier),
                        two=_words(window),
                        day=day,
                    ),
                    where=f"windows.{number}",
                )


def _check_one(window: Window, where: str) -> None:
    if not (_DAY.match(window.opens) and _DAY.match(window.closes) and len(window.opens) == len(window.closes)):
        raise RuleError(_("opens and closes are both a day of the year (09-15) or both a date (2026-09-15)."), where=where)
    for text in (window.opens, window.closes):
        try:
            dt.date.fromisoformat(f"{_LEAP_YEAR}-{text}" if window.is_yearly else text)
        except ValueError:
            raise RuleError(_("There is no day %(day)s. Write a day that is in the calendar.", day=text), where=where) from None
    if not window.is_yearly and window.opens > window.closes:
        raise RuleError(
            _(
                "It closes on %(closes)s, before it opens on %(opens)s. Write the later date as the last day.",
                closes=window.closes,
                opens=window.opens,
            ),
            where=where,
        )
    if window.state not in WINDOW_STATES:
        raise RuleError(_("state is one of %(names)s.", names=WINDOW_STATES), where=where)


def shared_day(one: Window, two: Window) -> str:
    """A day on which two windows of one kind both hold, "" for none."""
    if one.is_yearly != two.is_yearly:
        return ""
    if not one.is_yearly:
        first = max(one.opens, two.opens)
        return first if first <= min(one.closes, two.closes) else ""
    return next((day for day in (one.opens, two.opens) if _in_season(one, day) and _in_season(two, day)), "")


def _words(window: Window) -> Message:
    days = {"opens": window.opens, "closes": window.closes}
    if window.state == OPEN:
        return _("“open from %(opens)s to %(closes)s”", **days)
    if window.state == PAUSED:
        return _("“paused from %(opens)s to %(closes)s”", **days)
    return _("“closed from %(opens)s to %(closes)s”", **days)
