"""How long a session lasts (OWASP ASVS 5.0 7.3.1, 7.3.2): idle, and at all. Staff sessions are shorter."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

IDLE = {"staff": dt.timedelta(minutes=30), "citizen": dt.timedelta(hours=2)}
ABSOLUTE = {"staff": dt.timedelta(hours=10), "citizen": dt.timedelta(hours=24)}
GRAIN = dt.timedelta(minutes=1)  # how exactly the last visit is remembered: one session write a minute at most


@dataclass(frozen=True)
class Clock:
    """What a session's own data say about its time; `kind`: staff when it acts under a membership."""

    kind: str
    began_at: dt.datetime
    seen_at: dt.datetime

    @classmethod
    def of(cls, data: Mapping[str, Any], now: dt.datetime) -> "Clock":
        """Of a session's data at `now`; one that says nothing yet begins now."""
        kind = "staff" if data.get("membership_id") else "citizen"
        return cls(kind, _moment(data.get("began_at"), now), _moment(data.get("seen_at"), now))

    @property
    def idle_minutes(self) -> int:
        """How long it lasts without a step, in minutes."""
        return int(IDLE[self.kind].total_seconds()) // 60

    @property
    def idle_until(self) -> dt.datetime:
        """When it ends if nothing happens."""
        return self.seen_at + IDLE[self.kind]

    @property
    def at_latest(self) -> dt.datetime:
        """When it ends whatever happens."""
        return self.began_at + ABSOLUTE[self.kind]

    def is_over(self, now: dt.datetime) -> bool:
        """Whether it has ended at `now`."""
        return now > min(self.idle_until, self.at_latest)

    def seconds_left(self, now: dt.datetime) -> tuple[int, int]:
        """(until it ends if nothing happens, until it ends whatever happens), in whole seconds, never below 0."""
        idle, latest = self.idle_until - now, self.at_latest - now
        return max(0, int(min(idle, latest).total_seconds())), max(0, int(latest.total_seconds()))


def _moment(text: str | None, otherwise: dt.datetime) -> dt.datetime:
    return dt.datetime.fromisoformat(text) if text else otherwise
