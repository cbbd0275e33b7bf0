"""At a counter: the person says yes aloud, the results are looked at together, something is tried out and applied for, and nothing stays."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.guards.browser import DESK, PHONE
from tests.journeys.steps import LONE_PARENT, apply_for_everything, press, sign_in, tell_story

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

CODE = re.compile(r"[2-9B-Z]{4}-[2-9B-Z]{4}-[2-9B-Z]{4}")
BAR = "You are helping a person at the counter"


def see_results(page: Page) -> None:
    """Wait for the results on the page that looks again by itself; where it offers to work them out at once, press."""
    title, now = page.get_by_role("heading", level=1), page.get_by_role("button", name="Show my results now")
    for _again in range(60):
        if title.inner_text() == "Your results":
            return
        if now.count():
            now.click()
        page.wait_for_load_state()
    expect(title).to_have_text("Your results")


@pytest.mark.parametrize(
    ("size", "javascript", "officer"),
    [
        pytest.param(DESK, True, "grace.okafor@newham-council.example.org", id="desk"),
        pytest.param(PHONE, False, "rosa.lind@harbour-advice.example.org", id="phone, no script"),
    ],
)
def test_officer_and_person_see_the_results_together(visit, accessible, size, javascript, officer):
    look = accessible if javascript else (lambda page: None)
    page = visit("/", size=size, javascript=javascript)
    sign_in(page, officer)
    page.goto("/apply/counter/")
    page.check("input[name=agrees]", force=True)
    press(page, "Open the session")
    page.wait_for_url("**/parts/")
    page.goto("/apply/question/you/born_on/")
    tell_story(page)
    press(page, re.compile("Send|results", re.I))
    look(page)
    code = CODE.findall(page.locator("main").inner_text())
    assert code

    page.get_by_role("link", name="See the results together").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("See the results together")
    expect(page.locator("main")).to_contain_text("Read this page out to the person")
    assert "£800" not in page.content()
    look(page)
    press(page, re.compile("^Allow"))
    see_results(page)
    results = page.url
    expect(page.locator("body")).to_contain_text(BAR)
    expect(page.locator("section.od-outcome", has_text="Child Benefit").first).to_contain_text("You may get this")
    look(page)

    page.get_by_role("link", name=re.compile("^See what changes")).click()
    tried = page.url
    page.fill("input[name=savings]", "20,000")
    press(page, "Try it out")
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    expect(page.locator("main tr", has_text="Universal Credit").first).to_contain_text("Does not fit now")
    look(page)

    page.goto(results)
    references = apply_for_everything(page, look)
    assert references
    expect(page.locator("body")).to_contain_text("Samira" if "Samira" in page.content() else references[0])
    sent = page.url
    page.goto("/apply/counter/code/")
    expect(page.locator("main")).to_contain_text(CODE)
    look(page)
    press(page, "End and clear the screen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Help someone at the counter")

    page.go_back()
    nothing_left(page, references)
    for address in (results, tried, sent, "/apply/check/", "/apply/counter/code/", "/apply/receipt/"):
        page.goto(address)
        nothing_left(page, references)


def nothing_left(page: Page, references: list[str]) -> None:
    """No answer, name or reference of the person on the page."""
    page.wait_for_load_state()
    shown = page.locator("body").inner_text()
    for word in ("Samira", LONE_PARENT["born_on"][2], "Noor", "£800", "You may get this", BAR, *references):
        assert word not in shown, f"{page.url} shows {word}"
