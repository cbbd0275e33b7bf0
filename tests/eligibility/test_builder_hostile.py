"""Whatever is sent to the editor's pages, the answer is a page with an error, a redirect or a plain refusal: never a crash, never a loss."""

import random

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eligibility.models import ProgrammeVersion
from tests.eligibility.test_programme_admin import sign_in

pytestmark = pytest.mark.django_db
DEEP = "(" * 1000 + "1" + ")" * 1000
NASTY = [
    "", " ", "\x00", "\x00\x01\x1f\x7f", "\ud7ff\uffff", "‮abc", "é" * 300, "9" * 400, "-1", "1e400", "1e-400", "NaN", "Infinity", "٣", "²", "0x10",
    DEEP, "not " * 1000 + "x", "a" * 5000, "[" * 1000, "limits." * 200, "any(" * 300, "{" * 50, "{limits.nothing}", "{}", "{0.__class__}", "}{",
    "__import__('os').system('x')", "lambda: 1", "household.savings <= 1 #", "1 if 1 else", "applicant.age >= 10 ** 10 ** 10", "'" * 3, '"""', "\\",
    "2026-02-30", "0000-00-00", "99999-01-01", "9999-12-31", "0001-01-01", "from ", "from x", "from 1, 2", "1,2,3", ",", ";", "£", "£-5", "yes", "none",
    "../../etc/passwd", "<script>alert(1)</script>", "' OR 1=1 --", "household.savings", "person.age", "worked_out.", "limit.", "programme.x", "partner",
    "any family", "count", "money month", "fact on", "fact (((", "limit savings_limit", "new", "root", "0-0-0-0", "100", "0-", "row root", "out 7", "wrap 0",
    "all", "any", "none", "save", "show", "formula", "rows", "make", "more", "try", "child", "remove", "limit", "row", "group",
]  # fmt: skip
PAGES = [
    ("admin_criterion_new", ()), ("admin_criterion", ("savings",)), ("admin_limit_new", ()), ("admin_limit", ("savings_limit",)),
    ("admin_limit_remove", ("savings_limit",)), ("admin_worked_out_new", ()), ("admin_amount", ()), ("admin_texts", ()), ("admin_about", ()),
    ("admin_evidence_new", ()), ("admin_evidence", ("savings",)), ("admin_example_new", ()), ("admin_example", ("sixty",)), ("admin_floor", ()),
    ("admin_variant_new", ()), ("admin_variant_details", ("newham",)), ("admin_variant_change", ("newham",)), ("admin_files", ()),
    ("admin_criterion_new_local", ("newham",)), ("admin_criterion_local", ("newham", "savings")), ("admin_limit_new_local", ("newham",)),
    ("admin_limit_local", ("newham", "savings_limit")), ("admin_limit_remove_local", ("newham", "savings_limit")),
    ("admin_worked_out_new_local", ("newham",)), ("admin_amount_local", ("newham",)), ("admin_texts_local", ("newham",)),
]  # fmt: skip
FIELDS = [
    "do", "view", "when", "says", "says_not", "says_unknown", "law", "group", "id", "row_at", "group_at", "group-root-kind", "group-0-kind", "add-root-fact",
    *(f"row-0-{name}" for name in ("fact", "whose", "per", "test", "against", "value", "codes", "key_0", "many", "many_test")),
    "label", "unit_of", "column_0", "key_0", "column_1", "key_1", "starts_on", "note", *(f"value_{n}" for n in range(3)), *(f"cell_{n}_0" for n in range(3)),
    "formula", "whose", "per", "how", "to", "begin-how", "begin-fact", "begin-people", "begin-per", "begin-what", "any_of", "name", "summary", "purpose",
    "next_steps", "area", "life_events", "working_days", "standard", "phone", "email", "url", "address", "channels", "laws", "leaves_out", "on", "outcome",
    "amount", "children", "others", "has_partner", "household-savings", "applicant-born_on", "partner-born_on", "child1-born_on", "councils",
    "result", "criteria", "limits", "programme", "cases", "day", "text_0", "text_1", "lock_version", "remove",
]  # fmt: skip


@pytest.fixture
def writing(versions, writer):
    client = Client()
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]))
    details = reverse("eligibility:admin_variant_new", args=["heating_help", 2])
    client.post(details, {"lock_version": 0, "name": "Newham", "others": "Newham", "law": "x"})
    return client


def held():
    return ProgrammeVersion.objects.get(programme__code="heating_help", number=2)


def send(client, page, keys, values):
    address = reverse(f"eligibility:{page}", args=["heating_help", 2, *keys])
    before = held()
    response = client.post(address, {"lock_version": before.lock_version, **values})
    assert response.status_code in (200, 302, 400, 404), (page, values)
    after = held()
    if response.status_code in (200, 400):
        assert (after.definition, after.lock_version) == (before.definition, before.lock_version), (page, values)
    if response.status_code == 302 and after.lock_version != before.lock_version:
        assert client.get(reverse("eligibility:admin_version", args=["heating_help", 2])).status_code == 200, (page, values)
        ProgrammeVersion.objects.filter(pk=after.pk).update(
            definition=before.definition,
            lock_version=before.lock_version,
            examples=before.examples,
            sha256=before.sha256,
            shared=before.shared,
        )
    return response


@pytest.mark.parametrize(("page", "keys"), PAGES)
def test_random_bodies_never_crash_a_page(writing, page, keys):
    draw = random.Random(f"{page} {keys}")
    for _round in range(8):
        names = draw.sample(FIELDS, draw.randint(3, 25))
        values = {name: [draw.choice(NASTY) for _many in range(draw.choice([1, 1, 1, 3]))] for name in names}
        if draw.random() < 0.8:
            values.pop("lock_version", None)
        send(writing, page, keys, values)


WHOLE = {
    "admin_criterion_new": {"view": "formula", "when": "applicant.age > 1", "says": "A", "says_not": "B", "law": "C"},
    "admin_limit_new": {"label": "Cap", "unit_of": "GBP", "starts_on": "2026-01-01", "value_0": "5", "law": "x"},
    "admin_worked_out_new": {"label": "Two", "formula": "1 + 1"},
    "admin_amount": {"formula": "limits.rate", "per": "year", "how": "", "to": "0.01"},
    "admin_evidence_new": {"label": "Paper", "any_of": "Passport", "when": "applicant.age < 70"},
    "admin_about": {
        "name": "N", "summary": "S", "purpose": "P", "area": "income", "laws": "Act 2020", "working_days": "5", "url": "https://example.org",
    },
    "admin_example_new": {
        "says": "A", "on": "2026-11-21", "outcome": "likely", "household-savings": "5", "applicant-born_on": "70", "has_partner": "on",
        "partner-born_on": "1950-01-01", "children": "1", "child1-born_on": "4",
    },
    "admin_variant_new": {"name": "Merton", "others": "Merton", "law": "x"},
    "admin_floor": {"result": "on", "criteria": ["age"], "limits": ["rate"]},
}  # fmt: skip


@pytest.mark.parametrize("page", WHOLE)
def test_one_wrong_field_in_a_whole_form_never_crashes_it(writing, page):
    assert send(writing, page, (), WHOLE[page]).status_code == 302
    draw = random.Random(page)
    for name in WHOLE[page]:
        for value in [DEEP, "\x00", *draw.sample(NASTY, 5)]:
            send(writing, page, (), {**WHOLE[page], name: value})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.dictionaries(
        st.sampled_from(["0", "1", "0-0", "2-0-0", "7", "99", "root", "x"]),
        st.fixed_dictionaries(
            {
                name: st.sampled_from(NASTY) | st.text(max_size=20)
                for name in ("fact", "whose", "per", "test", "against", "value", "key_0")
            }
        ),
        max_size=4,
    ),
    groups=st.lists(st.sampled_from(["root", "0", "1", "2", "2-0", "0-0-0", "y"]), max_size=4),
    do=st.sampled_from(
        [
            "save",
            "show",
            "formula",
            "rows",
            "row root",
            "group root",
            "wrap 0",
            "out 0",
            "out root",
            "wrap root",
            "row 5",
            "x y z",
        ]
    ),
)
@example(
    rows={"1": {"fact": "", "whose": "0", "per": "", "test": "", "against": "", "value": "", "key_0": ""}},
    groups=["root"],
    do="save",
)
def test_random_rows_never_crash_the_builder(writing, rows, groups, do):
    values = {
        "group-root-kind": groups[0] if groups else "\x00",
        "view": "rows",
        "do": do,
        "row_at": list(rows),
        "group_at": groups,
        "says": "A",
        "says_not": "B",
        "law": "C",
    }
    for key, row in rows.items():
        values |= {f"row-{key}-{name}": value for name, value in row.items()}
    send(writing, "admin_criterion", ("savings",), values)
