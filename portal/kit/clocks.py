"""Working days, and moments read from addresses. The bank holidays come from the pinned `holidays` package (source: the nations' own acts and proclamations)."""

import datetime as dt
from functools import lru_cache

import holidays


def moment_of(text: str) -> dt.datetime:
    """A moment as an address carries it (ISO 8601; without a time zone it is UTC). Raises ValueError for anything else, and for
    years no row of ours can have."""
    moment = dt.datetime.fromisoformat(text)
    if not 1900 <= moment.year <= 2999:
        raise ValueError(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


@lru_cache(maxsize=64)
def _closed(subdivision: str, year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("GB", subdiv=subdivision, years=year))


def is_working_day(day: dt.date, subdivision: str = "ENG") -> bool:
    """True on Monday to Friday unless a bank holiday. subdivision: ENG, WLS, SCT or NIR."""
    return day.weekday() < 5 and day not in _closed(subdivision, day.year)


def roll_forward(day: dt.date, subdivision: str = "ENG") -> dt.date:
    """The day itself if it is a working day, else the next one."""
    while not is_working_day(day, subdivision):
        day += dt.timedelta(days=1)
    return day


def add_working_days(start: dt.date, days: int, subdivision: str = "ENG") -> dt.date:
    """The working day that lies `days` working days after `start`. days: 0 or more; 0 rolls forward.

    Raises ValueError for a negative number.
    """
    if days < 0:
        raise ValueError("days must be 0 or more")
    day = start if days else roll_forward(start, subdivision)
    for _step in range(days):
        day = roll_forward(day + dt.timedelta(days=1), subdivision)
    return day


def working_days_between(start: dt.date, end: dt.date, subdivision: str = "ENG") -> int:
    """How many working days lie after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -working_days_between(end, start, subdivision)
    return sum(is_working_day(start + dt.timedelta(days=n), subdivision) for n in range(1, (end - start).days + 1))
