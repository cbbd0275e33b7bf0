"""A real Chromium for journeys, and axe for what assistive technology will find."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from portal.services.live import LiveStack
from scripts import chromium

PHONE, DESK = (360, 740), (1280, 900)  # CSS pixels
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the session."""
    path = chromium.find()
    if path is None:
        pytest.fail("The journeys need Chromium: run `make test`, which gets one, or set PORTAL_CHROMIUM.")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # Playwright's loop runs in this thread; Django's connection is used by it alone
    )
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, live_stack: LiveStack) -> Iterator[Callable[..., Page]]:
    """Open a page of the live stack as a new visitor: `visit("/programmes/", size=PHONE, javascript=False, locale="ar")`.

    Every visitor has a browser context of their own. The test fails when a page asks another machine for anything,
    throws an error in a script, or breaks its Content-Security-Policy.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(
        path: str = "/", *, size: tuple[int, int] = DESK, javascript: bool = True, locale: str = "en-GB", **options: Any
    ) -> Page:
        context = browser.new_context(
            base_url=live_stack.url.rstrip("/"),
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=javascript,
            locale=locale,
            timezone_id="Europe/London",
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(60_000)  # milliseconds: patience for a loaded machine, not a bar

        def route(request: Route) -> None:
            if request.request.url.startswith((live_stack.url, "data:", "blob:")):
                request.continue_()
            else:
                faults.append(f"asked another machine: {request.request.url}")
                request.abort()

        context.route("**/*", route)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script error on {page.url}: {error}"))
        page.on(
            "console", lambda said: faults.append(f"{page.url}: {said.text}") if "Content Security Policy" in said.text else None
        )
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Check a page with axe: `accessible(page)` fails with every violation of WCAG 2.2 AA and the best practices."""
    axe = Axe()

    def check(page: Page) -> None:
        page.wait_for_load_state()
        found = axe.run(page, options={"runOnly": WCAG, "resultTypes": ["violations"]}).response["violations"]
        lines = [
            f"{fault['id']}: {fault['help']}\n    " + "\n    ".join(node["html"][:200] for node in fault["nodes"][:5])
            for fault in found
        ]
        assert not found, f"{page.url}\n" + "\n".join(lines)

    return check
