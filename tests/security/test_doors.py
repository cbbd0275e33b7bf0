"""Everybody at every door: who gets in, that nothing breaks, that nobody else is shown a marker, and that the turned away write nothing."""

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse

from tests.guards.requests import _WRITE as WRITE
from tests.guards.requests import TRACES
from tests.security.doors import DESK1, DESK2, DOORS, names_of
from tests.security.stage import ANSWER, EVERYBODY, FACTS, MARKERS, NOTE, REFERRAL_NOTE, Stage, routes

ROUTES = routes()
# At doors open to all, which hold nothing but the visitor's own, one of each kind of visitor is enough.
SAMPLE = ("anonymous", "owner", "bare", "case2", "token2")
# What makes a POST reach the thing it is about, where an empty one is turned back at the form.
BODIES: dict[str, dict[str, str]] = {
    "consent:decide": {"decision": "stop"},
    "casework:referral_answer": {"decision": "allow"},
    "casework:referral_helped": {"helped": "yes"},
    "casework:referral_take_back": {"reason": "person_declined"},
    "casework:assign": {"user": "me"},
    "casework:note": {"text": "from the matrix"},
}
QUERIES = {"casework:apply": "?programme=heating_help&record={record_id}", "casework:worklist": "?queue=all"}
# Shown the thread as the other side, and refused what only one side may do.
MAY_NOT_MOVE = {
    "casework:referral_take_back": DESK2,
    "casework:referral_reroute": DESK2,
    "casework:referral_step": DESK1,
}
# Who may be shown which words, beside the person themself.
CASE_PAGES = {"casework:case", "casework:note", "casework:decide", "casework:letter", "casework:letter_pdf", "casework:ask"}
THREADS = {"casework:referral", "casework:referral_take_back", "casework:referral_reroute", "casework:referral_step"}


def is_let_in(answer: HttpResponse) -> bool:
    """False for a way to sign in or to choose a role, and for 401, 403 and 404."""
    if answer.status_code in (401, 403, 404):
        return False
    target = answer.headers.get("Location", "")
    return not (answer.status_code == 302 and target.startswith(("/account/sign-in/", "/acting-as/?")))


def may_be_shown(route: str, who: str) -> frozenset[str]:
    """The markers that `who` may find at the door."""
    if who == "owner":
        return frozenset(MARKERS) - {NOTE}
    if route in CASE_PAGES and who in DESK1:
        return frozenset({*FACTS, ANSWER, NOTE})
    if route in THREADS and who in DESK1:
        return frozenset({REFERRAL_NOTE})
    if (route in THREADS and who in DESK2) or (route == "api:referrals_inbox_task" and who == "token2"):
        return frozenset({*FACTS, REFERRAL_NOTE})
    return frozenset()


def text_of(answer: HttpResponse) -> str:
    """Everything the answer says, in body, headers and cookies."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return "\n".join([body.decode("utf-8", "replace"), repr(dict(answer.headers)), answer.cookies.output()])


def key_of(route: str, names: tuple[str, ...]) -> str:
    return " ".join([route, *names])


def visitors(route: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Who knocks: everybody, but a sample where the door is open to all."""
    return SAMPLE if DOORS[key_of(route, names)][0] in ("all", "account") else EVERYBODY


def test_every_route_is_in_the_table_and_nothing_else() -> None:
    assert {key_of(*route) for route in ROUTES} == set(DOORS)


def test_a_route_that_nobody_mapped_would_be_found() -> None:
    assert {key_of(*route) for route in [*ROUTES, ("casework:export_all", ())]} - set(DOORS) == {"casework:export_all"}


@pytest.fixture(scope="module")
def writes() -> Any:
    """Tables written to since the list was last cleared, without the traces that a look leaves."""
    seen: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        found = WRITE.match(str(sql))
        if found and found[1].lower() not in TRACES:
            seen.append(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


@pytest.mark.parametrize(("route", "names"), ROUTES, ids=[key_of(*route) for route in ROUTES])
def test_door(stage: Stage, writes: list[str], route: str, names: tuple[str, ...]) -> None:
    path = stage.address(route, names) + QUERIES.get(route, "").format(record_id=stage.record.pk)
    faults = []
    for method, words in zip(("get", "post"), DOORS[key_of(route, names)], strict=True):
        expected = names_of(words) if words != "-" else frozenset()
        for who in visitors(route, names) if words != "-" else ("anonymous", "owner", *DESK1):
            writes.clear()
            answer = stage.knock(who, method, path, BODIES.get(route) if method == "post" else None)
            place = f"{who} {method} -> {answer.status_code}"
            if answer.status_code >= 500:
                faults.append(f"{place}: broke")
            if words == "-" and is_let_in(answer) and answer.status_code != 405:
                faults.append(f"{place}: there should be no such method")
            elif words != "-" and is_let_in(answer) != (who in expected):
                faults.append(f"{place}: {'turned away' if who in expected else 'let in'}")
            if writes and (who not in expected or who in MAY_NOT_MOVE.get(route, ())):
                faults.append(f"{place}: wrote {writes}")
            if shown := [word for word in MARKERS if word in text_of(answer) and word not in may_be_shown(route, who)]:
                faults.append(f"{place}: shows {shown}")
            faults += [f"{place}: {fault}" for fault in header_faults(route, answer)]
    assert not faults, "\n".join(faults)


def header_faults(route: str, answer: HttpResponse) -> list[str]:
    """What the browser is told about every page (ASVS 5.0 3.4; S7)."""
    faults = []
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        faults.append("no nosniff")
    if not answer.headers["Content-Type"].startswith("text/html"):
        return faults
    policy = answer.headers.get("Content-Security-Policy", "")
    scripts = re.search(r"script-src ([^;]*)", policy)
    if not scripts or "unsafe" in scripts[1] or "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy:
        faults.append(f"policy {policy!r}")
    if route != "api:docs" and "unsafe" in policy:
        faults.append(f"policy {policy!r}")
    return faults
