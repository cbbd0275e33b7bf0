"""The design system's promises: contrast, direction, weight, no inline code, every part drawn, every number readable."""

import gzip
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from portal.context_processors import COLOUR_MODE_COOKIE, colour_mode
from portal.views.styleguide import styleguide
from tests.portal.test_forms import Page

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "assets" / "css").glob("*.css"))
BUILD = runpy.run_path(str(ROOT / "scripts" / "build_css.py"))

# foreground, background, least ratio: text 7 (WCAG 2.2 1.4.6), on tints 4.5 (1.4.3), controls 3 (1.4.11)
PAIRS = [
    ("ink", "page", 7), ("ink", "surface", 7), ("ink", "surface-2", 7), ("ink", "warm", 7), ("ink-2", "page", 7),
    ("ink-2", "surface", 7), ("ink-2", "warm", 4.5), ("link", "page", 7), ("link", "surface", 7), ("link", "surface-2", 4.5),
    ("link", "warm", 4.5), ("visited", "page", 7), ("on-brand", "brand", 7), ("on-brand", "brand-strong", 7),
    ("on-accent", "accent", 7), ("good", "good-bg", 4.5), ("wait", "wait-bg", 4.5), ("bad", "bad-bg", 4.5),
    ("none", "none-bg", 4.5), ("info", "info-bg", 4.5), ("good", "page", 7), ("wait", "page", 7), ("bad", "page", 7),
    ("ink", "good-bg", 7), ("ink", "wait-bg", 7), ("ink", "info-bg", 7), ("ink-2", "good-bg", 4.5), ("link", "info-bg", 4.5),
    ("link", "wait-bg", 4.5), ("link", "good-bg", 4.5), ("line-strong", "page", 3), ("line-strong", "surface", 3),
    ("second", "page", 3), ("focus", "page", 3), ("focus", "focus-halo", 3), ("accent", "brand", 3), ("wait", "warm", 4.5),
]  # fmt: skip


def tokens(name: str) -> dict[str, str]:
    """The colours of one token file."""
    text = (ROOT / "assets" / "css" / f"{name}.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--od-([\w-]+):\s*(#[0-9a-fA-F]{3,6})\b", text))


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_token_contrast(mode: str, text: str, ground: str, least: float) -> None:
    colours = tokens("tokens") | (tokens("dark") if mode == "dark" else {})
    assert contrast(colours[text], colours[ground]) >= least


def test_dark_mode_changes_every_ground_and_ink() -> None:
    assert {"page", "surface", "surface-2", "warm", "ink", "ink-2", "link", "line", "line-strong", "focus"} <= set(tokens("dark"))


def without_comments(css: str) -> str:
    """CSS without its comments."""
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_css_is_logical_and_prefixed(path: Path) -> None:
    css = without_comments(path.read_text(encoding="utf-8"))
    assert not re.search(r"\b(left|right)\b", re.sub(r"\.od-icon--[\w-]+", "", css))
    classes = set(re.findall(r"\.([a-zA-Z][\w-]*)(?=[^{}]*\{)", css))
    odd = {name for name in classes if not name.startswith(("od-", "is-"))}
    assert odd <= {
        "n",
        "nw",
        "sub",
        "pick",
        "ring",
        "p",
        "b",
        "v",
        "g",
        "t",
        "l",
        "c",
        "bo",
        "th",
        "was",
        "track",
        "hatch-bg",
        "hatch-l",
    }


def test_every_class_of_the_templates_has_a_style_or_is_a_hook() -> None:
    css = "".join(path.read_text(encoding="utf-8") for path in STYLES)
    styled = set(re.findall(r"\.(od-[\w-]+)", css))
    unstyled_hooks = {"od-template", "od-template__body", "od-heading-s"}
    for path in (ROOT / "templates" / "components").glob("*.html"):
        source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\x00", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for attribute in re.findall(r'class="([^"]*)"', source):
            used = {name for name in attribute.split() if name.startswith("od-") and "\x00" not in name}
            assert used <= styled | unstyled_hooks, path.name


def test_what_is_committed_is_what_the_script_builds() -> None:
    for path, content in BUILD["results"]().items():
        assert path.read_bytes() == content, f"run scripts/build_css.py: {path.name} is out of date"


def test_dark_values_are_written_for_devices_and_for_a_choice() -> None:
    css = BUILD["expand_dark"]("/* note */:root{--od-page:#000}")
    assert "@media screen and (prefers-color-scheme:dark){:root:not([data-mode=light]){--od-page:#000}}" in css
    assert "@media screen{:root[data-mode=dark]{--od-page:#000}}" in css


def test_shrinking_keeps_what_means_something() -> None:
    css = "a :hover { color : red ; width: calc(100% - 1px) } /* x */ @media (min-width: 4em) and (hover: none) { b , i { top: 0; } }"
    assert BUILD["shrink"](css) == (
        "a :hover{color:red;width:calc(100% - 1px)}@media (min-width: 4em) and (hover: none){b,i{top:0}}\n"
    )


@pytest.mark.parametrize(("name", "limit"), [("citizen", 10_000), ("staff", 12_000), ("letter", 2_000)])
def test_style_sheets_keep_their_weight(name: str, limit: int) -> None:
    assert len(gzip.compress((ROOT / "static" / "css" / f"{name}.css").read_bytes(), 9)) <= limit


@pytest.mark.parametrize(("name", "limit"), [("portal", 3_000), ("staff", 5_000)])
def test_scripts_keep_their_weight(name: str, limit: int) -> None:
    assert len(gzip.compress((ROOT / "static" / "js" / f"{name}.js").read_bytes(), 9)) <= limit


def test_fonts_keep_their_weight_and_carry_their_licence() -> None:
    fonts = ROOT / "static" / "fonts"
    assert all(path.stat().st_size <= 16_000 for path in fonts.glob("*.woff2"))
    assert "SIL Open Font License" in (fonts / "LICENSE-readex-pro.txt").read_text(encoding="utf-8")
    assert "MIT" in (ROOT / "assets" / "icons" / "LICENSE-tabler.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_hold_no_inline_code_and_trust_nothing(path: Path) -> None:
    source = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"<style\b", source)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"\|\s*safe\b|autoescape off|safeseq", source)
    assert not re.search(r"\b(?:src|href)=[\"']https?://", source)
    if "<svg" in source and "{{" in "".join(re.findall(r"<svg.*?</svg>", source, flags=re.DOTALL)):
        assert "{% localize off %}" in source


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_compile_and_name_icons_that_exist(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))
    source = path.read_text(encoding="utf-8")
    for name in re.findall(r'\{% icon "([^"]+)"', source) + re.findall(r'\{% tag \S+ "\w+" "([^"]+)"', source):
        assert (ROOT / "assets" / "icons" / f"{name}.svg").is_file(), name


def included_from(source: str) -> set[str]:
    """Names of the components a template includes."""
    return set(re.findall(r'include "components/([\w-]+)\.html"', source))


def test_every_component_is_documented_and_drawn() -> None:
    components = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "templates" / "components").glob("*.html")}
    for name, source in components.items():
        assert "{% comment %}" in source, f"{name} does not say its parameters"
    used = {"clock", "tag"}  # drawn by the template tags
    for path in (ROOT / "templates").rglob("*.html"):
        used |= included_from(path.read_text(encoding="utf-8"))
    pending = {"weave"} - used  # the start page's decoration
    assert set(components) - used <= pending
    guide = included_from((ROOT / "templates" / "public" / "styleguide.html").read_text(encoding="utf-8"))
    for name in list(guide):
        guide |= included_from(components[name])
    frame = {
        "mark", "weave", "site_header", "site_footer", "staff_header", "staff_footer", "demo_banner", "messages", "language_nav", "session_end",
        "colour_mode", "back_link", "clock", "tag",
    }  # fmt: skip
    assert set(components) - frame <= guide


def draw_guide(look: str = "citizen", language: str = "en", mode: str = "auto") -> str:
    """The style guide as a visitor gets it."""
    request = RequestFactory().get(f"/style-guide/{look}/")
    request.COOKIES[COLOUR_MODE_COOKIE] = mode
    with translation.override(language):
        return styleguide.__wrapped__(request, look=look).content.decode()


@pytest.mark.parametrize("look", ["citizen", "staff"])
@pytest.mark.parametrize("language", ["en", "ar", "cy"])
def test_the_style_guide_is_sound(look: str, language: str) -> None:
    html = draw_guide(look, language)
    page = Page(html)
    assert page.names.count("h1") == 1
    assert page.names.count("main") == 1
    assert len(page.ids) == len(set(page.ids))
    assert page.references <= set(page.ids)
    assert set(re.findall(r'href="#([\w-]+)"', html)) - {"a", "b", "c", "d"} <= set(page.ids)
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in html


def test_the_chosen_colours_are_on_the_page_and_nonsense_is_not() -> None:
    assert 'data-mode="dark"' in draw_guide(mode="dark")
    assert 'data-mode="auto"' in draw_guide(mode='dark" onload="')
    request = RequestFactory().get("/")
    request.COOKIES[COLOUR_MODE_COOKIE] = "light"
    assert colour_mode(request) == "light"


def svg_numbers(html: str) -> Iterator[str]:
    """Every numeric attribute of every SVG on a page."""
    for svg in re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL):
        yield from re.findall(r'\s(?:x|y|width|height|cx|cy|r|dy|stroke-dasharray|viewBox)="([^"]*)"', svg)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_numbers_in_pictures_are_never_localised(language: str) -> None:
    found = list(svg_numbers(draw_guide(language=language)))
    assert len(found) > 100
    for number in found:
        assert re.fullmatch(r"-?[\d.]+( -?[\d.]+)*", number), number
