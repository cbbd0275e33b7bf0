"""Colleagues' ways: help at the counter, refer and complete, change a rule and see a result change."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal.services.live import LiveStack
from tests.guards.browser import DESK, PHONE
from tests.journeys.steps import LONE_PARENT, expect_outcome, press, sign_in, tell_story

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

CODE = re.compile(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}-[2-9B-Z]{4}\b")


@pytest.mark.parametrize(
    ("size", "javascript", "officer"),
    [
        pytest.param(DESK, True, "grace.okafor@newham-council.example.org", id="desk"),
        pytest.param(PHONE, False, "rosa.lind@harbour-advice.example.org", id="phone, no script"),
    ],
)
def test_a_counter_officer_helps_a_person_and_leaves_nothing_behind(visit, accessible, size, javascript, officer):
    page = visit("/", size=size, javascript=javascript)
    sign_in(page, officer)
    page.goto("/apply/counter/")
    if javascript:
        accessible(page)
    for box in page.locator("main input[type=checkbox]").all():
        box.check(force=True)
    press(page, "Open the session")
    page.wait_for_url("**/parts/")
    page.goto("/apply/question/you/born_on/")
    tell_story(page)
    press(page, re.compile("Send|results", re.I))
    page.goto("/apply/counter/code/")
    assert CODE.search(page.locator("main").inner_text())
    press(page, "End and clear the screen")
    page.goto("/apply/check/")
    assert LONE_PARENT["born_on"][2] not in page.locator("main").inner_text()


def case_with_worker(live_stack: LiveStack, citizen: str) -> tuple[str, str, str]:
    """(case id, record id, worker's e-mail) of the citizen's case somebody works on."""
    with live_stack.database() as cursor:
        cursor.execute(
            """select c.id, c.record_id, worker.email from casework_programmecase c
               join consent_caserecord r on r.id = c.record_id join consent_person p on p.id = r.person_id
               join portal_user owner on owner.id = p.user_id join portal_user worker on worker.id = c.assignee_id
               where owner.email = %s""",
            [citizen],
        )
        found = cursor.fetchone()
    return tuple(str(part) for part in found)


def test_a_referral_crosses_and_comes_back_with_an_outcome(visit, accessible, live_stack: LiveStack):
    _case, record, worker = case_with_worker(live_stack, "mary@example.org")
    sender = visit("/")
    sign_in(sender, worker)
    sender.goto(f"/staff/referrals/new/{record}/")
    accessible(sender)
    sender.get_by_label("Where should it go?").select_option(label="New Start Trust")
    sender.get_by_label("What is the need?").select_option("employment")
    sender.get_by_label("What do you ask for?").fill("Advice on going back to work")
    sender.locator("input[name=asked][value=online]").check(force=True)
    press(sender, "Send the referral")
    citizen = visit("/", size=PHONE)
    sign_in(citizen, "mary@example.org")
    citizen.goto("/my/")
    accessible(citizen)
    citizen.get_by_role("button", name=re.compile("^Allow until")).first.click()
    receiver = visit("/")
    sign_in(receiver, "carla.nunes@new-start-trust.example.org")
    row = receiver.locator("main a", has_text=re.compile("Work and training"))
    for _again in range(60):  # the worker delivers it; nothing is timed here but patience
        receiver.goto("/staff/referrals/in/")
        if row.count():
            break
        receiver.wait_for_timeout(500)
    accessible(receiver)
    row.first.click()
    accessible(receiver)
    press(receiver, "Accept the referral")
    press(receiver, "We are helping now")
    receiver.locator("select[name=outcome]").select_option("got_help")
    press(receiver, re.compile("Complete|Finish", re.I))
    citizen.goto("/my/")
    expect(citizen.locator("main")).to_contain_text("Did you get help?")
    sender.goto("/staff/referrals/out/?queue=ended")
    expect(sender.locator("main")).to_contain_text(re.compile("Got help|got help"))


def publish_from_today(author: Page, colleague: Page, programme: str) -> None:
    """The author sends the draft on; the colleague publishes it from today."""
    press(author, "Send to a second person")
    expect(author.locator("main")).to_contain_text("colleague has to publish")
    colleague.goto(author.url)
    day = colleague.locator("input[name=effective_from]")
    day.fill(timezone.localdate().isoformat())
    press(colleague, "Publish")
    expect(colleague.locator("main")).to_contain_text("Published by")


def test_an_admin_publishes_and_a_result_changes(visit, accessible):
    today = timezone.localdate()
    seventeen = today - dt.timedelta(days=int(17.5 * 365.25))
    answers = LONE_PARENT | {
        "born_on": (str(seventeen.day), str(seventeen.month), str(seventeen.year)),
        "caring_hours": "20",
        "caring_hours_weekly": "20",
        "cares": "yes",
        "which_care": ["caring"],
    }
    citizen = visit("/apply/", size=PHONE)
    press(citizen)
    tell_story(citizen, answers, child=False)
    press(citizen, re.compile("Send|results", re.I))
    expect_outcome(citizen, "Carer's assessment", "Does not fit now")

    author, colleague = visit("/"), visit("/")
    sign_in(author, "leila.haddad@newham-council.example.org")
    author.goto("/staff/programmes/carers_assessment/")
    author.get_by_role("link", name=re.compile("^Version 1")).first.click()
    press(author, "New draft from this version")
    accessible(author)
    author.get_by_role("link", name="Change rule and examples as text").click()
    rule, cases = author.locator("textarea[name=programme]"), author.locator("textarea[name=cases]")
    old = re.search(r"\[limits\.adult_age\].*?rows = \[(\{.*?\})\]", rule.input_value(), re.S).group(1)
    new = f'{{ from = "{today}", law = "Example Order 2026", value = "17" }}'
    rule.fill(rule.input_value().replace(old, f"{old}, {new}", 1))
    cases.fill(cases.input_value().replace("2008-11-22", "2009-11-22"))
    press(author, "Save and run the examples")
    author.get_by_role("link", name="See who would gain and who would lose").click()
    accessible(author)
    expect(author.get_by_role("heading", level=1)).to_be_visible()
    author.go_back()
    sign_in(colleague, "marcus.boyd@newham-council.example.org")
    publish_from_today(author, colleague, "carers_assessment")
    expect_outcome(citizen, "Carer's assessment", "You may get this")


def test_the_worklist_is_worked_by_keyboard_alone(visit):
    page = visit("/")
    sign_in(page, "sana.malik@newham-council.example.org")
    page.goto("/staff/cases/?queue=all")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip().startswith("Skip")
    page.keyboard.press("Enter")
    for _tab in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('main table a')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/staff/cases/[0-9a-f-]{36}/"))


def test_a_citizen_walks_by_keyboard_alone(visit):
    page = visit("/apply/", size=PHONE)

    def to(selector: str) -> None:
        for _tab in range(60):
            if page.evaluate(f"document.activeElement.matches({selector!r})"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} cannot be reached by Tab on {page.url}")

    to("main form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/born_on/")
    for part, value in zip(("day", "month", "year"), LONE_PARENT["born_on"], strict=True):
        to(f"input[name=born_on_{part}]")
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/household/")
    to("input[name=add]")
    page.keyboard.press("ArrowUp")
    assert page.locator("input[name=add]:checked").get_attribute("value") == "nobody"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/question/"))
