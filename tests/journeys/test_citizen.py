"""A citizen's whole way: tell the story once, see results with reasons, apply, follow, stop sharing."""

import re

import pytest
from playwright.sync_api import expect

from portal.services.live import LiveStack
from tests.guards.browser import DESK, PHONE
from tests.journeys.steps import LONE_PARENT, apply_for_everything, expect_outcome, press, sign_in, tell_story

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

WAYS = [
    pytest.param(PHONE, True, id="phone"),
    pytest.param(DESK, True, id="desk"),
    pytest.param(PHONE, False, id="phone, no script"),
    pytest.param(DESK, False, id="desk, no script"),
]


@pytest.mark.parametrize(("size", "javascript"), WAYS)
def test_a_citizen_applies_without_an_account(visit, accessible, size, javascript):
    look = accessible if javascript else (lambda page: None)
    page = visit("/", size=size, javascript=javascript)
    look(page)
    page.get_by_role("link", name="Start now").or_(page.get_by_role("button", name="Start now")).first.click()
    if page.url.rstrip("/").endswith("/apply"):
        press(page)
    asked = tell_story(page, look=look)
    assert asked >= 5
    look(page)
    press(page, re.compile("Send|results", re.I))
    expect(page.locator("main")).to_contain_text(re.compile(r"[2-9B-Z]{4}-[2-9B-Z]{4}"))
    look(page)
    expect_outcome(page, "Child Benefit", "You may get this")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your results")
    expect(page.locator("main")).to_contain_text("This is a guide, not a decision")
    look(page)
    references = apply_for_everything(page, look)
    assert references
    look(page)
    page.goto("/my/")
    expect(page.locator("main")).to_contain_text("Child Benefit")
    look(page)


def test_the_way_back_and_the_mistake_lose_nothing(visit):
    page = visit("/apply/", size=PHONE)
    press(page)
    press(page)
    expect(page.locator(".od-error-summary")).to_contain_text("Enter your date of birth")
    for part, value in zip(("day", "month", "year"), ("31", "2", "1990"), strict=True):
        page.fill(f"input[name=born_on_{part}]", value)
    press(page)
    expect(page.locator(".od-error-summary")).to_contain_text("must be a real date")
    expect(page.locator("input[name=born_on_year]")).to_have_value("1990")
    page.fill("input[name=born_on_day]", "28")
    press(page)
    page.goto("/apply/question/you/born_on/")
    expect(page.locator("input[name=born_on_day]")).to_have_value("28")


def test_the_form_can_be_left_and_come_back_to_from_another_device(visit):
    page = visit("/apply/", size=PHONE)
    press(page)
    for part, value in zip(("day", "month", "year"), LONE_PARENT["born_on"], strict=True):
        page.fill(f"input[name=born_on_{part}]", value)
    press(page)
    press(page, "Save and come back later")
    code = re.search(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}-[2-9B-Z]{4}\b", page.locator("main").inner_text()).group(0)
    other = visit("/apply/come-back/", size=DESK)
    other.locator("main input[type=text]").first.fill(code.lower().replace("-", " "))
    for part, value in zip(("day", "month", "year"), LONE_PARENT["born_on"], strict=True):
        field = other.locator(f"input[name$=_{part}]")
        if field.count():
            field.first.fill(value)
    press(other)
    assert "/apply/" in other.url and "come-back" not in other.url


def test_stopping_the_sharing_shuts_the_agency_out_at_its_next_click(visit, live_stack: LiveStack):
    with live_stack.database() as cursor:
        cursor.execute(
            """select c.id, worker.email, a.name from casework_programmecase c
               join consent_caserecord r on r.id = c.record_id join consent_person p on p.id = r.person_id
               join portal_user owner on owner.id = p.user_id join portal_user worker on worker.id = c.assignee_id
               join portal_agency a on a.id = c.agency_id where owner.email = %s""",
            ["george@example.org"],
        )
        case_id, worker, agency = cursor.fetchone()
    colleague = visit("/")
    sign_in(colleague, worker)
    colleague.goto(f"/staff/cases/{case_id}/")
    expect(colleague.locator("main")).to_contain_text("George Whitfield")
    expect(colleague.locator("main")).to_contain_text("Date of birth")
    citizen = visit("/", size=PHONE)
    sign_in(citizen, "george@example.org")
    citizen.goto("/record/")
    cards = citizen.locator(".od-consent", has_text=agency).filter(has=citizen.get_by_role("button", name="Stop sharing"))
    while cards.count():
        cards.first.get_by_role("button", name="Stop sharing").click()
        expect(citizen.locator("main")).to_contain_text(f"Sharing stopped. {agency} can no longer see your data.")
    colleague.reload()
    expect(colleague.locator("main")).not_to_contain_text("George Whitfield")
    expect(colleague.locator("main")).to_contain_text(re.compile("stopped|not allowed|permission", re.I))
    citizen.goto("/record/log/")
    expect(citizen.locator("main")).to_contain_text("Wanted to see your data and was refused.")
