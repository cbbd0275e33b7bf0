"""Every kind of page that a link leads to, for a visitor: it opens, fits a phone in every language, and axe finds nothing.

A kind of page is a route; of each the first address found is opened.
"""

import html
import re
from collections import deque
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from portal.services.live import LiveStack
from tests.journeys.steps import look_again, press

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

NARROW = 320  # CSS pixels: a desk's 1280 at 400 % zoom (WCAG 2.2, 1.4.10)
OVER_THE_EDGE = """() => { const edge = document.documentElement.clientWidth; return [...document.querySelectorAll('body *')]
  .filter(one => { const box = one.getBoundingClientRect(); return box.width > 2 && (box.right > edge + 1 || box.left < -1) && !one.closest('.od-scroll') })
  .slice(0, 5).map(one => one.outerHTML.slice(0, 90)) }"""


def route_of(path: str) -> str:
    """The name of the route of a path, with or without a query; empty where there is none."""
    try:
        found = resolve(urlsplit(path).path)
    except Resolver404:
        return ""
    return ":".join([*found.namespaces, found.url_name or ""])


def walk(page: Page, stack: LiveStack, starts: list[str]) -> dict[str, str]:
    """{route: a path of it} of all pages that links lead to from `starts`. Fails with every link that leads to a refusal."""
    kinds: dict[str, str] = {}
    dead: list[str] = []
    ahead = deque((path, "") for path in starts)
    while ahead:
        path, origin = ahead.popleft()
        route = route_of(path)
        if not route or route in kinds or route.startswith("api:"):
            continue
        kinds[route] = ""
        answer = page.context.request.get(urljoin(stack.url, path))
        landed = urlsplit(answer.url).path
        if answer.status != 200:
            dead.append(f"{origin} leads to {path}: {answer.status}")
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        kinds[route_of(landed)] = kinds[route] = answer.url
        for link in re.findall(r'href="([^"#]+)', answer.text()):
            there = urlsplit(urljoin(answer.url, html.unescape(link)))
            if there.netloc == urlsplit(stack.url).netloc:
                ahead.append((there.path + (f"?{there.query}" if there.query else ""), landed))
    assert not dead, "\n".join(dead)
    return {route: address for route, address in kinds.items() if address}


def look(page: Page, kinds: dict[str, str], accessible: Callable[[Page], None]) -> None:
    """Open each kind of page in each language; fails with all that is too wide or that axe finds."""
    faults: list[str] = []
    page.set_viewport_size({"width": NARROW, "height": 640})
    for language, _name in settings.LANGUAGES:
        page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": page.url}])
        for route, address in kinds.items():
            look_again(page, address)
            width = page.evaluate("document.scrollingElement.scrollWidth")
            if width > NARROW:
                faults.append(f"{route} in {language}: {width} pixels, {page.evaluate(OVER_THE_EDGE)}")
            if language == "en":
                try:
                    accessible(page)
                except AssertionError as found:
                    faults.append(str(found))
    assert not faults, "\n".join(faults)


def begin_answers(page: Page) -> list[str]:
    page.goto("/apply/?situation=lost_my_job")
    press(page)
    return ["/apply/parts/", "/apply/check/", "/apply/household/new/", "/apply/later/", "/apply/about/", "/apply/delete/"]


def test_every_kind_of_page_opens_and_fits_a_phone(visit, accessible, live_stack: LiveStack):
    page = visit("/")
    kinds = walk(page, live_stack, [*begin_answers(page), "/", "/home/", "/account/sign-in/"])
    assert len(kinds) >= 20, sorted(kinds)
    look(page, kinds, accessible)
