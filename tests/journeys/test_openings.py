"""A programme stops taking applications and takes them again: what its admin does, and what everybody reads meanwhile."""

import pytest
from playwright.sync_api import expect

from portal.services.live import LiveStack
from tests.guards.browser import PHONE
from tests.journeys.steps import press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def citizen_without_case(live_stack: LiveStack, programme: str) -> str:
    """The e-mail of a demonstration citizen who has not applied for the programme."""
    with live_stack.database() as cursor:
        cursor.execute(
            """select owner.email from consent_caserecord r join consent_person p on p.id = r.person_id
               join portal_user owner on owner.id = p.user_id
               where owner.email like '%%@example.org' and not exists (
                   select 1 from casework_programmecase c where c.record_id = r.id and c.programme = %s)
               order by owner.email limit 1""",
            [programme],
        )
        return cursor.fetchone()[0]


def test_a_paused_programme_cannot_be_applied_for_until_it_goes_on(visit, accessible, live_stack: LiveStack):
    admin, citizen = visit("/"), visit("/", size=PHONE)
    sign_in(admin, "ana.cruz@harbour-advice.example.org")
    sign_in(citizen, citizen_without_case(live_stack, "debt_advice"))
    citizen.goto("/programmes/debt_advice/")
    expect(citizen.get_by_role("link", name="Apply for it now")).to_be_visible()

    admin.goto("/staff/programmes/debt_advice/")
    admin.get_by_role("link", name="Pause the programme").click()
    accessible(admin)
    press(admin, "Pause now")
    expect(admin.locator(".od-error-summary")).to_contain_text("Enter why it is paused")
    admin.fill("textarea[name=reason]", "Our advisers are all away for a week. Call us if bailiffs come.")
    press(admin, "Pause now")
    expect(admin.locator("main")).to_contain_text("Paused since")
    accessible(admin)

    citizen.reload()
    expect(citizen.locator("main")).to_contain_text("Call us if bailiffs come.")
    expect(citizen.get_by_role("link", name="Apply for it now")).to_have_count(0)
    accessible(citizen)
    citizen.goto("/my/apply/?programme=debt_advice")
    expect(citizen.locator("main")).to_contain_text("You cannot apply for Debt advice now. Paused.")
    expect(citizen.get_by_role("button", name="Send my application")).to_have_count(0)
    accessible(citizen)

    press(admin, "Take applications again")
    expect(admin.locator("main")).to_contain_text("Open at any time.")
    citizen.goto("/my/apply/?programme=debt_advice")
    expect(citizen.locator("main")).not_to_contain_text("You cannot apply")


def test_an_admin_writes_a_season_in_plain_days(visit, accessible):
    admin = visit("/")
    sign_in(admin, "lou.baker@harbour-advice.example.org")
    admin.goto("/staff/programmes/debt_advice/1/")
    press(admin, "New draft from this version")
    admin.get_by_role("link", name="Add a window").click()
    accessible(admin)
    admin.check("input[name=state][value=open]", force=True)
    admin.fill("input[name=opens]", "15 September")
    admin.fill("input[name=closes]", "30 February")
    press(admin, "Save")
    expect(admin.locator(".od-error-summary")).to_contain_text("There is no such day in the calendar")
    accessible(admin)
    admin.fill("input[name=closes]", "31 March")
    press(admin, "Save")
    expect(admin.locator("main")).to_contain_text("Open each year from 15 September to 31 March.")
    press(admin, "Throw the draft away")
