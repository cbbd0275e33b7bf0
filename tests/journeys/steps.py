"""What people do in a browser, in the product's own order: telling the story, signing in, pressing buttons."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page, expect

from portal.actions.demonstration import PASSWORD
from portal.queries.demonstration import current_code

Check = Callable[[Page], None]

# Somebody with two children who lost work. Answers by question; what is not here is answered with "none" or "not sure".
LONE_PARENT: dict[str, Any] = {
    "born_on": ("14", "6", "1990"),
    "nation": "england",
    "region": "london",
    "local_authority": "newham",
    "tenure": "private_rent",
    "rent": ("1100", "month"),
    "bedrooms": "2",
    "savings": "800",
    "earnings": ("600", "month"),
    "take_home_pay": ("590", "month"),
    "hours_worked": "12",
    "which_money": ["pay"],
}
CHILD = {"name": "Noor", "role": "child", "born_on": ("1", "3", "2019")}


def tell_story(page: Page, answers: Mapping[str, Any] = LONE_PARENT, *, child: bool = True, look: Check | None = None) -> int:
    """Walk the form from its first page to "check your answers"; returns how many questions were asked.

    look: called on each new kind of page (axe).
    """
    asked = 0
    added = not child
    for _step in range(120):
        page.wait_for_load_state()
        path = urlsplit(page.url).path
        if path.endswith("/check/"):
            return asked
        if look is not None and asked < 3:
            look(page)
        if path.endswith("/household/"):
            page.check(f"input[name=add][value={'nobody' if added else 'child'}]", force=True)
            press(page)
        elif path.endswith("/household/new/"):
            _add_child(page)
            added = True
        elif path.endswith("/parts/"):
            page.get_by_role("link", name=re.compile("Check your answers|Continue")).first.click()
        elif "/question/" in path:
            asked += 1
            answer_question(page, path.rstrip("/").rsplit("/", 1)[1], answers)
        else:
            raise AssertionError(f"the story ended at {page.url}: {page.title()}")
        _no_error(page)
    raise AssertionError("the form never ends")


def _add_child(page: Page) -> None:
    page.fill("input[name=name]", CHILD["name"])
    page.check("input[name=role][value=child]", force=True)
    _fill_date(page, "born_on", CHILD["born_on"])
    press(page)


def answer_question(page: Page, code: str, answers: Mapping[str, Any]) -> None:
    """Answer the question on the page and continue."""
    given = answers.get(code)
    main = page.locator("main")
    if main.locator("input[type=checkbox]").count():
        for value in given or ["none"]:
            main.locator(f"input[type=checkbox][value={value}]").check(force=True)
    elif isinstance(given, tuple) and len(given) == 3:
        _fill_date(page, code, given)
    elif isinstance(given, tuple):
        page.fill(f"input[name={code}_amount]", given[0])
        page.select_option(f"select[name={code}_per]", given[1])
    elif isinstance(given, str) and main.locator(f"input[type=radio][value='{given}']").count():
        main.locator(f"input[type=radio][value='{given}']").first.check(force=True)
    elif isinstance(given, str) and main.locator(f"select[name={code}] option[value='{given}']").count():
        page.select_option(f"select[name={code}]", given)
    elif isinstance(given, str):
        main.locator("input[type=text]").first.fill(given)
    elif not _answer_with_nothing(page):
        return
    press(page)


def _answer_with_nothing(page: Page) -> bool:
    """No, none, or not sure; False when the press of a button was the answer."""
    main = page.locator("main")
    for value in ("no", "none", "False", "nothing", "not_sure"):
        choice = main.locator(f"input[type=radio][value={value}]")
        if choice.count():
            for number in range(choice.count()):
                choice.nth(number).check(force=True)
            return True
    for name in ("does_not_apply", "none", "not_sure", "skip"):
        button = main.locator(f"button[name={name}]")
        if button.count():
            button.first.click()
            return False
    raise AssertionError(f"no way to say nothing on {page.url}")


def _fill_date(page: Page, name: str, parts: tuple[str, str, str]) -> None:
    for part, value in zip(("day", "month", "year"), parts, strict=True):
        page.fill(f"input[name={name}_{part}]", value)


def _no_error(page: Page) -> None:
    summary = page.locator(".od-error-summary")
    assert not summary.count(), f"{page.url}: {summary.first.inner_text()}"


def press(page: Page, name: str | re.Pattern[str] | None = None) -> None:
    """Press the main button of the page, or the one with this name."""
    if name is None:
        page.locator("main form:not([action*='counter/end']) button[type=submit]").first.click()
    else:
        page.get_by_role("button", name=name).first.click()


def apply_for_everything(page: Page, look: Check) -> list[str]:
    """From the results page to the receipt; returns the references."""
    press(page, "Apply for these")
    look(page)
    page.get_by_label("Your name").fill("Samira Noor Al-Rashid")
    for box in page.locator("main input[type=radio][value=allow]").all():
        box.check(force=True)
    phone = page.locator("main input[type=tel]")
    if phone.count():
        phone.first.fill("020 7946 0123")
    for safe in page.locator("main input[type=radio][value=yes]").all():
        safe.check(force=True)
    press(page, re.compile("^Send my"))
    assert not page.locator(".od-error-summary").count(), page.locator(".od-error-summary").inner_text()
    return re.findall(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}-[2-9B-Z]{4}\b", page.locator("main").inner_text())


def look_again(page: Page, path: str) -> None:
    """Load a page that may be refreshing itself at this moment."""
    for _try in range(10):
        try:
            page.goto(path)
        except Error as error:
            if "ERR_ABORTED" not in str(error) and "interrupted" not in str(error):
                raise
            page.wait_for_load_state()
        else:
            return


def sign_in(page: Page, email: str) -> None:
    """Sign in with a demonstration account; colleagues give their second factor."""
    page.goto("/account/sign-in/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        press(page)
    used = ""
    for _again in range(90):  # a code counts once: whoever signed in with it just now waits for the next
        if not page.locator("input[name=code]").count():
            break
        if (code := current_code(email)) == used:
            page.wait_for_timeout(500)
            continue
        page.fill("input[name=code]", used := code)
        with page.expect_navigation():
            press(page)
    assert "/account/" not in page.url, f"signing in ended at {page.url}"


def expect_outcome(page: Page, programme: str, words: str) -> None:
    """Look at the results until the screening has caught up; where the page offers to do it at once, press."""
    card = page.locator("section.od-outcome", has=page.get_by_role("link", name=programme, exact=True, include_hidden=True))
    now = page.get_by_role("button", name="Show my results now")
    for _again in range(90):
        look_again(page, "/results/")
        if card.count() and words in (card.first.text_content() or ""):  # also where it is folded in
            return
        if now.count():
            press(page, "Show my results now")
            page.wait_for_load_state()
        page.wait_for_timeout(500)
    expect(card.first).to_contain_text(words)
