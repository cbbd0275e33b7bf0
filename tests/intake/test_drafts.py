"""Keeping drafts: two tabs, double clicks, coming back, the thirty days, and who sees what."""

import datetime as dt
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.queries.records import own_record
from intake.actions.drafts import AnswerConflict, DraftGone, attach_record, new_code, purge, remove_member, save_member
from intake.jobs import purge_drafts
from intake.models import FormRevision, Submission
from intake.queries.drafts import drafts_of, find_by_code
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from tests.factories.intake import ANONYMOUS, add, answer, fresh, load_form, make_draft
from tests.factories.portal import make_user

pytestmark = pytest.mark.django_db
BORN = dt.date(1990, 4, 2)
RENT = {"household.rent": {"amount": "950.00", "per": "month"}}
MORE = {"household.rent": {"amount": "990.00", "per": "month"}}


def test_the_later_tab_wins_only_when_it_knew_the_current_answer(form):
    with acting_as(ANONYMOUS):
        draft, _code = make_draft({})
        answer(draft, "household/rent", RENT)
        answer(draft, "household/rent", RENT)  # the same answer from another tab: fine
        with pytest.raises(AnswerConflict) as conflict:
            answer(draft, "household/rent", MORE, based_on=0)
        assert conflict.value.current["values"] == RENT
        answer(draft, "household/rent", MORE, based_on=1)
        assert fresh(draft).answers["household/rent"]["rev"] == 2


def test_other_questions_do_not_stand_in_each_others_way(form):
    with acting_as(ANONYMOUS):
        draft, _code = make_draft({})
        answer(draft, "household/rent", RENT)
        answer(draft, "household/savings", {"household.savings": "1.00"})
        assert set(fresh(draft).answers) == {"household/rent", "household/savings"}


def test_two_tabs_in_the_browser_show_both_values(client, form):
    client.post(reverse("intake:start"))
    url = reverse("intake:question", args=["household", "savings"])
    client.post(url, {"savings": "100", "based_on": "0"})
    response = client.post(url, {"savings": "200", "based_on": "0"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "£100" in page and "£200" in page
    assert 'name="savings" value="200"' in page and 'name="based_on" value="1"' in page
    assert client.post(url, {"savings": "200", "based_on": "1"}).status_code == 302
    assert 'value="200.00"' in client.get(url).content.decode()


def test_a_double_click_enters_nobody_twice(client, form):
    client.post(reverse("intake:start"))
    key = str(uuid4())
    data = {"name": "Mo", "role": "child", "born_on_day": "1", "born_on_month": "2", "born_on_year": "2020", "entry_key": key}
    for _click in range(2):
        assert client.post(reverse("intake:member_new"), data)["Location"] == reverse("intake:members")
    assert client.get(reverse("intake:members")).content.decode().count("<bdi>Mo</bdi>") == 1


def test_members_are_changed_removed_and_partners_are_one(form):
    with acting_as(ANONYMOUS):
        draft, _code = make_draft({})
        partner = add(draft, "partner", "Ali", "1988-01-01")
        answer(draft, f"{partner}/sex", {"person.sex": "male"})
        with pytest.raises(Refused, match="partner already"):
            add(draft, "partner", "Eve", None)
        with pytest.raises(AnswerConflict):
            save_member(
                by=ANONYMOUS,
                submission_id=draft.pk,
                role="other_adult",
                name="Ali",
                born_on=None,
                at=timezone.now(),
                member_id=partner,
                based_on=0,
            )
        remove_member(by=ANONYMOUS, submission_id=draft.pk, member_id=partner, at=timezone.now())
        remove_member(by=ANONYMOUS, submission_id=draft.pk, member_id=partner, at=timezone.now())
        assert fresh(draft).members == [] and fresh(draft).answers == {}


def test_coming_back_needs_the_code_and_the_date_of_birth(form):
    with acting_as(ANONYMOUS):
        draft, code = make_draft()
        assert find_by_code(code.lower().replace("-", " "), BORN) == draft.pk
        assert find_by_code(code, dt.date(1990, 4, 3)) is None
        assert find_by_code(code, None) is None
        assert find_by_code("K7WP-3XQD-9HTB", BORN) is None
        nameless, other = make_draft({})
        assert find_by_code(other, None) == nameless.pk
        newer = new_code(by=ANONYMOUS, submission_id=draft.pk, at=timezone.now())
        assert find_by_code(code, BORN) is None and find_by_code(newer, BORN) == draft.pk


def test_the_code_itself_is_kept_nowhere(form):
    with acting_as(ANONYMOUS):
        draft, code = make_draft()
        with connection.cursor() as cursor:
            cursor.execute("select set_config('app.draft', %s, true)", [str(draft.pk)])
            cursor.execute("select to_jsonb(s)::text from intake_submission s")
            row = cursor.fetchone()[0]
        assert code not in row and code.replace("-", "") not in row


def test_come_back_in_the_browser(client, form):
    with acting_as(ANONYMOUS):
        _draft, code = make_draft()
    page = reverse("intake:come_back")
    wrong = client.post(page, {"code": code, "born_on_day": "3", "born_on_month": "4", "born_on_year": "1990"})
    assert "We did not find answers" in wrong.content.decode()
    short = client.post(page, {"code": "K7WP"}).content.decode()
    assert "Enter all 12 letters" in short
    right = client.post(page, {"code": code, "born_on_day": "2", "born_on_month": "4", "born_on_year": "1990"})
    assert right["Location"] == reverse("intake:tasks")
    assert client.get(reverse("intake:tasks")).status_code == 200


def test_guessing_the_date_of_birth_is_slowed_down(client, form):
    with acting_as(ANONYMOUS):
        _draft, code = make_draft()
    page = reverse("intake:come_back")
    for day in range(5, 10):
        client.post(page, {"code": code, "born_on_day": str(day), "born_on_month": "4", "born_on_year": "1990"})
    right = client.post(page, {"code": code, "born_on_day": "2", "born_on_month": "4", "born_on_year": "1990"})
    assert right.status_code == 429
    assert "Wait 15 minutes" in right.content.decode()


def test_what_was_typed_survives_the_end_of_the_session(form):
    first = Client()
    first.post(reverse("intake:start"))
    url = reverse("intake:question", args=["household", "savings"])
    code = first.session["intake"]["code"]
    again = Client()  # the session is over
    page = again.post(url, {"savings": "123.45", "based_on": "0"})
    assert "what you just typed is kept" in page.content.decode()
    back = again.post(reverse("intake:come_back"), {"code": code})
    assert back["Location"] == url
    assert 'value="123.45"' in again.get(url).content.decode()


def test_pages_without_a_draft_lead_to_the_start(client, form):
    for name in ("tasks", "members", "check", "later"):
        assert client.get(reverse(f"intake:{name}"))["Location"] == reverse("intake:start")
    assert client.get(reverse("intake:receipt"))["Location"] == reverse("intake:come_back")


def test_nobody_sees_a_draft_they_do_not_hold(form):
    with acting_as(ANONYMOUS):
        draft, _code = make_draft()
        assert Submission.objects.count() == 0
        assert Submission.objects.filter(pk=draft.pk).update(answers={}) == 0
        assert fresh(draft).answers
    for actor in (
        None,
        Actor.citizen(person_id=uuid4(), user_id=uuid4()),
        Actor.machine("screening"),
        Actor("staff", user_id=uuid4(), agency_id=uuid4(), role="counter_officer"),
    ):
        with acting_as(actor):
            assert Submission.objects.count() == 0


def test_an_account_finds_its_drafts(form):
    user = make_user()
    mine = Actor("citizen", user_id=user.pk, role="citizen")
    with acting_as(mine):
        draft, _code = make_draft({}, by=mine)
        assert [one.pk for one in drafts_of(mine, now=timezone.now())] == [draft.pk]
    with acting_as(ANONYMOUS):
        other, _code = make_draft({})
    with acting_as(mine):
        answer(other, "household/rent", RENT, by=mine)  # signed in while answering
        assert {one.pk for one in drafts_of(mine, now=timezone.now())} == {draft.pk, other.pk}


def test_a_draft_lives_thirty_days_from_its_last_change(form):
    start = timezone.now() - dt.timedelta(days=40)
    with acting_as(ANONYMOUS):
        old, _code = make_draft({}, at=start)
        kept, _code = make_draft({}, at=start)
        answer(kept, "household/rent", RENT, at=start + dt.timedelta(days=20))
        with pytest.raises(DraftGone):
            answer(old, "household/rent", RENT)
    assert purge_drafts() == 1
    with acting_as(ANONYMOUS):
        assert fresh(old) is None
        assert fresh(kept) is not None


def test_only_a_machine_purges(form):
    with acting_as(ANONYMOUS):
        old, _code = make_draft({}, at=timezone.now() - dt.timedelta(days=40))
        assert purge(by=ANONYMOUS, at=timezone.now()) == 0
        assert fresh(old) is not None


def test_giving_up_deletes_at_once(client, form):
    client.post(reverse("intake:start"))
    draft_id = client.session["intake"]["draft"]
    client.post(reverse("intake:question", args=["household", "savings"]), {"savings": "5", "based_on": "0"})
    assert client.post(reverse("intake:give_up")).status_code == 302
    with acting_as(ANONYMOUS):
        gone = fresh(Submission(pk=draft_id))
        assert gone.state == "abandoned" and gone.answers == {}
    assert client.get(reverse("intake:tasks"))["Location"] == reverse("intake:start")


def test_signing_in_joins_the_draft_with_the_record(form):
    from tests.intake.test_submit import citizen, send

    with acting_as(ANONYMOUS):
        first, _code = make_draft()
        child = add(first, "child", "Mo", "2019-01-30")
        sent = send(first)
        second, _code = make_draft({})
        entered = add(second, "child", "Maurice", "2019-01-30")
        add(second, "partner", "Ali", "1988-01-01")
        answer(second, f"{entered}/disabled", {"person.disabled": True})
    me = citizen(sent)
    with acting_as(me):
        joined = attach_record(by=me, submission_id=second.pk, record=own_record(me), at=timezone.now())
        assert next(one["id"] for one in joined.members) == child
        assert f"{child}/disabled" in joined.answers
        send(joined, by=me)
        assert own_record(me).household.memberships.count() == 3


def test_a_form_revision_never_changes(form):
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        FormRevision.objects.update(number=7)
    assert load_form().pk == form.pk
