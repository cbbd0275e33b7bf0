"""Bar R7: once a withdrawal is committed nothing is delivered any more, however close the two come."""

import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection, transaction
from django.utils import timezone

from casework.jobs.delivery import drain, recheck_permissions
from casework.models import ReferralDelivery, ReferralTask
from consent.actions.consents import withdraw
from portal.kit.actor import Actor, acting_as
from tests.factories.referral import make_scene

pytestmark = [pytest.mark.reliability, pytest.mark.django_db(transaction=True)]
ROUNDS = 20


def test_nothing_arrives_after_the_withdrawal_was_committed():
    arrivals: dict[str, float] = {}

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrivals[self.headers["Idempotency-Key"]] = time.monotonic()
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(0.02)
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with transaction.atomic():
            scene = make_scene(inbox_url=f"http://127.0.0.1:{server.server_port}/")
        delivered = sum(_one_round(scene, arrivals) for _number in range(ROUNDS))
    finally:
        server.shutdown()
        server.server_close()
    assert 0 < delivered < ROUNDS, "the race was no race: one side always won"


def _one_round(scene, arrivals: dict[str, float]) -> bool:
    """One delivery against one withdrawal; True when the delivery came first."""
    with transaction.atomic():
        consent = scene.allow(at=timezone.now())
    with transaction.atomic():
        referral = scene.send(at=timezone.now())
        task = scene.task(referral)
    committed: list[float] = []
    wait = random.uniform(0, 0.06)

    def deliver() -> None:
        drain()
        connection.close()

    def stop() -> None:
        time.sleep(wait)
        with acting_as(scene.citizen), transaction.atomic():
            withdraw(by=scene.citizen, consent=consent, at=timezone.now())
        committed.append(time.monotonic())
        connection.close()

    threads = [threading.Thread(target=deliver), threading.Thread(target=stop)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    recheck_permissions(str(scene.record.pk), str(scene.charity.pk))
    arrived = arrivals.get(str(task.pk))
    with acting_as(Actor.machine("test", record_id=scene.record.pk)), transaction.atomic():
        task = ReferralTask.objects.get(pk=task.pk)
        messages = dict(ReferralDelivery.objects.filter(task=task).values_list("message", "state"))
    assert (task.state, task.reason) == ("cancelled", "permission_ended")
    if arrived is None:
        assert (task.delivered_at, messages) == (None, {"request": "recalled"})
    else:
        assert arrived < committed[0]
        assert messages["request"] == "done"
        assert "stop" in messages
    return arrived is not None
