"""Several drafts at once: the same answers as one household at a time, through the same protection, under one budget."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from consent.models import TypedFacts
from eligibility.models import PreviewAsked, ProgrammeVersion
from eligibility.queries.catalogue import definition_of, in_force, rulebook_of
from eligibility.queries.preview import preview, preview_together, rules_of
from eligibility.queries.preview.effects import measured
from eligibility.queries.preview.words import headline_together
from eligibility.rules import rulebook
from portal.kit.actor import Actor, acting_as
from tests.eligibility.test_preview import NOW, TODAY, YOUNG, draft_of, near, people
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.eligibility import BLANKET, BLANKET_CASES, actor_of, load, make_admin, make_agency, read_definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return make_admin(make_agency("heat-office"))


@pytest.fixture
def versions():
    return load(read_definition(), read_definition(BLANKET, BLANKET_CASES))


@pytest.fixture
def third(writer):
    """A third programme, which pays by itself."""
    text = read_definition().to_dict()
    text["programme"] = {**text["programme"], "code": "coal_help", "name": "Coal help"}
    text.pop("translations", None)
    from eligibility.definition import Definition

    return load(Definition.from_dict(text))[0]


def url() -> str:
    return reverse("eligibility:admin_uprating_together")


def named(*drafts: ProgrammeVersion) -> dict[str, list[str]]:
    return {"draft": [f"{draft.programme.code}.{draft.number}" for draft in drafts]}


def test_all_drafts_hold_at_once_and_agree_with_the_single_evaluation(versions, third, writer):
    people(41, savings="15000.00")
    people(20, savings="25000.00")
    people(14, savings="100.00")
    one = draft_of(versions[0], writer, value="20000")
    two = draft_of(third, writer, value="30000")
    rules = rules_of(one, two, on=TODAY)
    found = measured(rules, on=TODAY, chosen={})
    assert set(rules.concerned) == {"heating_help", "coal_help", "blanket_help"}
    sums = np.zeros(len(found), dtype=np.int64)
    for code in rules.codes:
        sums += found.effects[code].low
    with acting_as(Actor.machine("test", caseload=True)):
        rows = {row.pk.bytes: {"id": "x", "household": row.household, "people": row.people} for row in TypedFacts.objects.all()}
    before = rulebook_of(in_force(TODAY))
    new = {item.code: item for item in (definition_of(one), definition_of(two))}
    after = rulebook({**{version.programme.code: definition_of(version) for version in in_force(TODAY)}, **new})
    for place, id_ in enumerate(found.ids):
        was, now = (book.assess(rows[id_.tobytes()], TODAY) for book in (before, after))
        change = sum((now[code].amount or 0) - (was[code].amount or 0) for code in rules.codes)
        assert sums[place] == change * 100
        for code in rules.concerned:
            gains = was[code].outcome == "not_likely" and now[code].outcome == "likely"
            assert bool(found.effects[code].gains[place]) == gains
    report = preview_together(rules, on=TODAY)
    assert report.state == "shown" and {item.code for item in report.lines} == {"heating_help", "coal_help"}
    assert [item.code for item in report.others] == ["blanket_help"] and near(report.others[0].gains, 41)
    assert near(report.totals.gains, 61) and near(report.totals.better, 61) and report.totals.worse.number is None
    assert report.totals.loses.number is None  # blanket help rests on it, so its formulas do not say "nobody"
    assert 0.7 < report.totals.cost.low.pounds / ((41 * 2 + 20) * 240) < 1.3


def test_one_draft_by_itself_has_the_numbers_of_its_own_preview(versions, writer):
    people(45)
    draft = draft_of(versions[0], writer)
    alone, together = preview(draft, on=TODAY), preview_together(rules_of(draft, on=TODAY), on=TODAY)
    assert (together.lines[0].gains, together.lines[0].cost) == (alone.own.gains, alone.own.cost)
    assert together.totals.gains == alone.own.gains


def test_a_draft_that_changes_only_texts_adds_no_other_noise(versions, third, writer):
    from eligibility.actions.programmes import begin_draft

    draft = draft_of(versions[0], writer)
    by = actor_of(writer)
    with acting_as(by):
        text = begin_draft(by=by, version=third, at=NOW)
    alone, both = rules_of(draft, on=TODAY), rules_of(draft, text, on=TODAY)
    assert alone.mark == both.mark and both.changed == ("heating_help",)
    other = draft_of(third, writer, value="7")
    assert rules_of(draft, other, on=TODAY).mark == rules_of(other, draft, on=TODAY).mark != alone.mark


def test_nobody_is_not_said_of_a_programme_that_rests_on_another_draft(versions, writer):
    """Blanket help itself changes in nothing but a text; what it rests on changes."""
    from eligibility.actions import programmes as actions

    people(40)
    lower = draft_of(versions[0], writer, value="20000")
    by = actor_of(writer)
    with acting_as(by):
        text = actions.begin_draft(by=by, version=versions[1], at=NOW)
    assert preview(text, on=TODAY).own.changes_nothing
    report = preview_together(rules_of(lower, text, on=TODAY), on=TODAY)
    blanket = next(item for item in report.lines if item.code == "blanket_help")
    assert not blanket.changes_nothing and near(blanket.gains, 40) and blanket.loses.number is None
    assert report.is_moved and not report.others


def test_where_no_formula_moves_nobody_is_said_to_change(versions, third, writer):
    people(40)
    later = [draft_of(version, writer, day="2027-04-06", value="300", limit="rate") for version in (versions[0], third)]
    report = preview_together(rules_of(*later, on=TODAY), on=TODAY)
    assert not report.is_moved and report.totals.gains.number == report.totals.better.number == 0
    assert headline_together(report) == ["Nobody’s result would change."]
    moved = preview_together(rules_of(*later, on=dt.date(2027, 4, 6)), on=dt.date(2027, 4, 6))
    assert moved.is_moved and moved.totals.gains.number is None  # blanket help rests on one of them


def test_small_groups_and_small_numbers_stay_hidden(versions, third, writer):
    people(40, savings="100.00", tenure="private_rent")
    people(4, savings="15000.00", tenure="no_home")
    drafts = [draft_of(version, writer) for version in (versions[0], third)]
    from eligibility.queries.preview import dimensions_for

    split = dimensions_for(*drafts, on=TODAY, language="en")["household-tenure"]
    report = preview_together(rules_of(*drafts, on=TODAY), on=TODAY, split=split)
    assert report.totals.gains.number is None and report.totals.better.number is None
    assert report.totals.cost.is_hidden and all(item.gains.number is None for item in report.lines)
    assert len(report.table) == 1 and report.table[0].totals.gains.number is None


# --- the page -----------------------------------------------------------------------------------------------------------


def test_the_page_shows_each_programme_the_total_and_a_table(client, versions, third, writer):
    people(30, local_authority="newham", savings="15000.00", born="1950-04-02")
    people(30, local_authority="barnet", savings="15000.00")
    people(12, born=YOUNG)
    drafts = [draft_of(versions[0], writer), draft_of(third, writer, value="30000")]
    sign_in(client, writer)
    answer = client.get(url(), named(*drafts) | {"split": "household-local_authority"})
    page = answer.content.decode()
    assert "households would gain at least one programme." in page and "a year more." in page
    assert "Heating help, version 2" in page and "Coal help, version 2" in page and "Blanket help" in page
    assert {line.name for line in answer.context["report"].table} >= {"Newham", "Barnet"}
    assert page.count('name="draft"') == 2  # the form keeps them
    narrowed = client.get(url(), named(*drafts) | {"household-local_authority": "newham"}).content.decode()
    assert "Council: Newham" in narrowed and "See all households" in narrowed
    with acting_as(actor_of(writer)):
        assert set(PreviewAsked.objects.values_list("programme", "together").distinct()) == {
            ("heating_help", 2),
            ("coal_help", 2),
        }


def test_drafts_of_another_agency_are_left_out_and_nonsense_is_refused(client, versions, third, writer):
    people(40)
    draft = draft_of(versions[0], writer)
    sign_in(client, make_admin(make_agency("other-office")))
    page = client.get(url(), named(draft)).content.decode()
    assert "No draft is named" in page and "Heating help" not in page
    assert client.get(url(), {"draft": "heating_help"}).status_code == 400


def test_the_newest_of_two_drafts_of_a_programme_counts(client, versions, writer):
    people(40)
    old, new = draft_of(versions[0], writer), draft_of(versions[0], writer, value="30000")
    sign_in(client, writer)
    answer = client.get(url(), named(new, old))
    assert [version.number for _name, version in answer.context["included"]] == [new.number]


def test_several_drafts_at_once_are_draws_for_each_of_them(client, versions, third, writer, settings):
    """Else a draft is tried a hundred times, each time with another draft beside it."""
    settings.PREVIEW_RULES_A_DAY = 3
    people(40)
    fixed = draft_of(versions[0], writer)
    sign_in(client, writer)
    answers = []
    for number in range(5):
        beside = draft_of(third, writer, value=f"2000{number}")
        answers.append(client.get(url(), named(fixed, beside)).status_code)
    assert answers == [200] * 3 + [429] * 2
    assert client.get(reverse("eligibility:admin_preview", args=["heating_help", fixed.number])).status_code == 429


def test_the_day_is_that_from_which_all_new_values_hold(client, versions, third, writer):
    people(40)
    near_day, far = (timezone.localdate() + dt.timedelta(days=days) for days in (30, 60))
    drafts: list[Any] = [
        draft_of(versions[0], writer, day=near_day.isoformat(), value="300", limit="rate"),
        draft_of(third, writer, day=far.isoformat(), value="300", limit="rate"),
    ]
    sign_in(client, writer)
    assert client.get(url(), named(*drafts)).context["report"].on == far
