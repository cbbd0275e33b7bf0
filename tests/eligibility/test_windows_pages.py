"""Windows where people read and write them: results, catalogue, programme page, API, and the editor."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from eligibility.actions import openings
from eligibility.actions.determinations import screen_as_machine
from eligibility.actions.programmes import begin_draft, publish, save_draft, send_for_approval
from eligibility.definition import Definition
from eligibility.models import OpeningReminder, ProgrammeEnding, ProgrammePause, ProgrammeVersion
from eligibility.queries.openings import opening_of_programme
from eligibility.queries.results import results_for
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from portal.models import Agency
from tests.factories import portal
from tests.factories.consent import make_record
from tests.factories.eligibility import (
    BLANKET,
    BLANKET_CASES,
    HEATING,
    actor_of,
    allow_screening,
    load,
    make_admin,
    make_agency,
    make_programme,
    make_version,
    read_definition,
)

pytestmark = pytest.mark.django_db


def today(offset: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=offset)


def words(offset: int) -> str:
    day = today(offset)
    return f"{day.day} {day:%B %Y}"


def window(opens: int, closes: int, state: str = "open", says: str = "Each winter.") -> str:
    return f'\n[[windows]]\nopens = "{today(opens)}"\ncloses = "{today(closes)}"\nstate = "{state}"\nsays = "{says}"\n'


def loaded(text: str = HEATING, on: dt.date | None = None) -> ProgrammeVersion:
    [version] = load(read_definition(text), **({"on": on} if on else {}))
    return version


def told(client, has_account: bool = True):
    """A person for whom Heating help is likely, at the client."""
    allow_screening()
    user = portal.make_user() if has_account else None
    record, _citizen = make_record({"me.born_on": "1950-04-02", "household.savings": "100.00"}, user_id=user.pk if user else None)
    screen_as_machine(record_id=record.pk, at=timezone.now())
    if user:
        portal.sign_in(client, user)
    else:
        session = client.session
        session["person_id"] = str(record.person_id)
        session.save()
    return record


def results(client) -> str:
    return client.get(reverse("eligibility:results")).content.decode()


def paused(version, **fields) -> ProgrammePause:
    by = actor_of(make_admin(version.programme.agency))
    with acting_as(by):
        return openings.pause(
            **{
                "by": by, "programme": version.programme, "reason": "No money is left.", "expected_on": None,
                "at": timezone.now(),
            } | fields
        )  # fmt: skip


# --- what people read


def test_a_closed_programme_is_still_likely_and_says_when_it_opens(client):
    loaded(HEATING + window(30, 90))
    told(client)
    page = results(client)
    assert "You may get this" in page and f"It opens on {words(30)}." in page and "Each winter." in page
    assert 'id="apply-heating-help"' not in page and "Apply for these" not in page
    assert "Tell me when it opens" in page


def test_a_paused_programme_says_why_and_until_when(client):
    version = loaded()
    told(client)
    assert 'id="apply-heating-help"' in results(client)
    paused(version, expected_on=today(20), translations={"cy": "Dim arian ar ôl.", "ar": ""})
    page = results(client)
    assert f"Paused. It should go on from {words(20)}." in page and "No money is left." in page
    assert 'id="apply-heating-help"' not in page
    client.cookies["django_language"] = "cy"
    assert "Dim arian ar ôl." in client.get(reverse("eligibility:programme", args=["heating_help"])).content.decode()


def test_a_pause_that_lasts_longer_than_expected_names_no_day_that_is_past(client):
    version = loaded()
    paused(version, expected_on=today(-1), at=timezone.now() - dt.timedelta(days=10))
    page = client.get(reverse("eligibility:programme", args=["heating_help"])).content.decode()
    assert "Paused." in page and words(-1) not in page


def test_a_result_of_yesterday_reads_the_window_of_the_day_of_the_page():
    version = loaded(HEATING + window(0, 90))
    allow_screening()
    record, citizen = make_record({"me.born_on": "1950-04-02", "household.savings": "100.00"})
    screen_as_machine(record_id=record.pk, at=timezone.now())
    with acting_as(citizen):
        record.refresh_from_db()
        states = {offset: results_for(record, today(offset)).likely[0].opening for offset in (0, 90, 91)}
    assert version.is_final
    assert [state.state for state in states.values()] == ["open", "open", "closed"]
    assert states[90].closes_on == today(90) and states[91].opens_on is None


def test_where_it_is_not_online_the_way_to_apply_stands_instead_of_a_box(client):
    loaded(HEATING.replace('["online", "phone"]', '["phone", "post"]'))
    told(client)
    page = results(client)
    assert "You can apply: by phone and by post." in page and "0800 000 0000" in page
    assert 'id="apply-heating-help"' not in page and "Apply for these" not in page
    sheet = client.get(reverse("eligibility:programme", args=["heating_help"])).content.decode()
    assert "You cannot apply for it on this site." in sheet and "Apply for it now" not in sheet


def test_the_reminder_is_asked_for_and_taken_back_on_the_page(client):
    loaded(HEATING + window(30, 90))
    record = told(client)
    address = reverse("eligibility:remind")
    client.post(address, {"programme": "heating_help", "want": "yes"})
    page = results(client)
    assert "We tell you when it opens." in page and "Do not tell me" in page
    client.post(address, {"programme": "heating_help", "want": "no"})
    assert "Tell me when it opens" in results(client)
    with acting_as(Actor.machine("test", record_id=record.pk)):
        assert not OpeningReminder.objects.exists()
    assert client.post(address, {"programme": "nothing"}).status_code == 302


def test_without_an_account_nobody_promises_to_tell(client):
    loaded(HEATING + window(30, 90))
    told(client, has_account=False)
    assert "Tell me when it opens" not in results(client)
    assert client.post(reverse("eligibility:remind"), {"programme": "heating_help"}).status_code == 403


def test_catalogue_programme_page_and_api_say_the_same(client):
    loaded(HEATING + window(30, 90))
    catalogue = client.get(reverse("eligibility:catalogue")).content.decode()
    sheet = client.get(reverse("eligibility:programme", args=["heating_help"])).content.decode()
    for page in (catalogue, sheet):
        assert f"Closed now. It opens on {words(30)}." in page
    assert f"Open from {words(30)} to {words(90)}. Each winter." in sheet
    [entry] = client.get(reverse("api:programmes")).json()
    assert (entry["window"], entry["opens_on"], entry["closes_on"]) == ("closed", today(30).isoformat(), None)
    one = client.get(reverse("api:programme", args=["heating_help"])).json()
    assert one["window_sentence"] == f"Closed now. It opens on {words(30)}. Each winter."


def test_one_that_is_to_come_and_one_that_has_ended_have_a_page(client):
    version = loaded(on=today(30))
    page = client.get(reverse("eligibility:programme", args=["heating_help"])).content.decode()
    assert f"It begins on {words(30)}." in page and "Apply for it now" not in page
    ProgrammeVersion.objects.filter(pk=version.pk).update(state="closed", effective_to=today(29))
    assert client.get(reverse("eligibility:programme", args=["heating_help"])).status_code == 404  # it never began
    ended = loaded(HEATING.replace("heating_help", "cold_help").replace("Heating help", "Cold help"))
    ProgrammeVersion.objects.filter(pk=ended.pk).update(state="closed", effective_to=today(-10))
    page = client.get(reverse("eligibility:programme", args=["cold_help"])).content.decode()
    assert f"It ended on {words(-10)}." in page and "Apply for it now" not in page


# --- what admins write


@pytest.fixture
def editor(client):
    """(client, draft): a programme admin with a draft of Heating help."""
    version = loaded()
    membership = portal.make_membership(version.programme.agency, "programme_admin")
    by = actor_of(membership)
    with acting_as(by):
        draft = begin_draft(by=by, version=version, at=timezone.now())
    portal.sign_in(client, membership.user)
    return client, draft, by


def address_of(draft, name: str, *more) -> str:
    return reverse(f"eligibility:{name}", args=["heating_help", draft.number, *more])


def stored(draft) -> list[dict]:
    return ProgrammeVersion.objects.get(pk=draft.pk).definition.get("windows", [])


def sent(draft, **fields) -> dict[str, object]:
    lock = ProgrammeVersion.objects.get(pk=draft.pk).lock_version
    return {"lock_version": lock, "state": "open", "opens": "15 September", "closes": "31 March", "says": "Each winter."} | fields


def test_a_window_is_added_changed_and_taken_out(editor):
    client, draft, _by = editor
    client.post(address_of(draft, "admin_window_new"), sent(draft))
    assert stored(draft) == [{"opens": "09-15", "closes": "03-31", "state": "open", "says": "Each winter."}]
    page = client.get(address_of(draft, "admin_version")).content.decode()
    assert "Open each year from 15 September to 31 March. Each winter." in page
    form = client.get(address_of(draft, "admin_window", 0)).content.decode()
    assert 'value="15 September"' in form and 'value="31 March"' in form
    client.post(address_of(draft, "admin_window", 0), sent(draft, opens="1/10", closes="29 February"))
    assert (stored(draft)[0]["opens"], stored(draft)[0]["closes"]) == ("10-01", "02-29")
    inside = sent(draft, opens="24 December 2026", closes="2 Jan 2027", state="paused", says="")
    client.post(address_of(draft, "admin_window_new"), inside)
    assert stored(draft)[1] == {"opens": "2026-12-24", "closes": "2027-01-02", "state": "paused"}
    lock = {"lock_version": ProgrammeVersion.objects.get(pk=draft.pk).lock_version}
    client.post(address_of(draft, "admin_window_remove", 0), lock)
    assert [item["state"] for item in stored(draft)] == ["paused"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"opens": "30 February"}, "There is no such day in the calendar"),
        ({"opens": "next week"}, "Write a day and a month"),
        ({"opens": "1 Ju"}, "Write a day and a month"),
        ({"opens": "15 September 2026"}, "Write the year on both days, or on neither"),
        ({"opens": "15 September 2026", "closes": "31 March 2026"}, "The last day must not lie before the first day"),
        ({"opens": "1 May", "closes": "1 June", "state": "paused"}, "This meets another window on 1 May"),
        ({"opens": ""}, "Enter the first day"),
        ({"state": ""}, "Select what holds on these days"),
    ],
)
def test_what_cannot_be_says_how_to_mend_it_and_loses_nothing(editor, fields, said):
    client, draft, _by = editor
    client.post(address_of(draft, "admin_window_new"), sent(draft, opens="1 April", closes="1 July"))
    before = stored(draft)
    answer = client.post(address_of(draft, "admin_window_new"), sent(draft, says="Keep these words.") | fields)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and "Keep these words." in page
    assert stored(draft) == before


def test_somebody_else_saved_first_and_nothing_is_lost(editor):
    client, draft, by = editor
    old = sent(draft)
    with acting_as(by):
        save_draft(by=by, version_id=draft.pk, data=draft.definition, lock_version=draft.lock_version, at=timezone.now())
    page = client.post(address_of(draft, "admin_window_new"), old).content.decode()
    assert "Somebody else saved this draft" in page and "Each winter." in page and stored(draft) == []


def test_translations_follow_the_windows_that_stay(editor):
    client, draft, by = editor
    windows = [{"opens": "01-01", "closes": "02-01", "says": "One."}, {"opens": "05-01", "closes": "06-01", "says": "Two."}]
    texts = {"cy": {"name": "Cymorth Gwresogi", "windows.0.says": "Un.", "windows.1.says": "Dau."}}
    with acting_as(by):
        save_draft(
            by=by, version_id=draft.pk, data=draft.definition | {"windows": windows, "translations": texts},
            lock_version=draft.lock_version, at=timezone.now(),
        )  # fmt: skip
    lock = {"lock_version": ProgrammeVersion.objects.get(pk=draft.pk).lock_version}
    client.post(address_of(draft, "admin_window_remove", 0), lock)
    definition = Definition.from_dict(ProgrammeVersion.objects.get(pk=draft.pk).definition)
    assert definition.text("windows.0.says", "cy") == "Dau."
    assert definition.english()["windows.0.says"] == "Two."
    assert "windows.1.says" not in definition.translations["cy"]


def test_an_admin_pauses_says_another_day_and_goes_on(editor):
    client, _draft, _by = editor
    page = reverse("eligibility:admin_programme", args=["heating_help"])
    address = reverse("eligibility:admin_pause", args=["heating_help"])
    wrong = client.post(address, {"reason": "No money is left.", "expected_on": today().isoformat()})
    assert wrong.status_code == 422 and "Choose a day after today" in wrong.content.decode()
    assert "No money is left." in wrong.content.decode() and not ProgrammePause.objects.exists()
    client.post(address, {"reason": "No money is left.", "reason_cy": "Dim arian.", "expected_on": today(9).isoformat()})
    assert ProgrammePause.objects.get().translations == {"cy": "Dim arian."}
    assert f"Paused. It should go on from {words(9)}." in client.get(page).content.decode()
    client.post(address, {"expected_on": today(19).isoformat()})
    assert f"Paused. It should go on from {words(19)}." in client.get(page).content.decode()
    client.post(reverse("eligibility:admin_resume", args=["heating_help"]))
    assert "Open at any time." in client.get(page).content.decode()
    assert ProgrammePause.objects.get().ended_by_id is not None
    again = client.post(reverse("eligibility:admin_resume", args=["heating_help"]), follow=True).content.decode()
    assert "The programme is not paused." in again


def test_what_was_never_published_cannot_be_paused():
    version = make_version(make_programme(agency=make_agency()))
    with pytest.raises(openings.NotPossible, match="nothing to pause"):
        paused(version)


@pytest.mark.parametrize(
    ("expected", "words_shown"),
    [
        (None, "Paused"),
        (20, "Paused, to go on from "),
        (0, "Paused, should have gone on by "),
    ],
)
def test_the_list_of_programmes_says_which_are_paused_and_which_should_have_gone_on(client, expected, words_shown):
    version = loaded()
    other = loaded(HEATING.replace("heating_help", "cold_help").replace("Heating help", "Cold help"))
    membership = portal.make_membership(version.programme.agency, "programme_admin")
    portal.sign_in(client, membership.user)
    assert "Paused" not in client.get(reverse("eligibility:admin_list")).content.decode()
    pause = paused(version)
    ProgrammePause.objects.filter(pk=pause.pk).update(expected_on=None if expected is None else today(expected))
    page = client.get(reverse("eligibility:admin_list")).content.decode()
    row = next(part for part in page.split("<tr>") if reverse("eligibility:admin_programme", args=["heating_help"]) in part)
    assert words_shown in row
    assert ("should have gone on" in row) is (expected == 0)
    assert page.count("Paused") == 1, other


def test_another_agency_cannot_pause(client):
    loaded()
    membership = portal.make_membership(portal.make_agency(), "programme_admin")
    portal.sign_in(client, membership.user)
    answer = client.post(reverse("eligibility:admin_pause", args=["heating_help"]), {"reason": "No."})
    assert answer.status_code == 403 and not ProgrammePause.objects.exists()


# --- given up as a whole


def end(by, programme, last_day, **fields):
    with acting_as(by):
        return openings.ask_end(
            **{
                "by": by,
                "programme": programme,
                "last_day": last_day,
                "reason": "Warm help takes its place.",
                "at": timezone.now(),
            }
            | fields
        )


def confirmed(by, programme):
    with acting_as(by):
        return openings.confirm_end(by=by, programme=programme, at=timezone.now())


@pytest.fixture
def two():
    """(version, two admins of its agency)."""
    version = loaded()
    return version, *(actor_of(portal.make_membership(version.programme.agency, "programme_admin")) for _number in range(2))


def test_two_people_end_a_programme_and_everybody_reads_why(client, two):
    version, one, other = two
    end(one, version.programme, today(10))
    page = reverse("eligibility:programme", args=["heating_help"])
    assert "Warm help takes its place." not in client.get(page).content.decode()
    confirmed(other, version.programme)
    text = client.get(page).content.decode()
    assert f"Open until {words(10)}." in text and "Warm help takes its place." in text and "Apply for it now" in text
    version.refresh_from_db()
    assert (version.state, version.effective_to) == ("closed", today(10))
    gone = opening_of_programme("heating_help", today(11), "en")
    assert gone.sentence == f"It ended on {words(10)}. Warm help takes its place."


def test_nobody_ends_a_programme_alone_or_for_another_agency(two):
    version, one, other = two
    stranger = actor_of(portal.make_membership(portal.make_agency(), "programme_admin"))
    with pytest.raises(Refused):
        end(stranger, version.programme, today(10))
    end(one, version.programme, today(10))
    for by in (one, stranger):
        with pytest.raises(Refused):
            confirmed(by, version.programme)
    with pytest.raises(openings.NotPossible, match="asked for the end already"):
        end(other, version.programme, today(20))
    with acting_as(other):
        openings.drop_end(by=other, programme=version.programme, at=timezone.now())
    with pytest.raises(openings.NotPossible, match="Nobody has asked"):
        confirmed(other, version.programme)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeEnding.objects.update(last_day=today())


def test_what_others_rest_on_and_what_is_past_cannot_end(two):
    version, one, _other = two
    with pytest.raises(openings.NotPossible, match="today or later"):
        end(one, version.programme, today(-1))
    load(read_definition(BLANKET, BLANKET_CASES))
    with pytest.raises(openings.NotPossible, match="The rule of Blanket help uses the result"):
        end(one, version.programme, today(10))


def test_a_version_to_come_never_begins_and_a_new_one_opens_it_again(two):
    version, one, other = two
    with acting_as(one):
        coming = begin_draft(by=one, version=version, at=timezone.now())
        send_for_approval(by=one, version_id=coming.pk, at=timezone.now())
    with acting_as(other):
        publish(by=other, version_id=coming.pk, effective_from=today(30), at=timezone.now(), today=today())
    assert opening_of_programme("heating_help", today(), "en").closes_on is None  # replaced is not ended
    end(one, version.programme, today(10))
    confirmed(other, version.programme)
    assert opening_of_programme("heating_help", today(40), "en").state == "ended"
    with acting_as(one):
        again = begin_draft(by=one, version=version, at=timezone.now())
        send_for_approval(by=one, version_id=again.pk, at=timezone.now())
    with acting_as(other):
        publish(by=other, version_id=again.pk, effective_from=today(60), at=timezone.now(), today=today())
    assert opening_of_programme("heating_help", today(40), "en").headline == f"It begins on {words(60)}."
    assert opening_of_programme("heating_help", today(60), "en").sentence == ""


def test_the_page_asks_a_second_person(editor):
    client, _draft, by = editor
    address = reverse("eligibility:admin_end", args=["heating_help"])
    wrong = client.post(address, {"last_day": today(-1).isoformat(), "reason": "Enough."})
    assert wrong.status_code == 422 and "today or later" in wrong.content.decode() and "Enough." in wrong.content.decode()
    page = client.post(address, {"last_day": today(5).isoformat(), "reason": "Enough."}, follow=True).content.decode()
    assert "a colleague has to confirm" in page and "Confirm the end" not in page
    refused = client.post(reverse("eligibility:admin_end_confirm", args=["heating_help"]), {"do": "confirm"})
    assert refused.status_code == 403
    colleague = portal.make_membership(Agency.objects.get(pk=by.agency_id), "programme_admin")
    client.logout()
    portal.sign_in(client, colleague.user)
    assert "Confirm the end" in client.get(address).content.decode()
    client.post(reverse("eligibility:admin_end_confirm", args=["heating_help"]), {"do": "confirm"})
    assert ProgrammeEnding.objects.get().confirmed_by_id == colleague.user_id
