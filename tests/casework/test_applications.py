"""Applying: one case per programme, whatever the browser does; consent given or refused at that moment."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from casework.actions import applications
from casework.models import Application, CaseGrant, ProgrammeCase, StatusEvent
from consent.actions.involvements import begin
from consent.models import Consent, Involvement
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from portal.models import Notification
from tests.factories import portal
from tests.factories.casework import PROGRAMME, make_scene

pytestmark = pytest.mark.django_db


def test_an_application_makes_a_case_its_grant_its_history_and_its_involvement():
    scene = make_scene()
    case = scene.case()
    assert (case.state, case.next_step, case.standard_days) == ("received", "start", 10)
    assert case.programme_version_id == scene.version.pk
    assert case.determination_id is not None
    with acting_as(scene.worker):
        grant = CaseGrant.objects.get(content_object=case)
        assert (grant.agency_id, grant.is_open, grant.due_on, grant.reference) == (
            scene.council.pk,
            True,
            case.due_on,
            case.reference,
        )
        assert [event.state for event in StatusEvent.objects.filter(case=case)] == ["received"]
        assert Involvement.objects.get(record=scene.record).source == f"case:{case.pk}"
    notice = Notification.objects.get(user_id=scene.citizen.user_id)
    assert notice.kind == "application_received"
    assert "1200" not in str(notice.parameters)


def test_the_answer_is_kept_as_a_consent():
    scene = make_scene()
    scene.apply("allow")
    with acting_as(scene.citizen):
        assert Consent.objects.get().state == "given"


def test_a_refusal_is_kept_and_stops_nothing():
    scene = make_scene()
    case = scene.case("refuse")
    assert case.state == "received"
    with acting_as(scene.citizen):
        assert Consent.objects.get().state == "refused"


def test_an_unanswered_consent_question_changes_nothing():
    scene = make_scene()
    with pytest.raises(applications.Unanswered):
        scene.apply("")
    with acting_as(scene.citizen):
        assert not Application.objects.exists()


def test_by_law_nothing_is_asked():
    scene = make_scene(gate="notice")
    scene.case("")
    with acting_as(scene.citizen):
        assert not Consent.objects.exists()


def test_the_same_key_is_the_same_application():
    scene = make_scene()
    key = uuid4()
    assert scene.apply(key=key) == scene.apply(key=key)
    with acting_as(scene.citizen):
        assert ProgrammeCase.objects.count() == 1


def test_the_same_key_for_something_else_is_refused():
    scene = make_scene()
    key = uuid4()
    scene.apply(key=key)
    with pytest.raises(applications.OtherApplication):
        scene.apply(key=key, programmes=["other"], answers={})


def test_a_second_tab_finds_the_open_case():
    scene = make_scene()
    scene.apply()
    scene.apply()
    with acting_as(scene.citizen):
        assert ProgrammeCase.objects.count() == 1


def test_the_database_refuses_a_second_open_case():
    scene = make_scene()
    case = scene.case()
    with acting_as(scene.citizen), pytest.raises(IntegrityError), transaction.atomic():
        case.pk, case.reference = uuid4(), "ZZZZ-ZZZZ-ZZZZ"
        case.save(force_insert=True)


def test_unknown_programmes_are_not_offered():
    scene = make_scene()
    with pytest.raises(applications.NotOffered):
        scene.apply(programmes=["nothing"], answers={})


def test_nobody_applies_for_somebody_else():
    scene = make_scene()
    stranger = Actor.citizen(person_id=uuid4())
    with acting_as(stranger), pytest.raises(Refused):
        applications.send(
            by=stranger, record=scene.record, key=uuid4(), programmes=[PROGRAMME], answers={PROGRAMME: "allow"},
            language="en", at=timezone.now(),
        )  # fmt: skip
    with pytest.raises(Refused):
        scene.apply(by=scene.worker)


def test_an_officer_applies_with_the_person_at_the_counter():
    scene = make_scene()
    now = timezone.now()
    with acting_as(scene.citizen):
        begin(
            by=scene.citizen, record=scene.record, agency_id=scene.council.pk, kind="counter", at=now - dt.timedelta(minutes=1),
            user_id=scene.worker.user_id, source="counter:1",
        )  # fmt: skip
    with acting_as(scene.worker):
        sent = applications.send(
            by=scene.worker, record=scene.record, key=uuid4(), programmes=[PROGRAMME], answers={PROGRAMME: "allow"},
            language="en", at=now, method="spoken",
        )  # fmt: skip
        consent = Consent.objects.get()
    assert (sent.method, sent.by_name) == ("spoken", scene.worker.name)
    assert (consent.method, consent.witness_id) == ("spoken", scene.worker.user_id)


def test_an_officer_of_another_agency_applies_at_the_counter_and_then_cannot_see_the_case():
    scene = make_scene()
    desk = portal.make_agency("advice")
    officer = portal.actor_for(portal.make_membership(desk, "counter_officer"))
    now = timezone.now()
    with acting_as(scene.citizen):
        session = begin(
            by=scene.citizen, record=scene.record, agency_id=desk.pk, kind="counter", at=now - dt.timedelta(minutes=1),
            user_id=officer.user_id, source="counter:2",
        )  # fmt: skip
    with acting_as(officer):
        applications.send(
            by=officer, record=scene.record, key=uuid4(), programmes=[PROGRAMME], answers={PROGRAMME: "refuse"},
            language="en", at=now, method="spoken",
        )  # fmt: skip
    with acting_as(scene.citizen):
        assert ProgrammeCase.objects.count() == 1
        Involvement.objects.filter(pk=session.pk).update(ends_at=now - dt.timedelta(seconds=30))
    with acting_as(officer):
        assert not ProgrammeCase.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_presses_at_once_make_one_case():
    scene = make_scene()
    keys = [uuid4() for _number in range(4)]

    def press(number: int):
        try:
            return scene.apply(key=keys[number % 4]).key
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(press, range(16)))
    assert set(answers) == set(keys)
    with acting_as(scene.citizen), transaction.atomic():
        assert ProgrammeCase.objects.count() == 1
        assert Application.objects.count() == 4
        assert Consent.objects.filter(state="given").count() == 1
