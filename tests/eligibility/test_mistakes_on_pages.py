"""What an admin who does not program sees after a mistake: what is wrong, where, how to mend it, and everything still there as typed."""

import io
import re
from html import unescape

import pytest
from django.urls import reverse

from eligibility import rule_words
from eligibility.folder import to_files
from eligibility.language import parse, to_json
from eligibility.models import ProgrammeVersion
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.eligibility import HEATING, read_definition

pytestmark = pytest.mark.django_db
LIMIT = {"label": "Savings limit", "unit_of": "GBP", "starts_on": "2026-01-01", "law": "para 2"}


@pytest.fixture
def draft(client, writer):
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_new"), {"code": "meals", "name": "Warm meals", "area": "income"})
    return now()


def now():
    return ProgrammeVersion.objects.get(programme__code="meals", number=1)


def url(name, *more):
    return reverse(f"eligibility:admin_{name}", args=["meals", 1, *more])


def post(client, address, **values):
    return client.post(address, {"lock_version": now().lock_version, **values})


def words(page):
    """The words of a page, without its tags."""
    return unescape(re.sub(r"<[^>]+>", "", page.content.decode()))


def condition(client, formula, **more):
    first = now().definition["criteria"][0]
    sent = {"says": first["says"], "says_not": first["says_not"], "law": first["law"], "when": formula, "view": "formula"}
    return post(client, url("criterion", first["id"]), **{**sent, **more})


def test_a_formula_pasted_from_a_word_processor_is_saved_as_it_is_meant(client, draft):
    pasted = "\u200fhousehold.savings\u00a0≤ pounds(١٦٠٠٠) and household.tenure ≠ “mortgage”"
    assert condition(client, pasted).status_code == 302
    plain = "household.savings <= pounds(16000) and household.tenure != 'mortgage'"
    assert now().definition["criteria"][0]["when"] == to_json(parse(plain))


@pytest.mark.parametrize(
    ("formula", "said", "at"),
    [
        (
            "household.savngs < pounds(3)",
            "There is no household fact called “savngs”. Did you mean “savings”?",
            "household.savngs",
        ),
        ("household.savings < pounds(3) 😀", "“😀” cannot stand in a formula. Take it out.", "😀"),
        ("household.savings ≤\r\n £16,000", "Line 2, character 2: Write money without “£”: 16000.", None),
        ("household.savings / 0 > 1", "Nothing can be divided by 0.", "0"),
        ("household.savings > 50%", "Write 50% as a part of one: 0.5.", "50%"),
        ("x" * 3999 + "y", "There is no worked-out fact called “xxx", None),
    ],
)
def test_a_wrong_formula_is_told_with_its_place_and_stays_as_typed(client, draft, formula, said, at):
    before = now().definition
    page = condition(client, formula, says="A new sentence “so”")
    assert page.status_code == 200 and said in words(page)
    assert page.context["form"]["when"].value() == formula and page.context["form"]["says"].value() == "A new sentence “so”"
    if at:
        assert page.context["form"].rule_error["at"] == at
    assert now().definition == before


def test_what_is_too_long_is_told_and_stays_as_typed(client, draft):
    page = condition(client, "x" * 10_000)
    assert page.status_code == 200 and "4000" in words(page) and "10000" in words(page)
    assert page.context["form"]["when"].value() == "x" * 10_000


def test_turning_a_wrong_formula_into_rows_shows_the_place(client, draft):
    page = condition(client, "household.savings = 3", do="rows")
    assert "Line 1, character 19: To compare, write == with two equals signs." in words(page)
    assert page.context["form"].rule_error["at"] == "=" and page.context["form"]["when"].value() == "household.savings = 3"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0,55", "Write “0,55” with a point: 0.55."),
        ("1200,50", "Write “1200,50” with a point: 1200.50."),
        ("55%", "Write “55%” as a part of one: 0.55."),
        ("-5", "“-5” is below zero. Enter 0 or more."),
        ("a lot", "“a lot” is not a number. Enter one like 16000 or 0.55."),
    ],
)
def test_a_wrong_value_of_a_limit_is_told_at_its_field_and_stays_as_typed(client, draft, typed, said):
    """A comma was once dropped, and £0,55 became £55."""
    page = post(client, url("limit_new"), **LIMIT, value_0=typed)
    assert page.status_code == 200 and said in words(page)
    assert list(page.context["form"].errors) == ["value_0"] and page.context["form"]["value_0"].value() == typed
    assert now().definition == draft.definition


@pytest.mark.parametrize(("typed", "stored"), [("£1,200.50", "1200.5"), ("١٦٠٠٠", "16000"), ("16\u00a0000", "16000")])
def test_a_value_of_a_limit_is_read_as_it_is_meant(client, draft, typed, stored):
    assert post(client, url("limit_new"), **LIMIT, value_0=typed).status_code == 302
    assert now().definition["limits"]["savings_limit"]["rows"][0]["value"] == stored


def test_a_wrong_cell_of_a_table_is_told_at_its_field(client, draft):
    table = {"column_0": "Income", "key_0": "GBP/week", "cell_0_0": "from 1,5", "value_0": "20.40"}
    page = post(client, url("limit_new"), **LIMIT, **table)
    assert "Write “1,5” with a point: 1.5." in words(page) and list(page.context["form"].errors) == ["cell_0_0"]
    assert page.context["form"]["cell_0_0"].value() == "from 1,5" and page.context["form"]["value_0"].value() == "20.40"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1200,50", "Write “1200,50” with a point: 1200.50."),
        ("lots", "“lots” is not a number."),
        ("1.005", "Enter an amount of money, like 1200 or 1200.50"),
    ],
)
def test_a_wrong_amount_in_an_example_is_told_and_never_read_as_another(client, draft, typed, said):
    """1200,50 was once read as 120050."""
    condition(client, "household.savings <= pounds(16000)")
    sent = {"says": "Rich", "on": "2026-11-21", "outcome": "likely", "household-savings": typed}
    page = post(client, url("example_new"), **sent)
    assert page.status_code == 200 and said in words(page)
    assert page.context["form"]["household-savings"].value() == typed


def test_an_amount_in_an_example_is_read_as_it_is_meant(client, draft):
    condition(client, "household.savings <= pounds(16000)")
    sent = {"says": "Rich", "on": "2026-11-21", "outcome": "likely", "household-savings": "£ ١٬٢٠٠٫٥٠"}
    assert post(client, url("example_new"), **sent).status_code == 302
    assert now().definition["cases"]["case"][-1]["household"] == {"savings": "1200.50"}


def folder(rule, cases):
    files = [io.BytesIO(rule.encode()), io.BytesIO(cases.encode())]
    files[0].name, files[1].name = "programme.toml", "cases.toml"
    return files


BROKEN = [
    ("criteria.savings.when", lambda rule, cases: (rule.replace("household.savings", "household.savngs", 1), cases)),
    ("given", lambda rule, cases: (rule, "given = 5\n")),
    ("cases", lambda rule, cases: (rule, "case = [1, 2]\n")),
    ("law", lambda rule, cases: (f"law = 5\n{rule.replace('[[law]]', '[other]')}", cases)),
    ("toml", lambda rule, cases: (rule + "\n[[[", cases)),
]


@pytest.mark.parametrize("change", [change for _name, change in BROKEN], ids=[name for name, _change in BROKEN])
def test_a_broken_folder_is_told_in_words_on_import_and_as_text(client, draft, change):
    files = to_files(read_definition(HEATING))
    rule, cases = change(files["programme.toml"], files["cases.toml"])
    assert (rule, cases) != (files["programme.toml"], files["cases.toml"])
    page = client.post(reverse("eligibility:admin_import"), {"folder": folder(rule, cases), "code": "imported"})
    assert page.status_code == 200 and "There is a problem" in words(page)
    said = " ".join(page.context["form"].errors["folder"])
    assert "Error" not in said and "object" not in said and "^" not in said
    page = post(client, url("files"), programme=rule, cases=cases)
    assert page.status_code == 200 and page.context["form"].errors
    assert page.context["form"]["programme"].value() == rule and page.context["form"]["cases"].value() == cases
    assert not ProgrammeVersion.objects.filter(programme__code="imported").exists()


def test_an_error_of_a_folder_names_condition_line_mend_and_formula(client, draft):
    files = to_files(read_definition(HEATING))
    rule, cases = BROKEN[0][1](files["programme.toml"], files["cases.toml"])
    page = client.post(reverse("eligibility:admin_import"), {"folder": folder(rule, cases), "code": "imported"})
    (said,) = page.context["form"].errors["folder"]
    assert re.match(r"Condition “[a-z ]+”: Line 1, character \d+: There is no household fact called “savngs”. Did you mean", said)
    assert "The formula: " in said and "household.savngs" in said


def test_a_mistake_is_told_in_the_readers_language(client, draft, monkeypatch):
    monkeypatch.setattr(rule_words, "_", lambda sentence: f"⟨{sentence}⟩")
    page = words(condition(client, "household.savings < 3"))
    assert "⟨This is ⟨a number⟩; it cannot be compared with ⟨a sum of money⟩.⟩" in page


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("criteria.savings.when", "Condition “savings”"),
        ("criteria.savings.says_not", "Condition “savings”, the sentence when it is not met"),
        ("variants.newham.limits.the_cap", "Local variant “newham”, Limit “the cap”"),
        ("variants.newham.amount.is", "Local variant “newham”, Amount"),
        ("case rich_aunt", "Worked example “rich aunt”"),
        ("case rich_aunt.household", "Worked example “rich aunt”"),
        ("translations: criteria.a.says", "Translations"),
        ("contacts.channels", "Contacts"),
        ("windows.0", "When claims are taken"),
        ("warm_meals: worked_out.kids", "warm meals: Worked-out fact “kids”"),
        ("cases.toml: given.applicant", "cases.toml: given.applicant"),
        ("programme.area", "programme.area"),
        ("", ""),
    ],
)
def test_places_are_said_in_words(where, said):
    assert rule_words.place_said(where) == said
