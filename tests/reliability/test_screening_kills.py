"""A version is published over a caseload while worker, beat, broker and database are killed with kill -9.

In the end every record has one determination of the new version, every page shows it, and every person whose result changed has
one notice. Then two more versions in quick succession. The naive control must leave some behind under the same kills.
RELIABILITY=long makes it a caseload of 2,000 and 40 kills.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from consent.models import CaseRecord
from eligibility import listeners
from eligibility.actions import programmes as actions
from eligibility.actions.determinations import screen_as_machine
from eligibility.models import Determination, ProgrammeVersion, Screening
from eligibility.queries.screening import due
from portal.celery import app
from portal.kit.actor import Actor, acting_as
from portal.models import Membership, Notification, User
from portal.services.pytest_plugin import celery_speaking_to, using_database
from tests.eligibility.test_programme_admin import with_higher_limit
from tests.factories.consent import make_record
from tests.factories.eligibility import (
    BLANKET,
    BLANKET_CASES,
    actor_of,
    allow_screening,
    load,
    make_admin,
    make_agency,
    read_definition,
)
from tests.reliability.rig import DATABASE, Rig, kill_order

pytestmark = [pytest.mark.reliability, pytest.mark.xdist_group("reliability")]

IS_LONG = os.environ.get("RELIABILITY") == "long"
RECORDS, KILLS = (2000, 40) if IS_LONG else (120, 6)
KINDS = ("worker main", "worker child", "beat", "broker", "database")
CASELOAD = Actor.machine("test", caseload=True)
CHANGED = 4  # of so many records one has savings between the old limit and the new one


@dataclass
class Caseload:
    """A portal with two programmes, and people for one in CHANGED of whom the new version changes the result."""

    writer: Membership
    second: Membership
    records: list[tuple[CaseRecord, User]]

    @property
    def changed(self) -> list[tuple[CaseRecord, User]]:
        return self.records[::CHANGED]

    def publish(self, pounds: int) -> None:
        """A new version of Heating help, from today, with a savings limit of `pounds`."""
        by, second, now, today = actor_of(self.writer), actor_of(self.second), timezone.now(), timezone.localdate()
        with acting_as(by), transaction.atomic():
            first = ProgrammeVersion.objects.get(programme__code="heating_help", number=1)
            draft = actions.begin_draft(by=by, version=first, at=now)
            data = with_higher_limit(draft, today.isoformat(), str(pounds))
            draft = actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=now)
            actions.send_for_approval(by=by, version_id=draft.pk, at=now)
        with acting_as(second), transaction.atomic():
            actions.publish(by=second, version_id=draft.pk, effective_from=today, at=now, today=today)


def furnish() -> Caseload:
    """Made by the product's own actions, and everybody screened once by the first versions."""
    with transaction.atomic():
        allow_screening()
        office = make_agency("heat-office")
        writer, second = make_admin(office), make_admin(office)
        load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    records = []
    for number in range(RECORDS):
        with transaction.atomic():
            user = User.objects.create_user(f"citizen{number}@example.org", None, name=f"Citizen {number}")
            savings = "12000.00" if number % CHANGED == 0 else "100.00"
            record, _citizen = make_record({"me.born_on": "1950-04-02", "household.savings": savings}, user_id=user.pk)
        screen_as_machine(record_id=record.pk, at=timezone.now())
        records.append((record, user))
    return Caseload(writer, second, records)


@pytest.fixture(scope="module")
def unblocked(django_db_setup, django_db_blocker) -> Iterator[None]:
    """This module keeps its own cluster: no test transaction, no cloning."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def furnished(unblocked, services_folder, request) -> Iterator[tuple[Rig, Caseload]]:
    rig = Rig(services_folder / f"screening-{request.param.rsplit('.', 1)[1]}", app=request.param, queue="celery").start()
    try:
        with using_database(rig.postgres.url(DATABASE)), celery_speaking_to(rig.broker.url()):
            yield rig, furnish()
    finally:
        rig.stop()


def screened_anew(rig: Rig, version: int) -> int:
    """How many determinations a version of Heating help has made."""
    query = (
        "select count(*) from eligibility_determination d join eligibility_programmeversion v on v.id = d.programme_version_id"
        f" join eligibility_programme p on p.id = v.programme_id where p.code = 'heating_help' and v.number = {version}"
    )
    return int(rig.postgres.run(query, database=DATABASE)[0][0])


def kill_while_screening(rig: Rig, order: list[str], version: int) -> None:
    """One kill each time another share of the records was screened, so that all fall while there is work to lose."""
    for position, kind in enumerate(order):
        share = position * RECORDS / (len(order) + 1)
        assert until(lambda share=share: screened_anew(rig, version) >= share, rig), f"nothing goes on after {rig.kills}"
        rig.kill(kind)


def until(is_so: Callable[[], bool], rig: Rig, seconds: float = 180) -> bool:
    """Wait until something is so; whether it came about in time."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        rig.tend()
        time.sleep(0.05)
    return True


def due_now() -> int:
    """How many records the sweep would still find."""
    with acting_as(CASELOAD), transaction.atomic():
        return len(due(on=timezone.localdate(), most=RECORDS))


def notices() -> Counter[str]:
    """{e-mail address: notices of a changed result}."""
    return Counter(Notification.objects.filter(kind="results_changed").values_list("user__email", flat=True))


def holding(code: str) -> ProgrammeVersion:
    return ProgrammeVersion.objects.in_force(timezone.localdate()).get(programme__code=code)


def shown(record: CaseRecord) -> str:
    """The text of a person's page of results."""
    browser = Client()
    session = browser.session
    session["person_id"] = str(record.person_id)
    session.save()
    return browser.get("/results/").content.decode()


@pytest.mark.parametrize("furnished", ["tests.reliability.quick"], indirect=True)
def test_a_publication_reaches_every_record_once_whatever_is_killed(furnished, record_property):
    rig, caseload = furnished
    seed = random.randrange(10**6)
    record_property("seed", seed)
    print(f"seed {seed}")
    rig.start_programs("worker", "beat")
    caseload.publish(20_000)
    kill_while_screening(rig, kill_order(KILLS, seed, KINDS), holding("heating_help").number)
    connection.close()  # the database was killed under it
    assert until(lambda: due_now() == 0, rig), f"{due_now()} records were never screened again ({rig.kills})"
    assert len(rig.kills) == KILLS
    judge(caseload, outcome="likely", told=1)
    # and two more while nobody dies: 13,000 helps the same people, and at once after it 11,000 takes it from them
    caseload.publish(13_000)
    caseload.publish(11_000)
    assert until(lambda: due_now() == 0, rig)
    judge(caseload, outcome="not_likely", told=1)
    # who has read it is told of the next change
    Notification.objects.update(read_at=timezone.now())
    caseload.publish(20_000)
    assert until(lambda: due_now() == 0, rig)
    judge(caseload, outcome="likely", told=2)


def judge(caseload: Caseload, *, outcome: str, told: int) -> None:
    """Each record has one determination of the version in force, by its facts; those whose result changed were told."""
    with acting_as(CASELOAD), transaction.atomic():
        found = list(
            Determination.objects.filter(programme_version=holding("heating_help")).values_list(
                "record_id", "record_version", "outcome"
            )
        )
        everything = Determination.objects.values_list("record_id", "record_version", "programme_version_id", "number")
        assert len(everything) == len(set(everything))
        rules = set(Screening.objects.values_list("rules", flat=True))
    changed = {record.pk for record, _user in caseload.changed}
    assert Counter(record for record, _version, _outcome in found) == Counter(record.pk for record, _user in caseload.records)
    assert {(record in changed, outcome) for record, _version, outcome in found} == {(True, outcome), (False, "likely")}
    assert len(rules) == 1
    assert notices() == {user.email: told for _record, user in caseload.changed}
    page = shown(caseload.changed[0][0])
    assert ("Your savings of £12,000 are not above £20,000" in page) == (outcome == "likely")


@pytest.mark.parametrize("furnished", ["tests.reliability.naive_screening"], indirect=True)
def test_the_naive_control_leaves_some_behind_under_the_same_kills(furnished, monkeypatch):
    rig, caseload = furnished

    def one_message_each(_job, **_ids):
        for record, _user in caseload.records:
            app.send_task("naive.screen_now", kwargs={"record_id": str(record.pk)}, retry=False, ignore_result=True)

    monkeypatch.setattr(listeners, "enqueue", one_message_each)
    rig.start_programs("worker")
    caseload.publish(20_000)
    kill_while_screening(rig, ["worker child", "worker main", "broker"], holding("heating_help").number)
    until(lambda: due_now() == 0, rig, 8)
    assert 0 < due_now() < RECORDS  # it does work as long as nobody is killed
