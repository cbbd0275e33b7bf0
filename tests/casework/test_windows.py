"""A programme that takes no applications cannot be applied for, whoever tries and however; the others in the same press go through."""

import datetime as dt
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework.actions import applications
from casework.actions.referrals import ProgrammeShut
from casework.models import Application, ProgrammeCase, Referral
from consent.actions.facts import write
from consent.actions.involvements import begin
from consent.models import Consent
from eligibility.actions import openings
from eligibility.actions.determinations import screen_as_machine
from eligibility.models import OpeningReminder, ProgrammePause
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from portal.models import Notification, User
from tests.factories import eligibility, portal
from tests.factories import referral as referral_scenes
from tests.factories.casework import PROGRAMME, make_scene
from tests.factories.consent import make_activity

pytestmark = pytest.mark.django_db

COLD = eligibility.HEATING.replace("heating_help", "cold_help").replace("Heating help", "Cold help")
PHONE = eligibility.HEATING.replace("heating_help", "phone_help").replace("Heating help", "Phone help")


def day(offset: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=offset)).isoformat()


def words(offset: int) -> str:
    on = timezone.localdate() + dt.timedelta(days=offset)
    return f"{on.day} {on:%B %Y}"


def window(opens: int, closes: int, state: str = "open") -> str:
    return f'\n[[windows]]\nopens = "{day(opens)}"\ncloses = "{day(closes)}"\nstate = "{state}"\nsays = "Each winter."\n'


def other_programme(scene, text: str = COLD, gate: str = "explicit_request"):
    """A second programme of the scene's council."""
    [version] = eligibility.load(eligibility.read_definition(text))
    make_activity(scene.council, programme=version.programme.code, gate=gate, concepts=eligibility.SCREENED)
    return version


def paused(scene, programme, reason="The money of this year is spent.", expected_on=None):
    admin = portal.make_membership(scene.council, "programme_admin")
    by = portal.actor_for(admin)
    with acting_as(by):
        openings.pause(by=by, programme=programme, reason=reason, expected_on=expected_on, at=timezone.now())
    return by


def citizen_page(scene) -> Client:
    client = Client()
    portal.sign_in(client, User.objects.get(pk=scene.citizen.user_id))
    return client


def form_of(*codes: str, **answers: str) -> dict[str, object]:
    allowed = {f"allow-{code}-answer": answers.get(code, "allow") for code in codes}
    return {
        "programme": list(codes), "key": str(uuid4()), "who-name": "Amina Rahal", "who-phone": "020 7946 0999", "who-safe": "yes",
        **allowed,
    }  # fmt: skip


def codes_of(scene) -> list[str]:
    with acting_as(scene.citizen):
        return sorted(ProgrammeCase.objects.values_list("programme", flat=True))


CLOSED = {
    "closed": lambda scene: other_programme(scene, COLD + window(30, 90)),
    "over": lambda scene: other_programme(scene, COLD + window(-90, -30)),
    "paused": lambda scene: other_programme(scene, COLD + window(-1, 5, "paused")),
    "paused by hand": lambda scene: paused(scene, other_programme(scene).programme),
    "coming": lambda scene: eligibility.load(eligibility.read_definition(COLD), on=timezone.localdate() + dt.timedelta(days=30)),
    "not online": lambda scene: other_programme(scene, COLD.replace('["online", "phone"]', '["phone", "post"]')),
}


@pytest.mark.parametrize("why", CLOSED)
def test_what_takes_no_applications_is_left_out_and_the_rest_is_sent(why):
    scene = make_scene()
    CLOSED[why](scene)
    sent = scene.apply(programmes=[PROGRAMME, "cold_help"], answers={PROGRAMME: "allow", "cold_help": "allow"})
    assert codes_of(scene) == [PROGRAMME]
    with acting_as(scene.citizen):
        assert [consent.activity.programme for consent in Consent.objects.select_related("activity")] == [PROGRAMME]
    page = citizen_page(scene).get(reverse("casework:applied", args=[sent.key])).content.decode()
    assert "Not sent" in page and "You cannot apply for Cold help" in page


@pytest.mark.parametrize("why", CLOSED)
def test_alone_it_is_refused_with_a_sentence_and_nothing_is_kept(why):
    scene = make_scene()
    CLOSED[why](scene)
    with pytest.raises(applications.NotOffered, match="You cannot apply for Cold help"):
        scene.apply(programmes=["cold_help"], answers={"cold_help": "allow"})
    with acting_as(scene.citizen):
        assert not Application.objects.exists() and not Consent.objects.exists()


SENTENCES = {
    "closed": f"Closed now. It opens on {words(30)}. Each winter.",
    "over": "Closed. No new opening is known. Each winter.",
    "paused": f"Paused. It should go on from {words(6)}. Each winter.",
    "paused by hand": "Paused. The money of this year is spent.",
    "coming": f"It begins on {words(30)}.",
    "not online": "takes applications by phone and by post.",
}


@pytest.mark.parametrize("why", CLOSED)
def test_the_page_says_why_and_when_and_asks_no_consent_for_it(why):
    scene = make_scene()
    CLOSED[why](scene)
    page = citizen_page(scene).get(reverse("casework:apply"), {"programme": [PROGRAMME, "cold_help"]}).content.decode()
    assert SENTENCES[why] in page
    assert "allow-heating_help-answer" in page and "allow-cold_help-answer" not in page
    assert 'name="programme" value="cold_help"' not in page


def test_a_tab_opened_before_closing_gets_a_clear_answer():
    scene = make_scene()
    cold = other_programme(scene)
    client = citizen_page(scene)
    form = form_of("cold_help")
    assert client.get(reverse("casework:apply"), {"programme": "cold_help"}).status_code == 200
    admin = paused(scene, cold.programme)
    answer = client.post(reverse("casework:apply"), form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing was sent" in page and "The money of this year is spent." in page
    assert codes_of(scene) == []
    with acting_as(admin):
        openings.resume(by=admin, programme=cold.programme, at=timezone.now())
    assert client.post(reverse("casework:apply"), form, follow=True).status_code == 200
    assert codes_of(scene) == ["cold_help"]


def test_one_that_closed_in_between_does_not_stop_the_others_of_the_form():
    scene = make_scene()
    cold = other_programme(scene)
    client = citizen_page(scene)
    paused(scene, cold.programme)
    page = client.post(reverse("casework:apply"), form_of(PROGRAMME, "cold_help"), follow=True).content.decode()
    assert codes_of(scene) == [PROGRAMME]
    assert "Not sent" in page and "You cannot apply for Cold help now. Paused." in page


def test_a_case_that_runs_goes_on_when_the_programme_closes():
    scene = make_scene()
    case = scene.case()
    paused(scene, scene.version.programme)
    assert scene.ready(case).state == "ready_for_decision"
    page = citizen_page(scene).get(reverse("casework:apply"), {"programme": PROGRAMME}).content.decode()
    assert "You have applied for Heating help already" in page and "You cannot apply" not in page


@pytest.mark.parametrize(
    ("channels", "may"), [('["phone", "in_person"]', True), ('["phone", "post"]', False), ('["online"]', True)]
)
def test_a_counter_takes_what_is_taken_in_person_too(channels, may):
    scene = make_scene()
    other_programme(scene, COLD.replace('["online", "phone"]', channels))
    officer, now = scene.worker, timezone.now()
    with acting_as(scene.citizen):
        begin(
            by=scene.citizen, record=scene.record, agency_id=scene.council.pk, kind="counter", source="counter:1",
            at=now - dt.timedelta(minutes=1), user_id=officer.user_id,
        )  # fmt: skip

    def send() -> Application:
        with acting_as(officer):
            return applications.send(
                by=officer, record=scene.record, key=uuid4(), programmes=["cold_help"], answers={"cold_help": "allow"},
                language="en", at=timezone.now(), method="spoken",
            )  # fmt: skip

    if may:
        send()
    else:
        with pytest.raises(applications.NotOffered, match="takes applications by phone and by post"):
            send()
    assert codes_of(scene) == (["cold_help"] if may else [])


# --- referrals


def test_a_referral_to_a_closed_programme_warns_the_sender_first():
    scene = referral_scenes.make_scene()
    eligibility.load(eligibility.read_definition(COLD + window(30, 90)))
    make_activity(
        scene.charity, purpose="referral", programme="cold_help", gate="notice", concepts=referral_scenes.AGREED,
        triage_concepts=referral_scenes.TRIAGE, roles=referral_scenes.RECEIVING_ROLES,
    )  # fmt: skip
    with pytest.raises(ProgrammeShut, match=f"It opens on {words(30)}"):
        scene.send(programme="cold_help", at=timezone.now())
    with acting_as(scene.sender):
        assert not Referral.objects.exists()
    assert scene.send(programme="cold_help", at=timezone.now(), although_closed=True).programme == "cold_help"


def test_the_referral_form_says_which_place_is_closed_and_lets_the_sender_decide():
    scene = referral_scenes.make_scene()
    eligibility.load(eligibility.read_definition(COLD + window(30, 90)))
    make_activity(
        scene.charity, purpose="referral", programme="cold_help", gate="notice", concepts=referral_scenes.AGREED,
        triage_concepts=referral_scenes.TRIAGE, roles=referral_scenes.RECEIVING_ROLES,
    )  # fmt: skip
    client = Client()
    portal.sign_in(client, User.objects.get(pk=scene.sender.user_id))
    address = reverse("casework:referral_new", args=[scene.record.pk])
    page = client.get(address).content.decode()
    assert f"Closed now. It opens on {words(30)}." in page
    said = {
        "place": f"{scene.charity.pk}:cold_help", "need": "debt", "service": "Advice for the winter", "priority": "routine",
        "asked": "online", "key": str(uuid4()), "note": "Please ring after five.",
    }  # fmt: skip
    warned = client.post(address, said).content.decode()
    assert "takes no applications now" in warned and "Please ring after five." in warned
    sent = client.post(address, said | {"although_closed": "on"}, follow=True).content.decode()
    assert "Cold help takes no applications now" in sent and "Advice for the winter" in sent


def test_a_person_who_is_asked_reads_that_the_programme_closed_meanwhile():
    scene = referral_scenes.make_scene()
    [version] = eligibility.load(eligibility.read_definition(COLD))
    make_activity(
        scene.charity, purpose="referral", programme="cold_help", gate="consent", concepts=referral_scenes.AGREED,
        triage_concepts=referral_scenes.TRIAGE, roles=referral_scenes.RECEIVING_ROLES,
    )  # fmt: skip
    scene.send(programme="cold_help", at=timezone.now())
    client = citizen_page(scene)
    assert "takes no applications now" not in client.get(reverse("casework:my")).content.decode()
    by = portal.actor_for(portal.make_membership(version.programme.agency, "programme_admin"))
    with acting_as(by):
        openings.pause(by=by, programme=version.programme, reason="No fuel is left.", expected_on=None, at=timezone.now())
    page = client.get(reverse("casework:my")).content.decode()
    assert "Cold help takes no applications now." in page and "No fuel is left." in page


# --- told when it opens


def waiting(scene, version):
    with acting_as(scene.citizen):
        openings.remind(by=scene.citizen, record=scene.record, programme=version.programme, at=timezone.now())


def told() -> list[str]:
    return list(Notification.objects.filter(kind="programme_opens").values_list("path", flat=True))


def test_who_asked_is_told_once_when_it_opens():
    scene = make_scene()
    admin = paused(scene, scene.version.programme)
    waiting(scene, scene.version)
    waiting(scene, scene.version)
    assert openings.tell_all(at=timezone.now()) == 0 and told() == []
    with acting_as(admin):
        openings.resume(by=admin, programme=scene.version.programme, at=timezone.now())
    assert openings.tell_all(at=timezone.now()) == 1
    assert openings.tell_all(at=timezone.now()) == 0
    assert told() == [reverse("eligibility:programme", args=[PROGRAMME])]
    with acting_as(scene.citizen):
        assert not OpeningReminder.objects.exists()


def test_a_window_that_opens_tells_too():
    scene = make_scene()
    version = other_programme(scene, COLD + window(30, 90))
    waiting(scene, version)
    assert openings.tell_all(at=timezone.now()) == 0
    assert openings.tell_all(at=timezone.now() + dt.timedelta(days=30)) == 1


def test_who_changed_their_mind_or_asked_long_ago_is_not_told():
    scene = make_scene()
    cold = other_programme(scene)
    waiting(scene, scene.version)
    waiting(scene, cold)
    with acting_as(scene.citizen):
        openings.forget(by=scene.citizen, record=scene.record, programme=scene.version.programme)
    assert openings.tell_all(at=timezone.now() + dt.timedelta(days=800)) == 0
    assert told() == []
    with acting_as(scene.citizen):
        assert not OpeningReminder.objects.exists()


def test_for_whom_it_does_not_fit_by_then_waits_no_more_and_is_not_told():
    scene = make_scene()
    waiting(scene, scene.version)
    with acting_as(scene.worker):
        assert not OpeningReminder.objects.exists()  # an agency does not see who waits
    with acting_as(scene.citizen):
        write(
            by=scene.citizen, record=scene.record, changes={"household.savings": "99999.00"}, source="self",
            collected_under="screening", at=timezone.now(),
        )  # fmt: skip
    screen_as_machine(record_id=scene.record.pk, at=timezone.now())
    assert openings.tell_all(at=timezone.now()) == 0 and told() == []
    with acting_as(scene.citizen):
        assert not OpeningReminder.objects.exists()


def test_a_pause_is_kept_as_it_was():
    scene = make_scene()
    paused(scene, scene.version.programme)
    found = ProgrammePause.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammePause.objects.update(reason="Another one")
    with pytest.raises(IntegrityError), transaction.atomic():
        found.delete()


def test_only_an_admin_of_the_agency_pauses():
    scene = make_scene()
    stranger = portal.actor_for(portal.make_membership(portal.make_agency(), "programme_admin"))
    for by in (scene.worker, scene.citizen, stranger):
        with acting_as(by), pytest.raises(Refused):
            openings.pause(by=by, programme=scene.version.programme, reason="No.", expected_on=None, at=timezone.now())


def test_the_practical_words_reach_the_person_who_applies():
    scene = make_scene()
    client = citizen_page(scene)
    form = client.get(reverse("casework:apply"), {"programme": PROGRAMME}).content.decode()
    sent = scene.apply()
    receipt = client.get(reverse("casework:applied", args=[sent.key])).content.decode()
    with acting_as(scene.citizen):
        case = ProgrammeCase.objects.get()
    mine = client.get(reverse("casework:my_case", args=[case.pk])).content.decode()
    for page in (form, receipt, mine):
        assert "Proof of your savings" in page and "Bank statement" in page and "Savings book" in page
        assert "We decide within 10 working days." in page and "We write to you." in page
    for page in (receipt, mine):
        assert "0800 000 0000" in page
