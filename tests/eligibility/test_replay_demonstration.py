"""All determinations of the demonstration come out the same bit for bit, also after newer versions and changed limits."""

import datetime as dt
import io
from collections import Counter
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from consent.models import CaseRecord
from eligibility import registry, rules
from eligibility.actions import programmes as actions
from eligibility.actions.determinations import screen_as_machine
from eligibility.definition import SharedFile
from eligibility.models import Determination
from eligibility.queries import catalogue, replaying
from eligibility.queries.catalogue import version_in_force
from portal.kit.actor import Actor, acting_as
from portal.models import Agency
from portal.services.images import copy_demonstration
from portal.services.pytest_plugin import using_database
from tests.factories.eligibility import actor_of, make_admin

pytestmark = pytest.mark.slow
EVERYBODY = Actor.machine("replay", caseload=True)


@pytest.fixture(scope="module")
def demonstration(services_folder, django_db_setup, django_db_blocker):
    """A portal that `load_demonstration` has filled, on a server of its own; Django's database while the module runs."""
    server = copy_demonstration(services_folder / "replayed").start()
    try:
        with using_database(server.url("portal")), django_db_blocker.unblock():
            yield
    finally:
        server.stop()


def kept():
    """Every determination with its version's number and its programme."""
    with acting_as(EVERYBODY), transaction.atomic():
        return list(
            Determination.objects.values_list(
                "pk", "programme_version__programme__code", "programme_version__number", "outcome", "amount"
            )
        )


def replay():
    """What `manage.py replay` prints."""
    out = io.StringIO()
    call_command("replay", stdout=out)
    return out.getvalue().strip()


def all_the_same(count):
    return f"{count} determinations repeated, {count} came out the same bit for bit."


def test_all_of_them_are_repeated(demonstration):
    rows = kept()
    with acting_as(EVERYBODY), transaction.atomic():
        people = CaseRecord.objects.count()
    codes = Counter(code for _, code, *_ in rows)
    assert set(codes) == set(registry.load_all())
    assert people >= 30
    assert min(codes.values()) >= people
    assert {outcome for *_, outcome, _ in rows} == {"likely", "not_likely", "unknown"}
    assert replay() == all_the_same(len(rows))


def test_newer_versions_and_changed_limits_leave_the_old_ones_as_they_were(demonstration, broker, monkeypatch):
    before = kept()
    today, now = timezone.localdate(), timezone.now()
    publish_higher_payment(today, now)
    share_other_limits(monkeypatch)
    with acting_as(EVERYBODY), transaction.atomic():
        records = list(CaseRecord.objects.values_list("pk", flat=True))
    for record_id in records:
        screen_as_machine(record_id=record_id, at=now)
    after = kept()
    assert {row[0] for row in before} < {row[0] for row in after}
    paid = {1: set(), 2: set()}
    for _, code, number, outcome, amount in after:
        if (code, outcome) == ("winter_fuel_payment", "likely"):
            paid[number].add(amount)
    assert paid[1] & {20000, 10000}
    assert paid[2] & {25000, 12500}
    assert not paid[1] & {25000, 12500}
    for module, held in ((replaying, "_ready"), (catalogue, "_kept")):  # as in a process that starts years later
        monkeypatch.setattr(module, held, {})
    assert replay() == all_the_same(len(after))


def test_a_determination_that_was_written_over_is_named(demonstration):
    with acting_as(EVERYBODY), transaction.atomic():
        row = (
            Determination.objects.select_related("programme_version__programme").filter(outcome="likely").exclude(amount=None)[0]
        )
        assert replaying.repeat(row).differs == ()
        row.amount += 1
        assert replaying.repeat(row).differs == ("stored amount",)
        row.amount -= 1
        row.inputs["facts"]["household"]["nation"] = "scotland"
        assert "inputs" in replaying.repeat(row).differs
        row.inputs["facts"]["household"]["nation"] = "nowhere"
        (told,) = replaying.repeat(row).differs
        assert told.startswith("could not be repeated: household.nation")


def publish_higher_payment(today, now):
    """Winter Fuel Payment at 250 and 125 pounds from today, written by one admin and published by another."""
    agency = Agency.objects.get(slug="national-benefits")
    writer, second = actor_of(make_admin(agency)), actor_of(make_admin(agency))
    with acting_as(writer), transaction.atomic():
        old = version_in_force("winter_fuel_payment", today)
        draft = actions.begin_draft(by=writer, version=old, at=now, note="More")
        data = {**draft.definition, "limits": dict(draft.definition["limits"])}
        for name, value in (("standard_rate", "250"), ("shared_rate", "125")):
            rows = [*data["limits"][name]["rows"], {"from": today.isoformat(), "value": value, "law": "Test Order"}]
            data["limits"][name] = {**data["limits"][name], "rows": rows}
        yesterday = (today - dt.timedelta(days=1)).isoformat()
        data["cases"] = _until(draft.definition["cases"], yesterday)
        draft = actions.save_draft(by=writer, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=now)
        actions.send_for_approval(by=writer, version_id=draft.pk, at=now)
    with acting_as(second), transaction.atomic():
        actions.publish(by=second, version_id=draft.pk, effective_from=today, at=now, today=today)


def _until(cases, last):
    """The worked examples up to the day `last`: those others stand on are brought back to it. The new sums are not theirs."""
    needed = {case.get("based_on") for case in cases["case"]}
    kept = [case for case in cases["case"] if case.get("on", "") <= last or case["id"] in needed]
    return {**cases, "case": [{**case, "on": min(case["on"], last)} if "on" in case else case for case in kept]}


def share_other_limits(monkeypatch):
    """The shared files in the source read otherwise from now on: everything a pound more."""
    changed = {}
    for name, file in registry.shared_files().items():
        data = file.to_dict()
        for limit in data["limits"].values():
            for row in limit["rows"]:
                if limit["unit"] == "GBP/week" and "value" in row:
                    row["value"] = str(Decimal(row["value"]) + 1)
        changed[name] = SharedFile.from_dict(name, data)
    assert changed["pensioner_means"] != registry.shared_files()["pensioner_means"]
    for place in (registry, rules):
        monkeypatch.setattr(place, "shared_files", lambda: changed)
