"""Screening: every programme in one go, through the gate, a repeat writes nothing, and what changed is looked at again."""

import datetime as dt

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.actions.facts import write
from consent.actions.involvements import begin
from consent.models import AccessLog
from eligibility import jobs, listeners
from eligibility.actions.determinations import screen_as_machine
from eligibility.models import Determination, Screening
from eligibility.queries.asking import Asking
from eligibility.queries.screening import due, rules_on
from portal.kit.actor import Actor, acting_as
from portal.kit.identity import uuid7
from tests.factories.consent import make_record, staff_of
from tests.factories.eligibility import (
    BLANKET,
    BLANKET_CASES,
    HEATING,
    actor_of,
    allow_screening,
    load,
    make_admin,
    make_agency,
    read_definition,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
OLD_AND_POOR = {"me.born_on": "1950-04-02", "household.savings": "100.00"}
CASELOAD = Actor.machine("test", caseload=True)
EACH = 16  # statements of one screening: locks and savepoints, whose record, which rules, the gate, the facts, what is kept


def results(actor) -> dict[str, Determination]:
    with acting_as(actor):
        rows = Determination.objects.select_related("programme_version__programme").order_by("created_at", "id")
        return {row.programme_version.programme.code: row for row in rows}


@pytest.fixture
def programmes():
    allow_screening()
    return load(read_definition(), read_definition(BLANKET, BLANKET_CASES))


def test_all_programmes_are_assessed_in_one_call_and_kept_with_their_reasons(programmes):
    record, citizen = make_record(OLD_AND_POOR)
    screen_as_machine(record_id=record.pk, at=NOW)
    found = results(citizen)
    heating = found["heating_help"]
    assert (heating.outcome, heating.amount, heating.amount_per, heating.currency) == ("likely", 24000, "year", "GBP")
    assert heating.record_version == 1 and heating.on == TODAY and heating.missing == []
    assert next(item["sentence"] for item in heating.explanation["explanation"]) == "You are 60 or over"
    assert heating.inputs["facts"]["household"] == {"savings": "100.00"}
    assert found["blanket_help"].outcome == "likely"
    assert found["blanket_help"].inputs["programmes"]["heating_help"]["outcome"] == "likely"


def test_the_facts_are_read_through_the_gate_and_logged_once(programmes):
    record, citizen = make_record(OLD_AND_POOR)
    screen_as_machine(record_id=record.pk, at=NOW)
    with acting_as(citizen):
        entry = AccessLog.objects.get(record_id=record.pk, purpose="screening")
    assert entry.actor_kind == "machine" and entry.outcome == "allow"
    assert entry.concepts_released == ["household.savings", "person.born_on"]


def test_a_repeat_writes_nothing(programmes):
    record, citizen = make_record(OLD_AND_POOR)
    for _time in range(3):
        screen_as_machine(record_id=record.pk, at=NOW)
    with acting_as(citizen):
        assert Determination.objects.count() == 2
        assert AccessLog.objects.filter(record_id=record.pk, purpose="screening").count() == 1


def test_a_later_day_without_a_change_writes_no_new_determination(programmes):
    record, citizen = make_record(OLD_AND_POOR)
    screen_as_machine(record_id=record.pk, at=NOW)
    with acting_as(Actor.machine("t", record_id=record.pk)):
        Screening.objects.update(next_on=TODAY)
    screen_as_machine(record_id=record.pk, at=NOW + dt.timedelta(days=3))
    with acting_as(citizen):
        assert Determination.objects.count() == 2
        assert Screening.objects.get().on == TODAY + dt.timedelta(days=3)


def test_a_birthday_brings_the_record_back(programmes):
    record, citizen = make_record({"me.born_on": "1966-12-01", "household.savings": "100.00"})
    screen_as_machine(record_id=record.pk, at=NOW)
    assert results(citizen)["heating_help"].outcome == "not_likely"
    assert results(citizen)["heating_help"].changes_on == dt.date(2026, 12, 1)
    with acting_as(CASELOAD):
        assert due(on=dt.date(2026, 11, 30)) == []
        assert due(on=dt.date(2026, 12, 1)) == [record.pk]
    screen_as_machine(record_id=record.pk, at=dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC))
    assert results(citizen)["heating_help"].outcome == "likely"
    assert results(citizen)["blanket_help"].outcome == "likely"


def test_a_changed_fact_makes_new_results_for_the_new_version(programmes):
    record, citizen = make_record(OLD_AND_POOR)
    screen_as_machine(record_id=record.pk, at=NOW)
    with acting_as(citizen):
        write(
            by=citizen,
            record=record,
            changes={"household.savings": "20000.00"},
            source="self",
            collected_under="screening",
            at=NOW,
        )
    with acting_as(CASELOAD):
        assert due(on=TODAY) == [record.pk]
    screen_as_machine(record_id=record.pk, at=NOW)
    newest = results(citizen)["heating_help"]
    assert newest.outcome == "not_likely" and newest.record_version == 2
    assert newest.explanation["outlook"]["ways_out"][0] == {
        "key": "household.savings",
        "test": "at_most",
        "value": "10000.00",
        "words": "if your savings were £10,000 or less",
    }


def test_missing_facts_make_the_result_unknown_and_name_the_question(programmes):
    record, citizen = make_record({"me.born_on": "1950-04-02"})
    screen_as_machine(record_id=record.pk, at=NOW)
    found = results(citizen)
    assert found["heating_help"].outcome == "unknown"
    assert found["heating_help"].missing == ["household.savings"]


def test_a_refusal_of_the_gate_is_kept_and_not_tried_again_the_same_day():
    allow = make_agency("onedoor", kind="operator")
    load(read_definition())
    record, citizen = make_record(OLD_AND_POOR)
    screen_as_machine(record_id=record.pk, at=NOW)
    with acting_as(citizen):
        screening = Screening.objects.get()
        assert screening.refused and not Determination.objects.exists()
        assert AccessLog.objects.get(record_id=record.pk).outcome == "deny"
    assert allow.kind == "operator"
    with acting_as(CASELOAD):
        assert due(on=TODAY) == []
        assert due(on=TODAY + dt.timedelta(days=1)) == [record.pk]


def test_others_do_not_see_a_determination(programmes):
    record, citizen = make_record(OLD_AND_POOR)
    _other, stranger = make_record()
    screen_as_machine(record_id=record.pk, at=NOW)
    assert len(results(citizen)) == 2
    assert results(stranger) == {}
    assert results(staff_of(make_agency("heat-office"))) == {}
    assert results(Actor.machine("other", record_id=_other.pk)) == {}
    assert results(Actor.anonymous()) == {}
    assert len(results(CASELOAD)) == 2


def test_a_determination_never_changes(programmes):
    record, _citizen = make_record(OLD_AND_POOR)
    screen_as_machine(record_id=record.pk, at=NOW)
    for actor in (Actor.machine("t", record_id=record.pk), _citizen, CASELOAD):
        with acting_as(actor), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update eligibility_determination set outcome = 'unknown'")
            assert cursor.rowcount == 0
    assert results(_citizen)["heating_help"].outcome == "likely"


@pytest.fixture
def handed_on(monkeypatch) -> list[dict[str, str]]:
    """Chunks of two, and what each sweep asks of the next."""
    monkeypatch.setattr(jobs, "CHUNK", 2)
    asked: list[dict[str, str]] = []
    monkeypatch.setattr(jobs, "enqueue", lambda job, **ids: asked.append(ids))
    return asked


def test_the_sweep_screens_what_the_broker_lost_and_hands_on(programmes, handed_on):
    records = sorted(make_record(OLD_AND_POOR)[0].pk for _n in range(3))
    jobs.sweep()
    assert handed_on == [{"after": str(records[1]), "rules": rules_on(timezone.localdate())}]
    jobs.sweep(**handed_on[0])
    with acting_as(CASELOAD):
        assert Screening.objects.count() == 3
        assert due(on=timezone.localdate()) == []


def test_staff_of_the_agency_see_results_of_their_programmes_once_involved(programmes):
    record, citizen = make_record(OLD_AND_POOR)
    screen_as_machine(record_id=record.pk, at=NOW)
    agency, other = make_agency("heat-office"), make_agency("other-office")
    with acting_as(citizen):
        for each in (agency, other):
            begin(by=citizen, record=record, agency_id=each.pk, kind="application", at=NOW, source=f"case:{each.slug}")
    assert set(results(staff_of(agency))) == {"heating_help", "blanket_help"}
    assert results(staff_of(other)) == {}
    assert actor_of(make_admin(other)).agency_id == other.pk


def test_a_change_and_a_publication_ask_for_screening_once_they_are_committed(
    programmes, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr(listeners, "enqueue", lambda job, **ids: asked.append((job.name, ids)))
    with django_capture_on_commit_callbacks(execute=True):
        record, _citizen = make_record(OLD_AND_POOR)
        assert asked == []
    assert asked == [("eligibility.jobs.screen", {"record_id": str(record.pk)})]
    asked.clear()
    with django_capture_on_commit_callbacks(execute=True):
        load(read_definition(HEATING.replace("heating_help", "cooling_help")))
    assert asked == [("eligibility.jobs.sweep", {"after": ""})]


def test_the_job_screens_and_a_second_run_changes_nothing(programmes):
    record, citizen = make_record(OLD_AND_POOR)
    for _run in range(2):
        jobs.screen(record_id=str(record.pk))
    assert {code: row.outcome for code, row in results(citizen).items()} == {"heating_help": "likely", "blanket_help": "likely"}
    with acting_as(citizen):
        assert Determination.objects.count() == 2


def test_a_job_for_a_record_that_is_gone_does_nothing(programmes):
    jobs.screen(record_id=str(uuid7()))
    with acting_as(CASELOAD):
        assert not Screening.objects.exists()


def test_what_is_open_is_told_side_by_side(programmes):
    asking = Asking()
    household = {"household": {}, "people": [{"id": "you", "role": "applicant"}]}
    found = asking.open_programmes(household, TODAY, None)
    assert {item.code: item.missing for item in found} == {
        "heating_help": {"household.savings", "you.born_on"},
        "blanket_help": {"household.savings", "you.born_on"},
    }
    assert {item.code: len(item.sides) for item in found} == {"heating_help": 2, "blanket_help": 1}
    household["people"][0]["born_on"] = "1950-01-01"
    assert [item.sides for item in asking.open_programmes(household, TODAY, None)] == [((frozenset({"household.savings"}),),)] * 2
    assert asking.open_programmes({**household, "household": {"savings": "1.00"}}, TODAY, None) == []
    assert [item.code for item in asking.open_programmes(household, TODAY, {"heating_help"})] == ["heating_help"]
    assert asking.needed_concepts({"heating_help"}) == {"household.savings", "person.born_on"}
    assert {item.code for item in asking.offers(TODAY)} == {"blanket_help", "heating_help"}


def test_a_draft_answer_that_cannot_be_counts_as_missing(programmes):
    household = {"household": {"savings": "1.00"}, "people": [{"id": "you", "role": "applicant", "born_on": "2090-01-01"}]}
    assert [item.missing for item in Asking().open_programmes(household, TODAY, None)] == [{"you.born_on"}] * 2


def test_a_version_published_while_sweeps_hand_on_makes_them_begin_anew(programmes, handed_on):
    """The first two were screened by the old rules already; nobody waits for the next beat to see the new ones."""
    records = sorted(make_record(OLD_AND_POOR)[0].pk for _n in range(5))
    jobs.sweep()
    load(read_definition(HEATING.replace("heating_help", "cooling_help")))
    while handed_on:
        jobs.sweep(**handed_on.pop())
    with acting_as(CASELOAD):
        assert due(on=timezone.localdate()) == []
        cooled = Determination.objects.filter(programme_version__programme__code="cooling_help")
        assert sorted(cooled.values_list("record_id", flat=True)) == records


def test_a_version_published_during_the_last_sweep_begins_another(programmes, handed_on, monkeypatch):
    for _n in range(3):
        make_record(OLD_AND_POOR)
    jobs.sweep()
    screened = jobs.determinations.screen_as_machine

    def and_publish(**asked):
        screened(**asked)
        load(read_definition(HEATING.replace("heating_help", "cooling_help")))

    monkeypatch.setattr(jobs.determinations, "screen_as_machine", and_publish)
    jobs.sweep(**handed_on.pop())
    assert handed_on == [{"after": ""}]


def test_a_sweep_out_of_time_hands_on_what_is_left(programmes, handed_on, monkeypatch):
    records = sorted(make_record(OLD_AND_POOR)[0].pk for _n in range(2))

    def slow(**_asked):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(jobs.determinations, "screen_as_machine", slow)
    jobs.sweep()
    assert handed_on == [{"after": str(records[0]), "rules": rules_on(timezone.localdate())}]


def test_one_record_that_cannot_be_screened_stops_no_other(programmes, handed_on, monkeypatch):
    first, second = sorted(make_record(OLD_AND_POOR)[0].pk for _n in range(2))
    screened = jobs.determinations.screen_as_machine

    def broken(**asked):
        if asked["record_id"] == first:
            raise ZeroDivisionError
        return screened(**asked)

    monkeypatch.setattr(jobs.determinations, "screen_as_machine", broken)
    jobs.sweep()
    with acting_as(CASELOAD):
        assert [row.record_id for row in Screening.objects.all()] == [second]


def test_one_sweep_runs_at_a_time(programmes):
    """A publication over many records must not take every worker from those who wait for their own results."""
    make_record(OLD_AND_POOR)
    elsewhere = connection.copy()
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtextextended('screening:sweep', 0))")
            jobs.sweep()
            with acting_as(CASELOAD):
                assert not Screening.objects.exists()
            cursor.execute("select pg_advisory_unlock(hashtextextended('screening:sweep', 0))")
    finally:
        elsewhere.close()
    jobs.sweep()
    with acting_as(CASELOAD):
        assert Screening.objects.count() == 1


def test_a_sweep_reads_no_more_for_each_record_than_it_must(programmes):
    """One more record is one more record: what the rules say, and who runs the portal, is read once."""

    def statements(records: int) -> int:
        for _n in range(records):
            make_record(OLD_AND_POOR)
        with CaptureQueriesContext(connection) as captured:
            jobs.sweep()
        with acting_as(CASELOAD):
            assert due(on=timezone.localdate()) == []
        return len(captured)

    statements(1)  # the rules are made ready
    assert statements(4) - statements(2) == 2 * EACH
