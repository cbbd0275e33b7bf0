"""A case's life: who may move it where, what its clock does, and what happens when two people work at once."""

import datetime as dt
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from casework import clocks
from casework.actions import cases, notes, requests
from casework.jobs.cases import follow_consent, sweep_permissions
from casework.models import CaseGrant, CaseTask, ProgrammeCase, StatusEvent
from casework.queries.cases import case_for_worker
from consent.actions.consents import withdraw as stop_consent
from consent.models import Consent, Involvement, RecordSnapshot
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from portal.kit.states import MoveRefused
from portal.models import Notification
from tests.factories import portal
from tests.factories.casework import Scene, make_scene
from tests.factories.consent import allow

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def ask(scene: Scene, case: ProgrammeCase, **fields):
    with acting_as(scene.worker):
        return requests.ask(
            **{
                "by": scene.worker, "case_id": case.pk, "seen": case.lock_version, "what": "Your bank statement", "why": "The law asks",
                "answer_by": timezone.localdate() + dt.timedelta(days=14), "at": timezone.now(),
            } | fields
        )  # fmt: skip


def answer(scene: Scene, request, **fields):
    with acting_as(scene.citizen):
        return requests.answer(**{"by": scene.citizen, "request_id": request.pk, "text": "Here", "at": timezone.now()} | fields)


# --- moving


def test_whoever_starts_a_case_takes_it(scene):
    case = scene.case()
    with acting_as(scene.worker):
        case = cases.advance(by=scene.worker, case_id=case.pk, seen=case.lock_version, state="in_assessment", at=timezone.now())
    assert (case.state, case.assignee_id, case.next_step) == ("in_assessment", scene.worker.user_id, "assess")


def test_an_older_page_is_refused_and_says_who_was_faster(scene):
    case = scene.case()
    with acting_as(scene.decider):
        cases.assign(by=scene.decider, case_id=case.pk, user_id=scene.decider.user_id, at=timezone.now())
    with acting_as(scene.worker), pytest.raises(cases.CaseChanged, match=scene.decider.name):
        cases.advance(by=scene.worker, case_id=case.pk, seen=case.lock_version, state="in_assessment", at=timezone.now())


def test_a_move_that_is_not_in_the_table_is_refused(scene):
    case = scene.case()
    with acting_as(scene.worker), pytest.raises(MoveRefused):
        cases.advance(by=scene.worker, case_id=case.pk, seen=case.lock_version, state="ready_for_decision", at=timezone.now())


def test_a_case_is_given_to_colleagues_who_work_on_cases_only(scene):
    case = scene.case()
    admin = portal.make_membership(scene.council, "programme_admin")
    stranger = portal.make_membership(portal.make_agency(), "caseworker")
    for nobody in (admin.user_id, stranger.user_id, uuid4()):
        with acting_as(scene.worker), pytest.raises(cases.NotPossible):
            cases.assign(by=scene.worker, case_id=case.pk, user_id=nobody, at=timezone.now())


def test_other_agencies_find_no_case(scene):
    case = scene.case()
    stranger = portal.actor_for(portal.make_membership(portal.make_agency(), "caseworker"))
    with acting_as(stranger):
        assert not ProgrammeCase.objects.exists()
        assert not StatusEvent.objects.exists()
        assert not CaseGrant.objects.exists()
        with pytest.raises(ProgrammeCase.DoesNotExist):
            case_for_worker(stranger, case.pk)
        with pytest.raises(ProgrammeCase.DoesNotExist):
            cases.advance(by=stranger, case_id=case.pk, seen=1, state="in_assessment", at=timezone.now())


def test_the_agencys_stored_grant_is_asked(scene):
    case = scene.case()
    with acting_as(scene.worker):
        assert case_for_worker(scene.worker, case.pk) == case
        CaseGrant.objects.all().delete()
        with pytest.raises(Refused):
            case_for_worker(scene.worker, case.pk)


def test_roles_that_do_not_work_on_cases_are_refused(scene):
    case = scene.case()
    officer = portal.actor_for(portal.make_membership(scene.council, "counter_officer"))
    with acting_as(officer), pytest.raises(Refused):
        case_for_worker(officer, case.pk)


def test_history_cannot_be_changed(scene):
    case = scene.case()
    with acting_as(scene.worker):
        for change in (lambda rows: rows.update(text="other"), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(StatusEvent.objects.filter(case=case))


# --- ending


def test_the_person_takes_an_application_back_and_the_agency_loses_sight(scene):
    case = scene.case()
    with acting_as(scene.citizen):
        ended = cases.withdraw(by=scene.citizen, case_id=case.pk, at=timezone.now())
    assert (ended.state, ended.result, ended.closed_on) == ("withdrawn", "withdrawn", timezone.localdate())
    with acting_as(scene.worker):
        assert not CaseGrant.objects.get(content_object=case).is_open
        assert Involvement.objects.get().ends_at is not None


def test_the_agency_cannot_take_it_back(scene):
    case = scene.case()
    with acting_as(scene.decider), pytest.raises(Refused):
        cases.withdraw(by=scene.decider, case_id=case.pk, at=timezone.now())


def test_without_a_decision_only_a_decision_maker_closes_and_says_why(scene):
    case = scene.case()
    now = timezone.now()
    with acting_as(scene.worker), pytest.raises(MoveRefused):
        cases.close(by=scene.worker, case_id=case.pk, seen=case.lock_version, at=now, text="You moved away")
    with acting_as(scene.decider), pytest.raises(cases.NotPossible):
        cases.close(by=scene.decider, case_id=case.pk, seen=case.lock_version, at=now)
    with acting_as(scene.decider):
        ended = cases.close(by=scene.decider, case_id=case.pk, seen=case.lock_version, at=now, text="You moved away")
    assert (ended.state, ended.result) == ("closed", "no_decision")


def test_a_case_opened_again_has_a_new_clock_and_no_end(scene):
    case = scene.case(at=timezone.now() - dt.timedelta(days=60))
    with acting_as(scene.decider):
        case = cases.close(by=scene.decider, case_id=case.pk, seen=case.lock_version, at=timezone.now(), text="You moved away")
        case = cases.reopen(by=scene.decider, case_id=case.pk, seen=case.lock_version, at=timezone.now(), text="You came back")
        assert Involvement.objects.filter(kind="application", ends_at=None).exists()
    assert (case.state, case.result, case.closed_on, case.clock_from) == ("reopened", "", None, timezone.localdate())


@pytest.mark.parametrize("broken", [{"closed_on": None}, {"result": ""}])
def test_the_database_keeps_end_and_result_together(scene, broken):
    case = scene.case()
    values = {"state": "closed", "closed_on": timezone.localdate(), "result": "granted"} | broken
    with acting_as(scene.worker), pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeCase.objects.filter(pk=case.pk).update(**values)


# --- asking


def test_asking_stops_the_clock_and_the_answer_lets_it_run(scene):
    long_ago = timezone.now() - dt.timedelta(days=30)
    case = scene.case(at=long_ago)
    request = ask(scene, case, at=long_ago + dt.timedelta(days=2), answer_by=timezone.localdate() + dt.timedelta(days=3))
    case = scene.fresh(case)
    assert (case.state, case.next_step) == ("awaiting_information", "wait")
    assert case.paused_on == timezone.localdate(long_ago + dt.timedelta(days=2))
    before = case.due_on
    answer(scene, request)
    case = scene.fresh(case)
    expected = clocks.days_paused(timezone.localdate(long_ago + dt.timedelta(days=2)), timezone.localdate(), "ENG")
    assert (case.state, case.paused_on, case.paused_days) == ("in_assessment", None, expected)
    assert case.due_on == clocks.due_day(case.clock_from, 10, expected, "ENG") > before
    assert case.next_step == "check_answer"
    with acting_as(scene.worker):
        task = CaseTask.objects.get()
        notes.finish_task(by=scene.worker, case_id=case.pk, task_id=task.pk, at=timezone.now())
    assert scene.fresh(case).next_step == "assess"


def test_person_and_worker_are_told(scene):
    case = scene.case()
    answer(scene, ask(scene, case))
    kinds = set(Notification.objects.values_list("user_id", "kind"))
    assert {(scene.citizen.user_id, "asked"), (scene.worker.user_id, "answered")} <= kinds


def test_an_answer_can_fill_in_a_fact(scene):
    case = scene.case()
    request = ask(scene, case, fact="household.savings")
    answer(scene, request, value="900.00", has_value=True, text="")
    with acting_as(scene.citizen):
        snapshot = RecordSnapshot.objects.get()
    assert snapshot.values["household.savings"] == "900.00"
    assert snapshot.provenance["household.savings"]["source"] == "self"


def test_with_two_questions_the_case_waits_for_both(scene):
    case = scene.case()
    first = ask(scene, case)
    second = ask(scene, scene.fresh(case))
    answer(scene, first)
    assert scene.fresh(case).state == "awaiting_information"
    with acting_as(scene.worker):
        requests.take_back(by=scene.worker, case_id=case.pk, request_id=second.pk, at=timezone.now())
    case = scene.fresh(case)
    assert (case.state, case.paused_on) == ("in_assessment", None)


def test_answering_twice_changes_nothing(scene):
    request = ask(scene, scene.case())
    answer(scene, request)
    assert answer(scene, request, text="Other").answer == "Here"


@pytest.mark.parametrize("broken", [{"what": " "}, {"why": ""}, {"answer_by": dt.date(2020, 1, 1)}, {"fact": "identity.name"}])
def test_a_question_says_what_why_and_by_when(scene, broken):
    case = scene.case()
    with pytest.raises(cases.NotPossible):
        ask(scene, case, **broken)


# --- permission


def stop(scene: Scene) -> Consent:
    with acting_as(scene.citizen):
        consent = Consent.objects.get(state="given")
        return stop_consent(by=scene.citizen, consent=consent, at=timezone.now())


def follow(scene: Scene, consent: Consent) -> bool:
    return follow_consent(consent_id=str(consent.pk), record_id=str(scene.record.pk), agency_id=str(scene.council.pk))


def test_a_stopped_permission_raises_an_alert_once(scene):
    case = scene.case()
    consent = stop(scene)
    assert follow(scene, consent)
    assert not follow(scene, consent)
    case = scene.fresh(case)
    assert case.next_step == "permission_ended"
    with acting_as(scene.worker):
        assert CaseTask.objects.get().source == f"consent:{consent.pk}"


def test_the_sweep_finds_a_lost_hint(scene):
    scene.case()
    stop(scene)
    assert sweep_permissions() == 1
    assert sweep_permissions() == 0


def test_allowing_again_ends_the_alert(scene):
    case = scene.case()
    follow(scene, stop(scene))
    again = allow(scene.citizen, scene.record, scene.activity, at=timezone.now())
    assert follow(scene, again)
    assert scene.fresh(case).next_step == "start"


# --- clocks


@pytest.mark.parametrize(
    ("sent", "until"),
    [
        (dt.date(2026, 11, 23), dt.date(2026, 12, 23)),
        (dt.date(2026, 11, 26), dt.date(2026, 12, 29)),  # 26 December is a Saturday, Monday the 28th its substitute day
        (dt.date(2027, 1, 31), dt.date(2027, 3, 1)),  # February's last day is a Sunday
        (dt.date(2026, 12, 31), dt.date(2027, 2, 1)),  # 31 January is a Sunday
    ],
)
def test_the_time_to_challenge_is_a_month_rolled_to_a_working_day(sent, until):
    assert clocks.challenge_day(sent, "ENG") == until


def test_receipt_on_a_weekend_counts_from_the_next_working_days():
    assert clocks.due_day(dt.date(2026, 11, 21), 10, 0, "ENG") == dt.date(2026, 12, 4)


def test_a_pause_over_a_weekend_counts_working_days():
    assert clocks.days_paused(dt.date(2026, 11, 20), dt.date(2026, 11, 23), "ENG") == 1


def test_the_day_of_a_stopped_clock():
    due = clocks.due_day(dt.date(2026, 11, 2), 10, 0, "ENG")
    assert clocks.day_of_clock(due, 10, dt.date(2026, 11, 5), "ENG") == 3
