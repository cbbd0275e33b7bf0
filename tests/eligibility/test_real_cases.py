"""Worked examples from real cases: no names, no days of birth, no pence, nothing the rule may not see, and never from a small caseload."""

import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from consent.actions.people import add_member
from eligibility.models import ProgrammeVersion
from eligibility.queries.real_cases import candidates, chosen
from portal.kit.actor import acting_as
from tests.eligibility.test_programme_admin import NOW, draft_of, page, sign_in
from tests.factories.consent import make_record
from tests.factories.eligibility import make_admin, make_agency

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def homes(count, **facts):
    for number in range(count):
        make_record({"me.born_on": f"1950-0{number % 9 + 1}-17", "household.savings": "1234.56", "me.earnings": None, **facts})


@pytest.fixture
def draft(versions, writer):
    return draft_of(versions[0], writer, versions[0].definition)


def test_nothing_is_shown_below_ten_households(draft):
    homes(9)
    few = candidates(draft, on=TODAY(), language="en")
    assert (few.is_enough, few.found) == (False, [])
    homes(1)
    assert candidates(draft, on=TODAY(), language="en").is_enough


def test_only_what_the_rule_may_see_ages_and_whole_pounds(draft):
    homes(12, **{"household.rent": {"amount": "950.00", "per": "month"}, "household.local_authority": "newham"})
    record, citizen = make_record({"me.born_on": "1950-04-02", "household.savings": "10.00"})
    with acting_as(citizen):
        add_member(by=citizen, record=record, role="child", at=NOW)
    found = candidates(draft, on=TODAY(), language="en").found
    assert found and len(found) <= 12
    for item in found:
        text = json.dumps(item.case)
        assert not re.search(r"1950|rent|newham|earnings|\.56", text), text
        assert set(item.case["household"]) <= {"savings"} and set(item.case["applicant"]) == {"age"}
        assert re.fullmatch(r"[0-9a-f]{24}", item.token) and str(record.pk) not in item.token


def test_the_example_expects_the_present_result_and_passes(draft):
    homes(12)
    make_record({"me.born_on": "1990-04-02", "household.savings": "10.00"})
    make_record({"me.born_on": "1950-04-02"})
    found = {item.outcome: item for item in candidates(draft, on=TODAY(), language="en").found}
    assert found["likely"].case["expect"] == {"outcome": "likely", "amount": "240.00"}
    assert found["not_likely"].case["expect"] == {"outcome": "not_likely"}
    unknown = found["unknown"].case
    assert unknown["expect"] == {"outcome": "unknown", "missing": ["household.savings"]}
    assert unknown["household"] == {"savings": "?"}, "what every example is given does not hold for this household"


def test_what_another_programme_gives_is_stated(versions, writer):
    homes(12)
    draft = draft_of(versions[1], writer, versions[1].definition)
    case = candidates(draft, on=TODAY(), language="en").found[0].case
    assert case["programmes"] == {"heating_help": {"outcome": "likely", "amount": "240.00 per year"}}
    assert case["household"] == {} and case["applicant"] == {}


def test_a_case_is_chosen_on_the_page_and_kept_with_the_draft(client, draft, writer):
    homes(12)
    sign_in(client, writer)
    assert (
        reverse("eligibility:admin_real_cases", args=["heating_help", 2])
        in page(client, "admin_version", "heating_help", 2).content.decode()
    )
    shown = page(client, "admin_real_cases", "heating_help", 2).content.decode()
    assert "Add case 1 as an example" in shown and "1,234" not in shown and "1235.00" in shown
    token = re.search(r'name="token" value="(\w+)"', shown)[1]
    url = reverse("eligibility:admin_real_cases", args=["heating_help", 2])
    assert client.post(url, {"token": token, "lock_version": draft.lock_version}).status_code == 302
    kept = ProgrammeVersion.objects.get(pk=draft.pk)
    assert kept.definition["cases"]["case"][-1]["id"] == "real_1" and kept.examples["passed"] == 4 and not kept.examples["failed"]
    assert "real_1" in page(client, "admin_files", "heating_help", 2).content.decode()
    assert client.post(url, {"token": token, "lock_version": kept.lock_version}).status_code == 302
    assert ProgrammeVersion.objects.get(pk=draft.pk).definition["cases"]["case"][-1]["id"] == "real_2"
    late = client.post(url, {"token": token, "lock_version": 0}).content.decode()
    assert "Somebody else saved this draft" in late
    gone = client.post(url, {"token": "0" * 24, "lock_version": 0}).content.decode()
    assert "not there any more" in gone


def test_a_token_of_another_version_opens_nothing(versions, writer, draft):
    homes(12)
    other = draft_of(versions[0], writer, versions[0].definition)
    token = candidates(draft, on=TODAY(), language="en").found[0].token
    assert chosen(draft, token, on=TODAY()) is not None and chosen(other, token, on=TODAY()) is None


def test_only_those_who_may_change_a_draft_see_cases(client, draft, writer):
    homes(12)
    sign_in(client, writer)
    assert page(client, "admin_real_cases", "heating_help", 1).status_code == 302, "a published version takes no example"
    sign_in(client, make_admin(make_agency("other-office")))
    assert page(client, "admin_real_cases", "heating_help", 2).status_code == 403
    sign_in(client, make_admin(make_agency("heat-office"), role="auditor"))
    assert page(client, "admin_real_cases", "heating_help", 2).status_code == 403
