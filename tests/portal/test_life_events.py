"""One list of life events: doors of the start page, doors of the form and situations of the catalogue are the same."""

import re

import pytest

from consent.facts import catalogue
from eligibility import registry
from eligibility.definition import Definition
from eligibility.language import RuleError
from intake.actions.forms import read_document
from intake.definition import FormError, read_form
from portal.life_events import LIFE_EVENTS
from tests.factories.eligibility import HEATING, read_definition


def test_each_event_is_said_in_every_language_and_has_a_picture(settings):
    for event in LIFE_EVENTS.values():
        assert set(event.text) == {code for code, _name in settings.LANGUAGES}
        assert (settings.BASE_DIR / "assets" / "icons" / f"{event.icon}.svg").exists()
        assert event.words("fr") == event.text["en"] and event.words("ar-eg") == event.text["ar"]


def test_the_form_has_a_door_for_each_event():
    assert {entry["code"] for entry in read_document()["events"]} == set(LIFE_EVENTS)


def test_each_event_leads_to_some_programme():
    used = {code for definition in registry.load_all().values() for code in definition.life_events}
    assert used == set(LIFE_EVENTS)


def test_a_programme_with_another_event_is_refused_with_the_list():
    assert read_definition().life_events == ("growing_older",)
    with pytest.raises(RuleError, match=re.escape("“getting_old” is not a life event. Use one of lost_my_job")) as problem:
        read_definition(HEATING.replace("growing_older", "getting_old"))
    assert problem.value.where == "programme.life_events"
    assert isinstance(read_definition(), Definition)


def test_a_form_with_another_event_is_refused_with_the_list():
    document = read_document()
    document["events"][0]["code"] = "getting_old"
    with pytest.raises(FormError, match="event getting_old: there is no such life event"):
        read_form(document, catalogue())
