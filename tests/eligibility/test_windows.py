"""Windows: any set of them gives each day one state, and the next opening is the first day that is open."""

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eligibility import windows
from eligibility.definition import Definition
from eligibility.drafting import differences
from eligibility.language import RuleError
from eligibility.windows import Window, first_day, state_on, window_of_day
from tests.factories.eligibility import read_definition

MONTH_DAYS = [(dt.date(2000, 1, 1) + dt.timedelta(days=number)).isoformat()[5:] for number in range(366)]
NEAR = st.dates(dt.date(2026, 1, 1), dt.date(2029, 12, 31))
STATES = st.sampled_from(windows.WINDOW_STATES)

yearly = st.builds(Window, opens=st.sampled_from(MONTH_DAYS), closes=st.sampled_from(MONTH_DAYS), state=STATES)
dated = st.builds(
    lambda day, length, state: Window(day.isoformat(), (day + dt.timedelta(days=length)).isoformat(), state),
    NEAR, st.integers(0, 500), STATES,
)  # fmt: skip
some_windows = st.lists(yearly | dated, max_size=5)


def holds(window: Window, day: dt.date) -> bool:
    """Told over again with real days: a yearly window is one stretch of days for each year, and may reach into the next."""
    if not window.is_yearly:
        return dt.date.fromisoformat(window.opens) <= day <= dt.date.fromisoformat(window.closes)
    return any(start <= day <= end for start, end in (season(window, year) for year in (day.year - 1, day.year)))


def season(window: Window, year: int) -> tuple[dt.date, dt.date]:
    ends = year if window.opens <= window.closes else year + 1
    return in_year(year, window.opens, later=True), in_year(ends, window.closes, later=False)


def in_year(year: int, text: str, *, later: bool) -> dt.date:
    if text == "02-29" and (year % 4 or (not year % 100 and year % 400)):
        return dt.date(year, 3, 1) if later else dt.date(year, 2, 28)
    return dt.date.fromisoformat(f"{year}-{text}")


def told(found: list[Window], day: dt.date) -> str:
    """The state of a day by the words of the docs: dated before yearly, in their order; else closed where any is open."""
    for kind in (False, True):
        for window in found:
            if window.is_yearly is kind and holds(window, day):
                return window.state
    return "closed" if any(window.state == "open" for window in found) else "open"


@given(some_windows, NEAR)
@example([Window("09-15", "03-31")], dt.date(2027, 1, 1))
@example([Window("02-29", "02-29")], dt.date(2028, 2, 29))
@example([Window("02-29", "03-10")], dt.date(2027, 3, 1))
@example([Window("12-01", "02-29", "closed")], dt.date(2027, 2, 28))
@example([Window("12-01", "02-29", "closed")], dt.date(2027, 3, 1))
def test_every_day_has_exactly_one_state(found, day):
    assert state_on(found, day) in windows.WINDOW_STATES
    assert state_on(found, day) == told(found, day)
    number = window_of_day(found, day)
    assert number is None or holds(found[number], day)


@given(some_windows, NEAR)
@example([Window("02-29", "02-29")], dt.date(2028, 3, 1))
@example([Window("02-29", "02-29", "closed")], dt.date(2027, 2, 28))
@example([Window("09-15", "03-31"), Window("2026-12-24", "2027-01-02", "paused")], dt.date(2026, 12, 25))
@example([Window("01-01", "12-31", "closed"), Window("2029-12-31", "2029-12-31")], dt.date(2026, 1, 1))
def test_the_next_opening_is_the_first_day_that_is_open(found, start):
    for is_open in (True, False):
        day = first_day(found, start, is_open=is_open)
        last = day or start + dt.timedelta(days=3000)  # all dated windows are over by then, and a 29 February has come
        before = (start + dt.timedelta(days=number) for number in range((last - start).days))
        assert all((told(found, earlier) == "open") is not is_open for earlier in before)
        if day is not None:
            assert (told(found, day) == "open") is is_open


def test_a_leap_day_is_found_over_a_century_without_one():
    assert first_day([Window("02-29", "02-29")], dt.date(2096, 3, 1), is_open=True) == dt.date(2104, 2, 29)


def test_the_end_of_the_calendar_is_no_error():
    found = [Window("12-31", "12-31", "closed"), Window("9999-01-01", "9999-12-31", "paused")]
    assert first_day(found, dt.date(9999, 6, 1), is_open=True) is None
    assert state_on(found, dt.date.max) == "paused"


def test_a_pause_inside_a_season_goes_before_it_in_any_order():
    season_, pause = Window("09-15", "03-31"), Window("2026-12-24", "2027-01-02", "paused")
    for found in ([season_, pause], [pause, season_]):
        assert state_on(found, dt.date(2026, 12, 24)) == "paused"
        assert state_on(found, dt.date(2027, 12, 24)) == "open"
        assert first_day(found, dt.date(2026, 12, 24), is_open=True) == dt.date(2027, 1, 3)


def with_windows(*found):
    return Definition.from_dict(read_definition().to_dict() | {"windows": list(found)})


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([{"opens": "02-30", "closes": "03-31"}], "no day 02-30"),
        ([{"opens": "2027-02-29", "closes": "2027-03-31"}], "no day 2027-02-29"),
        ([{"opens": "13-01", "closes": "03-31"}], "no day 13-01"),
        ([{"opens": "2027-04-01", "closes": "2027-03-31"}], "before it opens"),
        ([{"opens": "04-01", "closes": "2027-03-31"}], "both a day of the year"),
        ([{"opens": "04-01", "closes": "05-01", "state": "shut"}], "open, closed, paused"),
        ([{"opens": "09-15", "closes": "03-31"}, {"opens": "03-31", "closes": "05-01", "state": "paused"}], "both hold on 03-31"),
        ([{"opens": "09-15", "closes": "03-31"}, {"opens": "01-05", "closes": "01-06", "state": "paused"}], "both hold on 01-05"),
        (
            [{"opens": "2027-01-01", "closes": "2027-02-01"}, {"opens": "2027-02-01", "closes": "2027-03-01"}],
            "both hold on 2027-02-01",
        ),
        ([{"opens": "01-01", "closes": "01-01"}] * 41, "40 windows at most"),
    ],
)
def test_impossible_and_meeting_windows_say_how_to_mend_them(found, words):
    with pytest.raises(RuleError, match=words):
        with_windows(*found)


@given(st.lists(yearly, min_size=2, max_size=2))
def test_meeting_windows_are_found_whatever_their_days(found):
    meet = any(
        holds(found[0], day) and holds(found[1], day) for day in (dt.date(2028, 1, 1) + dt.timedelta(n) for n in range(366))
    )
    try:
        windows.check(found)
    except RuleError:
        assert meet
    else:
        assert not meet


def test_the_sentence_is_that_of_the_window_that_opens_next():
    definition = with_windows(
        {"opens": "2026-12-24", "closes": "2027-01-02", "state": "paused", "says": "Closed over Christmas."},
        {"opens": "04-01", "closes": "05-31", "says": "From April to May."},
        {"opens": "09-15", "closes": "11-30", "says": "From mid-September to November."},
    )
    assert definition.window_on(dt.date(2026, 12, 25)) == ("paused", "windows.0.says")
    assert definition.window_on(dt.date(2027, 2, 1)) == ("closed", "windows.1.says")
    assert definition.window_on(dt.date(2027, 8, 1)) == ("closed", "windows.2.says")
    assert definition.window_on(dt.date(2027, 10, 1)) == ("open", "windows.2.says")
    over = with_windows({"opens": "2026-01-01", "closes": "2026-02-01", "says": "In January 2026 only."})
    assert over.window_on(dt.date(2027, 1, 1)) == ("closed", "windows.0.says")


def test_versions_are_compared_window_by_window():
    winter = {"opens": "09-15", "closes": "03-31", "says": "Each winter."}
    pause = {"opens": "2026-12-24", "closes": "2027-01-02", "state": "paused"}
    before = {"windows": [winter, {"opens": "05-01", "closes": "05-31"}]}
    after = {"windows": [pause, winter | {"says": "In the cold months."}]}
    assert list(differences(before, after)) == [
        ("windows.09-15 – 03-31.says", "Each winter.", "In the cold months."),
        ("windows.05-01 – 05-31", {"opens": "05-01", "closes": "05-31"}, None),
        ("windows.2026-12-24 – 2027-01-02", None, pause),
    ]
