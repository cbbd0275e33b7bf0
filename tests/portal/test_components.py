"""Components: they draw with only what they must have, and escape everything."""

import datetime as dt
import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from portal.kit.charts import Columns, Line, column_charts, line_charts
from tests.portal.test_forms import HOSTILE, Page

COMPONENTS = sorted(path.stem for path in (Path(settings.BASE_DIR) / "templates" / "components").glob("*.html"))


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
    "counter_bar": {},
    "data_table": {"caption": "A", "columns": [{"text": "a"}, {"text": "b"}], "rows": [{"cells": ["1", "2"]}]},
    "demo_banner": {},
    "details": {},
    "empty_state": {"title": "Nothing"},
    "error_summary": {},
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
    "proofs": {"proofs": [{"label": "A"}]},
    "person_line": {"name": "A"},
    "reasons": {"reasons": [{"state": "met", "text": "A"}]},
    "receipt": {"title": "Done"},
    "session_end": {
        "session_end": {"minutes": 30, "until": dt.datetime(2026, 11, 22, 17, 0, tzinfo=dt.UTC), "idle": 1800, "latest": 9000, "warning": 300}
    },
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
    "ways": {},
}  # fmt: skip


@pytest.mark.parametrize("name", COMPONENTS)
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
