"""The API for partner agencies: tokens, one effect per key, one's own inbox and nobody else's."""

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test import Client

from casework.models import InboundKey, Referral, ReferralTask
from consent.actions.consents import withdraw
from consent.actions.pseudonyms import sector_identifier
from portal.api.authentication import digest_of
from portal.kit.actor import Actor, acting_as
from portal.models import Agency, MachineClient
from tests.factories.consent import NOW, allow
from tests.factories.referral import Scene, deliver, make_scene

pytestmark = pytest.mark.django_db
INBOX = "/api/referrals/inbox/"


def client_of(agency: Agency, token: str) -> MachineClient:
    return MachineClient.objects.create(
        agency=agency, name=f"{agency.name} system", token_digest=digest_of(token), created_at=NOW
    )


def call(method: str, path: str, body: dict | None = None, *, token: str = "council-token", key: str = "", **extra):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if key:
        headers["Idempotency-Key"] = key
    send: Callable = getattr(Client(), method)
    if body is None:
        return send(path, headers=headers, **extra)
    return send(path, json.dumps(body), content_type="application/json", headers=headers, **extra)


def pseudonym(scene: Scene, agency: Agency) -> str:
    machine = Actor.machine("test", agency_id=agency.pk, record_id=scene.record.pk)
    with acting_as(machine):
        return sector_identifier(by=machine, person_id=scene.record.person_id, agency_id=agency.pk)


def message(scene: Scene, **fields) -> dict:
    return {
        "person": pseudonym(scene, scene.council),
        "to": scene.charity.slug,
        "need": "debt",
        "service": "Debt advice",
    } | fields


@pytest.fixture
def scene() -> Scene:
    scene = make_scene()
    client_of(scene.council, "council-token")
    client_of(scene.charity, "charity-token")
    return scene


@contextmanager
def house(scene: Scene) -> Iterator[None]:
    with acting_as(Actor.machine("test", record_id=scene.record.pk)), transaction.atomic():
        yield


def delivered(scene: Scene) -> ReferralTask:
    return scene.delivered()


# --- who calls -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "unknown", "two words"])
def test_without_a_good_token_nothing(scene, token):
    answer = call("get", INBOX, token=token)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["status"] == 401


def test_an_ended_token_is_refused(scene):
    MachineClient.objects.filter(agency=scene.council).update(is_active=False)
    assert call("get", INBOX).status_code == 401


def test_a_person_is_no_partner(scene):
    browser = Client()
    session = browser.session
    session["person_id"] = str(scene.record.person_id)
    session.save()
    assert browser.get(INBOX).status_code == 403


def test_tokens_are_stored_as_digests_only(scene):
    assert "council-token" not in str(list(MachineClient.objects.values()))


# --- sending -------------------------------------------------------------------------------------------------------


def test_send_and_ask_how_it_stands(scene):
    allow(scene.citizen, scene.record, scene.activity, at=dt.datetime.now(dt.UTC))
    answer = call("post", INBOX, message(scene), key="k1")
    assert answer.status_code == 201, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    sent = call("get", f"/api/referrals/sent/{answer.json()['id']}/").json()
    assert (sent["state"], sent["tasks"][0]["state"], sent["tasks"][0]["to"]) == ("active", "requested", scene.charity.slug)


def test_without_the_persons_word_it_waits(scene):
    answer = call("post", INBOX, message(scene), key="k1")
    assert (answer.status_code, answer.json()["state"], answer.json()["tasks"]) == (202, "awaiting_consent", [])


@pytest.mark.parametrize(("change", "status"), [
    ({"need": "luxury"}, 400), ({"service": ""}, 400), ({"to": "nobody"}, 422), ({"person": "0" * 64}, 422),
    ({"priority": "now"}, 400), ({"note": "x" * 2001}, 400),
])  # fmt: skip
def test_bad_messages_say_how_to_mend_them_and_free_the_key(scene, change, status):
    answer = call("post", INBOX, message(scene) | change, key="k1")
    assert answer.status_code == status
    assert answer.json()["detail"]
    with house(scene):
        assert not Referral.objects.exists()
    assert call("post", INBOX, message(scene), key="k1").status_code == 202


def test_the_key_is_required(scene):
    assert call("post", INBOX, message(scene)).status_code == 400
    assert call("post", INBOX, message(scene), key="x" * 256).status_code == 400


def test_another_agencys_pseudonym_opens_nothing(scene):
    foreign = message(scene) | {"person": pseudonym(scene, scene.charity)}
    assert call("post", INBOX, foreign, key="k1").status_code == 422


def test_the_same_message_twice_has_one_effect(scene):
    first = call("post", INBOX, message(scene), key="k1")
    again = call("post", INBOX, message(scene), key="k1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    with house(scene):
        assert Referral.objects.count() == 1


def test_the_same_key_with_another_message_is_refused(scene):
    call("post", INBOX, message(scene), key="k1")
    answer = call("post", INBOX, message(scene, service="Something else"), key="k1")
    assert answer.status_code == 422
    with house(scene):
        assert Referral.objects.count() == 1


def test_keys_of_different_partners_do_not_meet(scene):
    scene.delivered()
    call("post", INBOX, message(scene), key="k1")
    call("patch", f"{INBOX}{first_task(scene).pk}/", {"state": "accepted"}, key="k1", token="charity-token")
    with acting_as(Actor.machine("a", agency_id=scene.council.pk)):
        assert InboundKey.objects.count() == 1
    with acting_as(Actor.machine("a", agency_id=scene.charity.pk)):
        assert InboundKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_equal_messages_at_once_make_one_referral():
    scene = make_scene()
    client_of(scene.council, "council-token")
    body = message(scene)
    answers: list[tuple[int, dict]] = []

    def one() -> None:
        try:
            answer = call("post", INBOX, body, key="one-key")
            answers.append((answer.status_code, answer.json()))
        finally:
            connection.close()

    for _batch in range(5):
        threads = [threading.Thread(target=one) for _number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 50
    assert {status for status, _body in answers} == {202}
    assert all(answer == answers[0] for answer in answers)
    with house(scene):
        assert Referral.objects.count() == 1


# --- the inbox -----------------------------------------------------------------------------------------------------


def first_task(scene: Scene) -> ReferralTask:
    with house(scene):
        return ReferralTask.objects.select_related("referral").order_by("pk").first()


def test_the_inbox_shows_ones_own_referrals_and_no_facts(scene):
    task = delivered(scene)
    page = call("get", INBOX, token="charity-token").json()
    assert [row["id"] for row in page["results"]] == [str(task.pk)]
    assert page["after"] == ""
    assert "950.00" not in json.dumps(page)
    assert call("get", INBOX).json()["results"] == []


def test_the_inbox_pages_by_key(scene, monkeypatch):
    monkeypatch.setattr("casework.api.PAGE", 2)
    scene.allow()
    for _number in range(5):
        scene.send()
    deliver()
    seen, after = [], ""
    for _page in range(3):
        page = call("get", INBOX, token="charity-token", query_params={"after": after} if after else {}).json()
        seen += [row["id"] for row in page["results"]]
        after = page["after"]
    assert len(seen) == len(set(seen)) == 5
    assert after == ""
    assert call("get", f"{INBOX}?after=nonsense", token="charity-token").status_code == 400


def test_facts_follow_acceptance_and_end_with_permission(scene):
    consent = scene.allow()
    task = delivered(scene)
    path = f"{INBOX}{task.pk}/"
    before = call("get", path, token="charity-token").json()
    assert before["facts"]["person"] == {}
    assert before["person"] == pseudonym(scene, scene.charity) != pseudonym(scene, scene.council)
    assert call("patch", path, {"state": "accepted", "reference": "A-17"}, key="k1", token="charity-token").status_code == 200
    assert call("get", path, token="charity-token").json()["facts"]["person"] == {"born_on": "1990-04-02"}
    with acting_as(scene.citizen):
        withdraw(by=scene.citizen, consent=consent, at=dt.datetime.now(dt.UTC))
    refused = call("get", path, token="charity-token")
    assert refused.status_code == 403
    assert "950.00" not in refused.content.decode()


def test_answers_move_the_task_and_nonsense_does_not(scene):
    task = delivered(scene)
    path = f"{INBOX}{task.pk}/"
    assert call("patch", path, {"state": "completed", "outcome": "got_help"}, key="a", token="charity-token").status_code == 409
    assert call("patch", path, {"state": "rejected"}, key="b", token="charity-token").status_code == 400
    assert call("patch", path, {"state": "expired"}, key="c", token="charity-token").status_code == 400
    assert call("patch", path, {"state": "accepted"}, key="d", token="charity-token").json()["state"] == "accepted"
    done = call("patch", path, {"state": "completed", "outcome": "got_help"}, key="e", token="charity-token")
    assert done.json()["state"] == "completed"
    replayed = call("patch", path, {"state": "completed", "outcome": "got_help"}, key="e", token="charity-token")
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert first_task(scene).outcome == "got_help"


@pytest.mark.parametrize("method", ["get", "patch"])
def test_another_agencys_task_does_not_exist(scene, method):
    task = delivered(scene)
    body = {"state": "accepted"} if method == "patch" else None
    assert call(method, f"{INBOX}{task.pk}/", body, key="k").status_code == 404
    assert first_task(scene).state == "requested"


def test_a_sent_referral_is_the_senders_only(scene):
    task = delivered(scene)
    assert call("get", f"/api/referrals/sent/{task.referral_id}/").status_code == 200
    assert call("get", f"/api/referrals/sent/{task.referral_id}/", token="charity-token").status_code == 404
