"""What people type becomes values of the catalogue, and comes back to the screen as the same."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.facts import catalogue, fact
from consent.values import parse_value
from intake.actions.forms import read_document
from intake.definition import read_form
from intake.draft import Draft, Slot
from intake.forms.pages import ComeBackForm, ContactForm, MemberForm, NeedsForm
from intake.forms.questions import field_name, question_form
from intake.plausibility import doubts
from portal.places import place_code, place_words
from portal.rendering import ErrorSummary

ON = dt.date(2026, 11, 21)
FORM = read_form(read_document(), catalogue())
POUNDS = st.decimals(0, 9_999_999, places=2).map(str)


def slot(code: str, subject: str = "") -> Slot:
    question = FORM.questions[code]
    return Slot(question, subject or ("household" if question.is_about_household else "you"))


def form_for(code: str, data=None, values=None, subject: str = ""):
    one = slot(code, subject)
    return question_form(one, heading="Heading", hint="", options=one.question.options, today=ON, data=data, values=values)


def values_of(kind):
    """A strategy of stored values of a fact."""
    if kind.type == "money":
        return st.fixed_dictionaries({"amount": POUNDS, "per": st.sampled_from(["week", "four_weeks", "month", "year"])})
    least, most = int(kind.least or 0), int(kind.most or 365)
    return {
        "amount": POUNDS,
        "integer": st.integers(least, most),
        "decimal": st.decimals(least, most, places=2).map(str),
        "boolean": st.booleans(),
        "date": st.dates(dt.date(1900, 1, 1), ON).map(dt.date.isoformat),
        "choice": st.sampled_from(kind.choices or ("x",)),
        "text": st.text(st.sampled_from("abcdefgh "), min_size=1).map(place_code).filter(bool),
    }[kind.type]


def as_typed(form) -> dict[str, str]:
    """What a browser would send back from the page untouched."""
    data = {}
    for bound in form:
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "decompress"):
            for part, text in zip(widget.widgets_names, widget.decompress(value), strict=True):
                data[bound.name + part] = "" if text is None else str(text)
        else:
            data[bound.name] = "" if value is None else str(value)
    return data


@pytest.mark.parametrize("code", [code for code, question in FORM.questions.items() if question.kind == "facts"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_stored_answer_survives_the_page(code, data):
    stored = {name: parse_value(fact(name), data.draw(values_of(fact(name)))) for name in FORM.questions[code].facts}
    page = form_for(code, values=stored)
    again = form_for(code, as_typed(page))
    assert again.is_valid(), again.errors
    assert again.values() == stored and not again.is_not_sure


@pytest.mark.parametrize("code", [code for code, question in FORM.questions.items() if question.kind in {"facts", "which"}])
@settings(max_examples=15, deadline=None)
@given(text=st.text(max_size=40))
def test_no_text_breaks_a_page(code, text):
    one = FORM.questions[code]
    names = ["chosen"] if one.kind == "which" else [field_name(name) for name in one.facts]
    data = {name + part: text for name in names for part in ("", "_amount", "_per", "_day", "_month", "_year")}
    form = form_for(code, data)
    if form.is_valid():
        for name, value in form.values().items():
            if one.kind == "facts" and not form.is_not_sure:
                parse_value(fact(name), value)
    else:
        assert all(line.text and line.target for line in ErrorSummary(form))


@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz '-"), max_size=60))
def test_places_have_one_code(text):
    code = place_code(text)
    assert place_code(place_words(code)) == place_code(code.replace("_", " "))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Newham", "newham"),
        ("London Borough of Newham", "newham"),
        (" newham council ", "newham"),
        ("Royal Borough of Kensington & Chelsea", "kensington_and_chelsea"),
        ("Tower Hamlets Borough Council", "tower_hamlets"),
        ("City of London Corporation", "city_of_london"),
        ("East Riding of Yorkshire", "east_riding_of_yorkshire"),
        ("King's Lynn", "kings_lynn"),
    ],
)
def test_councils(typed, code):
    assert place_code(typed) == code


@pytest.mark.parametrize(
    ("code", "data", "words"),
    [
        ("born_on", {}, "Enter your date of birth"),
        ("born_on", {"born_on_day": "3", "born_on_month": "4"}, "Date of birth must include a year"),
        ("born_on", {"born_on_day": "31", "born_on_month": "2", "born_on_year": "1990"}, "Date of birth must be a real date"),
        ("born_on", {"born_on_day": "1", "born_on_month": "1", "born_on_year": "2199"}, "Date of birth must be on or before"),
        ("rent", {"rent_amount": "abc", "rent_per": "month"}, "Rent must be an amount of money, like 1250 or 1250.50"),
        ("rent", {"rent_amount": "950"}, "Select how often for: Rent"),
        ("rent", {"rent_amount": "-5", "rent_per": "month"}, "Rent must be 0 or more"),
        ("savings", {}, "Enter an amount, or 0 if there is none"),
        ("bedrooms", {"bedrooms": "many"}, "Bedrooms must be a number, like 12"),
        ("bedrooms", {"bedrooms": "2.5"}, "Bedrooms must be a whole number, like 12"),
        ("bedrooms", {"bedrooms": "31"}, "Bedrooms must be 30 or less"),
        ("caring_hours", {"caring_hours_weekly": "200"}, "Hours a week you care for somebody must be 168 or less"),
        ("tenure", {}, "Select one for “How you live in your home”"),
        ("disabled", {}, "Select yes or no"),
        ("which_money", {}, "Select the boxes that apply, or “None of these”"),
        ("which_money", {"chosen": ["pay", "none"]}, "not both"),
        ("local_authority", {"local_authority": "---"}, "Enter the name of the council"),
    ],
)
def test_errors_say_how_to_mend(code, data, words):
    form = form_for(code, data)
    assert not form.is_valid()
    text = " ".join(line.text for line in ErrorSummary(form))
    assert words in text
    assert not re.search(r"\b(invalid|please|required)\b", text, re.I)


@pytest.mark.parametrize(("typed", "value"), [("1,250", "1250.00"), ("£ 12.5", "12.50"), ("0", "0.00")])
def test_money_as_people_write_it(typed, value):
    form = form_for("savings", {"savings": typed})
    assert form.is_valid() and form.values() == {"household.savings": value}


def test_not_sure_is_an_answer():
    for code, name in (("disabled", "disabled"), ("tenure", "tenure")):
        form = form_for(code, {name: "not_sure"})
        assert form.is_valid() and form.is_not_sure
    boxes = form_for("which_money", {"chosen": ["not_sure"]})
    assert boxes.is_valid() and boxes.is_not_sure
    assert not form_for("nation", {"nation": "not_sure"}).is_valid()  # this one must be known


def test_boxes_remember_which_were_shown():
    form = form_for("which_benefits", {"chosen": ["none"]})
    assert form.is_valid()
    assert form.values() == {"chosen": [], "shown": ["pip", "dla", "attendance_allowance"]}
    assert form_for("which_benefits", values=form.values()).initial == {"chosen": ["none"]}


def test_hours_with_a_half_are_kept_exactly():
    form = form_for("hours_worked", {"hours_worked_weekly": "37.50"})
    assert form.is_valid() and form.values() == {"person.hours_worked_weekly": "37.5"}
    assert Decimal(form.values()["person.hours_worked_weekly"]) == Decimal("37.5")


def test_hostile_words_stay_words():
    one = slot("savings")
    form = question_form(one, heading="<img src=x onerror=alert(1)>", hint="<b>", options=(), today=ON)
    html = str(form)
    assert "<img" not in html and "<b>" not in html and "&lt;img" in html


def test_every_page_speaks_every_language():
    for language in ("en", "ar", "cy"):
        with translation.override(language):
            for code in ("rent", "which_money", "dla_rates", "born_on"):
                assert form_for(code).as_p()
            label = fact("household.rent").words()
    assert label == "Rhent"


@pytest.mark.parametrize("page", [MemberForm, ComeBackForm])
def test_fixed_pages_say_how_to_mend(page):
    form = page({}, today=ON)
    assert not form.is_valid()
    assert all(line.text.split()[0] in {"Enter", "Select"} for line in ErrorSummary(form))


def test_contact_asks_whether_it_is_safe():
    form = ContactForm({"phone": "07700 900 982"})
    assert form.errors == {"safe": ["Select whether it is safe to call or write to you"]}
    assert ContactForm({"safe": "no"}).is_valid()
    assert not NeedsForm({"language": "tlh"}).is_valid()


def person(identifier: str, role: str, born_on: str | None, name: str = "Mo") -> dict:
    return {"id": identifier, "role": role, "name": name, "born_on": born_on}


def draft(members=(), **facts) -> Draft:
    def answer(values):
        return {"values": values, "not_sure": False, "rev": 1, "by": {}, "at": "1"}

    answers = {"you/born_on": answer({"person.born_on": facts.pop("born_on", "1990-04-02")})}
    answers |= {f"you/{code}": answer({f"person.{name}": value}) for code, (name, value) in facts.items()}
    answers["you/which_money"] = {
        "values": {"chosen": ["pay"], "shown": ["pay"]},
        "not_sure": False,
        "rev": 1,
        "by": {},
        "at": "1",
    }
    return Draft(FORM, answers, members, {}, ON)


def pounds(amount: str, per: str = "month") -> dict[str, str]:
    return {"amount": amount, "per": per}


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (draft(born_on="1900-01-01"), "You would be 126"),
        (draft(born_on="2015-01-01"), "Most programmes begin at 16"),
        (draft([person("c", "child", "1980-01-01")]), "older than you"),
        (draft([person("c", "child", "1999-01-01")]), "few years between"),
        (draft([person("c", "child", "2004-01-01")], born_on="1970-01-01"), "counts as another adult"),
        (draft([person("p", "partner", "2015-01-01")]), "Your partner would be 11"),
        (draft([person("a", "other_adult", "2015-01-01")]), "a child, not an adult"),
        (
            draft(earnings=("earnings", pounds("900")), take_home_pay=("take_home_pay", pounds("300", "week"))),
            "pay after tax is more",
        ),
        (
            draft(earnings=("earnings", pounds("100")), income_tax=("income_tax", pounds("2000", "year"))),
            "tax is more than the income",
        ),
        (
            draft(hours_worked=("hours_worked_weekly", "100"), caring_hours=("caring_hours_weekly", "90")),
            "more hours than a week",
        ),
    ],
)
def test_answers_that_do_not_fit_are_doubted_softly(one, words):
    found = doubts(one)
    assert any(words in doubt.text for doubt in found)
    assert all(doubt.slot_key or doubt.member_id for doubt in found)


def test_ordinary_families_are_not_doubted():
    family = [person("p", "partner", "1988-01-01"), person("c", "child", "2019-01-30"), person("g", "other_adult", "1950-05-05")]
    assert doubts(draft(family, earnings=("earnings", pounds("1200")), take_home_pay=("take_home_pay", pounds("1130")))) == []
