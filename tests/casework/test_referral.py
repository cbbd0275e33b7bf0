"""A referral from one agency to another: asked, sent, answered, taken back. Facts move only as far as the gate lets them."""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from casework.actions import inbox
from casework.actions.referral_clocks import look_at_clock
from casework.actions.referral_events import ReferralRefused, house_of
from casework.actions.referrals import answer_request, reroute, say_if_helped, take_back
from casework.jobs.delivery import drain, look_at_clocks, recheck_permissions, send_allowed
from casework.models import (
    Disclosure,
    DisclosureManifest,
    Referral,
    ReferralAnswer,
    ReferralDelivery,
    ReferralEvent,
    ReferralTask,
)
from casework.models.manifest import digest
from consent.actions.consents import withdraw
from consent.actions.involvements import begin
from consent.actions.release import release
from consent.models import AccessLog
from consent.permit import AccessRefused
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from portal.models import Notification
from tests.factories.consent import NOW, allow, involve, make_activity, make_agency
from tests.factories.referral import AGREED, RECEIVING_ROLES, TRIAGE, Scene, deliver, make_scene, make_worker

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def as_house(scene: Scene):
    return acting_as(Actor.machine("test", record_id=scene.record.pk))


def events(scene: Scene, referral: Referral) -> list[str]:
    with as_house(scene):
        return list(ReferralEvent.objects.filter(referral=referral).order_by("pk").values_list("what", flat=True))


def request_row(scene: Scene, task: ReferralTask) -> ReferralDelivery:
    with as_house(scene):
        return ReferralDelivery.objects.get(task=task, message="request")


# --- sending -------------------------------------------------------------------------------------------------------


def test_sending_writes_task_manifest_and_outbox_row_at_once(scene):
    scene.allow()
    referral = scene.send(note="Speaks Arabic")
    task = scene.task(referral)
    with as_house(scene):
        manifest = DisclosureManifest.objects.get(task=task)
    delivery = request_row(scene, task)
    assert (referral.state, task.state, delivery.state) == ("active", "requested", "pending")
    assert delivery.pk == task.pk
    assert manifest.triage == sorted(TRIAGE)
    assert manifest.agreed == sorted(AGREED)
    assert manifest.consent_id is not None
    assert manifest.sha256 == digest(manifest.terms())
    assert "950.00" not in str(vars(manifest)) + str(vars(delivery))  # codes, never values


def test_a_referral_waits_for_the_person_and_nothing_is_sent_before(scene):
    referral = scene.send()
    assert referral.state == "awaiting_consent"
    assert scene.task(referral) is None
    assert Notification.objects.get(user_id=scene.citizen.user_id).kind == "referral_question"


def test_the_person_allows_and_it_goes(scene):
    referral = scene.send()
    with acting_as(scene.citizen):
        answer_request(by=scene.citizen, referral_id=referral.pk, allow=True, language="en", at=LATER)
    assert scene.task(referral).state == "requested"
    assert Notification.objects.filter(user_id=scene.sender.user_id, kind="referral_sent").exists()


def test_the_person_refuses_and_nothing_goes(scene):
    referral = scene.send()
    with acting_as(scene.citizen):
        answer_request(by=scene.citizen, referral_id=referral.pk, allow=False, language="en", at=LATER)
        referral.refresh_from_db()
    assert referral.state == "revoked"
    assert scene.task(referral) is None
    with acting_as(scene.citizen), pytest.raises(ReferralRefused):
        answer_request(by=scene.citizen, referral_id=referral.pk, allow=True, language="en", at=LATER)


def test_nobody_else_answers_for_the_person(scene):
    referral = scene.send()
    with acting_as(scene.sender), pytest.raises(ReferralRefused):
        answer_request(by=scene.sender, referral_id=referral.pk, allow=True, language="en", at=LATER)


def test_a_consent_given_elsewhere_is_found_by_the_sweep(scene):
    referral = scene.send()
    assert send_allowed() == 0
    allow(scene.citizen, scene.record, scene.activity, at=dt.datetime.now(dt.UTC))
    assert send_allowed() == 1
    assert scene.task(referral).state == "requested"


def test_spoken_consent_needs_the_person_at_the_counter(scene):
    with pytest.raises(Refused):
        scene.send(asked="spoken")
    with acting_as(scene.sender):
        begin(
            by=scene.sender, record=scene.record, agency_id=scene.council.pk, kind="counter", at=NOW, user_id=scene.sender.user_id
        )
    referral = scene.send(asked="spoken")
    assert referral.state == "active"
    with as_house(scene):
        consent = scene.record.consents.get()
    assert (consent.method, consent.witness_id, consent.agency_id) == ("spoken", scene.sender.user_id, scene.charity.pk)


def test_only_an_agency_that_works_with_the_person_may_send(scene):
    stranger = make_worker(make_agency("stranger"))
    with pytest.raises(ReferralRefused):
        scene.send(by=stranger)
    counter_officer = make_worker(scene.council, "counter_officer")
    with pytest.raises(ReferralRefused):
        scene.send(by=counter_officer)


def test_a_target_without_a_declared_activity_gets_nothing(scene):
    with pytest.raises(ReferralRefused, match="has not said what it does"):
        scene.send(target=make_agency("silent"))
    with as_house(scene):
        assert not Referral.objects.exists()


def test_the_same_key_makes_one_referral(scene):
    scene.allow()
    first = scene.send()
    again = scene.send(key=first.pk)
    assert again.pk == first.pk
    with as_house(scene):
        assert ReferralTask.objects.count() == 1


def test_the_law_may_let_it_through_without_asking():
    scene = make_scene(gate="notice")
    referral = scene.send()
    with as_house(scene):
        assert DisclosureManifest.objects.get(task__referral=referral).consent_id is None


# --- receiving -----------------------------------------------------------------------------------------------------


def test_before_delivery_the_receiver_sees_nothing(scene):
    scene.allow()
    scene.send()
    with acting_as(scene.receiver):
        assert not ReferralTask.objects.exists()
        assert not Referral.objects.exists()


def test_triage_facts_before_acceptance_and_agreed_ones_after(scene):
    task = scene.delivered()
    with acting_as(scene.receiver):
        inbox.look(by=scene.receiver, task_id=task.pk, at=LATER)
        before = inbox.facts_now(by=scene.receiver, task_id=task.pk, at=LATER)
        inbox.accept(by=scene.receiver, task_id=task.pk, at=LATER)
        after = inbox.facts_now(by=scene.receiver, task_id=task.pk, at=LATER)
    assert before == {"household": {"rent": {"amount": "950.00", "per": "month"}}, "person": {}, "identity": {}}
    assert after["household"]["savings"] == "1200.00"
    assert after["person"] == {"born_on": "1990-04-02"}
    with as_house(scene):
        shown = list(Disclosure.objects.order_by("pk"))
    assert [row.stage for row in shown] == ["triage", "agreed"]
    assert shown[0].sha256 == digest({"disclosure": str(shown[0].pk), "concepts": ["household.rent"], "facts": before})
    with acting_as(scene.citizen):
        logged = AccessLog.objects.filter(agency_id=scene.charity.pk, purpose="referral")
        assert {row.pk for row in logged} >= {row.log_id for row in shown}


def test_the_first_look_is_stamped_once(scene):
    task = scene.delivered()
    with acting_as(scene.receiver):
        inbox.look(by=scene.receiver, task_id=task.pk, at=LATER)
        inbox.look(by=scene.receiver, task_id=task.pk, at=LATER + dt.timedelta(hours=1))
    task = scene.task(task.referral)
    assert task.first_viewed_at == LATER
    assert events(scene, task.referral).count("viewed") == 1


def test_the_whole_way_with_an_outcome_and_everybody_told(scene):
    task = scene.delivered()
    with acting_as(scene.receiver):
        inbox.accept(by=scene.receiver, task_id=task.pk, at=LATER)
        inbox.start(by=scene.receiver, task_id=task.pk, at=LATER)
        inbox.hold(
            by=scene.receiver, task_id=task.pk, reason="awaiting_person", review_on=LATER.date() + dt.timedelta(days=7), at=LATER
        )
        inbox.start(by=scene.receiver, task_id=task.pk, at=LATER)
        inbox.complete(by=scene.receiver, task_id=task.pk, outcome="got_help", at=LATER, note="Plan agreed")
        task.refresh_from_db()
    assert (task.state, task.outcome, task.worker_id) == ("completed", "got_help", scene.receiver.user_id)
    with acting_as(scene.sender):
        assert Referral.objects.get(pk=task.referral_id).state == "completed"
    told = Notification.objects.filter(kind="referral_outcome")
    assert told.filter(user_id=scene.citizen.user_id).exists()
    assert told.filter(user_id=scene.sender.user_id).exists()
    assert "950.00" not in str(list(told.values()))
    with acting_as(scene.receiver):
        assert inbox.facts_now(by=scene.receiver, task_id=task.pk, at=LATER) == {}


def test_a_second_agency_cannot_accept_what_one_has_accepted(scene):
    task = scene.delivered()
    other = make_agency("also-asked")
    with as_house(scene):
        ReferralTask.objects.create(
            referral_id=task.referral_id, record=scene.record, requester=scene.council, target=other, state="accepted",
            due_on=NOW.date(), created_at=NOW, permission_seen_at=NOW, delivered_at=NOW, accepted_at=NOW,
        )  # fmt: skip
    with acting_as(scene.receiver), pytest.raises(ReferralRefused, match="Another agency has accepted"):
        inbox.accept(by=scene.receiver, task_id=task.pk, at=LATER)


@pytest.mark.parametrize("step", [
    lambda by, task: inbox.reject(by=by, task_id=task.pk, reason="", at=LATER),
    lambda by, task: inbox.reject(by=by, task_id=task.pk, reason="because", at=LATER),
    lambda by, task: inbox.complete(by=by, task_id=task.pk, outcome="", at=LATER),
    lambda by, task: inbox.complete(by=by, task_id=task.pk, outcome="got_help", at=LATER),
    lambda by, task: inbox.hold(by=by, task_id=task.pk, reason="waiting_list", review_on=LATER.date(), at=LATER),
    lambda by, task: inbox.start(by=by, task_id=task.pk, at=LATER),
])  # fmt: skip
def test_steps_that_the_table_or_a_missing_reason_forbids(scene, step):
    task = scene.delivered()
    with acting_as(scene.receiver), pytest.raises(ReferralRefused):
        step(scene.receiver, task)
    assert scene.task(task.referral).state == "requested"


def test_only_the_target_answers(scene):
    task = scene.delivered()
    third = make_worker(make_agency("third"))
    with acting_as(scene.sender), pytest.raises(ReferralRefused):
        inbox.accept(by=scene.sender, task_id=task.pk, at=LATER)
    with acting_as(third), pytest.raises(ReferralTask.DoesNotExist):
        inbox.accept(by=third, task_id=task.pk, at=LATER)
    counter = make_worker(scene.charity, "counter_officer")
    with acting_as(counter), pytest.raises(ReferralRefused):
        inbox.accept(by=counter, task_id=task.pk, at=LATER)


def test_rejected_goes_back_and_takes_another_way(scene):
    task = scene.delivered()
    other = make_agency("other-charity")
    activity = make_activity(
        other, purpose="referral", gate="consent", concepts=AGREED, triage_concepts=TRIAGE, roles=RECEIVING_ROLES
    )
    allow(scene.citizen, scene.record, activity)
    with acting_as(scene.receiver):
        inbox.reject(by=scene.receiver, task_id=task.pk, reason="no_capacity", at=LATER)
    with acting_as(scene.sender):
        assert Referral.objects.get(pk=task.referral_id).state == "on_hold"
        reroute(by=scene.sender, referral_id=task.referral_id, target=other, at=LATER)
        tasks = list(ReferralTask.objects.filter(referral=task.referral_id).order_by("pk").values_list("target_id", "state"))
    assert tasks == [(scene.charity.pk, "rejected"), (other.pk, "requested")]
    with acting_as(scene.receiver), pytest.raises(AccessRefused):
        # the first receiver has no reason to look any more
        release(by=scene.receiver, record=scene.record, purpose="referral", concepts=AGREED, at=LATER)


def test_the_person_says_whether_they_got_help(scene):
    task = scene.delivered()
    with acting_as(scene.citizen):
        say_if_helped(by=scene.citizen, task_id=task.pk, helped="partly", words="Waiting for a second talk", at=LATER)
    with acting_as(scene.sender):
        assert ReferralAnswer.objects.get(task=task).helped == "partly"
        assert ReferralTask.objects.get(pk=task.pk).outcome == ""
    with acting_as(scene.receiver):
        assert not ReferralAnswer.objects.exists()


# --- taking back ---------------------------------------------------------------------------------------------------


def test_taken_back_before_delivery_is_recalled(scene):
    scene.allow()
    referral = scene.send()
    with acting_as(scene.sender):
        take_back(by=scene.sender, referral_id=referral.pk, reason="no_longer_needed", at=LATER)
    task = scene.task(referral)
    assert (task.state, request_row(scene, task).state) == ("cancelled", "recalled")
    drain()
    assert scene.task(referral).delivered_at is None


def test_taken_back_after_delivery_tells_the_receiver_to_stop(scene):
    task = scene.delivered()
    with acting_as(scene.sender):
        take_back(by=scene.sender, referral_id=task.referral_id, reason="sent_by_mistake", at=LATER)
    task = scene.task(task.referral)
    assert task.state == "entered_in_error"
    with as_house(scene):
        assert ReferralDelivery.objects.get(task=task, message="stop").state == "pending"
    with acting_as(scene.receiver), pytest.raises(ReferralRefused):
        inbox.accept(by=scene.receiver, task_id=task.pk, at=LATER)


def test_withdrawn_before_delivery_nothing_leaves_the_house(scene):
    consent = scene.allow()
    referral = scene.send()
    with acting_as(scene.citizen):
        withdraw(by=scene.citizen, consent=consent, at=LATER)
    drain()
    task = scene.task(referral)
    assert (task.state, task.reason, task.delivered_at) == ("cancelled", "permission_ended", None)
    assert request_row(scene, task).state == "recalled"
    with acting_as(scene.receiver):
        assert not ReferralTask.objects.exists()
    assert Notification.objects.filter(user_id=scene.citizen.user_id, kind="referral_stopped").exists()


def test_withdrawn_after_acceptance_ends_the_task_and_the_reading(scene):
    consent = scene.allow()
    task = scene.delivered()
    with acting_as(scene.receiver):
        inbox.accept(by=scene.receiver, task_id=task.pk, at=LATER)
    with acting_as(scene.citizen):
        withdraw(by=scene.citizen, consent=consent, at=LATER)
    with acting_as(scene.receiver), pytest.raises(AccessRefused):
        inbox.facts_now(by=scene.receiver, task_id=task.pk, at=LATER)
    assert recheck_permissions(str(scene.record.pk), str(scene.charity.pk)) == 1
    task = scene.task(task.referral)
    assert (task.state, task.reason) == ("cancelled", "permission_ended")
    with acting_as(scene.sender):
        assert Referral.objects.get(pk=task.referral_id).state == "revoked"
        assert DisclosureManifest.objects.get(task=task).recalled_at is not None
    assert recheck_permissions(str(scene.record.pk), str(scene.charity.pk)) == 0


# --- clocks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("priority", "due"), [("routine", dt.date(2026, 11, 24)), ("urgent", dt.date(2026, 11, 23))])
def test_the_answer_is_due_in_working_days(scene, priority, due):
    assert scene.delivered(priority=priority).due_on == due  # NOW is a Saturday


def test_silence_is_escalated_then_expires_and_goes_back(scene):
    lead = make_worker(scene.charity, "decision_maker")
    task = scene.delivered()
    house = house_of(scene.record.pk)
    days = {
        dt.date(2026, 11, 24): "", dt.date(2026, 11, 25): "escalated", dt.date(2026, 11, 26): "",
        dt.date(2026, 11, 27): "expired", dt.date(2026, 11, 30): "",
    }  # fmt: skip
    done = {}
    for day in days:
        with acting_as(house):
            done[day] = look_at_clock(by=house, task_id=task.pk, at=dt.datetime.combine(day, dt.time(9), dt.UTC))
    assert done == days
    assert scene.task(task.referral).reason == "no_answer"
    assert Notification.objects.filter(user_id=lead.user_id, kind="referral_late").count() == 1
    assert Notification.objects.filter(user_id=scene.sender.user_id, kind="referral_outcome").exists()


def test_the_day_of_review_reminds_the_worker_once(scene):
    task = scene.delivered()
    with acting_as(scene.receiver):
        inbox.accept(by=scene.receiver, task_id=task.pk, at=LATER)
        inbox.hold(by=scene.receiver, task_id=task.pk, reason="waiting_list", review_on=dt.date(2026, 12, 1), at=LATER)
    house = house_of(scene.record.pk)
    with acting_as(house):
        on = [look_at_clock(by=house, task_id=task.pk, at=dt.datetime(2026, 12, day, 9, tzinfo=dt.UTC)) for day in (1, 2)]
    assert on == ["reminded", ""]


def test_the_sweep_finds_what_is_long_past_its_day(scene):
    long_ago = NOW - dt.timedelta(days=30)
    involve(scene.citizen, scene.record, scene.council, at=long_ago, source="case:earlier")
    scene.allow(at=long_ago)
    referral = scene.send(at=long_ago)
    deliver(long_ago)
    assert look_at_clocks() == 1
    assert scene.task(referral).state == "expired"
    assert look_at_clocks() == 0


# --- the database holds it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [
    {"state": "rejected", "ended_at": NOW}, {"state": "completed", "ended_at": NOW}, {"state": "on_hold", "reason": "other"},
    {"state": "accepted"}, {"outcome": "got_help"}, {"state": "lost"}, {"ended_at": NOW},
])  # fmt: skip
def test_the_database_refuses_a_task_that_contradicts_itself(scene, change):
    task = scene.delivered()
    with as_house(scene), pytest.raises(IntegrityError), transaction.atomic():
        ReferralTask.objects.filter(pk=task.pk).update(**change)


def test_one_live_task_per_target(scene):
    task = scene.delivered()
    with as_house(scene), pytest.raises(IntegrityError), transaction.atomic():
        ReferralTask.objects.create(
            referral_id=task.referral_id,
            record=scene.record,
            requester=scene.council,
            target=scene.charity,
            due_on=NOW.date(),
            created_at=NOW,
            permission_seen_at=NOW,
        )


@pytest.mark.parametrize("model", [ReferralEvent, Disclosure, DisclosureManifest])
def test_histories_stay_as_written(scene, model):
    task = scene.delivered()
    with acting_as(scene.receiver):
        inbox.look(by=scene.receiver, task_id=task.pk, at=LATER)
    with as_house(scene):
        assert model.objects.exists()
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()
        field = {"ReferralEvent": "note", "Disclosure": "sha256", "DisclosureManifest": "sha256"}[model.__name__]
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(**{field: "changed"})


def test_other_agencies_and_people_see_no_referral(scene):
    scene.delivered()
    strangers = [make_worker(make_agency("elsewhere")), make_scene().citizen, Actor.anonymous()]
    for stranger in strangers:
        with acting_as(stranger):
            for model in (Referral, ReferralTask, ReferralEvent, DisclosureManifest, ReferralDelivery):
                assert not model.objects.exists(), (stranger, model)
