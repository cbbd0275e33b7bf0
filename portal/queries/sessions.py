"""Where a person is signed in."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from portal.devices import device_words
from portal.models import User
from portal.session_clock import Clock


@dataclass(frozen=True)
class SignedIn:
    """One place where a person is signed in. id: of allauth's row; is_staff: whether it acts for an agency there."""

    id: int
    device: str
    began_at: dt.datetime
    seen_at: dt.datetime
    is_this: bool
    is_staff: bool


def sessions_of(user: User, *, this: str | None, now: dt.datetime) -> list[SignedIn]:
    """The user's sessions that still hold, the one with the key `this` first, then the last used."""
    rows = {row.session_key: row for row in UserSession.objects.filter(user=user)}
    stored = {one.session_key: one.get_decoded() for one in Session.objects.filter(session_key__in=rows, expire_date__gt=now)}
    found = []
    for key, data in stored.items():
        clock = Clock.of(data, now)
        if not _is_of(data, user) or clock.is_over(now):
            continue
        row = rows[key]
        words = device_words(row.user_agent)
        found.append(SignedIn(row.pk, words, clock.began_at, clock.seen_at, key == this, clock.kind == "staff"))
    return sorted(found, key=lambda one: (one.is_this, one.seen_at), reverse=True)


def _is_of(data: dict[str, Any], user: User) -> bool:
    """Whether the session is the user's and was begun with the password of now."""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    held = str(data.get(HASH_SESSION_KEY, ""))
    return data.get(SESSION_KEY) == str(user.pk) and any(constant_time_compare(held, one) for one in hashes)
