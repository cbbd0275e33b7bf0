"""A person walks through the form in a browser without script."""

import re

import pytest
from django.urls import reverse

from consent.models import CaseRecord, HouseholdMembership, RecordSnapshot
from intake.models import Submission
from portal.kit.actor import Actor, acting_as

pytestmark = pytest.mark.django_db


def fields_of(page: str) -> dict[str, str]:
    """Hidden fields of the last form of a page."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.rsplit("<form", 1)[1]))


def begin(client, **parameters):
    response = client.post(reverse("intake:start"), parameters)
    assert response.status_code == 302
    return response["Location"]


def post(client, url: str, **data):
    """Open a page and send its form as a browser would."""
    page = client.get(url)
    assert page.status_code == 200, (url, page.status_code)
    main = page.content.decode().split("<main", 1)[1].split("</main>")[0]
    return client.post(url, fields_of(main) | data)


def test_from_start_to_receipt(client, form):
    url = begin(client)
    assert url == "/apply/question/you/born_on/"
    response = post(client, url, born_on_day="2", born_on_month="4", born_on_year="1990")
    assert response["Location"] == "/apply/question/you/sex/"
    response = post(client, reverse("intake:members"), add="child")
    response = post(
        client, response["Location"], name="Mo", role="child", born_on_day="30", born_on_month="1", born_on_year="2019"
    )
    assert response["Location"] == reverse("intake:members")
    assert "Mo" in client.get(reverse("intake:members")).content.decode()
    response = post(client, reverse("intake:members"), add="nobody")
    for _page in range(60):
        url = response["Location"]
        if url == reverse("intake:check"):
            break
        page = client.get(url).content.decode()
        assert page.count("<h1") == 1, url
        response = post(client, url, **something(page))
        assert response.status_code == 302, (url, re.findall(r"od-error-message.*?</p>", response.content.decode(), re.S))
    assert url == reverse("intake:check")
    page = client.get(url).content.decode()
    assert "£950 a month" in page
    response = post(client, url)
    assert response["Location"] == reverse("intake:receipt")
    receipt = client.get(reverse("intake:receipt")).content.decode()
    person_id = client.session["person_id"]
    me = Actor.citizen(person_id=person_id)
    with acting_as(me):
        record = CaseRecord.objects.get(person_id=person_id)
        values = RecordSnapshot.objects.get(record=record).values
        submission = Submission.objects.get()
        assert HouseholdMembership.objects.filter(household=record.household).count() == 2
    assert submission.receipt in receipt
    assert submission.answers == {} and submission.members == []
    assert values[f"{person_id}.born_on"] == "1990-04-02"
    assert values["household.rent"] == {"amount": "950.00", "per": "month"}
    assert values[f"{person_id}.state_pension"] is None  # never asked at 36: it does not apply
    assert reverse("eligibility:results") in receipt


def something(page: str) -> dict[str, str]:
    """An answer to whatever the page asks."""
    answers: dict[str, str] = {}
    inputs = [
        dict(re.findall(r'(\w+)="([^"]*)"', tag))
        for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page.split("<main", 1)[1])
    ]
    for name in re.findall(r'name="([a-z_]+_amount)"', page):
        answers[name] = "950"
        answers[name.replace("_amount", "_per")] = "month"
    for one in inputs:
        name, value = one.get("name", ""), one.get("value", "")
        if one.get("type") == "radio" or (one.get("type") == "checkbox" and value in {"pay", "none"}):
            answers.setdefault(name, value)
        elif one.get("type") == "text" and not name.endswith(("_amount", "_day", "_month", "_year")):
            answers[name] = "Newham" if name == "local_authority" else "3"
    return answers
