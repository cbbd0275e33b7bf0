"""What people should not send, sent: scripts, null bytes, endless strings, wrong ids, formulas, other sites' addresses, bombs.

Nothing may break (no 500), nothing may come back unescaped, nobody may be led to another site.
"""

import csv
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from consent.actions.release import release
from consent.permit import AccessRefused
from portal.jobs import carry_mails
from portal.kit.actor import acting_as
from tests.factories import eligibility
from tests.factories.consent import staff_of
from tests.security import stage as staging
from tests.security.doors import DOORS, names_of
from tests.security.stage import Stage, build, routes
from tests.security.test_doors import key_of, text_of

SCRIPT = '"><script>alert(1)</script>{{ 7|add:7 }}\'#panic("x")$*_[\u202e'
IMAGE = "<img src=x onerror=alert(2)>"
RAW = ("<script>alert(1)", "<img src=x onerror", '"><script', "{% csrf")
UUID_LIKE = "01a20069-be64-7a07-8cc7-8cd563f8a7ba"
VALUES = {
    "null byte": "\x00x",
    "10 kB": "Ж" * 10_000,
    "1 kB": "Ж" * 500,  # a server takes no longer address
    "huge": "9" * 400,
    "moment and id": f"2026-11-21T10:00:00_{UUID_LIKE}",
    "first moment": f"0001-01-01T00:00:00+14:00_{UUID_LIKE}",
    "week": f"2026-W47-6_{UUID_LIKE}",
    "script": SCRIPT,
    "list": "[]",
}
IN_QUERIES = ("null byte", "1 kB", "moment and id", "first moment", "week", "script")
IN_FORMS = ("null byte", "10 kB", "huge", "script", "list")
QUERY = (
    "q", "area", "life", "life_event", "situation", "programme", "queue", "after", "before", "state", "own", "next", "language",
    "looks", "record", "on", "from", "page", "help",
)  # fmt: skip
# Fields of forms that have no page of their own to read them from.
FIELDS = (
    "programme", "decision", "state", "seen", "user", "text", "reason", "note", "outcome", "review_on", "helped", "words", "worker",
    "their_reference", "place", "asked", "pick", "back", "key", "lock_version", "effective_from", "day", "membership", "next",
    "language", "colours", "idempotency_key", "content", "record", "step",
)  # fmt: skip
OPEN = [(route, names) for route, names in routes() if route != "account_logout"]


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """The stage with scripts for names, notes, answers and programme texts, and a draft in the owner's hands."""
    patch = pytest.MonkeyPatch()
    for name in ("NAME", "NOTE", "ANSWER", "REFERRAL_NOTE"):
        patch.setattr(staging, name, SCRIPT)
    heating = eligibility.HEATING
    for words in (
        "Money for heating.",
        "You are {limits.least_age} or over",
        "Yearly payment",
        "Bank statement",
        "We write to you.",
    ):
        heating = heating.replace(words, words + IMAGE)
    patch.setattr(eligibility, "HEATING", heating)
    patch.setattr(eligibility.read_definition, "__defaults__", (heating, eligibility.HEATING_CASES))
    with django_db_blocker.unblock(), transaction.atomic():
        made = build()
        taken = made.clients["owner"].post(reverse("intake:open", args=[made.values["submission_id"]]))
        assert taken.headers["Location"] == reverse("intake:tasks")
        yield made
        transaction.set_rollback(True)
    patch.undo()


def insider(route: str, names: tuple[str, ...], method: int) -> str | None:
    """Somebody who may go through the door (0 GET, 1 POST); the person themself where they may."""
    allowed = names_of(DOORS[key_of(route, names)][method]) if DOORS[key_of(route, names)][method] != "-" else frozenset()
    return next((name for name in ("owner", "case1", "decide1", *sorted(allowed)) if name in allowed), None)


# --- scripts -------------------------------------------------------------------------------------------------------


def test_scripts_in_names_notes_answers_and_texts_are_shown_as_words(stage: Stage) -> None:
    escaped = 0
    for route, names in OPEN:
        words = DOORS[key_of(route, names)][0]
        if words == "-":
            continue
        for who in ("owner", "case1", "decide1", "case2", "programme1", "protect1", "admin1", "token2", "anonymous"):
            if who in names_of(words) and (who in ("owner", "anonymous") or words not in ("all", "account")):
                answer = stage.knock(who, "get", stage.address(route, names))
                if answer.headers["Content-Type"].startswith("text/html"):
                    text = text_of(answer)
                    assert not [raw for raw in RAW if raw in text], f"{who} {route}"
                    escaped += "&lt;script&gt;alert(1)" in text or "&lt;img src=x onerror" in text
    assert escaped > 12, "the scripts should turn up as words on many pages"


# --- values that do not fit ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [VALUES[name] for name in IN_QUERIES], ids=IN_QUERIES)
def test_no_query_breaks_a_page(stage: Stage, value: str) -> None:
    query = urlencode(dict.fromkeys(QUERY, value))
    broken = []
    for route, names in OPEN:
        if who := insider(route, names, 0):
            answer = stage.knock(who, "get", f"{stage.address(route, names)}?{query}")
            if answer.status_code >= 500:
                broken.append(f"{who} {route}: {answer.status_code}")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("value", [VALUES[name] for name in IN_FORMS], ids=IN_FORMS)
def test_no_form_breaks_when_every_field_is_wrong(stage: Stage, value: str) -> None:
    broken = []
    for route, names in OPEN:
        who, path = insider(route, names, 1), stage.address(route, names)
        if who is None or who.startswith("token"):
            continue
        answer = stage.knock(who, "post", path, dict.fromkeys(fields_of(stage, who, route, names), value))
        if answer.status_code >= 500:
            broken.append(f"{who} {route}: {answer.status_code}")
        elif raw := [raw for raw in RAW if raw in answer.content.decode("utf-8", "replace")]:
            broken.append(f"{who} {route}: gives back {raw}")
    assert not broken, "\n".join(broken)


_fields: dict[str, set[str]] = {}


def fields_of(stage: Stage, who: str, route: str, names: tuple[str, ...]) -> set[str]:
    """The names of the form's fields, read from its page once."""
    key = key_of(route, names)
    if key not in _fields:
        page = stage.knock(who, "get", stage.address(route, names)).content.decode("utf-8", "replace")
        _fields[key] = {*FIELDS, *re.findall(r'name="([^"]+)"', page)} - {"csrfmiddlewaretoken"}
    return _fields[key]


def test_ids_that_are_nobodys_are_not_found(stage: Stage) -> None:
    for route, names in OPEN:
        ids = [name for name in names if name.endswith("_id") or name == "key"]
        if not ids or route.startswith(("account_", "intake:")):
            continue
        for method, verb in ((0, "get"), (1, "post")):
            if who := insider(route, names, method):
                answer = stage.knock(
                    who, verb, stage.address(route, names, **dict.fromkeys(ids, uuid4())), {"decision": "allow", "helped": "yes"}
                )
                assert answer.status_code == 404, f"{who} {verb} {route}: {answer.status_code}"


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("programme1", "/staff/programmes/heating_help/99999999999999999999999/"),
        ("programme1", "/staff/programmes/heating_help/0/"),
        ("programme1", "/staff/programmes/none_such/1/"),
        ("anonymous", "/programmes/none_such/"),
        ("anonymous", "/programmes/%00/"),
        ("anonymous", "/programmes/" + "a" * 5000 + "/"),
        ("case1", "/staff/cases/not-an-id/"),
        ("owner", "/letters/1.pdf"),
        ("owner", "/apply/question/nobody/none/"),
        ("owner", "/apply/question/00000000-0000-0000-0000-000000000000/born_on/"),
        ("owner", "/apply/parts/none/"),
        ("anonymous", "/demonstration/mailbox/..%2f..%2fsettings.py/"),
        ("anonymous", "/static/..%2f..%2fmanage.py"),
        ("anonymous", "/account/confirm-email/%3Cscript%3E/"),
        ("anonymous", "/\u202e/"),
    ],
)
def test_addresses_that_lead_nowhere(stage: Stage, who: str, path: str) -> None:
    answer = stage.knock(who, "get", path)
    assert answer.status_code in (302, 404), answer.status_code


# --- formulas ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"])
def test_the_downloaded_log_holds_no_formula(stage: Stage, start: str) -> None:
    curious = staff_of(stage.first, role="counter_officer", name=f'{start}HYPERLINK("http://evil.example","x")')
    with staging.undone():
        with acting_as(curious), transaction.atomic(), pytest.raises(AccessRefused):
            release(by=curious, record=stage.record, purpose="counter", concepts=["household.savings"], at=timezone.now())
        text = stage.knock("owner", "get", reverse("consent:log_download")).content.decode()
    rows = list(csv.reader(text.splitlines(keepends=True)))
    assert any("HYPERLINK" in cell for row in rows for cell in row)
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r\n＝＋－＠")]


# --- other sites ---------------------------------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "http:///evil.example", "https:evil.example",
    "javascript:alert(1)", "\t//evil.example", " https://evil.example", "/%09/evil.example", "//evil.example@testserver/",
    "https://testserver@evil.example/", "https://testserver.evil.example",
]  # fmt: skip


def leads_away(answer: HttpResponse) -> bool:
    target = answer.headers.get("Location", "")
    there = urlsplit(urljoin("http://testserver/", re.sub(r"[\t\r\n]", "", target).strip().replace("\\", "/")))
    return (there.scheme, there.netloc) not in (("http", "testserver"), ("https", "testserver"))


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_to_another_site(stage: Stage, target: str) -> None:
    tries = [
        stage.knock("owner", "get", f"/account/sign-in/?{urlencode({'next': target})}"),
        stage.knock("owner", "post", "/account/sign-in/", {"next": target}),
        stage.knock("owner", "post", "/acting-as/", {"membership": "", "next": target}),
        stage.knock("owner", "post", "/language/", {"language": "cy", "next": target}),
        stage.knock("owner", "post", "/colours/", {"colours": "dark", "next": target}),
        stage.knock("case1", "post", "/staff/cases/assign/", {"back": target}),
        stage.knock("owner", "post", "/language/", {"language": "cy"}, HTTP_REFERER=target.strip()),
        stage.knock("owner", "post", "/colours/", {"colours": "dark"}, HTTP_REFERER=target.strip()),
        stage.knock("anonymous", "post", "/account/sign-in/", {"login": "a@example.org", "password": "x", "next": target}),
    ]
    assert not [(answer.status_code, answer.headers.get("Location")) for answer in tries if leads_away(answer)]
    assert not [answer.status_code for answer in tries if answer.status_code >= 500]


def test_another_host_is_refused_and_never_in_a_mail(stage: Stage) -> None:
    for headers in ({"HTTP_HOST": "evil.example"}, {"HTTP_HOST": "testserver@evil.example"}, {"HTTP_HOST": "a b"}):
        assert stage.knock("anonymous", "get", "/", **headers).status_code == 400
    mail.outbox = []
    forwarded = {
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_FORWARDED": "host=evil.example",
    }
    with staging.undone():
        stage.clients["anonymous"].post("/account/password/forgotten/", {"email": staging.EMAIL}, **forwarded)
        assert carry_mails() == len(mail.outbox) == 1
    assert "evil.example" not in str(mail.outbox[0].message())


# --- too much ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "path"), [("anonymous", "/account/sign-in/"), ("case1", "/staff/cases/assign/"), ("owner", "/apply/check/")]
)
def test_a_form_that_is_too_large_or_has_too_many_fields_is_refused(stage: Stage, who: str, path: str) -> None:
    assert (
        stage.knock(who, "post", path, "text=" + "x" * 3_000_000, content_type="application/x-www-form-urlencoded").status_code
        == 400
    )
    many = urlencode({f"f{number}": "" for number in range(2_000)})
    assert stage.knock(who, "post", path, many, content_type="application/x-www-form-urlencoded").status_code == 400


BOMBS = {
    "deep list": "[" * 100_000,
    "deep object": '{"a":' * 100_000,
    "closed deep": "[" * 50_000 + "]" * 50_000,
    "long number": '{"note": ' + "9" * 100_000 + "}",
    "not an object": "[]",
    "null": "null",
    "not json": "{'a': 1}",
    "not utf-8": b"\xff\xfe{}",
    "infinity": '{"note": Infinity}',
    "too large": '{"note": "' + "x" * 3_000_000 + '"}',
    "null byte": '{"person": "a\\u0000", "to": "x", "need": "debt", "service": "a\\u0000"}',
    "half a character": '{"person": "\\ud800", "to": "second-house", "need": "debt", "service": "\\udfff"}',
    "wrong types": json.dumps({"person": [1], "to": {"a": 1}, "need": None, "service": {"b": []}, "do_not_contact": "maybe"}),
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS)
def test_no_message_breaks_the_api(stage: Stage, body: str | bytes) -> None:
    task = f"/api/referrals/inbox/{stage.values['api:referrals_inbox_task', 'task_id']}/"
    for who, method, path in (
        ("token1", "post", "/api/referrals/inbox/"),
        ("token2", "patch", task),
        ("anonymous", "post", "/api/referrals/inbox/"),
    ):
        answer = stage.knock(who, method, path, body, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k")
        assert answer.status_code in ((401,) if who == "anonymous" else (400, 413, 422)), (who, answer.status_code)
        assert answer.headers["Content-Type"].startswith(("application/problem+json", "text/html"))


@pytest.mark.parametrize("token", ["", "\xff", "x" * 5000, "a b", "\x00"])
def test_no_token_breaks_the_api(stage: Stage, token: str) -> None:
    answer = stage.knock("anonymous", "get", "/api/referrals/inbox/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_COOKIE": "sessionid=\x00'; django_language=../../x; colours=<script>"},
        {"HTTP_COOKIE": "sessionid=" + "x" * 5000},
        {"HTTP_ACCEPT_LANGUAGE": "ar;q=9" * 2000},
        {"HTTP_ACCEPT_LANGUAGE": "xx-\x00,*"},
        {"CONTENT_TYPE": "multipart/form-data; boundary=\xff"},
    ],
)
def test_no_header_breaks_a_page(stage: Stage, headers: dict[str, str]) -> None:
    for path in ("/", "/my/", "/api/me/record/"):
        assert stage.knock("anonymous", "get", path, **headers).status_code < 500
