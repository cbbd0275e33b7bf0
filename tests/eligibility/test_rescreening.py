"""What the person reads is the result of the rules in force, however close publications, changes and screenings come together."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.queries.offers import latest_determination
from consent.actions.facts import write
from eligibility import jobs
from eligibility.actions.determinations import screen_as_machine
from eligibility.actions.programmes import begin_draft, publish, save_draft, send_for_approval
from eligibility.models import Determination, ProgrammePause, ProgrammeVersion
from eligibility.queries.catalogue import in_force
from eligibility.queries.results import latest, results_for
from eligibility.queries.screening import due
from portal.kit.actor import Actor, acting_as
from portal.models import Notification, User
from portal.services.pytest_plugin import celery_speaking_to
from tests.eligibility.test_programme_admin import TODAY, sign_in, with_higher_limit
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
CASELOAD = Actor.machine("test", caseload=True)
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


@pytest.mark.parametrize(
    ("first_day", "midnight"),
    [
        (dt.date(2026, 12, 1), dt.datetime(2026, 12, 1, tzinfo=dt.UTC)),
        (dt.date(2027, 3, 28), dt.datetime(2027, 3, 28, tzinfo=dt.UTC)),  # the night in which summer time begins
        (dt.date(2027, 3, 29), dt.datetime(2027, 3, 28, 23, tzinfo=dt.UTC)),
        (dt.date(2027, 10, 31), dt.datetime(2027, 10, 30, 23, tzinfo=dt.UTC)),  # the night in which it ends
        (dt.date(2027, 11, 1), dt.datetime(2027, 11, 1, tzinfo=dt.UTC)),
    ],
)
def test_a_version_begins_at_midnight_where_the_people_live(office, person, first_day, midnight):
    record, citizen = make_record(FACTS, user_id=person.pk)
    publish_limit(office, 20_000, on=first_day)
    screen_as_machine(record_id=record.pk, at=midnight - dt.timedelta(seconds=1))
    assert told(record, citizen, first_day - dt.timedelta(days=1))["heating_help"] == "not_likely"
    with acting_as(CASELOAD):
        assert due(on=first_day - dt.timedelta(days=1)) == []
        assert due(on=first_day) == [record.pk]
    screen_as_machine(record_id=record.pk, at=midnight)
    assert told(record, citizen, first_day)["heating_help"] == "likely"
    # one that was asked for a second before midnight and only now has its turn
    screen_as_machine(record_id=record.pk, at=midnight - dt.timedelta(seconds=1))
    assert told(record, citizen, first_day)["heating_help"] == "likely"
    with acting_as(citizen):
        assert Determination.objects.count() == 4
    assert notices(person) == ["results_changed"]


def test_a_version_published_a_second_before_midnight_holds_though_it_is_committed_after_it(office):
    """The day was taken when the button was pressed."""
    record, citizen = make_record(FACTS)
    publish_limit(office, 20_000, at=dt.datetime(2026, 11, 21, 23, 59, 59, tzinfo=dt.UTC))
    screen_as_machine(record_id=record.pk, at=dt.datetime(2026, 11, 22, 0, 0, 5, tzinfo=dt.UTC))
    assert told(record, citizen, TODAY + dt.timedelta(days=1))["heating_help"] == "likely"


def test_without_a_broker_the_pages_answer_and_the_sweep_brings_it_about(
    client, office, person, django_capture_on_commit_callbacks, caplog
):
    record, citizen = make_record(FACTS, user_id=person.pk)
    today = timezone.localdate()
    jobs.sweep()
    writer, second = make_admin(office), make_admin(office)
    by = actor_of(writer)
    first = ProgrammeVersion.objects.get(programme__code="heating_help", number=1)
    with acting_as(by):
        draft = begin_draft(by=by, version=first, at=NOW)
        data = with_higher_limit(draft, today.isoformat(), "20000")
        draft = save_draft(by=by, version_id=draft.pk, data=data, lock_version=0, at=NOW)
        send_for_approval(by=by, version_id=draft.pk, at=NOW)
    sign_in(client, second)
    with celery_speaking_to("redis://127.0.0.1:1/0"):
        with django_capture_on_commit_callbacks(execute=True):
            path = reverse("eligibility:admin_publish", args=["heating_help", draft.number])
            assert client.post(path, {"effective_from": today.isoformat()}).status_code == 302
            pause = {"reason": "The money for this year is spent.", "expected_on": ""}
            assert client.post(reverse("eligibility:admin_pause", args=["heating_help"]), pause).status_code == 302
        assert "the sweep will find it: eligibility.jobs.sweep" in caplog.text
        jobs.sweep()
    assert told(record, citizen, today)["heating_help"] == "likely"
    assert notices(person) == ["results_changed"]
    assert ProgrammePause.objects.filter(programme__code="heating_help", ended_at=None).count() == 1
