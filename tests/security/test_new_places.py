"""Markers at the doors of one visit: the counter, "what if" from a case, a preview and its example cases, and the tables behind them.

Each door before, while and after it may be open; the gate taken out of the way where only the database is left.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from consent.actions import involvements
from consent.actions.consents import withdraw
from consent.models import Consent, TypedFacts
from eligibility.actions import openings
from eligibility.actions.determinations import screen_as_machine
from eligibility.actions.programmes import begin_draft, save_draft
from eligibility.models import OpeningReminder, Programme, ProgrammeVersion
from eligibility.queries.preview import preview
from portal.kit.actor import Actor, acting_as
from tests.factories import consent as records
from tests.factories import eligibility
from tests.security.stage import BORN, BORN_SHOWN, CONCEPTS, FACTS, MARKERS, SAVINGS_SHOWN, Stage, undone
from tests.security.test_doors import text_of

HEATING = eligibility.HEATING
OTHERS = HEATING.replace('"heating_help"', '"vermilion_help"').replace("Heating help", "Vermilion help").replace(
    '"heat-office"', '"second-house"'
)  # fmt: skip


@pytest.fixture
def stage(stage: Stage) -> Iterator[Stage]:
    """The stage as it was before each test."""
    with undone():
        yield stage


def markers(answer: HttpResponse) -> set[str]:
    text = text_of(answer)
    return {word for word in MARKERS if word in text}


def today() -> str:
    return timezone.localdate().isoformat()


CHANGE = {"savings": "1", "partner": "as_now", "on": today()}

# --- at the counter --------------------------------------------------------------------------------------------------


@pytest.fixture
def visit(stage: Stage) -> dict[str, str]:
    """The first agency may help at its counter once the person said so; addresses of what there is to see."""
    records.make_activity(stage.first, purpose="counter", concepts=CONCEPTS, roles=["counter_officer"])
    names = {
        "results": "eligibility:results_at_counter",
        "what_if": "eligibility:what_if_at_counter",
        "ask": "consent:at_counter",
    }
    return {name: reverse(route, args=[stage.record.pk]) for name, route in names.items()}


def come(stage: Stage) -> None:
    """The person stands at the counter of counter1."""
    with acting_as(stage.owner), transaction.atomic():
        involvements.begin(
            by=stage.owner, record=stage.record, agency_id=stage.first.pk, kind="counter", at=timezone.now(),
            source=f"counter:{stage.workers['counter1'].user_id}", user_id=stage.workers["counter1"].user_id,
        )  # fmt: skip


def go(stage: Stage) -> None:
    officer = stage.workers["counter1"]
    with acting_as(officer), transaction.atomic():
        involvements.end(
            by=officer, record_id=stage.record.pk, agency_id=stage.first.pk, kind="counter",
            source=f"counter:{officer.user_id}", at=timezone.now(),
        )  # fmt: skip


def say_yes(stage: Stage, visit: dict[str, str]) -> HttpResponse:
    return stage.clients["counter1"].post(visit["ask"], {"decision": "allow"})


def shown(stage: Stage, visit: dict[str, str], who: str = "counter1") -> dict[str, tuple[int, set[str]]]:
    """{door: (status, markers)} of everything a counter has."""
    found = {}
    for name, path in visit.items():
        for method, data in (("get", None), ("post", CHANGE if name == "what_if" else None)):
            if (name, method) != ("results", "post"):
                answer = stage.knock(who, method, path, data)
                found[f"{method} {name}"] = (answer.status_code, markers(answer))
    return found


def nothing(found: dict[str, tuple[int, set[str]]]) -> bool:
    return all(status in (302, 403, 404) and not words for status, words in found.values())


def test_before_the_person_comes_a_counter_shows_nothing(stage: Stage, visit: dict[str, str]) -> None:
    assert nothing(shown(stage, visit))


def test_until_the_person_says_yes_only_the_request_is_shown_and_it_holds_no_fact(stage: Stage, visit: dict[str, str]) -> None:
    come(stage)
    found = shown(stage, visit)
    assert found["get ask"] == (200, set())
    assert not any(words for _status, words in found.values())
    for door in ("results", "what_if"):
        assert stage.knock("counter1", "get", visit[door])["Location"] == visit["ask"], door


def test_after_the_yes_the_officer_sees_the_answers_and_no_word_of_others(stage: Stage, visit: dict[str, str]) -> None:
    come(stage)
    assert say_yes(stage, visit).status_code == 302
    found = shown(stage, visit)
    assert found["get results"][0] == found["get what_if"][0] == found["post what_if"][0] == 200
    assert SAVINGS_SHOWN in found["get results"][1]
    assert all(words <= set(FACTS) for _status, words in found.values())
    for colleague in ("case1", "decide1", "counter2", "case2", "programme1", "admin1", "protect1", "audit1", "other"):
        assert nothing(shown(stage, visit, colleague)), colleague


def test_a_yes_taken_back_ends_it_at_the_next_click(stage: Stage, visit: dict[str, str]) -> None:
    come(stage)
    say_yes(stage, visit)
    with acting_as(stage.owner), transaction.atomic():
        said = Consent.objects.get(record=stage.record, activity__purpose="counter", state="given")
        withdraw(by=stage.owner, consent=said, at=timezone.now())
    found = shown(stage, visit)
    assert not any(words for _status, words in found.values())
    assert stage.knock("counter1", "post", visit["what_if"], CHANGE)["Location"] == visit["ask"]


def test_when_the_person_has_gone_the_spoken_yes_opens_nothing(stage: Stage, visit: dict[str, str]) -> None:
    come(stage)
    say_yes(stage, visit)
    go(stage)
    assert nothing(shown(stage, visit))


def test_a_yes_pressed_twice_is_one_yes(stage: Stage, visit: dict[str, str]) -> None:
    come(stage)
    assert [say_yes(stage, visit).status_code for _press in range(2)] == [302, 302]
    with acting_as(stage.owner):
        held = Consent.objects.filter(record=stage.record, activity__purpose="counter")
        assert [one.state for one in held if one.state in ("given", "renewed")] in (["given"], ["renewed"])


# --- what if ----------------------------------------------------------------------------------------------------------

HOSTILE = {
    "1e30": "1e30", "a billion billions": "9" * 30, "negative": "-5", "NaN": "NaN", "infinity": "Infinity", "Arabic": "١٢٣٤",
    "10,000 characters": "7" * 10_000, "null byte": "5\x00", "superscript": "5²", "underscores": "1_000", "script": "<script>alert(1)",
}  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_no_number_breaks_what_if(stage: Stage, visit: dict[str, str], value: str) -> None:
    come(stage)
    say_yes(stage, visit)
    case = reverse("casework:what_if", args=[stage.values["case_id"]])
    for who, path in (("owner", reverse("eligibility:what_if")), ("counter1", visit["what_if"]), ("case1", case)):
        for fields in (
            {"savings": value},
            {"earnings_amount": value, "earnings_per": "month"},
            {
                "rent_amount": value,
                "rent_per": "week",
                "partner_earnings_amount": value,
                "partner_earnings_per": "year",
                "baby": "on",
            },
            {"on": value},
        ):
            answer = stage.knock(who, "post", path, CHANGE | fields)
            assert answer.status_code == (400 if "\x00" in value else 200), f"{who} {fields}: {answer.status_code}"
            assert "<script>alert(1)" not in answer.content.decode()


def test_what_if_from_a_case_names_no_programme_of_another_agency(stage: Stage) -> None:
    eligibility.load(eligibility.read_definition(OTHERS, eligibility.HEATING_CASES))
    screen_as_machine(record_id=stage.record.pk, at=timezone.now())
    assert "Vermilion help" in text_of(stage.knock("owner", "post", reverse("eligibility:what_if"), CHANGE))
    path = reverse("casework:what_if", args=[stage.values["case_id"]])
    for who in ("case1", "decide1"):
        for method, data in (("get", None), ("post", CHANGE)):
            answer = stage.knock(who, method, path, data)
            text = text_of(answer)
            assert "vermilion_help" not in [line["code"] for line in answer.context["lines"]], f"{who} {method}"
            assert "ermilion" not in text and ("Heating help" in text or method == "get"), f"{who} {method}"
            assert not {word for word in MARKERS if word in text}


def test_what_if_from_a_case_shows_nothing_once_everything_is_stopped(stage: Stage) -> None:
    stage.stop_everything()
    path = reverse("casework:what_if", args=[stage.values["case_id"]])
    for who in ("case1", "decide1"):
        answer = stage.knock(who, "post", path, CHANGE)
        assert answer.status_code == 302 and not markers(answer)


# --- previews ---------------------------------------------------------------------------------------------------------


def wider(stage: Stage, criterion: str | None = None, value: str = "200000") -> ProgrammeVersion:
    """A draft of heating help for which the owner's savings are not too high, or with a formula of its own for savings."""
    admin = stage.workers["programme1"]
    with acting_as(admin), transaction.atomic():
        first = ProgrammeVersion.objects.get(programme__code="heating_help", number=1)
        ProgrammeVersion.objects.filter(programme__code="heating_help", state="draft").delete()
        draft = begin_draft(by=admin, version=first, at=timezone.now())
        data: dict[str, Any] = eligibility.read_definition(
            HEATING if criterion is None else HEATING.replace("household.savings <= limits.savings_limit", criterion)
        ).to_dict()
        row = {"from": "2026-11-01", "value": value, "law": "s.9"}
        data["limits"]["savings_limit"]["rows"] = [*data["limits"]["savings_limit"]["rows"], row]
        data["cases"] = {"case": []}
        return save_draft(by=admin, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=timezone.now())


def crowd(number: int, **facts: str) -> None:
    for _one in range(number):
        records.make_record({"me.born_on": "1950-01-01", "household.savings": "500", **facts})


def test_example_cases_are_for_the_desk_of_the_agency_while_it_may_see_the_person(stage: Stage) -> None:
    draft = wider(stage)
    path = reverse("eligibility:admin_preview_cases", args=["heating_help", draft.number])
    assert SAVINGS_SHOWN in text_of(stage.knock("case1", "get", path))
    for who in (
        "programme1",
        "audit1",
        "case2",
        "decide2",
        "case3",
        "counter1",
        "counter2",
        "programme2",
        "admin1",
        "protect1",
        "other",
    ):
        assert not markers(stage.knock(who, "get", path)), who
    stage.stop_everything()
    assert not markers(stage.knock("case1", "get", path))
    assert not markers(stage.knock("decide1", "get", path))


def test_a_rule_that_turns_on_one_person_does_not_tell_whether_they_are_as_it_says(stage: Stage) -> None:
    """The admin knows a birthday and asks about the savings: every number must read the same for yes and for no."""
    crowd(40)
    asked = "household.savings <= limits.savings_limit or (applicant.born_on == date('{born}') and household.savings > limits.savings_limit)"
    found = []
    for born in (BORN, "1951-03-18"):
        draft = wider(stage, asked.format(born=born), "10000")
        own = preview(draft, on=timezone.localdate()).own
        assert own is not None
        counts = {
            name: getattr(own, name).number for name in ("gains", "loses", "more", "less", "becomes_known", "becomes_unknown")
        }
        found.append((counts, own.changes_nothing, own.cost, [(line.id, line.gains, line.loses) for line in own.deciders]))
    assert found[0] == found[1]
    assert found[0][0]["gains"] is None


def test_a_limit_moved_by_a_penny_does_not_tell_who_is_there(stage: Stage) -> None:
    """Numbers move between two drafts whether anybody stands between them or not."""
    crowd(32, **{"household.savings": "15000.00"})  # between two multiples of five: noise of one moves it
    shown = []
    for pence in range(24):
        own = preview(wider(stage, value=f"16000.{pence:02}"), on=timezone.localdate()).own
        assert own is not None
        shown.append(own.gains.number)
    assert len(set(shown)) > 1, "with nobody between the drafts the number moves all the same"
    assert all(number is None or abs(number - 32) < 25 for number in shown)


# --- tables, with the gate out of the way -----------------------------------------------------------------------------

PACKED = "select count(*) from consent_typedfacts where packed is not null"
WISHES = "select count(*) from eligibility_openingreminder"


def counted(actor: Actor | None, statement: str) -> int:
    with acting_as(actor), connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


@pytest.fixture
def wish(stage: Stage) -> OpeningReminder:
    """The owner waits for a programme."""
    with acting_as(stage.owner), transaction.atomic():
        openings.remind(
            by=stage.owner,
            record=stage.record,
            programme=Programme.objects.get(code="warm_help"),
            at=timezone.now() - dt.timedelta(1),
        )
        return OpeningReminder.objects.get()


def test_packed_facts_are_behind_the_wall_for_whoever_is_not_with_the_person(stage: Stage) -> None:
    assert counted(stage.owner, PACKED) == 1
    other, citizen = records.make_record({"household.savings": "1"})
    assert counted(citizen, PACKED) == 1
    strangers = [None, Actor.anonymous(), stage.workers["case3"], Actor.machine("x", record_id=None)]
    assert [counted(actor, PACKED) for actor in strangers] == [0] * len(strangers)
    assert counted(Actor.machine("screening", record_id=other.pk), PACKED) == 1
    stage.stop_everything()
    with acting_as(stage.owner), transaction.atomic():
        connection.cursor().execute("update consent_involvement set ends_at = now() - interval '1 hour' where ends_at is null")
    assert [counted(stage.workers[name], PACKED) for name in ("case1", "decide1", "case2", "counter1", "programme1")] == [0] * 5


def test_a_machine_for_the_caseload_reads_facts_and_writes_none(stage: Stage) -> None:
    machine = Actor.machine("preview", caseload=True)
    assert counted(machine, PACKED) > 0
    with acting_as(machine):
        assert TypedFacts.objects.update(packed=b"") == 0
        for table in ("consent_personname", "consent_person", "consent_recordsnapshot", "consent_contactpoint", "casework_note"):
            assert counted(machine, f"select count(*) from {table}") == 0, table


def test_who_waits_for_an_opening_is_known_to_them_and_to_the_machine_that_tells(stage: Stage, wish: OpeningReminder) -> None:
    assert counted(stage.owner, WISHES) == 1
    other, citizen = records.make_record({"household.savings": "1"})
    assert [counted(actor, WISHES) for actor in (citizen, None, Actor.anonymous(), *stage.workers.values())] == [0] * (
        3 + len(stage.workers)
    )
    assert counted(Actor.machine("openings", record_id=other.pk), WISHES) == 0
    with acting_as(citizen), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        OpeningReminder.objects.create(record=stage.record, programme=wish.programme, asked_at=timezone.now())
    for actor in (citizen, stage.workers["case1"], stage.workers["programme1"]):
        with acting_as(actor):
            assert OpeningReminder.objects.all().delete()[0] == 0


def test_no_page_of_staff_names_who_waits(stage: Stage, wish: OpeningReminder) -> None:
    for who, path in (
        ("programme1", reverse("eligibility:admin_programme", args=["warm_help"])),
        ("audit1", reverse("eligibility:admin_programme", args=["warm_help"])),
    ):
        text = text_of(stage.knock(who, "get", path))
        assert str(wish.pk) not in text and str(stage.record.pk) not in text, who


def test_what_if_at_a_counter_that_may_see_too_little_says_so(stage: Stage) -> None:
    records.make_activity(stage.first, purpose="counter", concepts=("person.born_on",), roles=["counter_officer"])
    names = {
        "results": "eligibility:results_at_counter",
        "what_if": "eligibility:what_if_at_counter",
        "ask": "consent:at_counter",
    }
    visit = {name: reverse(route, args=[stage.record.pk]) for name, route in names.items()}
    come(stage)
    say_yes(stage, visit)
    for door, (status, words) in shown(stage, visit).items():
        assert status < 400 and not words - {BORN, BORN_SHOWN}, door
