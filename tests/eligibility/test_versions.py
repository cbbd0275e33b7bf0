"""Versions one after another: two that wait, the way back, two people, and the difference between any two."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility.actions import programmes as actions
from eligibility.drafting import with_limit_row, with_text
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import rulebook_in_force
from eligibility.queries.comparison import compared
from eligibility.queries.editing import programmes_of
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from portal.models import Membership
from tests.eligibility.test_programme_admin import NOW, TODAY, sign_in, with_higher_limit
from tests.factories.eligibility import BLANKET, BLANKET_CASES, HEATING, actor_of, load, make_admin, make_agency, read_definition

pytestmark = pytest.mark.django_db

SPRING, SUMMER = dt.date(2027, 4, 1), dt.date(2027, 7, 1)


@pytest.fixture
def first(office):
    return load(read_definition())[0]


def ready(first, writer, name="A"):
    """A draft with another name, sent to a second person."""
    by = actor_of(writer)
    with acting_as(by):
        draft = actions.begin_draft(by=by, version=first, at=NOW)
        data = with_text(draft.definition, "name", name)
        draft = actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=0, at=NOW)
        return actions.send_for_approval(by=by, version_id=draft.pk, at=NOW)


def publish(draft, second, day):
    by = actor_of(second)
    with acting_as(by):
        return actions.publish(by=by, version_id=draft.pk, effective_from=day, at=NOW, today=TODAY)


def holding(*days) -> list[int]:
    return [ProgrammeVersion.objects.in_force(day).get(programme__code="heating_help").number for day in days]


DAYS = (TODAY, SPRING - dt.timedelta(days=1), SPRING, SUMMER - dt.timedelta(days=1), SUMMER, dt.date(2030, 1, 1))


@pytest.mark.parametrize("spring_first", [True, False])
def test_two_versions_wait_and_each_begins_on_its_day_whichever_was_published_first(first, writer, second, spring_first):
    spring, summer = ready(first, writer), ready(first, writer)
    order = [(spring, SPRING), (summer, SUMMER)]
    for draft, day in order if spring_first else reversed(order):
        publish(draft, second, day)
    assert holding(*DAYS) == [1, 1, spring.number, spring.number, summer.number, summer.number]
    (line,) = programmes_of(first.programme.agency_id, TODAY, "en")
    assert line.in_force.number == 1 and [version.number for version in line.coming] == [spring.number, summer.number]


def test_one_for_the_same_day_replaces_the_one_that_waits(first, writer, second):
    wrong, right, later = ready(first, writer), ready(first, writer), ready(first, writer)
    publish(wrong, second, SPRING)
    publish(later, second, SUMMER)
    publish(right, second, SPRING)
    assert holding(*DAYS) == [1, 1, right.number, right.number, later.number, later.number]
    (line,) = programmes_of(first.programme.agency_id, TODAY, "en")
    assert wrong.number not in {version.number for version in line.coming}


def test_who_wrote_the_draft_that_a_draft_goes_on_from_cannot_publish_it(first, writer, second, office):
    one, two = actor_of(writer), actor_of(second)
    with acting_as(one):
        draft = actions.begin_draft(by=one, version=first, at=NOW)
        draft = actions.save_draft(by=one, version_id=draft.pk, data=with_higher_limit(draft), lock_version=0, at=NOW)
    with acting_as(two):
        copy = actions.begin_draft(by=two, version=draft, at=NOW)
        actions.send_for_approval(by=two, version_id=copy.pk, at=NOW)
    for membership in (writer, second):
        with pytest.raises(Refused, match="second person"):
            publish(copy, membership, TODAY)
    assert publish(copy, make_admin(office), TODAY).state == "published"


def test_nobody_publishes_their_own_work_from_another_tab_or_after_moving_on(client, first, writer, second):
    """The page was open before the person wrote a part; they moved to another agency and back; they hold the role twice."""
    draft = ready(first, writer)
    by = actor_of(second)
    sign_in(client, second)
    page = client.get(reverse("eligibility:admin_version", args=["heating_help", draft.number]))
    assert "Publish</button>" in page.content.decode()
    with acting_as(by):
        actions.send_back(by=by, version_id=draft.pk, at=NOW)
        actions.save_draft(by=by, version_id=draft.pk, data=draft.definition, lock_version=1, at=NOW)
        actions.send_for_approval(by=by, version_id=draft.pk, at=NOW)
    url = reverse("eligibility:admin_publish", args=["heating_help", draft.number])
    assert client.post(url, {"effective_from": timezone.localdate().isoformat()}).status_code == 403
    moved = Membership.objects.create(
        user=writer.user, agency=make_agency("other-office"), role="programme_admin", starts_on=writer.starts_on
    )
    with pytest.raises(Refused):
        publish(draft, moved, TODAY)
    again = Membership.objects.create(
        user=writer.user, agency=first.programme.agency, role="agency_admin", starts_on=writer.starts_on
    )
    with pytest.raises(Refused):
        publish(draft, again, TODAY)
    assert ProgrammeVersion.objects.get(pk=draft.pk).state == "checked"


def test_the_way_back_is_one_press_says_from_where_and_shows_what_it_undoes(client, first, writer, second):
    publish(ready(first, writer, "Warm homes"), second, timezone.localdate())
    sign_in(client, second)
    page = client.get(reverse("eligibility:admin_programme", args=["heating_help"])).content.decode()
    assert "Go back to version 1" in page
    client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]))
    back = ProgrammeVersion.objects.get(number=3)
    assert (back.note, back.based_on_id, back.definition) == ("Back to version 1", first.pk, first.definition)
    shown = client.get(reverse("eligibility:admin_version", args=["heating_help", 3])).content.decode()
    assert "What changes against version 2" in shown
    assert "<del>Warm homes</del>" in shown and "<ins>Heating help</ins>" in shown


# --- differences -------------------------------------------------------------------------------------------------------


def changed(first, **parts) -> ProgrammeVersion:
    """An unsaved version with other parts."""
    return ProgrammeVersion(programme=first.programme, number=2, definition={**first.definition, **parts}, shared=first.shared)


def told(first, after):
    return {(item.section, item.path): item for item in compared(first, after, "en")}


def test_a_new_value_of_a_limit_stands_beside_the_one_that_held_until_then(first):
    row = {"from": "2027-04-06", "value": "12000", "law": "Heating Act 2027"}
    (item,) = compared(first, changed(first, limits=with_limit_row(first.definition, "savings_limit", row)["limits"]), "en")
    assert (item.section, item.path) == ("Limits", "Savings limit, from 6 Apr 2027")
    assert (item.before, item.before_note) == ("£10,000", "since 1 Jan 2020, Heating Act s.2")
    assert (item.after, item.after_note, item.rise) == ("£12,000", "Heating Act 2027", "+20.0%")


def test_a_formula_is_shown_with_its_sentence_and_texts_by_language(first):
    text = (
        HEATING.replace("household.savings <=", "household.savings <")
        .replace("Cymorth", "Help")
        .replace('statement = "Bank statement"', 'statement = "Statement of your bank"')
    )
    found = told(first, changed(first, **read_definition(text).to_dict()))
    condition = found["Conditions", "Your savings are not above £10,000 › Condition"]
    assert condition.before_formula == "household.savings <= limits.savings_limit" and "<=" not in condition.after_formula
    assert condition.before == condition.after == "Your savings are not above £10,000"
    assert found["Translations", "Welsh › Name"].after == "Help Gwresogi"
    assert found["Proof", "Proof of your savings › Any one of › statement"].after == "Statement of your bank"
    assert len(found) == 3


def test_parts_that_come_and_go_are_told_one_by_one(first):
    criteria = [dict(first.definition["criteria"][0]), {**first.definition["criteria"][1], "id": "means"}]
    limits = {name: value for name, value in first.definition["limits"].items() if name != "rate"}
    cases = {**first.definition["cases"], "case": first.definition["cases"]["case"][1:]}
    variant = {"id": "newham", "name": "Newham", "local_authorities": ["newham"], "law": "x", "limits": {}}
    variant["limits"] = {"rate": {**first.definition["limits"]["rate"], "label": "Rate here"}}
    after = changed(
        first,
        criteria=criteria,
        limits=limits,
        cases=cases,
        variants=[variant],
        amount=None,
        windows=[{"opens": "09-15", "closes": "03-31", "state": "open"}],
    )
    found = told(first, after)
    kinds = {key: item.kind for key, item in found.items()}
    assert kinds["Limits", "Yearly payment, from 1 Jan 2020"] == "removed"
    assert kinds["Worked examples", "sixty"] == "removed"
    assert kinds["Local variants", "Newham › Rate here, from 1 Jan 2020"] == "added"
    assert kinds["Local variants", "Newham › Councils"] == "added"
    assert any(section == "When claims are taken" for section, _path in found)
    assert any(section == "Amount" for section, _path in found)
    assert {item.kind for item in compared(first, after, "en") if item.section == "Conditions"} == {"added", "removed"}


def test_versions_that_read_the_same_have_no_difference(first):
    assert compared(first, changed(first), "en") == []


def rewritten(code, writer, when, household):
    """A draft of a programme's first version with one other condition and one example, sent to a second person."""
    by = actor_of(writer)
    first = ProgrammeVersion.objects.get(programme__code=code, number=1)
    with acting_as(by):
        draft = actions.begin_draft(by=by, version=first, at=NOW)
        condition = {
            **draft.definition["criteria"][0],
            "when": when,
            "says": "You may",
            "says_not": "You may not",
            "says_unknown": "",
        }
        case = {"id": "one", "on": "2026-11-21", **household, "expect": {"outcome": "likely"}}
        data = {**draft.definition, "criteria": [condition], "cases": {"case": [case]}}
        draft = actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=0, at=NOW)
        assert not draft.examples["failed"], draft.examples
        return actions.send_for_approval(by=by, version_id=draft.pk, at=NOW)


@pytest.fixture
def meeting(first, writer, second):
    """Blanket help no longer rests on Heating help, which will rest on it from the summer on; a draft goes back to what was.

    Returns the draft that goes back, and one that does not.
    """
    load(read_definition(BLANKET, BLANKET_CASES))
    grown_up = {"applicant": {"age": 30}}
    publish(rewritten("blanket_help", writer, "applicant.age >= 18", grown_up), second, TODAY)
    heated, covered = "programmes.heating_help.likely", "programmes.blanket_help.likely"
    heating = rewritten("heating_help", writer, covered, {"programmes": {"blanket_help": "likely"}})
    publish(heating, second, SUMMER)
    return (
        rewritten("blanket_help", writer, heated, {"programmes": {"heating_help": "likely"}}),
        rewritten("blanket_help", writer, "applicant.age >= 21", grown_up),
    )


def test_a_version_that_would_meet_one_that_waits_in_a_circle_is_refused(meeting, second):
    """On its own first day all is well; on the day on which the other one begins nobody could be screened any more."""
    back, _forth = meeting
    with pytest.raises(actions.NotReady, match=r"1 Jul 2027.*circle"):
        publish(back, second, SPRING)
    assert ProgrammeVersion.objects.get(pk=back.pk).state == "checked"
    assert set(rulebook_in_force(SUMMER).on(SUMMER)) == {"blanket_help", "heating_help"}


def test_a_version_that_ends_before_the_other_begins_is_published(meeting, second):
    back, forth = meeting
    publish(forth, second, SUMMER)
    assert publish(back, second, SPRING).effective_to == SUMMER - dt.timedelta(days=1)
