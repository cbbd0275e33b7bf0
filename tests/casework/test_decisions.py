"""Deciding: reasons, a named person, a day to challenge, and a letter that says so in the person's language."""

import datetime as dt
import hashlib
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from casework.actions import cases
from casework.clocks import challenge_day
from casework.letterpress import typeset
from casework.models import Decision, Letter
from consent.actions.people import set_contact, set_language_and_needs
from consent.models import AccessLog
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from portal.kit.states import MoveRefused
from portal.models import Notification
from tests.factories import portal
from tests.factories.casework import REASON, Scene, make_scene

pytestmark = pytest.mark.django_db
HOSTILE = '#panic("x") $ \\ ] [ <script>alert(1)</script> *bold* = Title "quoted" {{ x }} #eval("1+1") //'


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_a_refusal_names_person_reasons_and_the_day_to_challenge(scene):
    case = scene.ready(scene.case())
    decision = scene.decide(case)
    today = timezone.localdate()
    assert (decision.decided_by_id, decision.decided_by_name) == (scene.decider.user_id, scene.decider.name)
    assert (decision.sent_on, decision.challenge_until) == (today, challenge_day(today, "ENG"))
    case = scene.fresh(case)
    assert (case.state, case.result, case.next_step) == ("decided", "refused", "close")
    assert Notification.objects.filter(user_id=scene.citizen.user_id, kind="decided").exists()


def test_the_letter_says_what_why_who_and_how_to_challenge(scene):
    decision = scene.decide(scene.ready(scene.case()))
    with acting_as(scene.citizen):
        letter = Letter.objects.get(decision=decision)
    text = str(letter.words)
    assert letter.words["title"] == "We decided: you do not get Heating help."
    assert letter.words["to_lines"] == ["Amina Rahal"]
    for part in (REASON["text"], REASON["law"], REASON["fact_words"], scene.decider.name, "look again until", "020 7946 0000"):
        assert part in text
    assert letter.sha256 == hashlib.sha256(bytes(letter.pdf)).hexdigest()
    assert bytes(letter.pdf).startswith(b"%PDF-")
    assert b"pdfuaid:part" in bytes(letter.pdf)


def test_a_grant_says_how_much_and_from_when(scene):
    decision = scene.decide(
        scene.ready(scene.case()),
        outcome="granted",
        amount_pence=24000,
        per="year",
        effective_from=dt.date(2026, 12, 1),
        reasons=[],
    )
    with acting_as(scene.citizen):
        letter = Letter.objects.get(decision=decision)
    assert letter.words["title"] == "We decided: you get Heating help from 1 December 2026."
    assert letter.words["lead"] == ["£240 a year."]


def test_the_letter_goes_to_a_safe_address_only(scene):
    case = scene.ready(scene.case())
    with acting_as(scene.citizen):
        set_contact(
            by=scene.citizen, record=scene.record, person_id=scene.record.person_id, kind="address", value="1 Unsafe Road",
            safe="no", at=timezone.now(),
        )  # fmt: skip
    decision = scene.decide(case)
    with acting_as(scene.citizen):
        assert "Unsafe" not in str(Letter.objects.get(decision=decision).words)


def test_the_letter_is_in_the_persons_language_and_direction(scene):
    with acting_as(scene.citizen):
        set_language_and_needs(
            by=scene.citizen, record=scene.record, language="ar", interpreter_needed=True, needs="", at=timezone.now()
        )
    decision = scene.decide(scene.ready(scene.case()))
    with acting_as(scene.citizen):
        letter = Letter.objects.get(decision=decision)
    assert (letter.language, letter.words["direction"]) == ("ar", "rtl")
    assert b"/Lang (ar" in bytes(letter.pdf) or b"/Lang(ar" in bytes(letter.pdf)


def test_without_permission_the_letter_goes_to_the_reference(scene):
    case = scene.ready(scene.case("refuse"))
    decision = scene.decide(case)
    with acting_as(scene.citizen):
        assert Letter.objects.get(decision=decision).words["to_lines"] == [f"To the person with the reference {case.reference}"]
        assert AccessLog.objects.filter(outcome="deny", operation="export").exists()


def test_hostile_words_stay_words(scene):
    """What a person or a worker types never becomes markup of the letter's page or source of its PDF."""
    case = scene.ready(scene.case(name=HOSTILE))
    decision = scene.decide(case, reasons=[{**REASON, "text": HOSTILE, "law": HOSTILE, "fact_words": HOSTILE}])
    with acting_as(scene.citizen):
        letter = Letter.objects.get(decision=decision)
    assert letter.words["to_lines"] == [HOSTILE]
    assert letter.words["sections"][0]["items"][0]["text"] == HOSTILE
    assert b"pdfuaid:part" in bytes(letter.pdf)


def test_a_name_no_font_of_ours_can_draw_still_gets_a_letter(scene):
    decision = scene.decide(scene.ready(scene.case(name="王小明")))
    with acting_as(scene.citizen):
        pdf = bytes(Letter.objects.get(decision=decision).pdf)
    assert pdf.startswith(b"%PDF-")
    assert b"pdfuaid:part" not in pdf


def test_the_same_words_give_the_same_bytes(scene):
    decision = scene.decide(scene.ready(scene.case()))
    with acting_as(scene.citizen):
        letter = Letter.objects.get(decision=decision)
    assert hashlib.sha256(typeset(letter.words, at=letter.made_at)).hexdigest() == letter.sha256


def test_only_a_decision_maker_signs(scene):
    case = scene.ready(scene.case())
    with pytest.raises(Refused):
        scene.decide(case, by=scene.worker)


def test_only_a_case_that_is_ready_can_be_decided(scene):
    with pytest.raises(MoveRefused):
        scene.decide(scene.case())


@pytest.mark.parametrize(
    "broken",
    [
        {"reasons": []},
        {"reasons": [{**REASON, "law": " "}]},
        {"reasons": [{**REASON, "criterion": ""}]},
        {"reasons": [{**REASON, "fact": ""}]},
        {"reasons": [{**REASON, "text": ""}]},
        {"outcome": "granted", "effective_from": None},
    ],
)
def test_an_incomplete_decision_is_refused_and_changes_nothing(scene, broken):
    case = scene.ready(scene.case())
    with pytest.raises(cases.NotPossible):
        scene.decide(case, **broken)
    with acting_as(scene.worker):
        assert not Decision.objects.exists()
    assert scene.fresh(case).state == "ready_for_decision"


def row(scene: Scene, case, **fields) -> Decision:
    day = dt.date(2026, 11, 23)
    return Decision(
        **{
            "case": case, "number": 9, "outcome": "refused", "reasons": [REASON], "decided_by_id": scene.decider.user_id,
            "decided_by_name": scene.decider.name, "decided_on": day, "sent_on": day, "challenge_until": day + dt.timedelta(days=30),
            "issued_at": timezone.now(),
        } | fields
    )  # fmt: skip


def test_the_database_takes_a_complete_adverse_decision(scene):
    case = scene.case()
    with acting_as(scene.decider):
        row(scene, case).save(force_insert=True)


@pytest.mark.parametrize(
    "broken",
    [
        {"reasons": []},
        {"reasons": {}},
        {"reasons": [{**REASON, "law": ""}]},
        {"reasons": [{**REASON, "fact": "  "}]},
        {"reasons": [REASON, {"criterion": "x"}]},
        {"decided_by_id": None},
        {"decided_by_name": ""},
        {"challenge_until": None},
        {"challenge_until": dt.date(2026, 11, 23)},
        {"outcome": "partly", "effective_from": None},
        {"amount_pence": 100},
        {"effective_to": dt.date(2026, 12, 1)},
        {"sent_on": dt.date(2026, 11, 1)},
    ],
)
def test_the_database_refuses_an_adverse_decision_that_lacks_what_law_demands(scene, broken):
    case = scene.case()
    with acting_as(scene.decider), pytest.raises(IntegrityError), transaction.atomic():
        row(scene, case, **broken).save(force_insert=True)


def test_decisions_and_letters_never_change(scene):
    scene.decide(scene.ready(scene.case()))
    with acting_as(scene.decider):
        for change in (
            lambda: Decision.objects.update(outcome="granted"),
            lambda: Decision.objects.all()._raw_delete("default"),
            lambda: Letter.objects.update(language="cy"),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


# --- who reads it


def test_person_and_agency_read_the_letter_and_nobody_else(scene, client):
    decision = scene.decide(scene.ready(scene.case()))
    with acting_as(scene.citizen):
        letter = Letter.objects.get(decision=decision)
    addresses = [f"/letters/{letter.pk}/", f"/letters/{letter.pk}.pdf"]
    stranger = portal.make_membership(portal.make_agency(), "caseworker")
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    for user, status in [(stranger.user, 404), (scene.worker_membership.user, 200)]:
        client.logout()
        portal.sign_in(client, user)
        assert [client.get(address).status_code for address in addresses] == [status, status]
    client.logout()
    session = client.session
    session["person_id"] = str(scene.record.person_id)
    session.save()
    answer = client.get(addresses[1])
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"] == "no-store"
    session["person_id"] = str(uuid4())
    session.save()
    assert client.get(addresses[1]).status_code == 404


def test_the_letters_page_escapes_hostile_words(scene, client):
    decision = scene.decide(scene.ready(scene.case(name=HOSTILE)), reasons=[{**REASON, "text": HOSTILE}])
    with acting_as(scene.citizen):
        letter = Letter.objects.get(decision=decision)
    session = client.session
    session["person_id"] = str(scene.record.person_id)
    session.save()
    page = client.get(f"/letters/{letter.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
