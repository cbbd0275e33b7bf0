"""An uprating meets drafts under way: they are shown, chosen or left alone, nothing of them is lost, and a press twice is one."""

from typing import Any

import pytest
from django.urls import reverse

from eligibility.actions import programmes as actions
from eligibility.actions.uprating import Choice, Undecided, uprate
from eligibility.drafting import with_limit_row
from eligibility.models import ProgrammeVersion
from eligibility.queries.shared import newest
from eligibility.queries.uprating import UnreadableSheet, checked, entries_of, filled_from
from eligibility.queries.uprating_drafts import under_way
from eligibility.uprating_sheet import read
from portal.kit.actor import acting_as
from tests.eligibility.test_programme_admin import sign_in
from tests.eligibility.test_uprating import NOW, TODAY, day, filled, key_of, rows_of, typed, upload, writer
from tests.factories.eligibility import actor_of, make_admin

pytestmark = pytest.mark.django_db

__all__ = ["writer"]  # the fixture: two programmes, a local variant, a table, a shared file


def began(member: Any, code: str = "heating_help", *rows: tuple[str, dict[str, Any]], note: str = "Other work", **texts: str):
    """A draft with other changes: rows of limits, texts."""
    by = actor_of(member)
    with acting_as(by):
        version = ProgrammeVersion.objects.get(programme__code=code, number=1)
        draft = actions.begin_draft(by=by, version=version, at=NOW, note=note)
        data = {**draft.definition, "programme": {**draft.definition["programme"], **texts}}
        for limit, row in rows:
            data = with_limit_row(data, limit, row)
        return actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=NOW)


def put(member: Any, file: bytes, choices=None, answers=None, note: str = "Uprating 2027"):
    by = actor_of(member)
    with acting_as(by):
        entries = entries_of(member.agency_id, TODAY)
        texts, problems = filled_from(read(file), entries)
        result = checked(entries, texts)
        assert not problems and not result.problems
        return uprate(by=by, values=result.values, note=note, at=NOW, today=TODAY, choices=choices, answers=answers)


def into(draft: ProgrammeVersion) -> dict[str, Choice]:
    return {draft.programme.code: Choice(draft.number, draft.lock_version, frozenset({draft.number}))}


def values_of(version: ProgrammeVersion, limit: str) -> list[tuple[str, str]]:
    version.refresh_from_db()
    return [(row["from"], row["value"]) for row in version.definition["limits"][limit]["rows"]]


RATE = {"rate": ("250", "2027-04-06", "SI 2027/1")}


# --- into a draft -------------------------------------------------------------------------------------------------------


def test_nothing_of_the_draft_is_lost_and_its_note_says_both(writer):
    colleague = make_admin(writer.agency)
    draft = began(
        colleague,
        "heating_help",
        ("savings_limit", {"from": "2027-06-01", "value": "11000", "law": "Heating Act 2026"}),
        ("rate", {"from": "2027-10-01", "value": "260", "law": "SI 2027/8"}),
        summary="New words",
    )
    (made,) = put(writer, filled(writer, **RATE), into(draft))
    assert made.pk == draft.pk and ProgrammeVersion.objects.count() == 3
    assert values_of(draft, "rate") == [("2020-01-01", "240"), ("2027-04-06", "250"), ("2027-10-01", "260")]
    assert values_of(draft, "savings_limit")[-1] == ("2027-06-01", "11000")
    assert draft.definition["programme"]["summary"] == "New words"
    assert draft.note == "Other work; Uprating 2027" and draft.author_id == colleague.user_id
    assert draft.writers == [str(colleague.user_id), str(writer.user_id)] and draft.lock_version == 2


def test_a_new_draft_leaves_the_one_under_way_as_it_is(writer):
    draft = began(make_admin(writer.agency))
    before = (draft.definition, draft.shared, draft.lock_version, draft.writers)
    (made,) = put(writer, filled(writer, **RATE), {"heating_help": Choice(seen=frozenset({draft.number}))})
    draft.refresh_from_db()
    assert made.pk != draft.pk and (draft.definition, draft.shared, draft.lock_version, draft.writers) == before


def test_a_line_of_a_table_is_found_by_its_keys_where_the_draft_has_more_lines(writer):
    row = {
        "from": "2027-01-01",
        "law": "s.9",
        "table": [
            {"income": {"from": "0"}, "value": "50"},
            {"income": {"from": "5000"}, "value": "40"},
            {"income": {"from": "9000"}, "value": "20.5"},
        ],
    }
    draft = began(writer, "heating_help", ("extra", row))
    put(writer, filled(writer, extra_2=("25", "2027-04-06", "SI")), into(draft))
    draft.refresh_from_db()
    new = draft.definition["limits"]["extra"]["rows"][-1]
    assert [(line["income"]["from"], line["value"]) for line in new["table"]] == [("0", "50"), ("5000", "40"), ("9000", "25")]
    gone = {**row, "table": row["table"][:2]}
    other = began(writer, "heating_help", ("extra", gone))
    with pytest.raises(UnreadableSheet, match="no such line in its table"):
        put(writer, filled(writer, extra_2=("25", "2027-04-06", "SI")), into(other))


def test_a_shared_limit_goes_into_a_draft_with_its_own_shared_change(writer):
    row = next(row for row in rows_of(writer) if row["Programme code"] == "shared-pension_age" and row["Unit"] == "date")
    file = filled(writer, **{key_of(row): ("06/05/1966", "2027-04-06", "Pensions Act")})
    by, draft = actor_of(writer), began(writer)
    limit = row["Limit code"]
    with acting_as(by):
        last = newest("pension_age")["limits"][limit]["rows"][-1]
        changed = with_limit_row(newest("pension_age"), limit, {**last, "from": "2027-09-01", "law": "Own"})
        draft = actions.save_draft(
            by=by, version_id=draft.pk, data=draft.definition, lock_version=1, at=NOW, shared={"pension_age": changed}
        )
    made = put(writer, file, into(draft))
    assert [version.programme.code for version in made] == ["blanket_help", "heating_help"]
    draft.refresh_from_db()
    assert [line["from"] for line in draft.shared["pension_age"]["limits"][limit]["rows"]][-2:] == ["2027-04-06", "2027-09-01"]
    assert [line["from"] for line in made[0].shared["pension_age"]["limits"][limit]["rows"]][-1] == "2027-04-06"


# --- two values for one day ---------------------------------------------------------------------------------------------


def test_two_values_for_one_day_are_asked_about_and_either_may_count(writer):
    draft = began(writer, "heating_help", ("rate", {"from": "2027-04-06", "value": "245", "law": "Draft SI"}))
    with pytest.raises(Undecided) as asked:
        put(writer, filled(writer, **RATE), into(draft))
    (clash,) = asked.value.clashes
    assert (clash.meeting.held, clash.meeting.law, clash.meeting.wanted) == ("£245", "Draft SI", "£250")
    assert values_of(draft, "rate")[-1] == ("2027-04-06", "245") and draft.lock_version == 1
    put(writer, filled(writer, **RATE), into(draft), {clash.key: "draft"})
    assert values_of(draft, "rate")[-1] == ("2027-04-06", "245")
    put(writer, filled(writer, **RATE), into(draft), {clash.key: "new"})
    assert values_of(draft, "rate")[-1] == ("2027-04-06", "250")
    assert draft.definition["limits"]["rate"]["rows"][-1]["law"] == "SI 2027/1"


def test_an_answer_is_to_these_two_values_and_no_others(writer):
    draft = began(writer, "heating_help", ("rate", {"from": "2027-04-06", "value": "245", "law": "Draft SI"}))
    with pytest.raises(Undecided) as asked:
        put(writer, filled(writer, **RATE), into(draft))
    answers = {asked.value.clashes[0].key: "new"}
    with pytest.raises(Undecided):
        put(writer, filled(writer, rate=("251", "2027-04-06", "SI 2027/1")), into(draft), answers)
    with pytest.raises(Undecided):
        put(writer, filled(writer, **RATE), into(draft), {next(iter(answers)): "perhaps"})


def test_in_a_table_only_the_lines_that_differ_are_asked_about(writer):
    lines = [{"income": {"from": "0"}, "value": "55"}, {"income": {"from": "9000"}, "value": "25"}]
    draft = began(writer, "heating_help", ("extra", {"from": "2027-04-06", "law": "Draft SI", "table": lines}))
    file = filled(writer, extra=("60", "2027-04-06", "SI"), extra_2=("25", "2027-04-06", "SI"))
    with pytest.raises(Undecided) as asked:
        put(writer, file, into(draft))
    assert [clash.meeting.held for clash in asked.value.clashes] == ["£55"]
    put(writer, file, into(draft), {asked.value.clashes[0].key: "new"})
    draft.refresh_from_db()
    row = draft.definition["limits"]["extra"]["rows"][-1]
    assert [line["value"] for line in row["table"]] == ["60", "25"] and row["law"] == "Draft SI; SI"


# --- when the page is older than the drafts -----------------------------------------------------------------------------


def test_the_same_values_twice_make_one_draft_and_others_ask(writer):
    nobody_seen: dict[str, Choice] = {}
    one = put(writer, filled(writer, **RATE), nobody_seen)
    two = put(writer, filled(writer, **RATE), nobody_seen)
    assert [version.pk for version in one] == [version.pk for version in two] and ProgrammeVersion.objects.count() == 3
    with pytest.raises(UnreadableSheet, match="after you opened this page"):
        put(writer, filled(writer, rate=("251", "2027-04-06", "SI")), nobody_seen)
    with pytest.raises(UnreadableSheet, match="after you opened this page"):
        put(make_admin(writer.agency), filled(writer, **RATE), nobody_seen)  # a colleague's is not one's own
    assert ProgrammeVersion.objects.count() == 3


def test_into_a_draft_twice_is_once_and_one_that_was_saved_since_is_not_overwritten(writer):
    draft = began(writer)
    chosen = into(draft)
    for _twice in range(2):
        put(writer, filled(writer, **RATE), chosen)
    draft.refresh_from_db()
    assert draft.lock_version == 2 and len(values_of(draft, "rate")) == 2
    with pytest.raises(UnreadableSheet, match="Somebody saved version 2 after you opened this page"):
        put(writer, filled(writer, least_age=("61", "2027-04-06", "SI")), chosen)
    assert len(values_of(draft, "least_age")) == 1


def test_what_waits_for_a_second_person_or_is_older_than_the_rule_in_force_takes_nothing(writer):
    draft = began(writer)
    with acting_as(actor_of(writer)):
        actions.send_for_approval(by=actor_of(writer), version_id=draft.pk, at=NOW)
    (busy,) = under_way(writer.agency_id, TODAY)
    assert "waits for a second person" in busy.drafts[0].blocked and busy.open == []
    with pytest.raises(UnreadableSheet, match="not a draft any more"):
        put(writer, filled(writer, **RATE), into(draft))
    old = began(writer)
    ProgrammeVersion.objects.filter(programme=draft.programme, number=1).update(state="closed", effective_to="2026-11-20")
    ProgrammeVersion.objects.filter(pk=draft.pk).update(
        state="published", effective_from="2026-11-21", published_at=NOW, approver=make_admin(writer.agency).user
    )
    (busy,) = under_way(writer.agency_id, TODAY)
    assert [item.version.pk for item in busy.drafts] == [old.pk] and "before version 2 was published" in busy.drafts[0].blocked
    with pytest.raises(UnreadableSheet, match="before version 2 was published"):
        put(writer, filled(writer, **RATE), into(old))


# --- pages --------------------------------------------------------------------------------------------------------------


def test_the_page_shows_whose_draft_it_is_and_puts_the_values_where_one_says(client, writer):
    colleague = make_admin(writer.agency)
    draft = began(colleague, summary="New words")
    sign_in(client, writer)
    url = reverse("eligibility:admin_uprating")
    page = client.get(url).content.decode()
    assert "Drafts under way" in page and colleague.user.name in page and "21 Nov 2026" in page and "Other work" in page
    assert "See what all drafts under way would do together" in page
    fields = {"drafts.heating_help": "2", "note": "Uprating", "starts_on": day(), "law": "SI"}
    file = upload(filled(writer, rate=("250", "", "")))
    sent = client.post(url, {**fields, "into.heating_help": "2.1", "sheet": file}, follow=True)
    assert "1 draft took the new values." in sent.content.decode()
    draft.refresh_from_db()
    assert draft.definition["programme"]["summary"] == "New words" and len(draft.definition["limits"]["rate"]["rows"]) == 2
    assert "See what all of this would do together" in sent.content.decode()


def test_a_draft_that_began_meanwhile_is_shown_and_asked_about(client, writer):
    sign_in(client, writer)
    url = reverse("eligibility:admin_uprating_values")
    data = typed(client.get(url).context) | {"value.heating_help..rate.1": "250", "note": "n", "law": "SI", "do": "save"}
    colleague = make_admin(writer.agency)
    began(colleague)
    answer = client.post(url, data)
    page = answer.content.decode()
    assert f"Heating help: {colleague.user.name} began version 2 after you opened this page" in page
    assert 'href="#id_into.heating_help_0"' in page and 'id="id_into.heating_help_0"' in page
    again = typed(answer.context) | data | {"drafts.heating_help": "2"}
    assert "Choose whether the new values go into a new draft" in client.post(url, again).content.decode()
    assert client.post(url, again | {"into.heating_help": ""}).status_code == 302
    assert ProgrammeVersion.objects.filter(state="draft").count() == 2


def test_values_that_meet_stand_side_by_side_and_every_answer_is_kept(client, writer):
    row = {"from": day(), "law": "Draft SI"}
    draft = began(writer, "heating_help", ("rate", {**row, "value": "245"}), ("savings_limit", {**row, "value": "11000"}))
    sign_in(client, writer)
    file = upload(filled(writer, rate=("250", "", ""), savings_limit=("12000", "", "")))
    fields = {"drafts.heating_help": "2", "into.heating_help": "2.1", "note": "n", "starts_on": day(), "law": "SI 2027/1"}
    answer = client.post(reverse("eligibility:admin_uprating"), {**fields, "sheet": file})
    page = answer.content.decode()
    assert "Which value counts?" in page and "245" in page and "Draft SI" in page and "SI 2027/1" in page
    keys = [clash.key for _name, clash in answer.context["clashes"]]
    assert len(keys) == 2 and all(f'href="#clash.{key}"' in page and f'id="clash.{key}"' in page for key in keys)
    data = typed(answer.context) | fields | {"do": "save"}
    url = reverse("eligibility:admin_uprating_values")
    one = client.post(url, data | {f"clash.{keys[0]}": "new"})
    assert [clash.key for _name, clash in one.context["clashes"]] == keys[1:]
    assert f'type="hidden" name="clash.{keys[0]}" value="new"' in one.content.decode()
    assert client.post(url, data | {f"clash.{keys[0]}": "new", f"clash.{keys[1]}": "draft"}).status_code == 302
    draft.refresh_from_db()
    values = {name: draft.definition["limits"][name]["rows"][-1]["value"] for name in ("rate", "savings_limit")}
    assert sorted(values.values()) in (["11000", "250"], ["12000", "245"])


@pytest.mark.parametrize("text", ["x", "2.", ".", "9999999.1", "2.1.1", "-1.0", "²2.1", "3.0"])
def test_a_choice_that_nobody_was_offered_is_asked_again(client, writer, text):
    began(writer)
    sign_in(client, writer)
    url = reverse("eligibility:admin_uprating_values")
    data = typed(client.get(url).context) | {"value.heating_help..rate.1": "250", "note": "n", "law": "SI", "do": "save"}
    answer = client.post(url, data | {"drafts.heating_help": "2", "into.heating_help": text})
    assert answer.status_code == 200 and "There is a problem" in answer.content.decode()
    assert ProgrammeVersion.objects.filter(state="draft").count() == 1
    assert 'value="" id="id_into.heating_help_0" checked' not in answer.content.decode()
