"""The yearly sheet: out with the values in force, in as drafts, all or nothing."""

import csv
import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from eligibility.actions.uprating import uprate
from eligibility.models import ProgrammeVersion
from eligibility.queries.uprating import UnreadableSheet, read_sheet, sheet_of
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.eligibility import HEATING, actor_of, load, make_admin, make_agency, read_definition

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
BANDED = HEATING.replace(
    "[limits.rate]",
    """[limits.extra]
label = "Extra"
unit = "GBP/year"
by = { region = "choice" }
rows = [{ from = 2020-01-01, law = "s.4", table = [{ region = "london", value = 50 }, { value = 20 }] }]

[limits.rate]""",
)


@pytest.fixture
def writer():
    load(read_definition(BANDED))
    return make_admin(make_agency("heat-office"))


def filled(writer, **values) -> str:
    """The sheet with new values: limit name (with _2 for the second line of a table) -> (value, from, law)."""
    rows = list(csv.DictReader(io.StringIO(sheet_of(writer.agency_id, NOW.date()))))
    for row in rows:
        key = row["limit"] if row["line"] == "1" else f"{row['limit']}_{row['line']}"
        if key in values:
            row["new_value"], row["new_from"], row["law"] = values[key]
    out = io.StringIO()
    sheet = csv.DictWriter(out, rows[0])
    sheet.writeheader()
    sheet.writerows(rows)
    return out.getvalue()


def test_the_sheet_holds_every_value_in_force(writer):
    rows = list(csv.DictReader(io.StringIO(sheet_of(writer.agency_id, NOW.date()))))
    assert {(row["limit"], row["line"], row["value_now"]) for row in rows} == {
        ("least_age", "1", "60"),
        ("savings_limit", "1", "10000"),
        ("rate", "1", "240"),
        ("extra", "1", "50"),
        ("extra", "2", "20"),
    }
    assert sheet_of(make_agency("other-office").pk, NOW.date()).count("\n") == 1


def test_a_filled_in_sheet_becomes_a_draft(writer):
    text = filled(writer, rate=("£1,260.50", "2027-04-06", "SI 2027/1"), extra_2=("25", "2027-04-06", "SI 2027/2"))
    by = actor_of(writer)
    with acting_as(by):
        (draft,) = uprate(by=by, values=read_sheet(text), note="Uprating 2027", at=NOW, today=NOW.date())
    limits = draft.definition["limits"]
    assert limits["rate"]["rows"][-1] == {"from": "2027-04-06", "law": "SI 2027/1", "value": "1260.5"}
    assert limits["extra"]["rows"][-1]["table"] == [{"region": "london", "value": "50"}, {"value": "25"}]
    assert len(limits["savings_limit"]["rows"]) == 1
    assert (draft.state, draft.note, draft.examples["failed"]) == ("draft", "Uprating 2027", [])


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"rate": ("250", "April 2027", "SI")}, "new_from must be a date like 2027-04-06"),
        ({"rate": ("250", "2027-04-06", " ")}, "law must name the law"),
        ({"rate": ("lots", "2027-04-06", "SI")}, "lots is not a value with the unit GBP/year"),
        ({"rate": ("250", "2020-01-01", "SI")}, "There is a row for this date"),
        ({}, "No line has a new value"),
    ],
)
def test_a_problem_is_named_and_nothing_is_changed(writer, values, problem):
    by = actor_of(writer)
    with acting_as(by), pytest.raises(UnreadableSheet, match=problem):
        uprate(by=by, values=read_sheet(filled(writer, **values)), note="x", at=NOW, today=NOW.date())
    assert ProgrammeVersion.objects.count() == 1


def test_another_agency_cannot_uprate(writer):
    stranger = actor_of(make_admin(make_agency("other-office")))
    values = read_sheet(filled(writer, rate=("250", "2027-04-06", "SI")))
    with acting_as(stranger), pytest.raises(Refused):
        uprate(by=stranger, values=values, note="x", at=NOW, today=NOW.date())


def test_the_pages(client, writer):
    sign_in(client, writer)
    assert client.get(reverse("eligibility:admin_uprating")).status_code == 200
    response = client.get(reverse("eligibility:admin_uprating_sheet"))
    assert response["Content-Type"].startswith("text/csv")
    url = reverse("eligibility:admin_uprating")
    text = filled(writer, rate=("250", (timezone.localdate() + dt.timedelta(days=90)).isoformat(), "SI 2027/1"))
    sent = client.post(url, {"note": "Uprating", "sheet": SimpleUploadedFile("limits.csv", text.encode())})
    assert sent.status_code == 302, sent.context["form"].errors
    assert ProgrammeVersion.objects.filter(state="draft", note="Uprating").count() == 1
    wrong = client.post(url, {"note": "Uprating", "sheet": SimpleUploadedFile("limits.csv", b"a,b\n1,2\n")})
    assert "The sheet has no column" in wrong.content.decode()
