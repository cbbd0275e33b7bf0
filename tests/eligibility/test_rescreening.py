"""What the person reads is the result of the rules in force, however close publications, changes and screenings come together."""

import datetime as dt

import pytest

from casework.queries.offers import latest_determination
from eligibility.actions.determinations import screen_as_machine
from eligibility.actions.programmes import begin_draft, publish, save_draft, send_for_approval
from eligibility.models import Determination, ProgrammeVersion
from eligibility.queries.catalogue import in_force
from eligibility.queries.results import latest, results_for
from portal.kit.actor import acting_as
from tests.eligibility.test_programme_admin import TODAY
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
    """A new version of Heating help with another savings limit, written by one admin and published by a second."""
    writer, second = actor_of(make_admin(office)), actor_of(make_admin(office))
    newest = ProgrammeVersion.objects.filter(programme__code="heating_help").order_by("-number").first()
    with acting_as(writer):
        draft = begin_draft(by=writer, version=newest, at=at)
        data = dict(draft.definition)
        rows = [{"from": (on + dt.timedelta(days=0)).isoformat(), "value": str(pounds), "law": "Heating Act s.2"}]
        kept = [row for row in data["limits"]["savings_limit"]["rows"] if row["from"] != rows[0]["from"]]
        data["limits"] = {**data["limits"], "savings_limit": {**data["limits"]["savings_limit"], "rows": [*kept, *rows]}}
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
