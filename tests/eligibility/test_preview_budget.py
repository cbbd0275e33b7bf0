"""Previews are written down and end where a budget of different rules does: tried as somebody would who wants to average the noise away."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from eligibility.actions import programmes as actions
from eligibility.actions.previewing import ask, release
from eligibility.models import PreviewAsked, PreviewRelease, ProgrammeVersion
from eligibility.queries.preview import rules_of
from eligibility.queries.preview.budget import Question, TooMany
from eligibility.queries.preview.disclosure import Shield
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from portal.models import Notification
from tests.eligibility.test_preview import draft_of, people
from tests.eligibility.test_preview_disclosure import keys
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.eligibility import BLANKET, BLANKET_CASES, actor_of, load, make_admin, make_agency, read_definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return make_admin(make_agency("heat-office"))


@pytest.fixture
def draft(writer):
    versions = load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    return draft_of(versions[0], writer)


@pytest.fixture
def small(settings):
    """Budgets that a test can use up."""
    settings.PREVIEW_RULES_A_DAY = 3
    settings.PREVIEW_RULES_A_MONTH = 5
    settings.PREVIEW_RULES_A_DAY_OF_AGENCY = 50
    settings.PREVIEW_QUESTIONS_A_DAY = 8
    settings.PREVIEW_QUESTIONS_A_DAY_OF_AGENCY = 50
    return settings


def moved(draft: ProgrammeVersion, writer: Any, value: str) -> ProgrammeVersion:
    """The draft with another savings limit: another rule."""
    draft.refresh_from_db()
    data = draft.definition
    data["limits"]["savings_limit"]["rows"][-1]["value"] = value
    by = actor_of(writer)
    with acting_as(by):
        return actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=timezone.now())


def look(client, number=2, code="heating_help", **query):
    return client.get(reverse("eligibility:admin_preview", args=[code, number]), query)


def rows(writer: Any) -> list[PreviewAsked]:
    with acting_as(actor_of(writer)):
        return list(PreviewAsked.objects.order_by("at"))


def asked(version: ProgrammeVersion, by: Actor, *, at: dt.datetime | None = None, day: dt.date | None = None) -> None:
    day = day or timezone.localdate()
    with acting_as(by):
        question = Question.of(rules_of(version, on=day), day, {}, None)
        ask(by=by, versions=[version], question=question, at=at or timezone.now())


# --- what is written down -----------------------------------------------------------------------------------------------


def test_each_question_is_written_down_once_a_day_with_who_what_and_of_whom(client, draft, writer):
    people(30, local_authority="newham")
    sign_in(client, writer)
    query = {"household-local_authority": "newham", "split": "children", "on": "2026-11-21"}
    for _again in range(3):
        assert look(client, **query).status_code == 200
    (row,) = rows(writer)
    assert (row.user_id, row.agency_id, row.programme, row.version) == (writer.user_id, writer.agency_id, "heating_help", 2)
    assert (row.groups, row.split) == ({"household-local_authority": "newham"}, "children")
    assert row.rules_on == dt.date(2026, 11, 21) and row.is_changed and len(row.mark) == 64
    look(client)
    look(client, number=1)
    two = rows(writer)[1:]
    assert [item.is_changed for item in two] == [True, False] and two[0].mark == row.mark != two[1].mark


def test_what_was_asked_is_kept_as_it_was_and_seen_by_the_own_agency_only(draft, writer):
    asked(draft, actor_of(writer))
    stranger = make_admin(make_agency("other-office"))
    for actor in (None, Actor.anonymous(), actor_of(stranger), Actor.machine("preview", caseload=True)):
        with acting_as(actor), transaction.atomic():
            assert PreviewAsked.objects.count() == 0
    with acting_as(actor_of(writer)):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            PreviewAsked.objects.update(user_name="Nobody")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            PreviewAsked.objects.all().delete()
        assert PreviewAsked.objects.count() == 1
    row = rows(writer)[0]
    for name, value in (("agency_id", writer.agency_id), ("user_id", writer.user_id)):
        row.pk, row.mark = None, name
        given = {"agency_id": stranger.agency_id, "user_id": stranger.user_id, name: value}
        row.agency_id, row.user_id = given["agency_id"], given["user_id"]
        with acting_as(actor_of(stranger)), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            row.save(force_insert=True)


# --- the budget, as an attacker -----------------------------------------------------------------------------------------


def test_a_rule_moved_by_pennies_ends_with_the_budget_and_what_was_tried_stays(client, draft, writer, small):
    """The attack that averages: the same few households under one rule after the other."""
    people(40)
    sign_in(client, writer)
    shown = []
    for pence in range(6):
        moved(draft, writer, f"20000.{pence:02}")
        shown.append(look(client))
    assert [answer.status_code for answer in shown] == [200] * 3 + [429] * 3
    page = shown[-1].content.decode()
    assert "3 different rules were tried on this programme today" in page and "would gain" not in page
    assert "report" not in shown[-1].context and "data-protection officer" in page
    moved(draft, writer, "20000.01")
    assert look(client).context["report"] == shown[1].context["report"]  # tried before: it costs nothing
    assert len(rows(writer)) == 3


def test_a_second_tab_a_second_draft_and_a_colleague_share_one_budget(client, draft, writer, small):
    people(40)
    colleague = make_admin(writer.agency)
    for number, member in enumerate((writer, colleague, make_admin(writer.agency, "auditor"))):
        moved(draft, writer, f"2000{number}")
        sign_in(client, member)
        assert look(client).status_code == 200
    other = draft_of(ProgrammeVersion.objects.get(programme=draft.programme, number=1), colleague, value="777")
    sign_in(client, colleague)
    assert look(client, number=other.number).status_code == 429
    with acting_as(actor_of(colleague)):
        actions.discard_draft(by=actor_of(colleague), version_id=other.pk, at=timezone.now())
    again = draft_of(ProgrammeVersion.objects.get(programme=draft.programme, number=1), colleague, value="778")
    assert look(client, number=again.number).status_code == 429  # throwing drafts away gives nothing back


def test_many_groups_of_one_rule_are_many_draws_too(client, draft, writer, small):
    people(40)
    sign_in(client, writer)
    days = [timezone.localdate() + dt.timedelta(days=number) for number in range(10)]
    answers = [look(client, on=day.isoformat()).status_code for day in days]
    assert answers == [200] * 8 + [429] * 2
    assert "8 different questions were asked about this programme today" in look(client, split="children").content.decode()
    assert look(client, on=days[0].isoformat()).status_code == 200


def test_the_budget_of_a_month_holds_over_days_and_falls_behind(draft, writer, small):
    by, now = actor_of(writer), timezone.now()
    for number in range(5):
        asked(moved(draft, writer, f"3000{number}"), by, at=now - dt.timedelta(days=20 - number))
    with pytest.raises(TooMany, match="in 30 days"):
        asked(moved(draft, writer, "40000"), by, at=now)
    asked(moved(draft, writer, "30002"), by, at=now)  # one of those that were tried
    asked(moved(draft, writer, "40000"), by, at=now + dt.timedelta(days=12))


def test_the_programmes_of_one_agency_have_a_budget_together(draft, writer, small):
    small.PREVIEW_RULES_A_DAY_OF_AGENCY = 3
    by = actor_of(writer)
    blanket = ProgrammeVersion.objects.get(programme__code="blanket_help")
    for number in range(2):
        asked(moved(draft, writer, f"3000{number}"), by)
    other = draft_of(ProgrammeVersion.objects.get(programme__code="heating_help", number=1), writer, value="50")
    asked(other, by)
    assert blanket.number == 1
    asked(blanket, by)  # as in force: no other rule
    small.PREVIEW_RULES_A_DAY = 50
    with pytest.raises(TooMany, match="Your agency tried 3"):
        asked(moved(draft, writer, "30009"), by)


def test_texts_and_a_rule_that_reads_as_in_force_cost_no_rule(draft, writer, small):
    by = actor_of(writer)
    first = ProgrammeVersion.objects.get(programme=draft.programme, number=1)
    asked(first, by)
    with acting_as(by):
        text = actions.begin_draft(by=by, version=first, at=timezone.now())
        data = {**text.definition, "programme": {**text.definition["programme"], "summary": "Other words"}}
        asked(actions.save_draft(by=by, version_id=text.pk, data=data, lock_version=0, at=timezone.now()), by)
    for number in range(3):
        asked(moved(draft, writer, f"3000{number}"), by)
    with pytest.raises(TooMany):
        asked(moved(draft, writer, "30009"), by)


def test_what_the_budget_is_worth_in_draws():
    """How sure somebody can be who averages: 40 rules a day leave ten or eleven open, ten times as many would not.

    With the company known exactly, the best guess of the one who averages; 300 secrets. The numbers stand in docs/impact-preview.md.
    """
    company, right = keys(60, b"attack"), {20: 0, 400: 0}
    tries = 60
    for number in range(tries):
        true = 20 + number % 2
        mask = np.arange(60) < true
        draws = [Shield(company, mark=f"{number}.{draw}".encode()).count(mask).number or 0 for draw in range(max(right))]
        for many in right:
            guess = 20 if np.mean(draws[:many]) < 20.5 else 21
            right[many] += guess == true
    assert right[400] / tries > 0.9, "the attack works with enough draws, so it is one"
    assert right[20] / tries < 0.9


# --- letting it go on ---------------------------------------------------------------------------------------------------


def used_up(draft: ProgrammeVersion, writer: Any) -> None:
    for number in range(3):
        asked(moved(draft, writer, f"3000{number}"), actor_of(writer))
    moved(draft, writer, "30009")


def test_a_data_protection_officer_is_asked_and_lets_it_go_on_once(client, draft, writer, small):
    people(40)
    used_up(draft, writer)
    officer = make_admin(writer.agency, "data_protection_officer")
    sign_in(client, writer)
    assert look(client).status_code == 429
    more = reverse("eligibility:preview_more", args=["heating_help"])
    for _twice in range(2):
        client.post(more)
    assert Notification.objects.filter(user=officer.user, kind="previews_used_up").count() == 1
    assert client.post(reverse("eligibility:preview_release", args=["heating_help"])).status_code == 403
    sign_in(client, officer)
    page = client.get(reverse("eligibility:preview_log")).content.decode()
    assert "Used up" in page and "3 of 3" in page and writer.user.name in page
    path = reverse("eligibility:preview_release", args=["heating_help"])
    assert "Enter why more previews are allowed" in client.post(path).content.decode()
    for _twice in range(2):
        assert client.post(path, {"heating_help-reason": "The budget is tomorrow"}).status_code == 302
    assert "The budget is tomorrow" in client.get(reverse("eligibility:preview_log")).content.decode()
    with acting_as(actor_of(officer)):
        assert PreviewRelease.objects.count() == 1
    sign_in(client, writer)
    answers = []
    for number in range(5):
        moved(draft, writer, f"4000{number}")
        answers.append(look(client))
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 2
    assert "Ask for more previews today" not in answers[-1].content.decode()


def test_nobody_lets_their_own_previews_go_on(draft, writer, small):
    used_up(draft, writer)
    by = make_admin(writer.agency, "data_protection_officer")
    own = make_admin(writer.agency, "data_protection_officer")
    own.user = writer.user
    both = Actor("staff", user_id=writer.user_id, agency_id=writer.agency_id, role="data_protection_officer", name="Both")
    with acting_as(both), pytest.raises(Refused, match="Somebody else"):
        release(by=both, programme=draft.programme, reason="mine", at=timezone.now())
    stranger = actor_of(make_admin(make_agency("other-office"), "data_protection_officer"))
    with acting_as(stranger), pytest.raises(Refused):
        release(by=stranger, programme=draft.programme, reason="theirs", at=timezone.now())
    with acting_as(actor_of(by)):
        assert release(by=actor_of(by), programme=draft.programme, reason="ours", at=timezone.now())


def test_the_list_says_it_all_to_auditors_and_nothing_to_others(client, draft, writer):
    people(40, tenure="private_rent")
    sign_in(client, writer)
    look(client, **{"household-tenure": "private_rent", "split": "result-blanket_help"})
    assert client.get(reverse("eligibility:preview_log")).status_code == 403
    sign_in(client, make_admin(writer.agency, "auditor"))
    page = client.get(reverse("eligibility:preview_log")).content.decode()
    assert writer.user.name in page and "Heating help</bdi> 2" in page and "Result of blanket help" in page
    assert "Rent from a private landlord" in page
    assert "Allow more today" not in page
    sign_in(client, make_admin(make_agency("other-office"), "auditor"))
    assert "No preview was asked yet" in client.get(reverse("eligibility:preview_log")).content.decode()


def test_the_list_goes_on_page_by_page(client, draft, writer, monkeypatch):
    from eligibility.views import previews_asked

    monkeypatch.setattr(previews_asked, "PAGE", 2)
    for number in range(5):
        asked(draft, actor_of(writer), day=timezone.localdate() + dt.timedelta(days=number))
    sign_in(client, make_admin(writer.agency, "auditor"))
    url, seen = reverse("eligibility:preview_log"), []
    for _page in range(3):
        answer = client.get(url)
        seen += [entry.row.pk for entry in answer.context["entries"]]
        url = reverse("eligibility:preview_log") + answer.context["next_url"]
    assert len(seen) == len(set(seen)) == 5 and not answer.context["next_url"]
    assert client.get(reverse("eligibility:preview_log"), {"before": "x"}).status_code == 200


def test_the_lock_is_taken_before_the_budget_is_read(draft, writer, django_assert_num_queries):
    """Else many tabs at once would each be the last one."""
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as sent:
        asked(draft, actor_of(writer))
    statements = [one["sql"] for one in sent]
    lock = next(place for place, sql in enumerate(statements) if "pg_advisory_xact_lock" in sql)
    counted = next(place for place, sql in enumerate(statements) if "COUNT(DISTINCT" in sql)
    assert lock < counted
