"""Sending: once, whole, or not at all; on real PostgreSQL with real threads."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.utils import timezone

from consent.models import CaseRecord, ContactPoint, FactEvent, HouseholdMembership, Person, PersonName, RecordSnapshot
from intake.actions.drafts import AlreadySent, DraftGone, give_up
from intake.actions.submissions import KeyUsed, OtherContent, submit
from intake.announcements import SubmissionReceived
from intake.models import Submission
from portal.kit import announce
from portal.kit.actor import Actor, acting_as
from tests.factories.intake import ANONYMOUS, ANSWERS, add, answer, content, fresh, make_draft


def send(submission: Submission, *, key=None, digest: str | None = None, at=None, by: Actor = ANONYMOUS) -> Submission:
    with acting_as(by), transaction.atomic():
        return submit(
            by=by,
            submission_id=submission.pk,
            idempotency_key=key or uuid4(),
            content=digest or content(submission),
            at=at or timezone.now(),
        )


def citizen(submission: Submission) -> Actor:
    return Actor.citizen(person_id=submission.person_id)


@pytest.mark.django_db(transaction=True)
def test_fifty_equal_submissions_at_once_make_one_record():
    with acting_as(ANONYMOUS), transaction.atomic():
        draft, _code = make_draft()
        add(draft, "child", "Mo", "2019-01-30")
        digest = content(draft)
    key = uuid4()

    def press(_number):
        try:
            return send(draft, key=key, digest=digest).receipt
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=10) as pool:
        receipts = list(pool.map(press, range(50)))
    assert len(set(receipts)) == 1
    with acting_as(ANONYMOUS), transaction.atomic():
        sent = fresh(draft)
    with acting_as(citizen(sent)), transaction.atomic():
        record = CaseRecord.objects.get()
        assert record.pk == sent.record_id
        assert FactEvent.objects.count() == 2  # the child joined the household; the answers
        assert HouseholdMembership.objects.count() == 2
    with acting_as(Actor.machine("count", record_id=sent.record_id)), transaction.atomic():
        assert CaseRecord.objects.count() == 1


@pytest.mark.django_db
def test_what_is_sent_is_the_record():
    with acting_as(ANONYMOUS):
        draft, _code = make_draft(at=timezone.now() - dt.timedelta(minutes=5))
        child = add(draft, "child", "Mo", "2019-01-30")
        answer(draft, "household/members", {"done": True})
        answer(draft, "you/name", {"full": "أمينة يوسف"})
        answer(
            draft,
            "you/contact",
            {"phone": "+447700900982", "voicemail_ok": True, "email": "", "address": "1 High St", "safe": "no"},
        )
        answer(draft, "you/which_benefits", {}, not_sure=True)
        sent = send(draft)
    with acting_as(citizen(sent)):
        record = CaseRecord.objects.get()
        snapshot = RecordSnapshot.objects.get()
        me = str(record.person_id)
        assert snapshot.values[f"{me}.born_on"] == "1990-04-02"
        assert snapshot.values[f"{child}.born_on"] == "2019-01-30"
        assert snapshot.values["household.savings"] == "1200.00"
        assert f"{me}.pip_daily_living" not in snapshot.values  # not sure is not known
        assert snapshot.values[f"{child}.childcare_costs"] is None
        assert snapshot.provenance["household.rent"]["source"] == "self"
        assert {name.full for name in PersonName.objects.all()} == {"أمينة يوسف", "Mo"}
        assert {(one.kind, one.safe, one.voicemail_ok) for one in ContactPoint.objects.all()} == {
            ("phone", "no", True),
            ("address", "no", False),
        }
        assert fresh(sent).answers == {} and fresh(sent).known == {}


@pytest.mark.django_db
def test_same_key_with_other_content_is_refused_in_words(form):
    with acting_as(ANONYMOUS):
        draft, _code = make_draft()
        key = uuid4()
        send(draft, key=key)
        with pytest.raises(OtherContent, match="Nothing was sent a second time") as refusal:
            send(draft, key=key, digest="0" * 64)
        assert refusal.value.is_sent
        other, _code = make_draft({"you/born_on": {"person.born_on": "1970-01-01"}})
        with pytest.raises(KeyUsed):
            send(other, key=key)
        assert fresh(other).state == "draft"
        assert fresh(other).answers  # nothing was lost
    assert Person.objects.count() == 0  # and nobody sees a person without being one


@pytest.mark.django_db
def test_content_changed_since_the_page_was_opened():
    with acting_as(ANONYMOUS):
        draft, _code = make_draft()
        shown = content(draft)
        answer(draft, "household/savings", {"household.savings": "15.00"}, based_on=1)
        with pytest.raises(OtherContent, match="Check them again") as refusal:
            send(draft, digest=shown)
        assert not refusal.value.is_sent
        assert send(draft).receipt


@pytest.mark.django_db
def test_sent_forms_cannot_be_answered_or_given_up():
    with acting_as(ANONYMOUS):
        draft, _code = make_draft()
        send(draft)
        with pytest.raises(AlreadySent):
            answer(draft, "household/savings", {"household.savings": "15.00"}, based_on=1)
        with pytest.raises(AlreadySent):
            give_up(by=ANONYMOUS, submission_id=draft.pk, at=timezone.now())


@pytest.mark.django_db
def test_an_expired_draft_cannot_be_sent():
    with acting_as(ANONYMOUS):
        draft, _code = make_draft()
        with pytest.raises(DraftGone):
            send(draft, at=timezone.now() + dt.timedelta(days=31))


@pytest.mark.django_db
def test_a_refused_write_leaves_no_record():
    with acting_as(ANONYMOUS):
        draft, _code = make_draft({"household/bedrooms": {"household.bedrooms": 99}})
        with pytest.raises(ValueError, match="Bedrooms must be"), transaction.atomic():
            send(draft)
        assert fresh(draft).state == "draft"


@pytest.mark.django_db
def test_sending_is_announced_after_commit(monkeypatch, django_capture_on_commit_callbacks):
    heard = []
    monkeypatch.setitem(announce._listeners, SubmissionReceived, [heard.append])
    with acting_as(ANONYMOUS), django_capture_on_commit_callbacks(execute=True):
        draft, _code = make_draft()
        sent = send(draft)
        assert heard == []
    assert heard == [SubmissionReceived(record_id=sent.record_id, submission_id=sent.pk)]


@pytest.mark.django_db
def test_a_second_form_of_the_same_person_changes_only_what_changed():
    with acting_as(ANONYMOUS):
        draft, _code = make_draft()
        child = add(draft, "child", "Mo", "2019-01-30")
        sent = send(draft)
    me = citizen(sent)
    with acting_as(me):
        record = CaseRecord.objects.get()
        again, _code = make_draft({}, by=me, record=record)
        assert again.known["household.rent"]["value"] == {"amount": "950.00", "per": "month"}
        assert [one["id"] for one in again.members] == [child]
        answer(again, "household/rent", {"household.rent": {"amount": "990.00", "per": "month"}}, by=me)
        send(again, by=me)
        assert CaseRecord.objects.count() == 1
        last = FactEvent.objects.order_by("version").last()
        assert list(last.changes) == ["household.rent"]
        assert HouseholdMembership.objects.count() == 2


@pytest.mark.django_db
def test_stale_facts_are_asked_again_and_fresh_ones_shown():
    long_ago = timezone.now() - dt.timedelta(days=200)
    with acting_as(ANONYMOUS):
        draft, _code = make_draft(ANSWERS, at=long_ago)
        sent = send(draft, at=long_ago)
    me = citizen(sent)
    with acting_as(me):
        again, _code = make_draft({}, by=me, record=CaseRecord.objects.get())
        assert not again.known["household.rent"]["fresh"]  # 180 days
        assert again.known["household.nation"]["fresh"]  # 365 days
        assert again.known["you.born_on"]["fresh"]
        answer(again, "household/rent", ANSWERS["household/rent"], by=me)  # still the same
        send(again, by=me)
        third, _code = make_draft({}, by=me, record=CaseRecord.objects.get())
        assert third.known["household.rent"]["fresh"]
