"""Where a person's facts turn up: nowhere but behind the gate, and for nobody after the person has stopped it.

What stays with an agency after a withdrawal, and why: its own notes; the question it asked and the answer it got (letters between
the two, kept as the law says); the letter of a decision with its addressee. What the gate released, it no longer shows.
"""

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core import mail
from django.test import Client

from casework.jobs.cases import sweep_permissions
from casework.jobs.delivery import recheck_permissions
from portal.jobs import carry_mails, carry_notifications
from portal.services.postgres import Postgres
from portal.services.pytest_plugin import DATABASE
from portal.services.valkey import Valkey
from tests.factories import casework as scenes
from tests.factories import portal
from tests.security.doors import DESK1, DESK2, DOORS, names_of
from tests.security.stage import (
    ANSWER,
    BORN,
    BORN_SHOWN,
    EMAIL,
    MARKERS,
    NAME,
    NOTE,
    REFERRAL_NOTE,
    Stage,
    build,
    routes,
    undone,
)
from tests.security.test_doors import BODIES, QUERIES, key_of, text_of

LOOKED = (*DESK1, *DESK2, "token2", "counter1", "protect1", "audit1")


@pytest.fixture(scope="module")
def stopped(stage: Stage) -> Stage:
    """The stage after the person has stopped everything; no job has run yet."""
    stage.stop_everything()
    return stage


def shown_to(stage: Stage, who: str, **instead: Any) -> Iterator[tuple[str, set[str]]]:
    """(door, markers it shows) for every door that `who` may go through (test_doors tried all the others)."""
    for route, names in routes():
        path = stage.address(route, names, **instead) + QUERIES.get(route, "").format(record_id=stage.record.pk)
        for method, words in zip(("get", "post"), DOORS[key_of(route, names)], strict=True):
            if words not in ("-", "all", "account") and who in names_of(words):
                answer = stage.knock(who, method, path, BODIES.get(route) if method == "post" else None)
                assert answer.status_code < 500, f"{who} {method} {path}"
                text = text_of(answer)
                yield f"{method} {route}", {word for word in MARKERS if word in text}


def own_words(who: str, door: str) -> set[str]:
    """What an agency keeps of what it wrote or was written to."""
    if who in DESK1:
        return {NAME, NOTE, ANSWER, REFERRAL_NOTE} if "casework:letter" in door else {NOTE, ANSWER, REFERRAL_NOTE}
    return set()


@pytest.mark.parametrize("who", LOOKED)
def test_at_the_next_click_after_stopping_no_page_shows_a_fact(stopped: Stage, who: str) -> None:
    for case_id in (stopped.values["case_id"], stopped.values["decided_id"]):
        found = {door: words - own_words(who, door) for door, words in shown_to(stopped, who, case_id=case_id) if words}
        assert not {door: words for door, words in found.items() if words}
        if who not in DESK1:
            break


@pytest.mark.parametrize("who", LOOKED)
def test_nor_when_the_jobs_have_followed_up(stopped: Stage, who: str) -> None:
    with undone():
        sweep_permissions()
        recheck_permissions(record_id=str(stopped.record.pk), agency_id=str(stopped.second.pk))
        assert stopped.knock("token2", "get", inbox_address(stopped)).json()["state"] == "cancelled"
        look(stopped, who)


def inbox_address(stage: Stage) -> str:
    return f"/api/referrals/inbox/{stage.values['api:referrals_inbox_task', 'task_id']}/"


def look(stopped: Stage, who: str) -> None:
    found = {door: words - own_words(who, door) for door, words in shown_to(stopped, who) if words}
    assert not {door: words for door, words in found.items() if words}


def test_the_agencies_keep_their_own_words(stopped: Stage) -> None:
    page = text_of(stopped.knock("case1", "get", f"/staff/cases/{stopped.values['case_id']}/"))
    assert NOTE in page
    assert ANSWER in page
    assert NAME in text_of(stopped.knock("decide1", "get", f"/letters/{stopped.values['letter_id']}/"))


# --- part of the facts ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_the_rule_says_tells_nothing_the_gate_keeps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agency may see savings only; the stored result of the rule was worked out from the date of birth too."""
    monkeypatch.setattr(scenes, "CONCEPTS", ("household.savings",))
    monkeypatch.setattr(scenes, "FACTS", {"household.savings": "77.00", "me.born_on": BORN})
    scene = scenes.make_scene()
    case = scene.ready(scene.case())
    for worker, page in ((scene.worker_membership, ""), (scene.decider_membership, "decide/")):
        desk = Client()
        portal.sign_in(desk, worker.user)
        text = desk.get(f"/staff/cases/{case.pk}/{page}").content.decode()
        assert "£77" in text
        for word in (BORN, BORN_SHOWN, "You are 60 or over", "You are under 60", ">75<", ": 75"):
            assert word not in text, f"{page}: {word}"


# --- at rest and on the way ----------------------------------------------------------------------------------------

# Where a marker may lie in plain text, table by table. Anything else is a leak, whoever could read it.
AT_HOME = {
    "consent_recordsnapshot", "consent_factevent", "consent_typedfacts", "consent_personname", "consent_contactpoint",
    "eligibility_determination", "casework_informationrequest", "casework_note", "casework_letter", "casework_referral",
}  # fmt: skip
ACCOUNT = {"portal_user": {NAME, EMAIL}, "account_emailaddress": {EMAIL}}


@pytest.fixture
def traffic(broker: Valkey, transactional_db: None, caplog: pytest.LogCaptureFixture) -> Stage:
    """The whole story committed, with its jobs sent to the real broker and its e-mails carried."""
    caplog.set_level(logging.DEBUG)
    stage = build()
    stage.stop_everything()
    carry_notifications()
    carry_mails()
    return stage


def test_messages_mails_logs_and_tables_hold_no_fact_that_has_no_home_there(
    traffic: Stage, broker: Valkey, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    client = redis.Redis.from_url(broker.url())
    messages = [json.loads(one) for queue in ("celery", "delivery") for one in client.lrange(queue, 0, -1)]
    assert len(messages) > 10
    assert not found_in("\n".join(str(one["headers"]) + base64.b64decode(one["body"]).decode() for one in messages))
    assert len(mail.outbox) > 3
    written = [f"{one.subject}\n{one.body}\n{getattr(one, 'alternatives', None)}" for one in mail.outbox]
    assert not found_in("\n".join(written))
    assert not found_in(caplog.text)
    homes = tables_with_markers(postgres)
    assert {"consent_recordsnapshot", "consent_personname", "casework_note"} <= set(homes)
    strays = {table: words - ACCOUNT.get(table, set()) for table, words in homes.items() if table not in AT_HOME}
    assert not {table: words for table, words in strays.items() if words}


def found_in(text: str) -> list[str]:
    return [word for word in MARKERS if word in text]


def tables_with_markers(postgres: Postgres) -> dict[str, set[str]]:
    """{table: markers in it}, seen by the superuser, past every policy."""
    found: dict[str, set[str]] = {}
    link = postgres.connect(DATABASE)
    try:
        cursor = link.cursor()
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select coalesce(string_agg(row_to_json(t)::text, chr(10)), chr(32)) from public."{table}" t')
            if words := set(found_in(cursor.fetchone()[0])):
                found[table] = words
    finally:
        link.close()
    return found
