"""The style guide in a real browser: axe finds nothing, nothing scrolls sideways, targets are large enough, the console is quiet."""

import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, Route

from tests.portal.test_design import draw_guide

ORIGIN = "http://guide.example"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALL_TARGETS = """() => [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')]
  .filter(element => element.getClientRects().length && getComputedStyle(element).display !== 'inline')
  .map(element => element.matches('.od-radios__input,.od-checkboxes__input') ? element.nextElementSibling : element)
  .filter(element => { const box = element.getBoundingClientRect(); return box.bottom > 0 && box.width > 2 && (box.width < 24 || box.height < 24) })
  .map(element => element.outerHTML.slice(0, 80))"""

pytestmark = pytest.mark.journey


def open_guide(browser: Browser, look: str, language: str, mode: str, width: int, **options: object) -> tuple[Page, list[str]]:
    """The guide on a page whose network is this folder; also the list of console errors, which fills as they come."""
    html = draw_guide(look, language, mode)
    context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True, **options)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: problems.append(str(error)))

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if not path.startswith(settings.STATIC_URL):
            return route.fulfill(body=html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY})
        file = Path(settings.BASE_DIR) / "static" / path.removeprefix(settings.STATIC_URL)
        return route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")

    page.route(f"{ORIGIN}/**", answer)
    page.goto(f"{ORIGIN}/style-guide/{look}/")
    page.wait_for_load_state()
    return page, problems


STATES = [
    (look, language, mode, width)
    for look in ("citizen", "staff")
    for language in ("en", "ar")
    for mode in ("light", "dark")
    for width in (360, 1280)
]


@pytest.mark.parametrize(("look", "language", "mode", "width"), STATES)
def test_axe_finds_nothing(browser: Browser, look: str, language: str, mode: str, width: int) -> None:
    page, problems = open_guide(browser, look, language, mode, width)
    violations = Axe().run(page, options=AXE).response["violations"]
    assert [(found["id"], [node["html"][:120] for node in found["nodes"]]) for found in violations] == []
    assert page.evaluate(SMALL_TARGETS) == []
    assert problems == []
    page.context.close()


@pytest.mark.parametrize("look", ["citizen", "staff"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_scrolls_sideways_at_320(browser: Browser, look: str, language: str) -> None:
    page, _problems = open_guide(browser, look, language, "light", 320)
    assert page.evaluate("document.scrollingElement.scrollWidth") == 320
    page.add_style_tag(
        content="*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-block-end:2em!important}"
    )
    assert page.evaluate("document.scrollingElement.scrollWidth") == 320, "with WCAG 1.4.12 text spacing"
    page.context.close()


def test_a_phone_owner_targets_44_pixels(browser: Browser) -> None:
    page, _problems = open_guide(browser, "citizen", "en", "light", 360)
    heights = page.evaluate(
        "() => [...document.querySelectorAll('.od-button, .od-radios__label, .od-checkboxes__label, .od-input, .od-select')]"
        ".map(element => element.getBoundingClientRect().height)"
    )
    assert heights
    assert min(heights) >= 44
    page.context.close()


def test_an_error_link_moves_the_focus_to_its_control(browser: Browser) -> None:
    page, _problems = open_guide(browser, "citizen", "en", "light", 360)
    assert page.evaluate("document.activeElement.dataset.module") == "od-error-summary"
    page.click("text=Date of birth must include a year")
    assert page.evaluate("document.activeElement.id") == "id_born_2"
    page.context.close()


def test_without_script_an_error_link_still_leads_to_its_control(browser: Browser) -> None:
    page, _problems = open_guide(browser, "citizen", "en", "light", 360, java_script_enabled=False)
    page.click("text=Select who lives with you >> nth=0")
    assert page.url.endswith("#id_who_0")
    page.context.close()


def test_the_focus_is_visible_on_every_stop(browser: Browser) -> None:
    page, _problems = open_guide(browser, "citizen", "en", "light", 1280)
    page.evaluate("document.activeElement.blur()")
    for _stop in range(12):
        page.keyboard.press("Tab")
        look = page.evaluate(
            "() => { const own = document.activeElement, box = own.matches('.od-radios__input,.od-checkboxes__input')"
            " ? own.nextElementSibling : own; const style = getComputedStyle(box);"
            " return [parseFloat(style.outlineWidth), style.outlineStyle] }"
        )
        assert look == [3, "solid"]
    page.context.close()
