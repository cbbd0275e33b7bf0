"""Two tabs, two presses, two people at the same moment: one of them counts, the other is told, nothing is done twice and nothing breaks."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.models import Consent
from eligibility.actions import programmes as actions
from eligibility.actions import proposals
from eligibility.actions.determinations import screen_as_machine
from eligibility.models import LocalProposal, ProgrammePause, ProgrammeVersion
from eligibility.models.programme import PUBLISHED
from eligibility.queries.catalogue import rulebook_in_force
from portal.kit.actor import Actor, acting_as
from portal.kit.identity import uuid7
from tests.eligibility.test_preview import draft_of, people
from tests.eligibility.test_uprating import typed
from tests.factories import portal
from tests.factories.consent import involve, make_activity, make_record
from tests.factories.eligibility import (
    BLANKET,
    BLANKET_CASES,
    SCREENED,
    actor_of,
    allow_screening,
    load,
    make_agency,
    read_definition,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def writer() -> Any:
    return portal.make_membership(make_agency("heat-office"), "programme_admin")


@pytest.fixture
def draft(writer: Any) -> ProgrammeVersion:
    versions = load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    return draft_of(versions[0], writer)


def browser(membership: Any) -> Client:
    client = Client(raise_request_exception=False)
    portal.sign_in(client, membership.user)
    return client


def at_once(*presses: Callable[[], Any]) -> list[Any]:
    """What each of them answers, pressed in the same moment from threads with connections of their own."""
    start, answers = threading.Barrier(len(presses)), [None] * len(presses)

    def press(number: int) -> None:
        try:
            start.wait(20)
            answers[number] = presses[number]()
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(len(presses))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def none_broke(answers: list[Any]) -> None:
    assert all(getattr(answer, "status_code", 500) < 500 for answer in answers), answers


def test_publish_pressed_in_two_tabs_publishes_once(draft: ProgrammeVersion, writer: Any) -> None:
    with acting_as(actor_of(writer)):
        actions.send_for_approval(by=actor_of(writer), version_id=draft.pk, at=timezone.now())
    colleague = portal.make_membership(writer.agency, "programme_admin")
    path = reverse("eligibility:admin_publish", args=["heating_help", draft.number])
    tabs = [browser(colleague), browser(portal.make_membership(writer.agency, "programme_admin"))]
    sent = {"effective_from": timezone.localdate().isoformat()}
    none_broke(at_once(*(lambda tab=tab: tab.post(path, sent) for tab in tabs)))
    held = ProgrammeVersion.objects.filter(programme__code="heating_help")
    assert [version.number for version in held.filter(state=PUBLISHED, effective_to=None)] == [draft.number]
    assert held.get(number=1).effective_to == timezone.localdate() - dt.timedelta(days=1)


def test_two_versions_that_only_together_do_not_work_are_not_both_published(writer: Any) -> None:
    """Each would rest on the other, and while the first is not committed the second would see it as it was."""
    with transaction.atomic():
        first, second = _that_rest_on_each_other(writer)
    colleague = portal.make_membership(writer.agency, "programme_admin")
    by, today, now = actor_of(colleague), timezone.localdate(), timezone.now()
    tab, path = browser(colleague), reverse("eligibility:admin_publish", args=[second.programme.code, second.number])

    def press() -> None:
        tab.post(path, {"effective_from": today.isoformat()})
        connection.close()

    other = threading.Thread(target=press)
    with acting_as(by), transaction.atomic():
        actions.publish(by=by, version_id=first.pk, effective_from=today, at=now, today=today)
        other.start()
        other.join(1.0)
    other.join(30)
    assert ProgrammeVersion.objects.get(pk=first.pk).state == PUBLISHED
    assert ProgrammeVersion.objects.get(pk=second.pk).state == "checked"
    rulebook_in_force(today)


def _that_rest_on_each_other(writer: Any) -> list[ProgrammeVersion]:
    """Drafts of two new programmes, sent to a second person, each of which rests on the other's result."""
    one, two = (f"help_{uuid7().hex[-12:]}" for _each in range(2))
    for code in (one, two):
        load(read_definition(BLANKET.replace("blanket_help", code).replace("programmes.heating_help.likely", "applicant.age >= 0"),
                             BLANKET_CASES.replace("programmes = { heating_help = \"likely\" }", "applicant = { age = 9 }")
                             .split("[[case]]\nid = \"without\"")[0]))  # fmt: skip
    drafts = []
    by, now = actor_of(writer), timezone.now()
    with acting_as(by):
        for code, other in ((one, two), (two, one)):
            first = ProgrammeVersion.objects.get(programme__code=code)
            draft = actions.begin_draft(by=by, version=first, at=now)
            condition = {**draft.definition["criteria"][0], "when": f"programmes.{other}.likely"}
            case = {"id": "one", "on": "2026-11-21", "programmes": {other: "likely"}, "expect": {"outcome": "likely"}}
            data = {**draft.definition, "criteria": [condition], "cases": {"case": [case]}}
            draft = actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=0, at=now)
            drafts.append(actions.send_for_approval(by=by, version_id=draft.pk, at=now))
    return drafts


def test_pause_while_somebody_publishes_leaves_both_done(draft: ProgrammeVersion, writer: Any) -> None:
    with acting_as(actor_of(writer)):
        actions.send_for_approval(by=actor_of(writer), version_id=draft.pk, at=timezone.now())
    publish = reverse("eligibility:admin_publish", args=["heating_help", draft.number])
    pause = reverse("eligibility:admin_pause", args=["heating_help"])
    one, two, three = (browser(portal.make_membership(writer.agency, "programme_admin")) for _tab in range(3))
    answers = at_once(
        lambda: one.post(publish, {"effective_from": timezone.localdate().isoformat()}),
        lambda: two.post(pause, {"reason": "The money has run out."}),
        lambda: three.post(pause, {"reason": "We are away."}),
    )
    none_broke(answers)
    draft.refresh_from_db()
    assert draft.state == PUBLISHED
    assert ProgrammePause.objects.filter(programme__code="heating_help", ended_at=None).count() == 1


def test_a_spoken_yes_pressed_in_two_tabs_is_kept_without_breaking() -> None:
    officer = portal.make_membership(portal.make_agency("harbour-advice", kind="community"), "counter_officer")
    allow_screening()
    load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    record, citizen = make_record({"me.born_on": "1950-01-01", "household.savings": "100.00"})
    screen_as_machine(record_id=record.pk, at=timezone.now())
    make_activity(officer.agency, purpose="counter", concepts=SCREENED, roles=["counter_officer"])
    involve(citizen, record, officer.agency, kind="counter", at=timezone.now(), user_id=officer.user_id)
    path = reverse("consent:at_counter", args=[record.pk])
    tab = browser(officer)
    other = Client(raise_request_exception=False)
    other.cookies = tab.cookies
    answers = at_once(lambda: tab.post(path, {"decision": "allow"}), lambda: other.post(path, {"decision": "allow"}))
    none_broke(answers)
    with acting_as(citizen), transaction.atomic():
        assert Consent.objects.filter(record=record, agency=officer.agency, state__in=("given", "renewed")).count() == 1


def test_a_preview_while_the_draft_is_thrown_away_is_shown_or_not_found(draft: ProgrammeVersion, writer: Any) -> None:
    people(40)
    page = reverse("eligibility:admin_preview", args=["heating_help", draft.number])
    discard = reverse("eligibility:admin_discard", args=["heating_help", draft.number])
    one, two = browser(portal.make_membership(writer.agency, "programme_admin")), browser(writer)
    answers = at_once(lambda: one.get(page), lambda: two.post(discard), lambda: one.get(page))
    none_broke(answers)
    assert not ProgrammeVersion.objects.filter(pk=draft.pk).exists()
    assert one.get(page).status_code == 404


def test_a_draft_saved_in_two_tabs_keeps_one_and_says_so_to_the_other(draft: ProgrammeVersion, writer: Any) -> None:
    by: Actor = actor_of(writer)

    def save(value: str) -> Any:
        data = {**draft.definition, "limits": {**draft.definition["limits"]}}
        data["limits"]["rate"] = {**data["limits"]["rate"], "label": value}
        with acting_as(by):
            return actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=timezone.now())

    answers = at_once(lambda: save("One"), lambda: save("Two"))
    kept = [answer for answer in answers if isinstance(answer, ProgrammeVersion)]
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(kept) == len(refused) == 1
    assert not type(refused[0]).__module__.startswith(("django.db", "psycopg")), refused


def tabs_of(membership: Any, number: int) -> list[Client]:
    """Tabs of one browser."""
    first = browser(membership)
    others = [Client(raise_request_exception=False) for _tab in range(number - 1)]
    for other in others:
        other.cookies = first.cookies
    return [first, *others]


def uprating_of(tab: Client, text: str = "250") -> dict[str, str]:
    page = tab.get(reverse("eligibility:admin_uprating_values"))
    return typed(page.context) | {
        "law": "SI 2027/1",
        "note": "Uprating",
        "value.heating_help..rate.1": text,
        "do": "save",
    }


def test_an_uprating_pressed_in_two_tabs_makes_each_draft_once(writer: Any) -> None:
    load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    tabs = tabs_of(writer, 3)
    path, sent = reverse("eligibility:admin_uprating_values"), uprating_of(tabs[0])
    answers = at_once(*(lambda tab=tab: tab.post(path, sent) for tab in tabs))
    none_broke(answers)
    assert {answer.status_code for answer in answers} == {302} and len({answer.url for answer in answers}) == 1
    assert ProgrammeVersion.objects.filter(programme__code="heating_help", state="draft").count() == 1


def test_an_uprating_and_another_save_of_the_same_draft_keep_one_and_ask_the_other(draft: ProgrammeVersion, writer: Any) -> None:
    path = reverse("eligibility:admin_uprating_values")
    chosen = {"drafts.heating_help": "2", "into.heating_help": f"2.{draft.lock_version}"}
    one, two = browser(writer), browser(portal.make_membership(writer.agency, "programme_admin"))
    sent = [uprating_of(tab, text) | chosen for tab, text in ((one, "250"), (two, "260"))]
    answers = at_once(lambda: one.post(path, sent[0]), lambda: two.post(path, sent[1]))
    none_broke(answers)
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    draft.refresh_from_db()
    assert len(draft.definition["limits"]["rate"]["rows"]) == 2 and len(draft.definition["limits"]["savings_limit"]["rows"]) == 2
    refused = next(answer for answer in answers if answer.status_code == 200).content.decode()
    assert "Somebody saved version 2" in refused and ProgrammeVersion.objects.filter(state="draft").count() == 1


def test_previews_of_many_rules_at_once_stay_within_the_budget(draft: ProgrammeVersion, writer: Any, settings: Any) -> None:
    settings.PREVIEW_RULES_A_DAY = 2
    people(40)
    drafts = [draft, *(draft_of(draft.based_on, writer, value=f"3000{number}") for number in range(4))]
    pages = [reverse("eligibility:admin_preview", args=["heating_help", one.number]) for one in drafts]
    tabs = tabs_of(writer, len(pages))
    answers = at_once(*(lambda tab=tab, page=page: tab.get(page) for tab, page in zip(tabs, pages, strict=True)))
    none_broke(answers)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429]


@pytest.mark.parametrize("other_press", ["take_over", "withdraw"])
def test_a_proposed_local_rule_has_one_answer(writer: Any, other_press: str) -> None:
    """Two colleagues take it over, or one does while the council withdraws it: one of the presses counts."""
    council = make_agency("hackney-council")
    portal.make_office(council, local_authorities=["hackney"])
    clerk = portal.make_membership(council, "programme_admin")
    programme = load(read_definition())[0].programme
    one, by, now = actor_of(writer), actor_of(clerk), timezone.now()
    with acting_as(one):
        proposals.allow_local_rules(by=one, programme=programme, allowed=True)
    programme.refresh_from_db()
    about = {"name": "Hackney", "law": "Hackney scheme", "local_authorities": ["hackney"]}
    with acting_as(by):
        made = proposals.begin(by=by, programme=programme, about=about, at=now)
        data = {**made.base.definition, "variants": [{**made.variant, "leaves_out": ["savings"]}]}
        made = proposals.save_proposal(by=by, proposal_id=made.pk, data=data, lock_version=0, at=now)
        made = proposals.send(by=by, proposal_id=made.pk, lock_version=made.lock_version, note="", at=now)
    answer, step = (reverse(f"eligibility:admin_proposal_{name}", args=[made.pk]) for name in ("answer", "step"))
    second = clerk if other_press == "withdraw" else portal.make_membership(writer.agency, "programme_admin")
    tabs, sent = [browser(writer), browser(second)], {"lock_version": made.lock_version}
    none_broke(
        at_once(
            lambda: tabs[0].post(answer, {**sent, "do": "take_over", "into": ""}),
            lambda: tabs[1].post(step if other_press == "withdraw" else answer, {**sent, "do": other_press, "into": ""}),
        )
    )
    with acting_as(by), transaction.atomic():
        state = LocalProposal.objects.get(pk=made.pk).state
    drafts = ProgrammeVersion.objects.filter(programme=programme, number__gt=1)
    assert [len(draft.definition["variants"]) for draft in drafts] == ([1] if state == "taken" else [])
    assert state in ({"taken"} if other_press == "take_over" else {"taken", "withdrawn"})
