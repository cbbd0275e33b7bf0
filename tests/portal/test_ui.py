"""Template tags: what people read for clocks, money, dates and facts; and that nothing they are given becomes HTML."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from portal.templatetags import ui
from tests.portal.test_forms import HOSTILE


@pytest.mark.parametrize(
    ("arguments", "words", "state"),
    [
        ((12, 20), "12 days left", "run"),
        ((2, 20), "2 days left", "soon"),
        ((1, 20), "Due tomorrow", "soon"),
        ((0, 20), "Due today", "soon"),
        ((-1, 20), "1 day late", "late"),
        ((-3, 20), "3 days late", "late"),
        ((5, 20, 6), "Stopped, day 6 of 20", "hold"),
        ((5, None, 6), "Stopped, day 6", "hold"),
        ((None,), "No due date", "none"),
    ],
)
def test_clock_words(arguments: tuple[int | None, ...], words: str, state: str) -> None:
    found = ui.clock(*arguments)
    assert (found["text"], found["state"]) == (words, state)
    assert words in render_to_string("components/clock.html", found)


def test_the_ring_shows_the_share_that_is_left() -> None:
    assert ui.clock(10, 20)["dash"] == 41
    assert ui.clock(40, 20)["dash"] == ui.RING_LENGTH


@pytest.mark.parametrize(
    ("value", "words"),
    [(Decimal("1460"), "£1,460"), (Decimal("12.5"), "£12.50"), ("0.004", "£0"), (-3, "−£3"), (None, ""), ("x", "")],
)
def test_money_words(value: object, words: str) -> None:
    assert ui.money(value) == words


def test_money_is_written_the_same_in_every_language() -> None:
    with translation.override("ar"):
        assert ui.money(Decimal("1460.50")) == "£1,460.50"
        assert ui.pence(146050) == "£1,460.50"


MOMENT = datetime(2026, 6, 14, 9, 42, tzinfo=ZoneInfo("UTC"))


def test_dates_are_local_and_in_words() -> None:
    assert ui.day(date(2026, 6, 14)) == "14 June 2026"
    assert ui.moment(MOMENT) == "14 June 2026, 10:42"
    assert ui.when(MOMENT, "time") == '<time datetime="2026-06-14T10:42:00+01:00">10:42</time>'
    with translation.override("ar"):
        assert "يونيو" in ui.day(date(2026, 6, 14))


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (None, "", "Not known"),
        (False, "", "No"),
        ({"amount": "126.50", "per": "week"}, "", "<bdi>£126.50 a week</bdi>"),
        (date(1988, 3, 27), "", '<time datetime="1988-03-27">27 March 1988</time>'),
        ("1988-03-27", "date", '<time datetime="1988-03-27">27 March 1988</time>'),
        (1460, "money", "<bdi>£1,460</bdi>"),
        (1460, "", "1,460"),
        ("AB 12", "code", '<bdi class="od-ltr">AB 12</bdi>'),
        ([], "", "None"),
        (["a", "b"], "", '<ul class="od-values" role="list"><li><bdi>a</bdi></li><li><bdi>b</bdi></li></ul>'),
        (HOSTILE, "", "<bdi>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</bdi>"),
    ],
)
def test_fact_values(value: object, kind: str, words: str) -> None:
    assert ui.fact_value(value, kind) == words


def test_fact_values_use_the_words_of_their_choices() -> None:
    drawn = Template("{% load ui %}{% fact_value value '' choices %}").render(
        Context({"value": ["rent", "own"], "choices": {"rent": "I rent it", "own": HOSTILE}})
    )
    assert "I rent it" in drawn
    assert "<img" not in drawn


def test_leaves_escape_what_they_are_given() -> None:
    drawn = Template('{% load ui %}{% tag words "bad" %}{% icon "check" words %}').render(Context({"words": HOSTILE}))
    assert "<img" not in drawn


def test_wrong_names_are_refused() -> None:
    with pytest.raises(ValueError, match="not an icon name"):
        ui.icon("../../manage")
    with pytest.raises(ValueError, match="is not one of"):
        ui.tag("Late", "purple")


def test_class_lists() -> None:
    assert ui.od_class("od-tag", "good", "", is_big=True, is_small=False) == "od-tag od-tag--good od-tag--is-big"


@pytest.mark.parametrize(("parts", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_lists_in_a_sentence(parts: list[str], words: str) -> None:
    assert ui.list_sentence(parts) == words


@pytest.mark.parametrize(("path", "is_here"), [("/staff/", True), ("/staff/case/1/", True), ("/", False), ("/other/", False)])
def test_the_current_entry_is_marked(path: str, is_here: bool) -> None:
    context = Context({"request": RequestFactory().get(path)})
    assert bool(ui.current_if(context, "/staff/")) is is_here
