"""What the record knows already: confirmed line by line, changed, dated anew; what the person leaves out; what they care about."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent import needs
from consent.actions import facts
from consent.models import CaseRecord, FactEvent, RecordSnapshot
from consent.needs import Offer, OpenProgramme
from intake.models import Submission
from portal.kit.actor import acting_as
from tests.factories.consent import make_record
from tests.factories.intake import ANONYMOUS, ANSWERS, add, answer, make_draft
from tests.intake.test_submit import citizen, send
from tests.intake.test_walk import post

pytestmark = pytest.mark.django_db
KNOWN = "/apply/question/household/known/"


@pytest.fixture
def back(form) -> tuple[Client, Submission]:
    """Somebody who told everything 20 days ago, and comes back."""
    told = timezone.now() - dt.timedelta(days=20)
    with acting_as(ANONYMOUS):
        draft, _code = make_draft(ANSWERS, at=told)
        child = add(draft, "child", "Mo", "2019-01-30")
        answer(draft, f"{child}/disabled", {"person.disabled": True})
        sent = send(draft, at=told)
    client = Client()
    session = client.session
    session["person_id"] = str(sent.person_id)
    session.save()
    assert client.post(reverse("intake:start"))["Location"] == KNOWN
    return client, sent


def finish(client: Client) -> None:
    shown = client.get(reverse("intake:check"))
    response = client.post(reverse("intake:check"), {name: shown.context[name] for name in ("idempotency_key", "content")})
    assert response["Location"] == reverse("intake:receipt")


def test_what_is_right_gets_todays_date_and_tells_what_it_confirms(back):
    client, sent = back
    post(client, KNOWN)
    finish(client)
    with acting_as(citizen(sent)):
        snapshot = RecordSnapshot.objects.get()
        said = snapshot.provenance["household.rent"]
        assert dt.datetime.fromisoformat(said["at"]).date() == timezone.now().date()
        assert said["source"] == "self" and said["confirms"]["source"] == "self"
        assert dt.datetime.fromisoformat(said["confirms"]["at"]) < timezone.now() - dt.timedelta(days=19)
        assert "household.rent" in FactEvent.objects.order_by("version").last().changes
        assert snapshot.values["household.rent"] == {"amount": "950.00", "per": "month"}


def test_what_is_not_right_is_asked_next_filled_in_and_nothing_else(back):
    client, sent = back
    page = client.get(KNOWN).content.decode()
    assert page.count('name="change"') > 3 and "Mo" in page
    follow = post(client, KNOWN, change=["household.rent"])["Location"]
    assert follow == "/apply/question/household/rent/"
    assert 'value="950.00"' in client.get(follow).content.decode()
    post(client, follow, rent_amount="990", rent_per="month")
    assert client.get(reverse("intake:tasks")).context["desk"].draft.values["household.rent"]["amount"] == "990.00"
    finish(client)
    with acting_as(citizen(sent)):
        snapshot = RecordSnapshot.objects.get()
        assert snapshot.values["household.rent"]["amount"] == "990.00"
        assert "confirms" not in snapshot.provenance["household.rent"]
        assert "confirms" in snapshot.provenance["household.nation"]


def test_going_back_to_it_changes_nothing_by_itself(back):
    client, _sent = back
    post(client, KNOWN, change=["household.rent"])
    page = client.get(KNOWN).content.decode()
    assert page.count(" checked>") == 1
    post(client, KNOWN)
    assert client.get(reverse("intake:tasks")).context["desk"].draft.values["household.rent"]["amount"] == "950.00"


def test_nobody_can_confirm_what_was_not_shown(back):
    client, _sent = back
    post(client, KNOWN, change=["household.made_up", "../x"])
    said = client.get(reverse("intake:tasks")).context["desk"].draft.answers["household/known"]["values"]
    assert said["changed"] == [] and "household.made_up" not in said["confirmed"]


def test_a_confirmation_keeps_who_said_it_first_and_that_it_was_verified():
    record, me = make_record({"household.savings": "5.00"})
    rent, at = {"household.rent": {"amount": "950.00", "per": "month"}}, timezone.now()
    common = {"by": me, "record": record, "collected_under": "screening"}
    with acting_as(me):
        facts.write(**common, changes=rent, source="agency", verification="verified", evidence="e1", at=at - dt.timedelta(days=9))
        assert facts.write(**common, changes={}, source="self", at=at) is None
        keys = {"household.rent", "household.bedrooms"}
        event = facts.write(**common, changes={}, confirmed=keys, source="self", at=at)
        assert set(event.changes) == {"household.rent"}, "what is not known cannot be confirmed"
        said = RecordSnapshot.objects.get(record=record).provenance["household.rent"]
        assert (said["source"], said["verification"], said["evidence"]) == ("self", "verified", "e1")
        assert said["confirms"]["source"] == "agency" and said["at"] == at.isoformat()
        facts.write(**common, changes={}, confirmed=keys, source="self", at=at + dt.timedelta(days=1))
        assert RecordSnapshot.objects.get(record=record).provenance["household.rent"]["confirms"]["source"] == "agency"
        assert CaseRecord.objects.get(pk=record.pk).version == event.version + 1


class Rules:
    """Two programmes: one hangs on savings, one on caring."""

    def open_programmes(self, household, on, programmes, usual=None, hopes=()):
        wants = {"uc": ("household.savings", "Universal Credit"), "ca": ("you.caring_hours_weekly", "Carer's Allowance")}
        known = {f"household.{name}" for name in household["household"]} | {f"you.{name}" for name in household["people"][0]}
        return [
            OpenProgramme(code, frozenset({key}), ((frozenset({key}),),), name=name)
            for code, (key, name) in wants.items()
            if key not in known and (programmes is None or code in programmes)
        ]

    def needed_concepts(self, programmes):
        return {"household.savings", "person.caring_hours_weekly"}

    def offers(self, on):
        return [Offer("uc", "Universal Credit", "Money"), Offer("ca", "Carer's Allowance", "Health")]


@pytest.fixture
def asked(client, form, monkeypatch) -> Client:
    """A draft past its first two pages; two programmes are open."""
    monkeypatch.setattr(needs, "_providers", [Rules()])
    url = client.post(reverse("intake:start"))["Location"]
    post(client, url, born_on_day="2", born_on_month="4", born_on_year="1990")
    post(client, reverse("intake:members"), add="nobody")
    return client


def test_a_question_can_be_left_out_and_what_follows_is_said_before_and_after(asked):
    url = "/apply/question/household/savings/"
    page = asked.get(url).content.decode()
    assert "1 more answer decides 1 programme." in page
    told = page.split("Then we may not be able to tell you about")[1]
    assert "Universal Credit" in told and "Carer" not in told
    buttons = re.findall(r'<button [^>]*type="submit"[^>]*>', page.split("<main", 1)[1])
    assert "name=" not in buttons[0], "Enter in the field goes on; it must not leave the question out"
    assert post(asked, url, leave_out="1")["Location"] == "/apply/question/you/caring_hours/"
    check = asked.get(reverse("intake:check")).content.decode()
    assert "You left this out" in check
    gap = check.split("What we cannot tell you")[1].split("</section>")[0]
    assert "Universal Credit" in gap and f'href="{url}?from=check"' in gap
    assert "What we cannot tell you" in asked.get(reverse("intake:tasks")).content.decode()
    post(asked, url, savings="12")
    assert "What we cannot tell you" not in asked.get(reverse("intake:check")).content.decode()


def test_a_date_of_birth_cannot_be_left_out(asked):
    url = "/apply/question/you/born_on/"
    assert "leave_out" not in asked.get(url).content.decode()
    assert asked.post(url, {"leave_out": "1", "based_on": "1"}).status_code == 200


def test_only_what_the_person_cares_about_is_asked_and_answers_stay(asked):
    url = reverse("intake:interests")
    assert url in asked.get(reverse("intake:tasks")).content.decode()
    assert post(asked, url, event="")["Location"].startswith("/apply/question/")
    follow = post(asked, url, event="caring_for_someone", area_1=["ca"])["Location"]
    assert follow == "/apply/question/you/caring_hours/"
    desk = asked.get(reverse("intake:tasks")).context["desk"]
    assert desk.submission.interest == {"event": "caring_for_someone", "programmes": ["ca"]}
    assert [slot.key for slot in desk.steps.pending] == ["you/caring_hours"]
    assert desk.draft.values["you.born_on"] == "1990-04-02"
    assert asked.get(url).content.decode().count(" checked") == 2, "the choice is shown again"
    post(asked, url, event="", area_1=["ca"], everything="1")
    pending = [slot.key for slot in asked.get(reverse("intake:tasks")).context["desk"].steps.pending]
    assert set(pending) == {"you/caring_hours", "household/savings"}


def test_the_choice_can_come_first(client, form):
    assert client.post(reverse("intake:start"), {"choose": "1"})["Location"] == reverse("intake:interests")
    assert client.get(reverse("intake:interests")).status_code == 200
