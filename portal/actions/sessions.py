"""Ending sessions: one of one's own elsewhere, all of them, and what is left of those that ended by themselves."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef

from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.models import User


@transaction.atomic
def end_session(*, by: Actor, user: User, session_id: int, this: str | None) -> bool:
    """End one of the user's sessions elsewhere; False when it is not there any more. `this`: the key that stays.

    Raises Refused for somebody else's.
    """
    return bool(_end(by, user, pk=session_id, this=this))


@transaction.atomic
def end_other_sessions(*, by: Actor, user: User, this: str | None) -> int:
    """End all sessions of the user but the one with the key `this`, and return how many. Raises Refused as above."""
    return _end(by, user, this=this)


@transaction.atomic
def forget_ended(*, by: Actor) -> int:
    """Forget the devices of sessions that are gone, and return how many. Raises Refused for people."""
    if not by.is_machine:
        raise Refused
    stored = Session.objects.filter(session_key=OuterRef("session_key"))
    return UserSession.objects.filter(~Exists(stored)).delete()[0]


def follow_key(*, before: str | None, after: str | None) -> None:
    """A session has a new key: the list of its user's devices knows it by that one from now on."""
    UserSession.objects.filter(session_key=before).update(session_key=after)


def _end(by: Actor, user: User, *, this: str | None, **which: int) -> int:
    if by.user_id != user.pk and not by.is_machine:
        raise Refused
    rows = UserSession.objects.filter(user=user, **which).exclude(session_key=this or "")
    keys = list(rows.values_list("session_key", flat=True))
    ended = Session.objects.filter(session_key__in=keys).delete()[0]
    rows.delete()
    return ended
