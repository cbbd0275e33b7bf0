"""`make pictures`: the pictures of the README, taken from the running product with the demonstration.

Each picture is one page at one width. The product is started as `make run` starts it, in a folder of its own.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from scripts import chromium

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=860)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def sign_in(page: Page, email: str) -> None:
    """Sign in with a demonstration account, with its one-time code where it has one."""
    from portal.actions.demonstration import PASSWORD
    from portal.queries.demonstration import current_code

    page.goto("/account/sign-in/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    if page.locator("input[name=code]").count():
        page.fill("input[name=code]", current_code(email))
        page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def start_page(page: Page) -> None:
    page.goto("/")


def question(page: Page) -> None:
    page.goto("/apply/?situation=lost_my_job")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def results(page: Page) -> None:
    sign_in(page, "amina@example.org")
    page.goto("/results/#likely")


def sharing(page: Page) -> None:
    sign_in(page, "amina@example.org")
    page.goto("/record/")


def arabic(page: Page) -> None:
    page.goto("/")
    page.locator("[lang=ar]").first.click()
    page.wait_for_load_state()


def who_looked(page: Page) -> None:
    sign_in(page, "amina@example.org")
    page.goto("/record/log/")


def worklist(page: Page) -> None:
    sign_in(page, "sana.malik@newham-council.example.org")
    page.goto("/staff/cases/?queue=all")


def case(page: Page) -> None:
    sign_in(page, "adam.kowalski@national-benefits.example.org")
    page.goto("/staff/cases/?queue=mine")
    page.locator("main table a").first.click()
    page.wait_for_load_state()


def referrals(page: Page) -> None:
    sign_in(page, "gareth.hughes@harbour-advice.example.org")
    page.goto("/staff/referrals/in/")


def editor(page: Page) -> None:
    sign_in(page, "leila.haddad@newham-council.example.org")
    page.goto("/staff/programmes/homelessness_prevention/1/")


def builder(page: Page) -> None:
    sign_in(page, "leila.haddad@newham-council.example.org")
    page.goto("/staff/programmes/care_needs_assessment/1/")
    page.get_by_role("button", name="New draft from this version").click()
    page.wait_for_load_state()
    page.goto(f"{page.url}conditions/benefit_shows_need/")


def preview(page: Page) -> None:
    sign_in(page, "marcus.boyd@newham-council.example.org")
    page.goto("/staff/programmes/council_tax_reduction/1/")
    page.get_by_role("button", name="New draft from this version").click()
    page.wait_for_load_state()
    draft = page.url
    page.goto(f"{draft}limits/capital_limit/")
    page.locator("main form input[type=date]").first.fill(datetime.now(UTC).date().isoformat())
    page.locator("main form input[name=value_0]").first.fill("500")
    page.locator("main form input[name=law]").first.fill("An example")
    page.get_by_role("button", name="Add the row").click()
    page.wait_for_load_state()
    page.goto(f"{draft}preview/")


def what_if(page: Page) -> None:
    sign_in(page, "amina@example.org")
    page.goto("/results/what-if/")
    page.locator("#curve").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#curve').scrollIntoView()")


PICTURES: list[tuple[str, ViewportSize, Callable[[Page], None]]] = [
    ("start-phone", PHONE, start_page),
    ("question-phone", PHONE, question),
    ("results-phone", PHONE, results),
    ("sharing-phone", PHONE, sharing),
    ("who-looked-phone", PHONE, who_looked),
    ("arabic-phone", PHONE, arabic),
    ("worklist-desk", DESK, worklist),
    ("case-desk", DESK, case),
    ("referrals-desk", DESK, referrals),
    ("editor-desk", DESK, editor),
    ("builder-desk", DESK, builder),
    ("preview-desk", DESK, preview),
    ("what-if-phone", PHONE, what_if),
]


def main(names: list[str]) -> None:
    """Take the pictures of these names (all without names) into docs/pictures/."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    import django

    django.setup()
    from portal.services.live import LiveStack

    browser_path = chromium.find()
    if browser_path is None:
        raise SystemExit("The pictures need Chromium: install it, or set PORTAL_CHROMIUM.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="onedoor-pictures-") as folder:
        Path(folder).chmod(0o755)  # the database server may run as nobody
        stack = LiveStack(Path(folder) / "live")
        stack.start(300)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=browser_path, headless=True, args=FLAGS)
                for name, size, walk in PICTURES:
                    if names and name not in names:
                        continue
                    context = browser.new_context(
                        base_url=stack.url.rstrip("/"), viewport=size, locale="en-GB", timezone_id="Europe/London"
                    )
                    page = context.new_page()
                    walk(page)
                    page.screenshot(path=FOLDER / f"{name}.png")
                    context.close()
                    print(f"  {name}.png")
                browser.close()
        finally:
            stack.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
