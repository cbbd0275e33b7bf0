"""The warning before a session ends, in a real browser whose clock is wound forward."""

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import sign_in

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def test_five_minutes_before_the_end_one_may_stay_and_what_was_typed_is_kept(visit, accessible):
    page = visit("/")
    sign_in(page, "ruth.adeyemi@newham-council.example.org")
    page.clock.install()
    page.goto("/agency/teams/new/")
    page.fill("input[name=name]", "Home visits")
    dialog = page.locator("[data-session-end] dialog")
    page.clock.fast_forward("24:00")
    expect(dialog).not_to_be_visible()
    page.clock.fast_forward("01:30")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("About 5 minutes left.")
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    accessible(page)
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).not_to_be_visible()
    page.clock.fast_forward("31:00")
    expect(dialog).to_contain_text("You were signed out. What you entered is still in this page.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    assert page.input_value("input[name=name]") == "Home visits"


def test_without_script_the_page_says_how_long_one_stays(visit):
    page = visit("/", javascript=False)
    sign_in(page, "ruth.adeyemi@newham-council.example.org")
    expect(page.locator("[data-session-end]")).to_contain_text("You are signed out after 30 minutes without a step")
    expect(page.locator("[data-session-end] dialog")).not_to_be_visible()
