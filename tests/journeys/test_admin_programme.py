"""An admin who does not program makes a programme from nothing, a colleague publishes it, a citizen gets it, and it is paused; one council has its own rule."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.guards.browser import DESK, PHONE
from tests.journeys.steps import LONE_PARENT, expect_outcome, press, sign_in, tell_story
from tests.journeys.test_staff import publish_from_today

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

AUTHOR, COLLEAGUE = "leila.haddad@newham-council.example.org", "marcus.boyd@newham-council.example.org"


def begin(page: Page, code: str, name: str) -> str:
    """A new programme from a simple first rule; returns the address of its draft."""
    page.goto("/staff/programmes/")
    page.get_by_role("link", name="New programme").click()
    page.fill("input[name=code]", code)
    page.fill("input[name=name]", name)
    press(page, "Begin the draft")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{name}, version 1")
    return page.url


def fill(page: Page, **values: str) -> None:
    """Fill the controls of these names: a choice of a list, or a text; what is folded in is unfolded first."""
    for name, value in values.items():
        control = page.locator(f"main [name='{name}']").first
        folded = page.locator("main details:not([open])", has=page.locator(f"[name='{name}']"))
        if folded.count():
            folded.first.locator("summary").first.click()
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)


def add_limit(page: Page, draft: str, **values: str) -> None:
    page.goto(draft)
    page.get_by_role("link", name="Add a limit").click()
    table = {name: value for name, value in values.items() if name.startswith(("cell_", "value_"))}
    fill(page, **{name: value for name, value in values.items() if name not in table})
    missing = [name for name in table if not page.locator(f"main [name='{name}']").count()]
    if missing:
        page.locator("button[name=do][value=more]").click()
    fill(page, **table)
    page.locator("main button[name=do][value=save]").first.click()
    saved(page)


def saved(page: Page) -> None:
    page.wait_for_load_state()
    summary = page.locator(".od-error-summary")
    assert not summary.count(), f"{page.url}: {summary.first.inner_text()}"


def add_row(page: Page, draft: str, fact: str, texts: dict[str, str], **row: str) -> None:
    """A condition of one row: the fact is chosen, then what it is held against."""
    page.goto(draft)
    page.get_by_role("link", name="Add a condition").click()
    if not page.locator("[name='row-0-fact']").count():
        page.locator("main select[name$='fact']").last.select_option(fact)
        page.get_by_role("button", name="Add row").first.click()
    fill(page, **{"row-0-fact": fact})
    for name, value in row.items():
        if not page.locator(f"[name='row-0-{name}']").count():
            press(page, "Update rows and sentences")
        fill(page, **{f"row-0-{name}": value})
    press(page, "Update rows and sentences")
    fill(page, **texts)
    press(page, "Save condition")
    saved(page)


def add_example(page: Page, draft: str, says: str, outcome: str, **facts: str) -> None:
    page.goto(draft)
    page.get_by_role("link", name="Add an example").click()
    fill(page, says=says, **facts)
    page.check(f"input[name=outcome][value={outcome}]", force=True)
    press(page, "Save the example")
    saved(page)


@pytest.mark.parametrize(
    ("size", "javascript"), [pytest.param(DESK, True, id="desk"), pytest.param(PHONE, False, id="phone, no script")]
)
def test_from_nothing_to_a_citizens_result_and_a_pause(visit, accessible, size, javascript):
    look = accessible if javascript else (lambda page: None)
    code, name = ("winter_box", "Winter box") if javascript else ("summer_box", "Summer box")
    author, colleague = visit("/", size=size, javascript=javascript), visit("/", size=size, javascript=javascript)
    sign_in(author, AUTHOR)
    draft = begin(author, code, name)
    look(author)

    add_limit(
        author, draft, label="Savings limit", unit_of="GBP", starts_on="2026-01-01", value_0="6,000", law="Box scheme, section 2",
    )  # fmt: skip
    add_limit(
        author, draft, label="Income limit", unit_of="GBP/month", column_0="Household size", key_0="number", starts_on="2026-01-01",
        law="Box scheme, section 3", cell_0_0="1", value_0="£1,500", cell_1_0="2, 3", value_1="1900.50", cell_2_0="from 4", value_2="2400",
    )  # fmt: skip
    look(author)
    author.goto(draft)
    author.get_by_role("link", name="Add a worked-out fact").click()
    fill(author, **{"begin-how": "count", "begin-people": "household"})
    author.locator("button[name=do][value=make]").click()
    fill(author, label="Household size")
    press(author, re.compile("^Save"))
    saved(author)
    add_row(
        author, draft, "household.savings",
        {
            "says": "Your savings are not above {limits.savings_limit}",
            "says_not": "Your savings are above {limits.savings_limit}",
            "law": "Box scheme, section 2",
        },
        test="at_most", against="limit savings_limit",
    )  # fmt: skip
    add_row(
        author, draft, "person.earnings",
        {
            "says": "You earn {applicant.earnings} a month or less than the limit",
            "says_not": "You earn more than the limit for your household",
            "law": "Box scheme, section 3",
        },
        whose="applicant", per="month", test="at_most", against="limit income_limit", key_0="household_size",
    )  # fmt: skip
    look(author)
    author.goto(draft)
    author.get_by_role("link", name="Add a proof").click()
    fill(author, label="Proof of your savings", any_of="Bank statement\nLetter from the bank")
    press(author, re.compile("^Save"))
    saved(author)
    author.goto(f"{draft}texts/?language=ar")
    look(author)
    field = author.locator("main textarea, main input[type=text]").first
    field.fill("صندوق")
    press(author, re.compile("^Save"))
    saved(author)
    add_example(
        author,
        draft,
        "A penny above the savings limit",
        "not_likely",
        **{"applicant-born_on": "40", "household-savings": "6000.01"},
    )
    author.goto(draft)
    expect(author.locator("#examples")).to_be_visible()
    look(author)
    expect(author.locator("main")).to_contain_text(
        "A worked example fails"
    )  # those of the first rule say nothing of savings and pay
    author.goto(f"{draft}examples/birthday_today/")
    fill(author, **{"household-savings": "6,000", "applicant-earnings": "1500"})
    author.locator("select[name^='applicant-earnings']").select_option("month")
    press(author, "Save the example")
    saved(author)
    author.goto(f"{draft}examples/not_known/")
    press(author, "Take this example out")
    saved(author)
    author.goto(draft)
    author.get_by_role("link", name="See who would gain and who would lose").click()
    expect(author.locator("#finding")).to_be_visible()
    look(author)
    group = author.locator("select[name='household-local_authority']")
    author.locator("details.od-details summary", has_text="Choose a group").click()
    group.select_option("newham")
    press(author, "Work it out for this group")
    expect(author.locator("main")).to_contain_text("Only this group:")
    look(author)

    author.goto(draft)
    sign_in(colleague, COLLEAGUE)
    publish_from_today(author, colleague, code)
    look(colleague)

    citizen = visit("/apply/", size=PHONE)
    press(citizen)
    tell_story(citizen, LONE_PARENT, child=False)
    press(citizen, re.compile("Send|results", re.I))
    expect_outcome(citizen, name, "You may get this")
    citizen.goto(f"/programmes/{code}/")
    expect(citizen.get_by_role("link", name="Apply for it now")).to_be_visible()
    look(citizen)

    author.goto(f"/staff/programmes/{code}/")
    author.get_by_role("link", name="Pause the programme").click()
    author.fill("textarea[name=reason]", "The boxes have run out.")
    press(author, "Pause now")
    expect(author.locator("main")).to_contain_text("Paused since")
    citizen.goto(f"/my/apply/?programme={code}")
    expect(citizen.locator("main")).to_contain_text(f"You cannot apply for {name} now. Paused.")
    expect(citizen.get_by_role("button", name="Send my application")).to_have_count(0)


def test_a_council_with_a_rule_of_its_own(visit, accessible):
    author, colleague = visit("/"), visit("/")
    sign_in(author, AUTHOR)
    draft = begin(author, "council_box", "Council box")
    add_limit(
        author, draft, label="Savings limit", unit_of="GBP", starts_on="2026-01-01", value_0="6,000", law="Box scheme, section 2"
    )
    says = {
        "says": "Your savings are not above {limits.savings_limit}",
        "says_not": "Your savings are above {limits.savings_limit}",
    }
    law = {"law": "Box scheme, section 2"}
    add_row(author, draft, "household.savings", says | law, test="at_most", against="limit savings_limit")
    for example in ("birthday_today", "not_known"):
        author.goto(f"{draft}examples/{example}/")
        press(author, "Take this example out")
        saved(author)
    author.goto(draft)
    author.get_by_role("link", name="Add a local variant").click()
    fill(author, name="Hackney", others="Hackney", law="Hackney box scheme 2026")
    accessible(author)
    press(author, "Save")
    saved(author)
    author.locator("details summary", has_text="Limits as everywhere").click()
    author.locator("details a", has_text=re.compile("Another value here.*Savings limit", re.S)).click()
    fill(author, starts_on="2026-01-01", value_0="500", law="Hackney box scheme 2026, section 1")
    press(author, "Add the row")
    saved(author)
    expect(author.locator("main")).to_contain_text("Stricter here")
    accessible(author)
    for council, outcome in (("newham", "likely"), ("hackney", "not_likely")):
        home = {"household-savings": "800", "household-local_authority": council, "applicant-born_on": "40"}
        add_example(author, draft, f"Savings of £800 in {council}", outcome, **home)
    author.goto(draft)
    sign_in(colleague, COLLEAGUE)
    publish_from_today(author, colleague, "council_box")
    accessible(colleague)
    for council, words in (("newham", "You may get this"), ("hackney", "Does not fit now")):
        citizen = visit("/apply/", size=PHONE)
        press(citizen)
        tell_story(citizen, LONE_PARENT | {"local_authority": council}, child=False)
        press(citizen, re.compile("Send|results", re.I))
        expect_outcome(citizen, "Council box", words)
    expect(citizen.locator("section.od-outcome", has_text="Council box").first).to_contain_text("Hackney box scheme 2026")
