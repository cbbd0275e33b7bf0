"""The outbox of referrals: carried once, retried, given up, recalled; over HTTP nothing about the address is trusted."""

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from casework import carriers
from casework.actions import deliveries, inbox
from casework.actions.deliveries import carry, postpone, replay_delivery
from casework.actions.referral_events import ReferralRefused
from casework.actions.referrals import take_back
from casework.jobs.delivery import drain
from casework.models import Disclosure, ReferralDelivery, ReferralEvent, ReferralTask
from casework.queries.deliveries import books, dead_letters
from portal.kit.actor import Actor, acting_as
from portal.kit.outgoing import Retry, Undeliverable
from portal.models import Agency
from tests.factories.consent import NOW
from tests.factories.referral import Scene, deliver, make_scene, make_worker

pytestmark = pytest.mark.django_db


class Partner:
    """A partner's real HTTP server: answers with `answers` in turn (then 201), keeps what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], dict]] = []
        self.answers: list[int] = []
        self.pause = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.got.append((dict(self.headers), body))
                time.sleep(outer.pause)
                self.send_response(outer.answers.pop(0) if outer.answers else 201)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/inbox?from=onedoor"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def partner() -> Iterator[Partner]:
    there = Partner()
    yield there
    there.server.shutdown()
    there.server.server_close()


@pytest.fixture
def scene(partner) -> Scene:
    return make_scene(inbox_url=partner.url)


def row_of(scene: Scene, task: ReferralTask, message: str = "request") -> ReferralDelivery:
    with acting_as(Actor.machine("test", record_id=scene.record.pk)):
        return ReferralDelivery.objects.get(task=task, message=message)


def test_the_packet_holds_triage_facts_a_pseudonym_and_no_id_of_ours(scene, partner):
    task = scene.delivered(note="Speaks Arabic", do_not_contact=True)
    headers, body = partner.got[0]
    assert headers["Idempotency-Key"] == str(task.pk)
    assert body["facts"] == {"household": {"rent": {"amount": "950.00", "per": "month"}}, "person": {}, "identity": {}}
    assert (body["message"], body["need"], body["note"], body["do_not_contact"]) == ("request", "debt", "Speaks Arabic", True)
    for ours in (scene.record.pk, scene.record.person_id, scene.citizen.user_id, scene.record.reference):
        assert str(ours) not in json.dumps(body)
    with acting_as(Actor.machine("test", record_id=scene.record.pk)):
        assert Disclosure.objects.get(manifest_id=task.pk).stage == "triage"
    assert row_of(scene, task).state == "done"


def test_nothing_about_the_person_lies_in_the_outbox(scene):
    scene.allow()
    referral = scene.send(note="Speaks Arabic")
    task = scene.task(referral)
    with connection.cursor() as cursor, acting_as(Actor.machine("test", record_id=scene.record.pk)):
        cursor.execute("select to_jsonb(d)::text from casework_referraldelivery d where task_id = %s", [task.pk])
        text = cursor.fetchone()[0]
    assert "950.00" not in text
    assert "Arabic" not in text


@pytest.mark.parametrize("answer", [200, 201, 204, 409])
def test_success_and_known_already_are_delivered(scene, partner, answer):
    partner.answers = [answer]
    task = scene.delivered()
    assert task.delivered_at == NOW


@pytest.mark.parametrize("answer", [429, 500, 503])
def test_a_busy_partner_is_asked_again_later_with_the_same_key(scene, partner, answer):
    partner.answers = [answer]
    task = scene.delivered()
    row = row_of(scene, task)
    assert (row.state, row.attempts, task.delivered_at) == ("pending", 1, None)
    assert row.next_at > NOW
    assert deliver(row.next_at) == 1
    assert scene.task(task.referral).delivered_at == row.next_at
    assert {headers["Idempotency-Key"] for headers, _body in partner.got} == {str(task.pk)}


@pytest.mark.parametrize("answer", [302, 400, 404, 422])
def test_a_refusing_partner_makes_a_dead_letter_at_once(scene, partner, answer):
    partner.answers = [answer]
    task = scene.delivered()
    row = row_of(scene, task)
    assert (row.state, row.last_error) == ("dead", f"answered {answer}")
    assert len(partner.got) == 1  # no redirect is followed
    assert scene.task(task.referral).state == "requested"


def test_given_up_after_many_tries_shown_and_sent_again_by_the_admin(scene, partner):
    partner.answers = [503] * ReferralDelivery.MOST_ATTEMPTS
    task = scene.delivered()
    later = NOW
    for _attempt in range(ReferralDelivery.MOST_ATTEMPTS - 1):
        later += ReferralDelivery.LONGEST_DELAY * 2
        deliver(later)
    assert row_of(scene, task).state == "dead"
    admin = make_worker(scene.council, "agency_admin")
    with acting_as(admin):
        letters = dead_letters(scene.council.pk)
        assert [letter.pk for letter in letters] == [task.pk]
        replay_delivery(by=admin, delivery_id=task.pk, at=later)
    with acting_as(scene.sender):
        assert ReferralEvent.objects.filter(task=task, what="replayed", by_user_id=admin.user_id).exists()
    deliver(later)
    assert scene.task(task.referral).delivered_at == later


def test_only_the_senders_admin_sends_again(scene, partner):
    partner.answers = [400]
    task = scene.delivered()
    others_admin = make_worker(scene.charity, "agency_admin")
    with acting_as(scene.sender), pytest.raises(ReferralRefused):
        replay_delivery(by=scene.sender, delivery_id=task.pk, at=NOW)
    with acting_as(others_admin), pytest.raises(ReferralDelivery.DoesNotExist):
        replay_delivery(by=others_admin, delivery_id=task.pk, at=NOW)
    assert row_of(scene, task).state == "dead"


def test_a_slow_partner_is_cut_off(scene, partner, monkeypatch):
    monkeypatch.setattr(carriers, "DEADLINE", 0.2)
    partner.pause = 3
    scene.allow()
    referral = scene.send()
    began = time.monotonic()
    deliver()
    assert time.monotonic() - began < 2
    assert row_of(scene, scene.task(referral)).state == "pending"


def test_a_closed_door_lets_others_to_it_wait_without_losing_a_try(scene):
    task = scene.delivered()
    Agency.objects.filter(pk=scene.charity.pk).update(inbox_url="http://127.0.0.1:1/closed")
    now = dt.datetime.now(dt.UTC)
    for _number in range(3):
        scene.send(at=now)
    drain()
    with acting_as(Actor.machine("test", record_id=scene.record.pk)):
        waiting = list(ReferralDelivery.objects.exclude(task=task).values_list("attempts", "state"))
    assert sorted(waiting) == [(0, "pending"), (0, "pending"), (1, "pending")]


def test_a_mistake_of_ours_stands_in_nobodys_way(scene, monkeypatch):
    scene.allow()
    first, second = scene.send(), scene.send(service="Something else")
    poisoned = scene.task(first).pk
    real = deliveries._carry_request

    def breaks_on_the_first(machine, row, at):
        if row.pk == poisoned:
            raise KeyError("a mistake")
        real(machine, row, at)

    monkeypatch.setattr(deliveries, "_carry_request", breaks_on_the_first)
    deliver()
    assert row_of(scene, scene.task(first)).last_error == "KeyError"
    assert scene.task(second).delivered_at is not None


def test_the_stop_message_reaches_the_partner(scene, partner):
    task = scene.delivered()
    with acting_as(scene.sender):
        take_back(by=scene.sender, referral_id=task.referral_id, reason="no_longer_needed", at=NOW)
    deliver()
    headers, body = partner.got[-1]
    assert body == {"message": "stop", "id": str(task.pk), "reason": "no_longer_needed"}
    assert headers["Idempotency-Key"] == str(row_of(scene, task, "stop").pk) != str(task.pk)


# --- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [
    "http://93.184.216.34/inbox", "ftp://example.org/", "https://user:secret@example.org/", "https:///inbox",
    "https://10.0.0.5/inbox", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/", "https://[fd00::1]/",
    "https://0.0.0.0/", "https://100.64.0.1/",
])  # fmt: skip
def test_addresses_that_are_never_asked(url):
    with pytest.raises(Undeliverable):
        carriers.open_connection(url)


def test_this_machine_only_in_a_demonstration(settings, partner):
    settings.DEMONSTRATION = False
    for url in (partner.url, partner.url.replace("http:", "https:")):
        with pytest.raises(Undeliverable):
            carriers.open_connection(url)


def test_a_named_private_host_may_be_asked(settings):
    settings.DELIVERY_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.DEMONSTRATION = False
    with pytest.raises(Retry, match="not reached"):
        carriers.open_connection("https://127.0.0.1:1/inbox")


# --- books ---------------------------------------------------------------------------------------------------------


def test_the_books_balance(scene, partner, capsys):
    partner.answers = [400]
    scene.delivered()
    scene.send()
    recalled = scene.send()
    with acting_as(scene.sender):
        take_back(by=scene.sender, referral_id=recalled.pk, reason="no_longer_needed", at=NOW)
    with acting_as(Actor.machine("books")):
        found = books()
    assert (found.submitted, found.delivered, found.pending, found.dead, found.recalled) == (3, 0, 1, 1, 1)
    assert found.faults == ()
    deliver()
    call_command("reconcile_referrals")
    assert "3 submitted = 1 delivered + 0 pending + 1 dead + 1 recalled" in capsys.readouterr().out


def test_books_that_do_not_balance_are_an_error(scene):
    task = scene.delivered()
    with acting_as(Actor.machine("test", record_id=scene.record.pk)):
        ReferralDelivery.objects.filter(task=task).update(state="recalled")
    with pytest.raises(CommandError, match="recalled, but the task still waits"):
        call_command("reconcile_referrals")


# --- inside OneDoor ------------------------------------------------------------------------------------------------


def test_an_agency_in_onedoor_gets_it_without_a_copy_leaving():
    scene = make_scene()
    task = scene.delivered()
    assert task.delivered_at is not None
    with acting_as(scene.receiver):
        assert inbox.facts_now(by=scene.receiver, task_id=task.pk, at=NOW)["household"]
        assert not Disclosure.objects.exists()  # only a look that was asked for is kept as a disclosure


def test_carrying_twice_delivers_once():
    scene = make_scene()
    task = scene.delivered()
    row = row_of(scene, task)
    house = Actor.machine("delivery")
    with acting_as(house), pytest.raises(deliveries.Recalled):
        partial(carry, now=lambda: NOW)(row)
    with acting_as(scene.sender):
        assert ReferralEvent.objects.filter(task=task, what="delivered").count() == 1


def test_postponing_takes_no_row_of_others(scene):
    scene.allow()
    scene.send()
    house = Actor.machine("delivery")
    with acting_as(house):
        assert postpone(by=house, target_id=scene.council.pk, until=NOW + dt.timedelta(hours=1)) == 0
        assert postpone(by=house, target_id=scene.charity.pk, until=NOW + dt.timedelta(hours=1)) == 1
