"""The clocks of a case, in working days of its agency: the service standard with its pauses, and the time to challenge."""

import calendar
import datetime as dt

from portal.kit.clocks import add_working_days, roll_forward, working_days_between


def due_day(clock_from: dt.date, standard_days: int, paused_days: int, subdivision: str) -> dt.date:
    """The last day of the service standard: `standard_days` working days after `clock_from`, and one more for each day paused."""
    return add_working_days(clock_from, standard_days + paused_days, subdivision)


def days_paused(paused_on: dt.date, resumed_on: dt.date, subdivision: str) -> int:
    """Working days between two days: a pause is measured in the clock's own unit, never in calendar days."""
    return max(0, working_days_between(paused_on, resumed_on, subdivision))


def days_left(due_on: dt.date, today: dt.date, subdivision: str) -> int:
    """Working days from `today` to the due day; negative when it has passed."""
    return working_days_between(today, due_on, subdivision)


def day_of_clock(due_on: dt.date, standard_days: int, day: dt.date, subdivision: str) -> int:
    """Which day of the service standard `day` is; pauses until now are in `due_on` already."""
    return max(0, standard_days - working_days_between(day, due_on, subdivision))


def challenge_day(sent_on: dt.date, subdivision: str) -> dt.date:
    """The last day to ask to look again: one month after the letter was sent, rolled forward to a working day.

    Source: Universal Credit etc. (Decisions and Appeals) Regulations 2013 (SI 2013/381) reg. 5(1): within one month. A month
    that has no such day ends on its last one.
    """
    year, month = (sent_on.year + 1, 1) if sent_on.month == 12 else (sent_on.year, sent_on.month + 1)
    last = calendar.monthrange(year, month)[1]
    return roll_forward(dt.date(year, month, min(sent_on.day, last)), subdivision)
