"""Bar R1 in its short form: 2,000 referrals, 15 kill -9 over six kinds of process, none lost, one effect each.

And R2 (no faults: no double knock), R3 (the broker is wiped), and the naive control, which must lose some under the same rig.
"""

import json
import random
import time
import zlib
from collections.abc import Callable, Iterator

import pytest
import redis
from django.core.management import call_command
from django.utils import timezone

from consent.actions.pseudonyms import sector_identifier
from portal.api.authentication import digest_of
from portal.kit.actor import Actor, acting_as
from portal.models import MachineClient
from portal.services.pytest_plugin import using_database
from portal.services.valkey import Valkey
from tests.factories.referral import make_scene
from tests.reliability.rig import DATABASE, TOKEN, Rig, kill_order

pytestmark = [pytest.mark.reliability, pytest.mark.xdist_group("reliability")]


@pytest.fixture(scope="module")
def unblocked(django_db_setup, django_db_blocker) -> Iterator[None]:
    """This module keeps its own cluster: no test transaction, no cloning."""
    with django_db_blocker.unblock():
        yield


def people_of(rig: Rig) -> bytes:
    """Two agencies, one person who allows the second one, and the message that refers them; made by the product's own actions."""
    with using_database(rig.postgres.url(DATABASE)):
        scene = make_scene(inbox_url=rig.door)
        scene.allow(at=timezone.now())
        MachineClient.objects.create(
            agency=scene.council, name="Council system", token_digest=digest_of(TOKEN), created_at=timezone.now()
        )
        machine = Actor.machine("rig", agency_id=scene.council.pk, record_id=scene.record.pk)
        with acting_as(machine):
            person = sector_identifier(by=machine, person_id=scene.record.person_id, agency_id=scene.council.pk)
    return json.dumps({"person": person, "to": scene.charity.slug, "need": "debt", "service": "Debt advice"}).encode()


def balance(rig: Rig) -> None:
    """The product's own proof."""
    with using_database(rig.postgres.url(DATABASE)):
        call_command("reconcile_referrals")


@pytest.fixture(scope="module")
def product(unblocked, services_folder) -> Iterator[tuple[Rig, bytes]]:
    rig = Rig(services_folder / "rig").start()
    try:
        message = people_of(rig)
        rig.start_programs()
        yield rig, message
    finally:
        rig.stop()


def test_r2_without_faults_each_knocks_once(product):
    rig, message = product
    with rig.offering(message, number=200, prefix="r2", per_second=100):
        pass
    rig.settle(20)
    acked = rig.acked("r2")
    assert len(acked) == 200
    assert set(acked.values()) <= set(rig.effects())
    # the receiver itself makes about 2 % of the keys knock twice: it answers 503 or drops the connection
    own_faults = sum(1 for key in acked.values() if _receiver_fails_first(key))
    assert rig.hits() == 200 + own_faults


def _receiver_fails_first(key: str) -> bool:
    return zlib.crc32(key.encode()) % 100 in (0, 1)


def test_r3_a_wiped_broker_loses_nothing(product):
    rig, message = product
    for name in ("worker", "beat"):
        rig.parts[name].kill()
    with rig.offering(message, number=300, prefix="r3", per_second=200):
        pass
    assert list(rig.tasks().values()).count("pending") >= 300
    _wipe(rig.broker)
    rig.start_programs("worker", "beat")
    rig.settle(40)
    assert set(rig.acked("r3").values()) <= set(rig.effects())
    balance(rig)


def _wipe(broker: Valkey) -> None:
    client = redis.Redis.from_url(broker.url())
    client.flushall()
    client.close()


def test_r1_two_thousand_referrals_survive_fifteen_kill_nine(product, record_property):
    rig, message = product
    seed = random.randrange(10**6)
    record_property("seed", seed)
    print(f"seed {seed}")
    with rig.offering(message, number=2000, prefix="r1", per_second=80) as still_offering:
        kill_while_offering(rig, "r1", kill_order(15, seed), 2000, still_offering)
    rig.settle(45)
    acked, tasks, effects = rig.acked("r1"), rig.tasks(), rig.effects()
    assert len(rig.kills) == 15
    assert len(acked) == len(set(acked.values())) == 2000
    lost = set(acked.values()) - set(effects)
    phantom = set(effects) - set(tasks)
    unacknowledged = set(acked.values()) - set(tasks)
    assert (len(lost), len(phantom), len(unacknowledged)) == (0, 0, 0), (rig.kills, tasks[next(iter(lost))] if lost else "")
    assert all(key == told for key, told in effects.items())
    assert len(tasks) == len(effects) == len(rig.acked("r?"))  # with R2 and R3: no key made two referrals, none is missing
    balance(rig)


def kill_while_offering(rig: Rig, prefix: str, order: list[str], number: int, still_offering: Callable[[], bool]) -> None:
    """One kill each time another share of the referrals was acknowledged, so that all fall while there is work to lose."""
    for position, kind in enumerate(order, start=1):
        while len(rig.acked(prefix)) < position * number / (len(order) + 1):
            if not still_offering():  # all were acknowledged while this one was counting
                assert len(rig.acked(prefix)) == number, "the producers ended before all was acknowledged"
            rig.tend()
            time.sleep(0.05)
        rig.kill(kind)


def test_the_naive_control_loses_some_under_the_same_rig(unblocked, services_folder):
    rig = Rig(services_folder / "naive-rig", naive=True).start()
    try:
        message = people_of(rig)
        rig.start_programs()
        with rig.offering(message, number=500, prefix="naive", per_second=40) as still_offering:
            order = ["worker main", "broker", "worker child", "broker", "database", "web"]
            kill_while_offering(rig, "naive", order, 500, still_offering)
        rig.settle(10)
        acked, effects = rig.acked("naive"), rig.effects()
        assert len(acked) == 500
        assert len(set(acked.values()) - set(effects)) > 0
        assert len(effects) > 100  # it does work when nobody is killed
    finally:
        rig.stop()
