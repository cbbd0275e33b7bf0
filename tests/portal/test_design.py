"""The design system's promises: contrast, direction, weight, no inline code, every part drawn, every number readable."""

import gzip
import re
import runpy
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from portal.context_processors import COLOUR_MODE_COOKIE, colour_mode
from portal.kit.charts import Columns, Line, column_charts, line_charts, nice_step
from portal.templatetags import ui
from portal.views.styleguide import styleguide
from tests.portal.test_forms import HOSTILE, Page

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
        "mark", "weave", "site_header", "site_footer", "staff_header", "staff_footer", "demo_banner", "messages", "language_nav",
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


def test_column_charts_mirror_for_right_to_left() -> None:
    series = Columns(["a", "b", "c"], [10, 50, 90], target=60, unit="%", highest=100)
    for plain, mirrored in zip(column_charts(series), column_charts(series, is_rtl=True), strict=True):
        for bar, other in zip(plain["bars"], mirrored["bars"], strict=True):
            assert bar["text_x"] + other["text_x"] == pytest.approx(plain["width"], abs=0.2)
            assert bar["height"] == other["height"]
        assert [bar["is_missed"] for bar in plain["bars"]] == [True, True, False]
        heights = [bar["height"] for bar in plain["bars"]]
        assert heights == sorted(heights)
        assert all(bar["x"] >= 0 and bar["x"] + bar["width"] <= plain["width"] for bar in plain["bars"])


def test_a_curve_stays_inside_and_marks_its_cliffs() -> None:
    line = Line([(0, 900), (950, 1510), (951, 1420), (2400, 2340)], cliffs=[950])
    for chart in line_charts(line):
        points = [tuple(map(float, point.split())) for point in chart["path"][1:].split("L")]
        assert len(points) == 4
        assert all(0 <= x <= chart["width"] and 0 <= y <= chart["height"] for x, y in points)
        assert chart["cliffs"][0]["x"] == pytest.approx(points[1][0], abs=0.2)
        assert points[2][1] > points[1][1]  # what is left falls, so the curve goes down


@pytest.mark.parametrize("points", [[], [(1, 1)], [(2, 1), (1, 1)], [(1, 1), (1, 2)]])
def test_a_curve_needs_rising_points(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="rising order"):
        line_charts(Line(points))


def test_a_column_chart_needs_a_label_for_each_value() -> None:
    with pytest.raises(ValueError, match="one label"):
        column_charts(Columns(["a"], [1, 2]))


@pytest.mark.parametrize(("highest", "step"), [(100, 25), (94, 25), (7, 2), (38_000, 10_000), (0.9, 0.25), (0, 1)])
def test_grid_lines_are_round_numbers(highest: float, step: float) -> None:
    assert nice_step(highest) == pytest.approx(step)


@pytest.mark.parametrize(
    ("arguments", "words", "state"),
    [
        ((12, 20), "12 days left", "run"),
        ((2, 20), "2 days left", "soon"),
        ((1, 20), "Due tomorrow", "soon"),
        ((0, 20), "Due today", "soon"),
        ((-1, 20), "1 day late", "late"),
        ((-3, 20), "3 days late", "late"),
        ((5, 20, 6), "Stopped, day 6 of 20", "hold"),
        ((5, None, 6), "Stopped, day 6", "hold"),
        ((None,), "No due date", "none"),
    ],
)
def test_clock_words(arguments: tuple[int | None, ...], words: str, state: str) -> None:
    found = ui.clock(*arguments)
    assert (found["text"], found["state"]) == (words, state)
    assert words in render_to_string("components/clock.html", found)


def test_the_ring_shows_the_share_that_is_left() -> None:
    assert ui.clock(10, 20)["dash"] == 41
    assert ui.clock(40, 20)["dash"] == ui.RING_LENGTH


@pytest.mark.parametrize(
    ("value", "words"),
    [(Decimal("1460"), "£1,460"), (Decimal("12.5"), "£12.50"), ("0.004", "£0"), (-3, "−£3"), (None, ""), ("x", "")],
)
def test_money_words(value: object, words: str) -> None:
    assert ui.money(value) == words


def test_money_is_written_the_same_in_every_language() -> None:
    with translation.override("ar"):
        assert ui.money(Decimal("1460.50")) == "£1,460.50"
        assert ui.pence(146050) == "£1,460.50"


MOMENT = datetime(2026, 6, 14, 9, 42, tzinfo=ZoneInfo("UTC"))


def test_dates_are_local_and_in_words() -> None:
    assert ui.day(date(2026, 6, 14)) == "14 June 2026"
    assert ui.moment(MOMENT) == "14 June 2026, 10:42"
    assert ui.when(MOMENT, "time") == '<time datetime="2026-06-14T10:42:00+01:00">10:42</time>'
    with translation.override("ar"):
        assert "يونيو" in ui.day(date(2026, 6, 14))


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (None, "", "Not known"),
        (False, "", "No"),
        ({"amount": "126.50", "per": "week"}, "", "<bdi>£126.50 a week</bdi>"),
        (date(1988, 3, 27), "", '<time datetime="1988-03-27">27 March 1988</time>'),
        ("1988-03-27", "date", '<time datetime="1988-03-27">27 March 1988</time>'),
        (1460, "money", "<bdi>£1,460</bdi>"),
        (1460, "", "1,460"),
        ("AB 12", "code", '<bdi class="od-ltr">AB 12</bdi>'),
        ([], "", "None"),
        (["a", "b"], "", '<ul class="od-values" role="list"><li><bdi>a</bdi></li><li><bdi>b</bdi></li></ul>'),
        (HOSTILE, "", "<bdi>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</bdi>"),
    ],
)
def test_fact_values(value: object, kind: str, words: str) -> None:
    assert ui.fact_value(value, kind) == words


def test_fact_values_use_the_words_of_their_choices() -> None:
    drawn = Template("{% load ui %}{% fact_value value '' choices %}").render(
        Context({"value": ["rent", "own"], "choices": {"rent": "I rent it", "own": HOSTILE}})
    )
    assert "I rent it" in drawn
    assert "<img" not in drawn


def test_leaves_escape_what_they_are_given() -> None:
    drawn = Template('{% load ui %}{% tag words "bad" %}{% icon "check" words %}').render(Context({"words": HOSTILE}))
    assert "<img" not in drawn


def test_wrong_names_are_refused() -> None:
    with pytest.raises(ValueError, match="not an icon name"):
        ui.icon("../../manage")
    with pytest.raises(ValueError, match="is not one of"):
        ui.tag("Late", "purple")


def test_class_lists() -> None:
    assert ui.od_class("od-tag", "good", "", is_big=True, is_small=False) == "od-tag od-tag--good od-tag--is-big"


@pytest.mark.parametrize(("parts", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_lists_in_a_sentence(parts: list[str], words: str) -> None:
    assert ui.list_sentence(parts) == words


@pytest.mark.parametrize(("path", "is_here"), [("/staff/", True), ("/staff/case/1/", True), ("/", False), ("/other/", False)])
def test_the_current_entry_is_marked(path: str, is_here: bool) -> None:
    context = Context({"request": RequestFactory().get(path)})
    assert bool(ui.current_if(context, "/staff/")) is is_here


def test_components_escape_what_they_are_given() -> None:
    card = {
        "outcome": "likely", "slug": "a", "programme": HOSTILE, "agency": HOSTILE, "amount": HOSTILE, "way_out": HOSTILE,
        "reasons": [{"state": "met", "text": HOSTILE, "said": HOSTILE, "rule": HOSTILE}],
    }  # fmt: skip
    assert "<img" not in render_to_string("components/outcome.html", {"card": card})
    consent = {"slug": "a", "agency": HOSTILE, "may_see": [HOSTILE], "only_to": HOSTILE, "state": "law", "note": HOSTILE}
    assert "<img" not in render_to_string("components/consent_request.html", {"consent": consent})


def test_allow_and_do_not_allow_look_the_same_and_nothing_is_ticked() -> None:
    consent = {
        "slug": "a",
        "agency": "Council",
        "may_see": ["Rent"],
        "only_to": "pay",
        "state": "asked",
        "until": date(2027, 6, 14),
    }
    html = render_to_string("components/consent_request.html", {"consent": consent})
    buttons = re.findall(r'<button class="([^"]+)"[^>]*value="(\w+)"', html)
    assert [value for _look, value in buttons] == ["allow", "refuse"]
    assert len({look for look, _value in buttons}) == 1
    assert "checked" not in html
    assert "Allow until 14 June 2027" in html


# What each component cannot do without; all other parameters may be left out.
REQUIRED: dict[str, dict[str, object]] = {
    "alerts": {"alerts": [{"title": "Look"}]},
    "back_link": {"url": "#"},
    "breadcrumbs": {"trail": [("#", "Home")]},
    "chart_columns": {"id": "a", "charts": column_charts(Columns(["a"], [1])), "summary": "One"},
    "chart_line": {"id": "a", "charts": line_charts(Line([(0, 1), (1, 2)])), "summary": "Up"},
    "chart_table": {"caption": "One", "head": ["a", "b"], "rows": [["a", 1]]},
    "clock": {"state": "none", "text": "No due date"},
    "colour_mode": {},
    "come_back_code": {"code": "A", "text": "Keep it"},
    "consent_request": {"consent": {"slug": "a", "agency": "A", "may_see": ["b"], "only_to": "c", "state": "asked"}},
    "data_table": {"caption": "A", "columns": [{"text": "a"}, {"text": "b"}], "rows": [{"cells": ["1", "2"]}]},
    "demo_banner": {},
    "details": {},
    "empty_state": {"title": "Nothing"},
    "error_summary": {},
    "fact_source": {},
    "facts_table": {"caption": "A", "facts": [{"slug": "a", "label": "A", "value": "b"}, {"slug": "b", "label": "B", "hidden_reason": "No"}]},
    "filter_bar": {"form": "", "label": "Cases", "url": "#"},
    "flow": {"stages": [("Draft", "now", "check")]},
    "guide_note": {"on": date(2026, 6, 14)},
    "hidden_fact": {"reason": "Not shared"},
    "inset": {"text": "A"},
    "key_figures": {"figures": [("1", "one")]},
    "language_nav": {},
    "mark": {},
    "messages": {},
    "notification_banner": {"text": "A"},
    "office_card": {"office": {"name": "A"}},
    "outcome": {"card": {"outcome": "likely", "slug": "a", "programme": "A", "agency": "B"}},
    "pagination": {},
    "person_line": {"name": "A"},
    "reasons": {"reasons": [{"state": "met", "text": "A"}]},
    "receipt": {"title": "Done"},
    "site_footer": {},
    "site_header": {},
    "staff_footer": {},
    "staff_header": {},
    "steps": {"step": 1, "steps": 2, "name": "A"},
    "summary_list": {"rows": [{"key": "A", "value": "b"}]},
    "tabs": {"tabs": [("#", "A", True, None)], "label": "Views"},
    "tag": {"text": "A"},
    "tally": {"likely": 1, "unknown": 2, "not_likely": 0},
    "task_list": {"tasks": [{"name": "A", "state": "todo"}]},
    "thread": {"events": [{"title": "A"}]},
    "weave": {},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "templates" / "components").glob("*.html")))
def test_a_component_needs_only_what_it_must(name: str) -> None:
    html = render_to_string(f"components/{name}.html", REQUIRED[name])
    page = Page(html)
    assert len(page.ids) == len(set(page.ids))
    assert "None" not in re.sub(r"<[^>]*>", "", html)
    assert 'href=""' not in html


def test_a_letter_needs_only_what_it_must() -> None:
    context = {"letter_from": HOSTILE, "letter_to_lines": ["A"], "letter_date": date(2026, 6, 14), "letter_reference": "C-1"}
    html = render_to_string("layouts/letter.html", context)
    assert "<img src=x" not in html
    assert "Our reference: C-1" in html


def test_the_address_of_a_task_is_not_shown_when_it_cannot_start() -> None:
    html = render_to_string("components/task_list.html", {"tasks": [{"name": "Check", "state": "wait"}]})
    assert "<a " not in html
    assert "Cannot start yet" in html
