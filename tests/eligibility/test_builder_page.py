"""The builder: conditions are written as rows without script, every button keeps what was typed, and nothing is lost on the way."""

from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility import registry
from eligibility.builder.rows import COMPARISONS, Group, Row, rows_of, tree_from
from eligibility.builder.terms import TERMS, said
from eligibility.builder.words import Vocabulary
from eligibility.language import from_json, parse, to_text
from eligibility.models import ProgrammeVersion
from eligibility.rules import shared_of, with_shared
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.eligibility import read_definition

pytestmark = pytest.mark.django_db
TEXTS = {"says": "A", "says_not": "B", "law": "C"}


@pytest.fixture
def draft(client, versions, writer):
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]))
    return ProgrammeVersion.objects.get(programme__code="heating_help", number=2)


def url(id_="savings"):
    return reverse("eligibility:admin_criterion", args=["heating_help", 2, id_])


class _Controls(HTMLParser):
    """Collects what a browser would send of the form that holds the builder."""

    def __init__(self):
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.is_inside, self.select, self.options, self.textarea = False, "", [], ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if name == "view":
            self.is_inside = True
        if not self.is_inside:
            return
        if tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self.sent.setdefault(name, []).append(value)
        elif tag == "select":
            self.select, self.options = name, []
        elif tag == "option":
            self.options.append((value, "selected" in given))
        elif tag == "textarea":
            self.textarea = name

    def handle_data(self, data):
        if self.textarea:
            self.sent[self.textarea] = [data.removeprefix("\n")]

    def handle_endtag(self, tag):
        if tag == "select" and self.select:
            chosen = [value for value, is_selected in self.options if is_selected]
            self.sent[self.select] = chosen or [self.options[0][0]]
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""
        elif tag == "form":
            self.is_inside = False


def typed(response):
    """What a browser would send back from the page: every control of its form with the value it shows."""
    controls = _Controls()
    controls.feed(response.content.decode())
    return controls.sent


def press(client, response, button, id_="savings", **changes):
    return client.post(url(id_), {**typed(response), "do": button, **changes})


def saved_formula(id_="savings"):
    data = ProgrammeVersion.objects.get(programme__code="heating_help", number=2).definition
    return next(item["when"] for item in data["criteria"] if item["id"] == id_)


def test_a_condition_opens_as_rows_and_saving_it_unchanged_changes_nothing(client, draft):
    before = saved_formula()
    response = client.get(url())
    assert typed(response)["row-0-against"] == ["limit savings_limit"]
    assert press(client, response, "save").status_code == 302
    assert saved_formula() == before
    after = ProgrammeVersion.objects.get(pk=draft.pk)
    assert after.definition == draft.definition and after.lock_version == 1


def test_rows_groups_and_values_are_built_without_script(client, draft):
    page = press(client, client.get(url()), "group root")
    page = press(client, page, "row 1", **{"add-1-fact": "household.tenure"})
    chosen = ["mortgage", "council_rent"]
    page = press(client, page, "row 1", **{"add-1-fact": "person.earnings", "row-1-0-codes": chosen})
    assert typed(page)["row-1-0-codes"] == chosen
    page = press(
        client, page, "show", **{"row-1-1-whose": "any family adult", "row-1-1-per": "week", "row-1-1-value": "£1,200.50"}
    )
    sent = typed(page)
    assert sent["row-1-1-whose"] == ["any family adult"] and sent["row-1-1-value"] == ["£1,200.50"]
    assert press(client, page, "save").status_code == 302
    assert from_json(saved_formula()) == parse(
        "household.savings <= limits.savings_limit and (household.tenure in ['mortgage', 'council_rent'] or "
        "any(per_week(p.earnings) <= pounds(1200.50, 'week') for p in family if p.role != 'child'))"
    )


def test_what_is_missing_is_shown_at_its_row_and_nothing_typed_is_lost(client, draft):
    page = press(client, client.get(url()), "row root", **{"add-root-fact": "person.age"})
    page = press(client, page, "save", **{"row-1-value": "many", "says": "A new sentence"})
    html = page.content.decode()
    assert (
        page.status_code == 200
        and "“many” is not a number. Enter one like 16000 or 0.55." in html
        and 'href="#id_row-1-value"' in html
    )
    assert typed(page)["row-1-value"] == ["many"] and typed(page)["says"] == ["A new sentence"]
    assert saved_formula() == draft.definition["criteria"][1]["when"]


def test_a_new_row_needs_a_fact_and_says_so(client, draft):
    page = press(client, client.get(url()), "row root")
    html = page.content.decode()
    assert "Select what the new row is about" in html and 'href="#id_add-root-fact"' in html
    assert typed(page)["row_at"] == ["0"]


def test_an_empty_group_says_so(client, draft):
    page = press(client, client.get(url()), "group root")
    assert "This group is empty" in press(client, page, "save").content.decode()


def test_rows_are_wrapped_and_taken_out(client, draft):
    page = press(client, client.get(url()), "wrap 0")
    assert typed(page)["group_at"] == ["root", "0"] and typed(page)["row_at"] == ["0-0"]
    page = press(client, page, "out 0-0")
    assert "row_at" not in typed(page) and typed(page)["group_at"] == ["root"]


def test_rows_become_a_formula_and_the_formula_rows_before_anything_is_saved(client, draft):
    page = press(client, client.get(url()), "row root", **{"add-root-fact": "partner"})
    page = press(client, page, "formula", says="Typed before")
    assert page.context["form"].initial["when"] == "household.savings <= limits.savings_limit and applies(partner)"
    assert page.context["form"].initial["says"] == "Typed before"
    page = client.post(
        url(),
        {"view": "formula", "do": "rows", "lock_version": 0, "when": "not applicant.disabled or applicant.age > 1", **TEXTS},
    )
    assert page.context["root"].form.initial["kind"] == "any" and typed(page)["row_at"] == ["0", "1"]


def test_a_formula_beyond_rows_stays_a_formula_and_says_why(client, draft):
    text = "household.savings + limits.savings_limit <= pounds(5)"
    page = client.post(url(), {"view": "formula", "do": "rows", "lock_version": 0, "when": text, **TEXTS})
    assert "This formula says more than rows can show" in page.content.decode()
    assert page.context["form"].initial["when"] == text
    assert client.post(url(), {"view": "formula", "do": "save", "lock_version": 0, "when": text, **TEXTS}).status_code == 302
    assert "This formula says more than rows can show" in client.get(url()).content.decode()


def test_a_new_condition_begins_with_an_empty_builder(client, draft):
    new = reverse("eligibility:admin_criterion_new", args=["heating_help", 2])
    page = client.get(new)
    page = client.post(new, {**typed(page), "do": "row root", "add-root-fact": "person.disabled"})
    assert client.post(new, {**typed(page), "do": "save", "id": "disabled", **TEXTS}).status_code == 302
    assert saved_formula("disabled") == {"op": "get", "of": "applicant", "name": "disabled"}


def test_the_condition_is_read_out_in_every_language(client, draft):
    html = client.get(url()).content.decode()
    assert "£10,000 or less (Savings limit)" in html and "£10,000 neu lai (Savings limit)" in html and "أو أقل" in html


@pytest.mark.parametrize(
    "sent", [{"row_at": "9-9-9-9-9-9"}, {"group_at": "x"}, {"do": "out 7"}, {"do": "row 0", "add-0-fact": "partner"}]
)
def test_a_form_nobody_was_given_is_refused(client, draft, sent):
    assert client.post(url(), {**typed(client.get(url())), "do": "show", **sent}).status_code == 400


# --- the vocabulary --------------------------------------------------------------------------------------------------------


def vocabulary(definition):
    whole = with_shared(definition, shared_of(definition))
    return Vocabulary(whole, {"universal_credit": "Universal Credit", "pension_credit": "Pension Credit"}, timezone.localdate())


@pytest.mark.parametrize("code", list(registry.programme_folders()))
def test_the_controls_show_every_shipped_condition_that_fits_rows(code):
    definition = registry.load_all()[code]
    words = vocabulary(definition)
    for item in definition.criteria:
        group = rows_of(item.when)
        if group is not None:
            assert words.takes(group), to_text(item.when)
            for language in ("en", "cy", "ar"):
                assert words.reading(group, language)["words"]
            assert all(words.check(row) for row in group.items if isinstance(row, Row))


def test_each_fact_gets_a_first_row_that_is_whole_but_for_its_value():
    words = vocabulary(read_definition())
    for listed in words.facts("en").values():
        for code, label in listed:
            row = words.completed(Row(fact=code))
            assert label and row.test in words.tests(row)
            if row.test in COMPARISONS:
                value = {"codes": "a", "date": "2026-01-01"}.get(row.against, "1")
                answers = words.answers(row, "en")
                row = Row(**{**vars(row), "value": answers[0][0] if answers else value})
            assert words.check(row) is not None
            assert rows_of(tree_from(Group("all", (row,)))) == Group("all", (row,))


def test_every_own_word_is_there_in_every_language():
    assert set(TERMS["en"]) == set(TERMS["cy"]) == set(TERMS["ar"])
    assert said("all", "fr") == "All of these"
