"""The catalogue is open to all, can be searched, and says what each rule is, what it leaves out and how it changed."""

import datetime as dt

import pytest
from django.urls import reverse

from eligibility.queries.presentation import plain
from tests.factories.eligibility import BLANKET, BLANKET_CASES, load, read_definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def programmes():
    return load(read_definition(), read_definition(BLANKET, BLANKET_CASES))


def catalogue(client, **query) -> str:
    return client.get(reverse("eligibility:catalogue"), query).content.decode()


def test_all_programmes_are_listed_by_area(client, programmes):
    page = catalogue(client)
    assert (
        page.index("Money to live on</h2>")
        < page.index(">Heating help<")
        < page.index("Health and care</h2>")
        < page.index(">Blanket help<")
    )
    assert "2 programmes" in page


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ({"q": "blanket"}, ">Blanket help<", ">Heating help<"),
        ({"q": "SAVINGS limit"}, ">Heating help<", ">Blanket help<"),
        ({"area": "health_care"}, ">Blanket help<", ">Heating help<"),
        ({"life": "growing_older"}, ">Heating help<", ">Blanket help<"),
    ],
)
def test_the_catalogue_is_narrowed(client, programmes, query, shown, hidden):
    page = catalogue(client, **query)
    assert shown in page and hidden not in page


def test_words_that_fit_nothing_get_a_way_on(client, programmes):
    assert "No programme fits these words" in catalogue(client, q="zzz")


def test_a_nonsense_filter_narrows_nothing(client, programmes):
    assert "2 programmes" in catalogue(client, area="nowhere")


def test_a_programme_says_everything_about_itself(client, programmes):
    page = client.get(reverse("eligibility:programme", args=["heating_help"])).content.decode()
    for words in (
        "You are 60 or over",
        "Your savings are not above £10,000",
        "Bank statement",
        "We decide within 10 working days.",
        "People in hospital are under rules of their own.",
        "Heating Act 2020",
        "Heating Act s.2",
        "applicant.age &gt;= limits.least_age",
        "0800 000 0000",
        "Version 1",
    ):
        assert words in page, words
    assert "{" not in page.split("<main")[1].split("</main")[0].replace("{{", "")


def test_an_unknown_programme_is_not_found(client, programmes):
    assert client.get(reverse("eligibility:programme", args=["nothing"])).status_code == 404


def test_the_history_is_public(client, programmes):
    page = client.get(reverse("eligibility:versions", args=["heating_help"])).content.decode()
    assert "Version 1" in page and "In force from" in page


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("Your income is low enough. Council Tax: {bill}. Cut: {award}", "Your income is low enough"),
        ("You care for somebody: {applicant.caring_hours_weekly} hours a week", "You care for somebody"),
    ],
)
def test_a_sentence_without_a_person_ends_where_their_own_value_begins(sentence, read):
    assert plain(sentence, read_definition(), dt.date(2026, 11, 21), "en") == read
