"""Announce up: a lower package says what happened, a higher one listens. The only place that knows `on_commit` and the broker.

The broker is a hint and never the record: a job lost here is found again by the sweep that every job has.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from celery import Task
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Announcement:
    """Base of what packages tell the world: a frozen dataclass holding ids only, never personal data."""


class NoTransaction(RuntimeError):
    """An action announced outside a transaction: its change and its announcement could part."""


_listeners: dict[type[Announcement], list[Callable]] = defaultdict(list)


def listen(kind: type[Announcement]) -> Callable:
    """Decorator: call the function with each announcement of `kind`, after its transaction committed."""

    def register(listener: Callable) -> Callable:
        if listener not in _listeners[kind]:
            _listeners[kind].append(listener)
        return listener

    return register


def announce(announcement: Announcement) -> None:
    """Tell the listeners when the open transaction commits. Raises NoTransaction outside one."""
    if not connection.in_atomic_block:
        raise NoTransaction(type(announcement).__name__)
    for listener in _listeners[type(announcement)]:
        transaction.on_commit(partial(listener, announcement), robust=True)


def enqueue(job: Task, **ids: str) -> bool:
    """Hint to a worker that there is work. Returns False when the broker cannot be reached (the sweep will find it)."""
    try:
        job.apply_async(kwargs=ids, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("broker not reached, the sweep will find it: %s (%s)", job.name, type(error).__name__)
        return False
    return True
