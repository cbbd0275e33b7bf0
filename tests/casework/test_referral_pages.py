"""The pages of referrals, as a browser asks: the receiver's, the sender's, the person's, and the admin's undelivered ones."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from casework.models import Referral, ReferralAnswer, ReferralDelivery, ReferralTask
from portal.kit.actor import Actor, acting_as
from portal.models import User
from tests.factories import portal
from tests.factories.consent import make_agency
from tests.factories.referral import Scene, deliver, make_scene, make_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def browser_of(actor: Actor) -> Client:
    client = Client()
    portal.sign_in(client, User.objects.get(pk=actor.user_id))
    return client


@pytest.fixture
def receiver(scene) -> Client:
    return browser_of(scene.receiver)


@pytest.fixture
def sender(scene) -> Client:
    return browser_of(scene.sender)


@pytest.fixture
def person(scene) -> Client:
    client = Client()
    session = client.session
    session["person_id"] = str(scene.record.person_id)
    session.save()
    return client


def now_sent(scene: Scene, **fields) -> Referral:
    """Allowed and sent at this moment (pages look at the real clock)."""
    now = timezone.now()
    scene.allow(at=now)
    return scene.send(at=now, **fields)


def now_delivered(scene: Scene, **fields) -> ReferralTask:
    referral = now_sent(scene, **fields)
    deliver(timezone.now())
    return scene.task(referral)


def page_of(task: ReferralTask) -> str:
    return f"/staff/referrals/{task.referral_id}/"


def step(client: Client, task: ReferralTask, state: str, **fields):
    return client.post(f"/staff/referrals/steps/{task.pk}/{state}/", fields, follow=True)


# --- the receiver --------------------------------------------------------------------------------------------------


def test_the_inbox_lists_what_was_delivered_and_no_facts(scene, receiver):
    now_delivered(scene)
    text = receiver.get("/staff/referrals/in/").content.decode()
    assert "Debt advice" in text
    assert "£950" not in text
    assert receiver.get("/staff/referrals/in/?queue=late").content.decode().count("Debt advice") == 0


def test_facts_show_after_asking_for_them_and_more_after_acceptance(scene, receiver):
    task = now_delivered(scene, note="Speaks <b>Arabic</b>")
    first = receiver.get(page_of(task)).content.decode()
    assert "Show the facts" in first
    assert "£950" not in first
    assert "Speaks &lt;b&gt;Arabic&lt;/b&gt;" in first
    looked = receiver.post(f"/staff/referrals/steps/{task.pk}/look/", follow=True).content.decode()
    assert "£950" in looked
    assert "£1,200" not in looked
    accepted = step(receiver, task, "accepted", worker=str(scene.receiver.user_id)).content.decode()
    assert "£1,200" in accepted
    assert scene.task(task.referral).worker_id == scene.receiver.user_id


def test_an_answer_without_its_reason_is_given_back_with_what_was_typed(scene, receiver):
    task = now_delivered(scene)
    answer = step(receiver, task, "rejected", reason="", note="We are full until spring")
    text = answer.content.decode()
    assert "Choose why" in text
    assert "We are full until spring" in text
    assert scene.task(task.referral).state == "requested"


def test_the_whole_way_by_pages(scene, receiver, sender, person):
    task = now_delivered(scene)
    step(receiver, task, "accepted", worker=str(scene.receiver.user_id), their_reference="A-17")
    step(receiver, task, "in_progress")
    later = timezone.localdate() + dt.timedelta(days=10)
    step(
        receiver,
        task,
        "on_hold",
        reason="waiting_list",
        review_on_day=later.day,
        review_on_month=later.month,
        review_on_year=later.year,
    )
    assert scene.task(task.referral).review_on == later
    step(receiver, task, "in_progress")
    step(receiver, task, "completed", outcome="got_help", note="A plan is agreed")
    assert "Got help" in sender.get(page_of(task)).content.decode()
    mine = person.get("/my/").content.decode()
    assert "Did you get help?" in mine
    person.post(f"/my/referrals/{task.pk}/helped/", {"helped": "partly"})
    with acting_as(scene.sender):
        assert ReferralAnswer.objects.get(task=task).helped == "partly"
    assert "Partly" in sender.get(page_of(task)).content.decode()
    assert "You said: Partly" in person.get("/my/").content.decode()


def test_unknown_steps_and_other_peoples_referrals_do_not_exist(scene, receiver):
    task = now_delivered(scene)
    assert step(receiver, task, "expired").status_code == 404
    stranger = browser_of(make_worker(make_agency("elsewhere")))
    for path in (page_of(task), f"/staff/referrals/new/{scene.record.pk}/"):
        assert stranger.get(path).status_code == 404
    assert step(stranger, task, "accepted").status_code == 404
    assert scene.task(task.referral).state == "requested"


def test_a_counter_officer_of_the_target_may_not_answer(scene):
    task = now_delivered(scene)
    officer = browser_of(make_worker(scene.charity, "counter_officer"))
    assert officer.get("/staff/referrals/in/").status_code == 403
    assert step(officer, task, "accepted").status_code == 403


# --- the sender ----------------------------------------------------------------------------------------------------


def message(scene: Scene, page: str, **fields) -> dict:
    key = re.search(r'name="key" value="([^"]+)"', page)
    return {
        "key": key[1] if key else "", "place": f"{scene.charity.pk}:", "need": "debt", "service": "Debt advice",
        "priority": "urgent", "asked": "online",
    } | fields  # fmt: skip


def test_a_referral_is_written_once_even_when_sent_twice(scene, sender):
    scene.allow(at=timezone.now())
    path = f"/staff/referrals/new/{scene.record.pk}/"
    form = message(scene, sender.get(path).content.decode())
    first, second = sender.post(path, form), sender.post(path, form)
    assert first.url == second.url
    with acting_as(scene.sender):
        assert Referral.objects.get().priority == "urgent"
        assert ReferralTask.objects.count() == 1


def test_what_is_missing_is_said_and_nothing_typed_is_lost(scene, sender):
    path = f"/staff/referrals/new/{scene.record.pk}/"
    answer = sender.post(path, message(scene, sender.get(path).content.decode(), place="", service="", note="Ring after 5"))
    text = answer.content.decode()
    assert "Choose where the referral should go" in text
    assert "Enter what you ask for" in text
    assert "Ring after 5" in text


def test_spoken_consent_without_the_person_present_is_refused_in_words(scene, sender):
    path = f"/staff/referrals/new/{scene.record.pk}/"
    answer = sender.post(path, message(scene, sender.get(path).content.decode(), asked="spoken"))
    assert "Only the person can decide this" in answer.content.decode()
    with acting_as(scene.sender):
        assert not Referral.objects.exists()


def test_rejected_is_shown_and_sent_elsewhere(scene, sender, receiver):
    task = now_delivered(scene)
    step(receiver, task, "rejected", reason="no_capacity")
    assert "Not with anybody now" in sender.get("/staff/referrals/out/").content.decode()
    text = sender.get(page_of(task)).content.decode()
    assert "Choose another place" in text
    answer = sender.post(f"{page_of(task)}another-place/", {"place": f"{scene.charity.pk}:", "asked": "online"}, follow=True)
    assert "goes to" in answer.content.decode()
    with acting_as(scene.sender):
        assert list(ReferralTask.objects.order_by("pk").values_list("state", flat=True)) == ["rejected", "requested"]


def test_taken_back_by_the_sender(scene, sender):
    task = now_delivered(scene)
    assert "Choose why" in sender.post(f"{page_of(task)}take-back/", {"reason": ""}).content.decode()
    sender.post(f"{page_of(task)}take-back/", {"reason": "no_longer_needed"})
    assert scene.task(task.referral).state == "cancelled"


# --- the person ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("decision", "state"), [("allow", "active"), ("refuse", "revoked"), ("", "awaiting_consent")])
def test_the_person_is_asked_on_their_own_page(scene, person, decision, state):
    referral = scene.send(at=timezone.now())
    text = person.get("/my/").content.decode()
    assert scene.charity.name in text
    assert "Do not allow" in text
    person.post(f"/my/referrals/{referral.pk}/answer/", {"decision": decision})
    with acting_as(scene.citizen):
        assert Referral.objects.get(pk=referral.pk).state == state


def test_the_person_stops_a_referral(scene, person):
    task = now_delivered(scene)
    assert "Stop this referral" in person.get("/my/").content.decode()
    person.post(f"/my/referrals/{task.referral_id}/stop/")
    task = scene.task(task.referral)
    assert (task.state, task.reason) == ("cancelled", "person_declined")


def test_another_person_sees_and_stops_nothing(scene):
    task = now_delivered(scene)
    other = make_scene()
    client = Client()
    session = client.session
    session["person_id"] = str(other.record.person_id)
    session.save()
    assert "Debt advice" not in client.get("/my/").content.decode()
    assert client.post(f"/my/referrals/{task.referral_id}/stop/").status_code == 404
    assert client.post(f"/my/referrals/{task.pk}/helped/", {"helped": "yes"}).status_code == 404


# --- undelivered ---------------------------------------------------------------------------------------------------


def test_the_admin_sees_what_failed_and_sends_it_again(scene):
    referral = now_sent(scene)
    task = scene.task(referral)
    with acting_as(Actor.machine("test", record_id=scene.record.pk)):
        ReferralDelivery.objects.update(state="dead", ended_at=timezone.now(), last_error="answered 400")
    admin = browser_of(make_worker(scene.council, "agency_admin"))
    text = admin.get("/staff/undelivered/").content.decode()
    assert "answered 400" in text
    assert "£950" not in text
    admin.post(f"/staff/undelivered/{task.pk}/again/")
    deliver(timezone.now())
    assert scene.task(referral).delivered_at is not None
    assert "Everything was delivered" in admin.get("/staff/undelivered/").content.decode()
    assert browser_of(scene.sender).get("/staff/undelivered/").status_code == 403
