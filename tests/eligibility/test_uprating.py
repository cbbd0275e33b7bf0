"""The yearly uprating: every limit of an agency in one sheet or on one page, in as drafts, all or nothing."""

import csv
import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from eligibility.actions.uprating import uprate
from eligibility.models import ProgrammeVersion
from eligibility.queries.uprating import UnreadableSheet, checked, entries_of, filled_from, sheet_of
from eligibility.registry import load_all
from eligibility.uprating_sheet import read
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.eligibility import (
    BLANKET,
    BLANKET_CASES,
    HEATING,
    HEATING_CASES,
    actor_of,
    load,
    make_admin,
    make_agency,
    read_definition,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
FULL = HEATING.replace(
    "[limits.rate]",
    """[limits.extra]
label = "Extra"
unit = "GBP/year"
by = { income = "GBP/year" }
rows = [{ from = 2020-01-01, law = "s.4", table = [{ income = { from = 0 }, value = 50 }, { income = { from = 9000 }, value = 20.5 }] }]

[limits.rate]""",
)
VARIANT = """
[[variants]]
id = "newham"
name = "Newham"
local_authorities = ["newham"]
law = "Newham scheme"
[variants.limits.savings_limit]
label = "=Savings limit, HERE"
unit = "GBP"
rows = [{ from = 2021-01-01, value = 12000, law = "scheme" }]
"""
WITH_SHARED = ('area = "{}"', 'area = "{}"\nshares = ["pension_age"]')


def sharing(text: str, area: str) -> str:
    return text.replace(WITH_SHARED[0].format(area), WITH_SHARED[1].format(area))


@pytest.fixture
def writer():
    heating = sharing(FULL, "income").replace("[translations.cy]", f"{VARIANT}\n[translations.cy]")
    cases = HEATING_CASES.replace('{ savings = "100.00" }', '{ savings = "100.00", local_authority = "hackney" }')
    load(read_definition(heating, cases), read_definition(sharing(BLANKET, "health_care"), BLANKET_CASES))
    return make_admin(make_agency("heat-office"))


def rows_of(writer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sheet_of(entries_of(writer.agency_id, TODAY)))))


def key_of(row) -> str:
    place = f"{row['Variant code']}_" if row["Variant code"] else ""
    return f"{place}{row['Limit code']}" + ("" if row["Line"] == "1" else f"_{row['Line']}")


def filled(writer, separator=",", **values) -> bytes:
    """The sheet with new values: limit (newham_ before it, _2 after it for the second line) -> (value, from, law[, band])."""
    rows = rows_of(writer)
    for row in rows:
        if key_of(row) in values:
            row["New value"], row["New from"], row["New law"], *band = values[key_of(row)]
            row["New band from"] = band[0] if band else ""
    out = io.StringIO()
    sheet = csv.DictWriter(out, rows[0], delimiter=separator)
    sheet.writeheader()
    sheet.writerows(rows)
    return out.getvalue().encode()


def made(writer, file: bytes, **common):
    """The drafts a sheet makes. Raises UnreadableSheet with every problem."""
    by = actor_of(writer)
    with acting_as(by):
        entries = entries_of(writer.agency_id, TODAY)
        texts, problems = filled_from(read(file), entries)
        result = checked(entries, texts, **common)
        if problems or result.problems:
            raise UnreadableSheet([*problems, *result.problems])
        return uprate(by=by, values=result.values, note="Uprating 2027", at=NOW, today=TODAY)


def test_the_sheet_holds_every_value_once_with_its_words(writer):
    rows = {key_of(row): row for row in rows_of(writer) if not row["Programme code"].startswith("shared-")}
    assert {key: row["Value now"] for key, row in rows.items()} == {
        "least_age": "60",
        "savings_limit": "10000",
        "rate": "240",
        "extra": "50",
        "extra_2": "20.50",
        "newham_savings_limit": "12000",
    }
    assert rows["extra_2"]["Applies to"] == "from £9,000 a year" and rows["extra_2"]["Band from now"] == "9000"
    assert rows["savings_limit"]["Law now"] == "Heating Act s.2" and rows["savings_limit"]["In force from"] == "2020-01-01"
    assert rows["newham_savings_limit"]["Local variant"] == "Newham"
    assert rows["newham_savings_limit"]["Limit"] == "'=Savings limit, HERE"  # no spreadsheet works it out
    shared = [row for row in rows_of(writer) if row["Programme code"] == "shared-pension_age"]
    assert len({key_of(row) for row in shared}) == len(shared) > 2
    assert {row["Programme"] for row in shared} == {"Blanket help, Heating help"}
    assert entries_of(make_agency("other-office").pk, TODAY) == []


def test_every_limit_of_every_programme_that_ships_is_in_the_sheet_of_its_agency():
    load(*load_all().values())
    for slug in {definition.agency for definition in load_all().values()}:
        entries = entries_of(make_agency(slug).pk, TODAY)
        there = {(entry.owner, entry.variant, entry.limit, entry.line) for entry in entries}
        assert len(there) == len(entries)
        for definition in load_all().values():
            if definition.agency != slug:
                continue
            for place in (definition, *definition.variants):
                for limit in place.limits.values():
                    row = limit.row_on(TODAY) or limit.rows[0]
                    for line in range(1, len(row.get("table", [row])) + 1):
                        variant = "" if place is definition else place.id
                        assert (definition.code, variant, limit.name, line) in there
        lines = read(sheet_of(entries).encode())
        assert [line["Value now"] for line in lines] == [entry.shown for entry in entries]
        every = {entry.key: entry.shown for entry in entries if entry.since}
        texts = {key: filled_from(lines, entries)[0].get(key) for key in every}
        assert set(texts.values()) <= {None}  # an untouched sheet changes nothing


def test_a_filled_in_sheet_becomes_a_draft_for_each_programme(writer):
    drafts = made(
        writer,
        filled(
            writer,
            rate=("£1,260.50", "06/04/2027", "SI 2027/1"),
            extra_2=("25", "2027-04-06", "SI 2027/2", "9,500"),
            newham_savings_limit=("13000", "1 April 2027", "scheme 2027"),
        ),
    )
    (draft,) = drafts
    limits = draft.definition["limits"]
    assert limits["rate"]["rows"][-1] == {"from": "2027-04-06", "law": "SI 2027/1", "value": "1260.5"}
    assert limits["extra"]["rows"][-1]["table"] == [
        {"income": {"from": "0"}, "value": "50"},
        {"income": {"from": "9500"}, "value": "25"},
    ]
    assert draft.definition["variants"][0]["limits"]["savings_limit"]["rows"][-1]["value"] == "13000"
    assert len(limits["savings_limit"]["rows"]) == 1
    assert (draft.state, draft.note, draft.examples["failed"]) == ("draft", "Uprating 2027", [])


def test_a_shared_limit_reaches_every_programme_that_uses_it(writer):
    stranger = BLANKET.replace("heat-office", "other-office").replace("blanket_help", "coat_help")
    load(read_definition(sharing(stranger, "health_care"), BLANKET_CASES))
    row = next(row for row in rows_of(writer) if row["Programme code"] == "shared-pension_age" and row["Unit"] == "date")
    drafts = made(writer, filled(writer, **{key_of(row): ("06/05/1966", "2027-04-06", "Pensions Act")}))
    assert [draft.programme.code for draft in drafts] == ["blanket_help", "heating_help"]
    for draft in drafts:
        new = draft.shared["pension_age"]["limits"][row["Limit code"]]["rows"][-1]
        assert new["from"] == "2027-04-06" and "1966-05-06" in repr(new)


def test_the_next_draft_begins_from_a_version_that_is_still_to_come(writer):
    (draft,) = made(writer, filled(writer, rate=("250", "2027-04-06", "SI 2027/1")))
    ProgrammeVersion.objects.filter(programme=draft.programme, number=1).update(state="closed", effective_to="2027-03-31")
    ProgrammeVersion.objects.filter(pk=draft.pk).update(
        state="published", effective_from="2027-04-01", published_at=NOW, approver=make_admin(writer.agency).user
    )
    row = next(row for row in rows_of(writer) if key_of(row) == "rate")
    assert (row["Value now"], row["Already set for later"]) == ("240", "2027-04-06: 250")
    (later,) = made(writer, filled(writer, rate=("260", "2028-04-06", "SI 2028/1")))
    assert [line["value"] for line in later.definition["limits"]["rate"]["rows"]] == ["240", "250", "260"]
    with pytest.raises(UnreadableSheet, match="is published already"):
        made(writer, filled(writer, rate=("255", "2027-04-06", "SI 2027/9")))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_what_a_spreadsheet_makes_of_the_sheet_reads_the_same(writer, separator, encoding):
    """Other separators, line ends, encodings, order of columns; empty lines at the end; the mark before a formula taken away."""
    text = filled(writer, separator, rate=("£ 1,260.50", "06/04/2027", "SI – “quoted”")).decode()
    rows = [row[::-1] for row in csv.reader(io.StringIO(text), delimiter=separator)]
    rows = [[cell.removeprefix("'") for cell in row] for row in rows]
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows([*rows, [""] * 18, []])
    (draft,) = made(writer, out.getvalue().encode(encoding))
    assert draft.definition["limits"]["rate"]["rows"][-1] == {"from": "2027-04-06", "law": "SI – “quoted”", "value": "1260.5"}


def test_all_problems_are_listed_at_once_with_line_and_column_and_nothing_is_changed(writer):
    file = filled(
        writer,
        least_age=("sixty", "2027-04-06", "SI"),
        savings_limit=("16000", "31/02/2027", ""),
        rate=("5%", "2020-01-01", "SI"),
        extra=("60", "", "SI"),
        extra_2=("60", "2027-04-06", "x" * 301),
    )
    with pytest.raises(UnreadableSheet) as refused:
        made(writer, file)
    assert [problem.words for problem in refused.value.problems] == [
        "Line 2, column “New value”: “sixty” is not a number.",
        "Line 3, column “New from”: The first day is missing. Write it like 06/04/2027.",
        "Line 4, column “New law”: The law is longer than 300 characters.",
        "Line 5, column “New from”: “31/02/2027” is not a day. Write it like 06/04/2027 or 2027-04-06.",
        "Line 5, column “New law”: The law that sets the new value is missing.",
        "Line 6, column “New value”: “5%” is a percentage. Write the new value itself.",
        "Line 6, column “New from”: The value now holds from 1 Jan 2020. The new one must begin later.",
    ]
    assert ProgrammeVersion.objects.count() == 2


def test_lines_that_fit_nothing_an_older_sheet_and_doubled_lines_are_named(writer):
    text = filled(writer, rate=("250", "2027-04-06", "SI")).decode()
    line = next(line for line in text.splitlines() if ",250," in line)
    doubled = f"{text}{line}\r\n{line.replace(',rate,', ',rates,')}\r\n"
    with pytest.raises(UnreadableSheet) as refused:
        made(writer, doubled.encode())
    said = [problem.words for problem in refused.value.problems]
    assert len(said) == 2 and "Line 6 has a new value for the same limit" in said[0]
    assert "Your agency has no such limit now" in said[1]
    with pytest.raises(UnreadableSheet, match="The value now is 240"):
        made(writer, text.replace(",240,", ",230,").encode())
    with pytest.raises(UnreadableSheet, match="There is no new value"):
        made(writer, filled(writer))


def test_a_rule_that_does_not_work_with_a_value_changes_nothing(writer):
    with pytest.raises(UnreadableSheet, match="Two lines of the table would hold for the same"):
        made(
            writer,
            filled(writer, rate=("250", "2027-04-06", "SI"), extra_2=("25", "2027-04-06", "SI", "0")),
        )
    assert ProgrammeVersion.objects.count() == 2


def test_another_agency_cannot_uprate(writer):
    stranger = actor_of(make_admin(make_agency("other-office")))
    entries = entries_of(writer.agency_id, TODAY)
    texts, _problems = filled_from(read(filled(writer, rate=("250", "2027-04-06", "SI"))), entries)
    with acting_as(stranger), pytest.raises(Refused):
        uprate(by=stranger, values=checked(entries, texts).values, note="x", at=NOW, today=TODAY)


# --- pages -----------------------------------------------------------------------------------------------------------


def day() -> str:
    return (timezone.localdate() + dt.timedelta(days=90)).isoformat()


def upload(file: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("limits.csv", file)


def test_the_sheet_goes_out_and_comes_back_in_the_browser(client, writer):
    sign_in(client, writer)
    url = reverse("eligibility:admin_uprating")
    assert client.get(url).status_code == 200
    response = client.get(reverse("eligibility:admin_uprating_sheet"))
    assert response["Content-Type"].startswith("text/csv") and response.content.startswith(b"\xef\xbb\xbf")
    file = filled(writer, rate=("250", "", ""))
    sent = client.post(url, {"note": "Uprating", "starts_on": day(), "law": "SI 2027/1", "sheet": upload(file)}, follow=True)
    shown = sent.content.decode()
    assert ProgrammeVersion.objects.filter(state="draft", note="Uprating").count() == 1
    assert "1 draft was made." in shown and "£250" in shown and "+4.2%" in shown
    assert "All 3 worked examples come out as expected." in shown
    done = client.post(sent.redirect_chain[-1][0], follow=True).content.decode()
    assert "1 draft waits for a second person now." in done
    assert ProgrammeVersion.objects.get(note="Uprating").state == "checked"


def test_a_draft_whose_examples_fail_says_which_and_is_not_sent(client, writer):
    sign_in(client, writer)
    days = {"least_age": ("61", "2025-01-01", "SI"), "rate": ("250", day(), "SI")}
    sent = client.post(reverse("eligibility:admin_uprating"), {"note": "n", "sheet": upload(filled(writer, **days))}, follow=True)
    shown = sent.content.decode()
    assert "worked example" in shown and "<li>sixty</li>" in shown and "to a second person</button>" not in shown


@pytest.mark.parametrize("file", [b"", b"a,b\n1,2\n", b"PK\x03\x04\x00", b"\x00\x01\x02", b'"' * 200_000, b"x" * 1_000_001])
def test_a_file_that_is_no_sheet_is_told_so(client, writer, file):
    sign_in(client, writer)
    sent = client.post(reverse("eligibility:admin_uprating"), {"note": "n", "sheet": upload(file)})
    assert sent.status_code == 200 and "There is a problem" in sent.content.decode()


def test_a_sheet_with_problems_is_not_lost_but_mended_on_the_page(client, writer):
    sign_in(client, writer)
    file = filled(writer, rate=("25o", "", "SI 2027/1"), extra=("61", day(), "SI"))
    sent = client.post(reverse("eligibility:admin_uprating"), {"sheet": upload(file), "starts_on": day()})
    page = sent.content.decode()
    assert "Line 6, column “New value”: “25o” is not an amount." in page and "Enter what it is for" in page
    assert 'href="#value.heating_help..rate.1"' in page
    data = typed(sent.context)
    assert data["value.heating_help..extra.1"] == "61" and data["law.heating_help..rate.1"] == "SI 2027/1"
    data |= {"value.heating_help..rate.1": "250", "note": "Mended", "do": "save"}
    assert client.post(reverse("eligibility:admin_uprating_values"), data).status_code == 302
    limits = ProgrammeVersion.objects.get(note="Mended").definition["limits"]
    assert [limits[name]["rows"][-1].get("value", "") for name in ("rate", "extra")] == ["250", ""]
    assert limits["extra"]["rows"][-1]["table"][0]["value"] == "61"


def typed(context) -> dict[str, str]:
    """What a browser would send for the page as it is drawn."""
    cells = [cell for group in context["groups"] for line in group["lines"] for cell in line["cells"].values()]
    return {"seen": context["seen"], "starts_on": day()} | {cell["id"]: cell["text"] for cell in cells}


def test_the_page_proposes_raised_sums_and_keeps_nothing_before_it_is_told(client, writer):
    sign_in(client, writer)
    url = reverse("eligibility:admin_uprating_values")
    data = typed(client.get(url).context) | {"value.heating_help..extra.1": "51"}
    ask = {"do": "propose", "percent": "3.8", "step": "0.05", "kind": "all"}
    answer = client.post(url, data | ask)
    proposal = typed(answer.context)
    values = {name.split(".", 2)[2]: text for name, text in proposal.items() if name.startswith("value.heating") and text}
    assert values == {
        ".rate.1": "249.10",
        ".savings_limit.1": "10380.00",
        ".extra.1": "51",
        ".extra.2": "21.30",
        "newham.savings_limit.1": "12456.00",
    }
    assert ProgrammeVersion.objects.count() == 2
    rates = typed(client.post(url, data | ask | {"kind": "rates"}).context)
    assert rates["value.heating_help..savings_limit.1"] == "" and rates["value.heating_help..rate.1"] == "249.10"
    assert "Enter by how many per cent" in client.post(url, data | {"do": "propose"}).content.decode()
    sent = client.post(url, proposal | {"note": "By 3.8 %", "law": "SI 2027/1", "do": "save"})
    assert sent.status_code == 302
    assert ProgrammeVersion.objects.get(note="By 3.8 %").definition["limits"]["rate"]["rows"][-1]["value"] == "249.1"


def test_what_many_lines_lack_is_said_once_and_a_single_problem_names_its_limit(client, writer):
    sign_in(client, writer)
    url = reverse("eligibility:admin_uprating_values")
    names = ("heating_help..rate.1", "heating_help..extra.1", "heating_help..extra.2", "heating_help..savings_limit.1")
    data = typed(client.get(url).context) | {f"value.{name}": "99" for name in names} | {"do": "save", "note": "n"}
    page = client.post(url, data | {"starts_on": ""}).content.decode()
    assert "Enter the first day: 4 lines have none of their own" in page
    assert "Enter the law: 4 lines have none of their own" in page and "The first day is missing" not in page
    page = client.post(url, data | {"law": "SI", f"value.{names[1]}": "x"}).content.decode()
    assert "Extra (from £0 a year): “x” is not an amount." in page


def test_a_page_that_is_older_than_the_limits_asks_to_look_again(client, writer):
    sign_in(client, writer)
    url = reverse("eligibility:admin_uprating_values")
    data = typed(client.get(url).context) | {"value.heating_help..rate.1": "250", "note": "n", "law": "SI", "seen": "old"}
    answer = client.post(url, data | {"do": "save"})
    assert "Somebody published other values" in answer.content.decode() and ProgrammeVersion.objects.count() == 2
    assert typed(answer.context)["value.heating_help..rate.1"] == "250"


def test_drafts_of_another_agency_are_not_shown(client, writer):
    made(writer, filled(writer, rate=("250", "2027-04-06", "SI 2027/1")))
    sign_in(client, make_admin(make_agency("other-office")))
    url = reverse("eligibility:admin_uprating_drafts")
    assert "Heating help" not in client.get(url, {"draft": "heating_help.2"}).content.decode()
    assert client.get(url, {"draft": "heating_help.x"}).status_code == 400
