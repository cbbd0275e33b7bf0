"""What the person reads is the result of the rules in force, however close publications, changes and screenings come together."""

import datetime as dt

import pytest

from casework.queries.offers import latest_determination
from consent.actions.facts import write
from eligibility.actions.determinations import screen_as_machine
from eligibility.actions.programmes import begin_draft, publish, save_draft, send_for_approval
from eligibility.models import Determination, ProgrammeVersion
from eligibility.queries.catalogue import in_force
from eligibility.queries.results import latest, results_for
from portal.kit.actor import acting_as
from portal.models import Notification, User
from tests.eligibility.test_programme_admin import TODAY, with_higher_limit
from tests.factories.consent import make_record
from tests.factories.eligibility import (
    BLANKET,
    BLANKET_CASES,
    actor_of,
    allow_screening,
    load,
    make_admin,
    make_agency,
    read_definition,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def office():
    allow_screening()
    office = make_agency("heat-office")
    load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    return office


def publish_limit(office, pounds: int, *, at=NOW, on=TODAY) -> ProgrammeVersion:
    """A new version of Heating help with another savings limit from `on`, written by one admin and published by a second."""
    writer, second = actor_of(make_admin(office)), actor_of(make_admin(office))
    with acting_as(writer):
        first = ProgrammeVersion.objects.get(programme__code="heating_help", number=1)
        draft = begin_draft(by=writer, version=first, at=at)
        data = with_higher_limit(draft, on.isoformat(), str(pounds))
        draft = save_draft(by=writer, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=at)
        send_for_approval(by=writer, version_id=draft.pk, at=at)
    with acting_as(second):
        return publish(by=second, version_id=draft.pk, effective_from=on, at=at, today=TODAY)


def told(record, citizen, on=TODAY) -> dict[str, str]:
    """{programme: outcome} as the citizen's page has it."""
    with acting_as(citizen):
        found = results_for(record, on)
        assert found.state == "ready"
        return {card.code: card.outcome for card in found.everything}


def test_a_result_that_comes_back_on_the_same_day_is_the_one_that_is_shown(office):
    """Blanket help keeps its version while Heating help, on which it rests, goes there and back."""
    record, citizen = make_record({"me.born_on": "1950-04-02", "household.savings": "12000.00"})
    screen_as_machine(record_id=record.pk, at=NOW)
    assert told(record, citizen) == {"heating_help": "not_likely", "blanket_help": "not_likely"}
    with_first = begin_from(office, 1)
    publish_limit(office, 20_000)
    screen_as_machine(record_id=record.pk, at=NOW + MINUTE)
    assert told(record, citizen) == {"heating_help": "likely", "blanket_help": "likely"}
    with_first()
    screen_as_machine(record_id=record.pk, at=NOW + 2 * MINUTE)
    assert told(record, citizen) == {"heating_help": "not_likely", "blanket_help": "not_likely"}
    blanket = ProgrammeVersion.objects.get(programme__code="blanket_help")
    with acting_as(citizen):
        assert latest_determination(record.pk, blanket.pk).outcome == "not_likely"


def begin_from(office, number: int):
    """The way back to a version, ready to be published by calling what is returned."""
    writer, second = actor_of(make_admin(office)), actor_of(make_admin(office))
    with acting_as(writer):
        version = ProgrammeVersion.objects.get(programme__code="heating_help", number=number)
        draft = begin_draft(by=writer, version=version, at=NOW)
        send_for_approval(by=writer, version_id=draft.pk, at=NOW)

    def go() -> None:
        with acting_as(second):
            publish(by=second, version_id=draft.pk, effective_from=TODAY, at=NOW, today=TODAY)

    return go


def test_a_screening_that_waited_for_its_turn_is_the_newest_although_it_was_asked_for_before(office):
    """Its moment was taken before it waited; what counts is the order in which the record was screened."""
    record, citizen = make_record({"me.born_on": "1950-04-02", "household.savings": "12000.00"})
    screen_as_machine(record_id=record.pk, at=NOW + 2 * MINUTE)
    publish_limit(office, 20_000)
    screen_as_machine(record_id=record.pk, at=NOW)
    assert told(record, citizen) == {"heating_help": "likely", "blanket_help": "likely"}
    with acting_as(citizen):
        assert {row.outcome for row in latest(record, in_force(TODAY))} == {"likely"}
        blanket = ProgrammeVersion.objects.get(programme__code="blanket_help")
        assert latest_determination(record.pk, blanket.pk).outcome == "likely"
        assert Determination.objects.count() == 4


def notices(user) -> list[str]:
    return list(Notification.objects.filter(user=user).values_list("kind", flat=True))


@pytest.fixture
def person():
    return User.objects.create_user("citizen@example.org", "correct horse battery", name="Robin")


FACTS = {"me.born_on": "1950-04-02", "household.savings": "12000.00"}


def test_a_person_is_told_once_that_the_rules_changed_their_result(office, person):
    record, citizen = make_record(FACTS, user_id=person.pk)
    screen_as_machine(record_id=record.pk, at=NOW)
    assert notices(person) == []
    publish_limit(office, 20_000)
    for _again in range(3):
        screen_as_machine(record_id=record.pk, at=NOW + MINUTE)
    assert notices(person) == ["results_changed"]
    assert told(record, citizen)["heating_help"] == "likely"


def test_a_version_that_changes_nothing_for_a_person_tells_them_nothing(office, person):
    record, citizen = make_record({**FACTS, "household.savings": "100.00"}, user_id=person.pk)
    screen_as_machine(record_id=record.pk, at=NOW)
    publish_limit(office, 20_000)
    screen_as_machine(record_id=record.pk, at=NOW + MINUTE)
    with acting_as(citizen):
        assert Determination.objects.count() == 3  # Heating help's new version; Blanket help's rests on the same result
    assert notices(person) == []


def test_who_changed_an_answer_sees_the_result_and_is_not_told_of_it(office, person):
    record, citizen = make_record(FACTS, user_id=person.pk)
    screen_as_machine(record_id=record.pk, at=NOW)
    with acting_as(citizen):
        change = {"household.savings": "100.00"}
        write(by=citizen, record=record, changes=change, source="self", collected_under="screening", at=NOW)
    screen_as_machine(record_id=record.pk, at=NOW + MINUTE)
    assert told(record, citizen)["heating_help"] == "likely"
    assert notices(person) == []


def test_several_versions_on_one_day_are_one_notice_and_the_next_day_another(office, person):
    record, _citizen = make_record(FACTS, user_id=person.pk)
    screen_as_machine(record_id=record.pk, at=NOW)
    for count, pounds in enumerate((20_000, 11_000, 30_000), start=1):
        publish_limit(office, pounds)
        screen_as_machine(record_id=record.pk, at=NOW + count * MINUTE)
    assert notices(person) == ["results_changed"]
    publish_limit(office, 11_000, on=TODAY + dt.timedelta(days=1))
    screen_as_machine(record_id=record.pk, at=NOW + dt.timedelta(days=1, minutes=5))
    assert notices(person) == ["results_changed"] * 2


def test_a_birthday_that_changes_a_result_is_told(office, person):
    record, _citizen = make_record({"me.born_on": "1966-12-01", "household.savings": "100.00"}, user_id=person.pk)
    screen_as_machine(record_id=record.pk, at=NOW)
    screen_as_machine(record_id=record.pk, at=dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC))
    assert notices(person) == ["results_changed"]
