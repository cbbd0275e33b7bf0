"""A broker that is down must not hold anybody up: the hint fails, the sweep finds the work."""

import time

from portal.celery import app
from portal.kit.announce import enqueue
from portal.services.processes import free_port
from portal.services.pytest_plugin import celery_speaking_to


@app.task(name="tests.nothing")
def nothing(**ids: str) -> None:
    """Does nothing."""


def test_a_dead_broker_is_a_quick_no() -> None:
    with celery_speaking_to(f"redis://127.0.0.1:{free_port()}/0"):
        begun = time.monotonic()
        assert enqueue(nothing, id="1") is False
        assert time.monotonic() - begun < 5


def test_a_living_broker_takes_the_hint(broker) -> None:
    assert enqueue(nothing, id="1") is True
