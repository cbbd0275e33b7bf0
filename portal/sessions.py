"""What a session knows about the signed-in user: second factor passed, memberships held, the one in use.

Only these functions write those keys. Every change of who one acts for gives the session a new key (OWASP ASVS 5.0, 7.2.4).
"""

from datetime import date, datetime

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from portal.actions.sessions import follow_key
from portal.models import Membership, User
from portal.queries.memberships import memberships_of


def begin(request: HttpRequest, user: User, *, at: datetime, day: date) -> None:
    """Fill the session of a user who just signed in at `at` (local date `day`).

    The second factor counts when this sign-in used one. A colleague with one membership acts under it at once.
    """
    request.session["began_at"] = request.session["seen_at"] = at.isoformat()
    held = _remember(request, user, day)
    if any(record["method"] == "mfa" for record in get_authentication_records(request, user)):
        request.session["second_factor"] = True
        if len(held) == 1:
            request.session["membership_id"] = str(held[0].pk)


def pass_second_factor(request: HttpRequest, user: User, *, day: date) -> None:
    """The user proved a second factor in this session (set it up just now)."""
    held = _remember(request, user, day)
    request.session["second_factor"] = True
    if len(held) == 1:
        request.session["membership_id"] = str(held[0].pk)
    _new_key(request)


def lose_second_factor(request: HttpRequest) -> None:
    """The user removed their second factor: no membership is usable any more."""
    for key in ("second_factor", "membership_id"):
        request.session.pop(key, None)
    _new_key(request)


def act_as(request: HttpRequest, membership: Membership | None, *, day: date) -> None:
    """Act under a membership of one's own, or (None) as oneself, from the next request on."""
    if membership is None:
        request.session.pop("membership_id", None)
    else:
        request.session["membership_id"] = str(membership.pk)
    _remember(request, user_of(request), day)
    _new_key(request)


def user_of(request: HttpRequest) -> User:
    """The account of a signed-in request: of pages behind SIGNED_IN or a power."""
    assert isinstance(request.user, User)
    return request.user


def is_colleague(request: HttpRequest) -> bool:
    """Whether the user held a membership when they signed in or last switched."""
    return bool(request.session.get("memberships"))


def _new_key(request: HttpRequest) -> None:
    """A new key for the session; the list of one's devices follows it."""
    before = request.session.session_key
    request.session.cycle_key()
    follow_key(before=before, after=request.session.session_key)


def _remember(request: HttpRequest, user: User, day: date) -> list[Membership]:
    """Keep what the switcher shows, so that pages need not ask the database: id, agency's name, role code."""
    held = memberships_of(user, day)
    request.session["memberships"] = [[str(one.pk), one.agency.name, one.role] for one in held]
    return held
