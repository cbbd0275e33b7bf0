"""A programme from nothing, in forms alone: limits and tables, worked-out facts, amount, proof, what people read, examples; shared limits."""

import re

import pytest
from django.urls import reverse

from eligibility.definition import Definition
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import in_force
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.eligibility import HEATING, load, read_definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(client, writer):
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_new"), {"code": "meals", "name": "Warm meals", "area": "income"})
    return now()


def now():
    return ProgrammeVersion.objects.get(programme__code="meals", number=1)


def url(name, *more):
    return reverse(f"eligibility:admin_{name}", args=["meals", 1, *more])


def post(client, page_address, **values):
    return client.post(page_address, {"lock_version": now().lock_version, **values})


TABLE = {
    "label": "Income limit",
    "unit_of": "GBP/month",
    "column_0": "Household size",
    "key_0": "number",
    "starts_on": "2026-01-01",
    "law": "para 2",
}


def test_a_table_by_household_size_is_written_line_by_line(client, draft):
    page = post(
        client, url("limit_new"), do="more", label="Income limit", unit_of="GBP/month", column_0="Household size", key_0="number"
    )
    assert (
        page.status_code == 200
        and 'name="cell_2_0"' in page.content.decode()
        and "There is a problem" not in page.content.decode()
    )
    assert 'value="Income limit"' in page.content.decode()
    lines = {
        "cell_0_0": "1",
        "value_0": "£1,200",
        "cell_1_0": "2, 3",
        "value_1": "1600.50",
        "cell_2_0": "from 4",
        "value_2": "2000",
    }
    assert post(client, url("limit_new"), do="save", **TABLE, **lines).status_code == 302
    stored = now().definition["limits"]["income_limit"]
    assert stored["by"] == [["household_size", "number"]]
    assert stored["rows"][0]["table"] == [
        {"household_size": "1", "value": "1200"},
        {"household_size": ["2", "3"], "value": "1600.5"},
        {"household_size": {"from": "4"}, "value": "2000"},
    ]
    page = post(client, url("limit_new"), do="save", **TABLE, cell_0_0="1").content.decode()
    assert "Line 1 has no value" in page and "Write at least one line with a value" in page


def test_a_new_row_of_a_table_keeps_its_lines_and_can_have_more(client, draft):
    post(client, url("limit_new"), do="save", **TABLE, cell_0_0="1", value_0="1000")
    page = client.get(url("limit", "income_limit"))
    assert page.context["form"]["cell_0_0"].value() == "1" and "Now £1,000 a month" in page.content.decode()
    sent = {"starts_on": "2027-01-01", "law": "para 2", "value_0": "1100", "cell_1_0": "from 2", "value_1": "1500"}
    assert post(client, url("limit", "income_limit"), **sent).status_code == 302
    rows = now().definition["limits"]["income_limit"]["rows"]
    assert [len(row["table"]) for row in rows] == [1, 2]
    assert post(client, url("limit_remove", "income_limit"), do="limit").status_code == 302
    assert "income_limit" not in now().definition["limits"]


def test_what_another_part_needs_is_not_taken_out_and_it_says_which(client, draft):
    page = client.post(url("limit_remove", "age_limit"), {"lock_version": now().lock_version, "do": "limit"}, follow=True)
    said = [str(message) for message in page.context["messages"]]
    assert said == ["Condition “age”: There is no limit called “age_limit”."] and "age_limit" in now().definition["limits"]


def test_worked_out_facts_are_made_from_choices(client, draft):
    page = post(
        client,
        url("worked_out_new"),
        do="make",
        **{"begin-how": "sum", "begin-fact": "earnings", "begin-people": "family adult", "begin-per": "week"},
    )
    formula = "sum(per_week(p.earnings) for p in family if p.role != 'child')"
    assert page.context["form"]["formula"].value() == formula
    assert post(client, url("worked_out_new"), label="Pay of the family", formula=formula).status_code == 302
    assert set(now().definition["worked_out"]) == {"pay_of_the_family"}
    page = post(client, url("worked_out_new"), do="make", **{"begin-how": "sum", "begin-fact": "disabled"}).content.decode()
    assert "Select a fact that is money or a number" in page
    page = post(client, url("worked_out", "pay_of_the_family"), label="Pay", formula="pay_of_the_family + 1").content.decode()
    assert "Worked-out facts go round in a circle" in page
    assert post(client, url("worked_out", "pay_of_the_family"), do="remove").status_code == 302


def test_an_amount_comes_from_a_limit_and_an_error_is_shown_where_it_is(client, draft):
    rate = {"label": "Rate", "unit_of": "GBP/week", "starts_on": "2026-01-01", "value_0": "20", "law": "para 3"}
    post(client, url("limit_new"), **rate)
    page = post(client, url("amount"), do="make", **{"begin-what": "limits.rate"})
    assert (page.context["form"]["formula"].value(), page.context["form"]["per"].value()) == ("limits.rate", "week")
    wrong = post(client, url("amount"), formula="limits.rate + savings", per="week").content.decode()
    assert "<mark>savings</mark>" in wrong and "Line 1, character 15" in wrong
    assert (
        "money per week, but “per” says month" in post(client, url("amount"), formula="limits.rate", per="month").content.decode()
    )
    assert (
        post(
            client, url("amount"), formula="limits.rate", per="week", how="down", to="0.05", says="You could get {amount}"
        ).status_code
        == 302
    )
    assert now().definition["amount"]["round"] == {"how": "down", "to": "0.05"}


def test_proof_keeps_its_keys_so_that_translations_stay(client, draft):
    made = {"label": "Proof of age", "any_of": "Passport\nBirth certificate"}
    assert post(client, url("evidence_new"), **made).status_code == 302
    before = now().definition["evidence"][0]["any_of"]
    sent = {"label": "Proof of age", "any_of": "Birth certificate\nPassport\nDriving licence", "when": "applicant.age < 70"}
    assert post(client, url("evidence", "proof_of_age"), **sent).status_code == 302
    after = now().definition["evidence"][0]["any_of"]
    assert {key: after[key] for key in before} == before and len(after) == 3
    assert post(client, url("evidence", "proof_of_age"), do="remove", **sent).status_code == 302


def test_what_people_read_is_written_without_knowing_the_file(client, draft):
    sent = {
        "name": "Warm meals", "summary": "A meal.", "purpose": "To see it.", "next_steps": "We call.", "area": "housing", "life_events": ["growing_older"],
        "working_days": "15", "standard": "15 days", "phone": "0800", "email": "a@example.org", "url": "https://example.org", "address": "1 Road",
        "channels": ["online", "post"], "laws": "Act 2020 https://example.org/act\nScheme 2021", "leaves_out": "Hospitals.\nPrisons.",
    }  # fmt: skip
    assert post(client, url("about"), **sent).status_code == 302
    definition = Definition.from_dict(now().definition)
    assert definition.law == ({"title": "Act 2020", "url": "https://example.org/act"}, {"title": "Scheme 2021"})
    assert definition.service_standard == {"working_days": 15, "says": "15 days"} and definition.contacts["channels"] == [
        "online",
        "post",
    ]
    assert list(definition.leaves_out.values()) == ["Hospitals.", "Prisons."] and definition.area == "housing"
    before = now().definition
    page = client.get(url("about"))
    again = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    assert client.post(url("about"), {name: value for name, value in again.items() if value is not None}).status_code == 302
    assert now().definition == before


def test_examples_are_written_person_by_person(client, draft):
    page = post(client, url("example_new"), do="child", says="Kept", children="0", others="0")
    assert 'value="Kept"' in page.content.decode() and page.context["form"].counts == {"children": 1, "others": 0}
    sent = {"says": "Eighteen today", "on": "2026-11-21", "applicant-born_on": "18", "outcome": "not_likely"}
    tried = post(client, url("example_new"), do="try", **sent)
    assert tried.context["answer"].outcome == "likely" and "Nothing is saved by this" in tried.content.decode()
    assert post(client, url("example_new"), **sent).status_code == 302
    page = client.get(url("version")).content.decode()
    assert re.search(r"Result: expected does not fit, found you may get it", page)
    assert post(client, url("example", "eighteen_today"), **{**sent, "outcome": "likely"}).status_code == 302
    case = now().definition["cases"]["case"][-1]
    assert case == {
        "id": "eighteen_today",
        "says": "Eighteen today",
        "on": "2026-11-21",
        "applicant": {"age": 18},
        "expect": {"outcome": "likely"},
    }
    wrong = post(client, url("example_new"), **{**sent, "applicant-born_on": "soon"}).content.decode()
    assert "“soon” is not a day. Enter it as year-month-day, like 2026-04-06." in wrong
    assert post(client, url("example", "eighteen_today"), do="remove").status_code == 302


def test_results_in_a_circle_are_refused_when_saved(client, versions, writer):
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]))
    address = reverse("eligibility:admin_criterion_new", args=["heating_help", 2])
    texts = {"says": "A", "says_not": "B", "law": "C", "view": "formula"}
    page = client.post(address, {"lock_version": 0, "when": "programmes.blanket_help.likely", **texts})
    assert "Programmes use each other’s results in a circle: blanket_help → heating_help → blanket_help" in page.content.decode()


# --- shared limits ------------------------------------------------------------------------------------------------------

SHARING = HEATING.replace('life_events = ["growing_older"]', 'shares = ["pension_age"]').replace(
    "applicant.age >= limits.least_age", "applicant.over_pension_age"
)
CASES = """
[[case]]
id = "old"
on = 2026-11-21
applicant = { born_on = 1940-01-01 }
household = { savings = "1.00" }
expect = { outcome = "likely" }
[[case]]
id = "young"
on = 2026-11-21
applicant = { born_on = 2000-01-01 }
household = { savings = "1.00" }
expect = { outcome = "not_likely" }
"""


def test_a_new_value_of_a_shared_limit_is_a_draft_of_each_programme_of_the_agency(client, writer):
    other = SHARING.replace("heat-office", "other-office").replace("heating_help", "other_help")
    load(read_definition(SHARING, CASES), read_definition(other, CASES))
    sign_in(client, writer)
    page = client.get(reverse("eligibility:admin_shared"))
    shown = next(page_ for page_ in page.context["pages"] if page_.name == "pension_age")
    assert {(use.code, use.is_own) for use in shown.uses} == {("heating_help", True), ("other_help", False)}
    limit = next(item for item in shown.limits if item["used_by"])
    address = reverse("eligibility:admin_shared_limit", args=["pension_age", limit["name"]])
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    response = client.post(address, {**sent, "starts_on": "2031-04-06", "law": "Pensions Act 2031"}, follow=True)
    assert "1 draft was made" in response.content.decode() and "Other Office" in response.content.decode()
    drafts = ProgrammeVersion.objects.filter(state="draft")
    assert [draft.programme.code for draft in drafts] == ["heating_help"]
    rows = drafts[0].shared["pension_age"]["limits"][limit["name"]]["rows"]
    assert rows[-1]["from"] == "2031-04-06" and drafts[0].examples["passed"] == 2
    assert all(
        version.shared["pension_age"]["limits"][limit["name"]]["rows"][-1]["from"] < "2031"
        for version in in_force(drafts[0].created_at.date())
    )
    again = client.post(address, {**sent, "starts_on": rows[0]["from"], "law": "x"}).content.decode()
    assert "There is a row for this date" in again
