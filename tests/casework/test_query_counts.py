"""How many database statements each main page sends, pinned: the goal is 12 a page, the limit 25.

Counted as a browser's second visit by somebody signed in: the session, the account, the membership and the gate with its log
row are in the number, and so is every savepoint; only the request's own transaction (begin, commit) is not. A page that grows
fails here and shows its statements; a page that shrinks is lowered here.
"""

import datetime as dt
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework.actions import cases, inbox, notes, requests
from casework.actions.referrals import send
from eligibility.actions.determinations import screen_as_machine
from intake.actions.submissions import content_of, submit
from portal.kit.actor import acting_as
from portal.models import Agency, User
from tests.factories import intake as forms
from tests.factories import portal
from tests.factories import referral as referrals
from tests.factories.casework import Scene, make_scene
from tests.factories.consent import allow, make_activity, make_agency
from tests.factories.intake import load_form

pytestmark = pytest.mark.django_db
LIMIT = 25


def signed_in(user_id) -> Client:
    client = Client()
    portal.sign_in(client, User.objects.get(pk=user_id))
    return client


def statements_of(client: Client, address: str) -> list[str]:
    """What a second visit sends: the first one fills what a process keeps (forms, rules, permissions of a role)."""
    for _visit in range(2):
        with CaptureQueriesContext(connection) as sent:
            assert client.get(address).status_code == 200
    statements = [one["sql"] for one in sent]
    savepoints = [sql for sql in statements if sql.startswith(("SAVEPOINT", "RELEASE"))]
    for of_the_request in (savepoints[0], savepoints[-1]):  # begin and commit, were this not a test
        statements.remove(of_the_request)
    return statements


def at_work() -> tuple[Scene, str]:
    """A case with what its pages show: a worker, a question, a note, a referral to another agency."""
    scene = make_scene()
    case = scene.ready(scene.case())
    refer(scene)
    now = timezone.now()
    with acting_as(scene.worker):
        cases.assign(by=scene.worker, case_id=case.pk, user_id=scene.worker.user_id, at=now)
        notes.write(by=scene.worker, case_id=case.pk, text="Called, no answer.", at=now)
        requests.ask(
            by=scene.worker, case_id=case.pk, seen=scene.fresh(case).lock_version, what="How much have you saved?",
            why="The rule has a limit", answer_by=timezone.localdate() + dt.timedelta(days=10), at=now,
        )  # fmt: skip
    return scene, str(case.pk)


def refer(scene: Scene) -> None:
    """The council refers the person to a charity, which is told so."""
    now = timezone.now()
    charity = make_agency("debt-charity", Agency.COMMUNITY)
    activity = make_activity(
        charity, purpose="referral", gate="consent", concepts=referrals.AGREED, triage_concepts=referrals.TRIAGE,
        roles=referrals.RECEIVING_ROLES,
    )  # fmt: skip
    allow(scene.citizen, scene.record, activity, at=now)
    with acting_as(scene.worker):
        send(by=scene.worker, record=scene.record, target=charity, need="debt", service="Debt advice", at=now)
    referrals.deliver(now)


def case_page() -> tuple[Client, str]:
    scene, case_id = at_work()
    return signed_in(scene.worker.user_id), reverse("casework:case", args=[case_id])


def worklist() -> tuple[Client, str]:
    scene, _case_id = at_work()
    return signed_in(scene.worker.user_id), reverse("casework:worklist")


def citizen_page(name: str) -> Callable[[], tuple[Client, str]]:
    def page() -> tuple[Client, str]:
        scene, _case_id = at_work()
        return signed_in(scene.citizen.user_id), reverse(name)

    return page


def my_case() -> tuple[Client, str]:
    scene, case_id = at_work()
    return signed_in(scene.citizen.user_id), reverse("casework:my_case", args=[case_id])


def results() -> tuple[Client, str]:
    scene = make_scene()
    screen_as_machine(record_id=scene.record.pk, at=timezone.now())
    return signed_in(scene.citizen.user_id), reverse("eligibility:results")


def asking(*address: str) -> Callable[[], tuple[Client, str]]:
    def page() -> tuple[Client, str]:
        load_form()
        client = signed_in(portal.make_user().pk)
        client.post(reverse("intake:start"), {})
        return client, reverse(address[0], args=address[1:])

    return page


def referral(side: str, state: str) -> Callable[[], tuple[Client, str]]:
    def page() -> tuple[Client, str]:
        scene = referrals.make_scene()
        now = timezone.now()
        scene.allow(at=now)
        sent = scene.send(at=now, note="Please call after six.")
        referrals.deliver(now)
        task_id = scene.task(sent).pk
        with acting_as(scene.receiver):
            inbox.look(by=scene.receiver, task_id=task_id, at=now)
            if state == "accepted":
                inbox.accept(by=scene.receiver, task_id=task_id, at=now)
        return signed_in(getattr(scene, side).user_id), reverse("casework:referral", args=[sent.pk])

    return page


def referrals_in() -> tuple[Client, str]:
    client, _address = referral("receiver", "seen")()
    return client, reverse("casework:referrals_in")


# page: (how to come there, most statements)
PAGES: dict[str, tuple[Callable[[], tuple[Client, str]], int]] = {
    "a case": (case_page, 20),
    "the worklist": (worklist, 7),
    "my applications": (citizen_page("casework:my"), 12),
    "one of my applications": (my_case, 11),
    "my data": (citizen_page("consent:data"), 10),
    "who looked": (citizen_page("consent:log"), 5),
    "my results": (results, 8),
    "a question": (asking("intake:question", "you", "born_on"), 7),
    "the parts of the form": (asking("intake:tasks"), 7),
    "a referral, sent": (referral("sender", "accepted"), 8),
    "a referral, seen": (referral("receiver", "seen"), 19),
    "a referral, accepted": (referral("receiver", "accepted"), 17),
    "referrals in": (referrals_in, 5),
    "the start page": (citizen_page("portal:start"), 5),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_sends_no_more_statements_than_pinned(name):
    come, most = PAGES[name]
    assert most <= LIMIT
    sent = statements_of(*come())
    assert len(sent) <= most, "\n".join([f"{name}: {len(sent)} statements", *sent])


@pytest.mark.parametrize(("people", "most"), [(1, 28), (2, 34), (6, 34)])
def test_sending_a_form_costs_the_same_statements_for_any_household(people, most):
    """Savepoints counted, the `set_config` of who acts not. A household costs six more, whether of two people or of six."""
    operator = make_agency("operator", Agency.OPERATOR)
    make_activity(operator, purpose="screening", gate="explicit_request", programme="", roles=["machine"])
    submission, _code = forms.make_draft()
    for place in range(people - 1):
        forms.add(submission, "child", f"Child {place}", "2015-03-09")
    draft = forms.fresh(submission)
    with acting_as(forms.ANONYMOUS), CaptureQueriesContext(connection) as sent:
        submit(
            by=forms.ANONYMOUS, submission_id=draft.pk, idempotency_key=uuid4(), content=content_of(draft), at=timezone.now()
        )  # fmt: skip
    statements = [one["sql"] for one in sent]
    assert len(statements) <= most, "\n".join([f"{len(statements)} statements", *statements])
