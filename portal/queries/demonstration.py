"""What the demonstration shows of itself: its sign-ins, and the e-mails it sent."""

import email
import email.policy
import re
import time
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path

from allauth.mfa import app_settings as second_factor
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings

from portal.actions.demonstration import password_hash, secret_of
from portal.models import Membership, User
from portal.roles import ROLES

MOST_MAILS = 200
# Who a newcomer meets first: agency, role and how many of them, after one citizen. The second programme admin publishes what the first drafts.
FIRST_TO_MEET = (
    ("newham-council", "counter_officer", 1),
    ("newham-council", "caseworker", 1),
    ("newham-council", "decision_maker", 1),
    ("newham-council", "programme_admin", 2),
    ("newham-council", "auditor", 1),
    ("harbour-advice", "caseworker", 1),
)
_BETWEEN_MAILS = "-" * 79
_MAIL_NAME = re.compile(r"(?P<file>[\w-]+)\.(?P<position>\d+)")


@dataclass(frozen=True)
class SignIn:
    """One account. roles: (role's label, agency's name); code: good now, empty for citizens; seats: (agency's slug, role)."""

    email: str
    name: str
    roles: tuple[tuple[object, str], ...]
    code: str
    seats: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Mail:
    """One e-mail of the mailbox."""

    name: str
    to: str
    subject: str
    sent_at: datetime | None
    body: str


def sign_ins(day: date) -> list[SignIn]:
    """The accounts that still have the demonstration's password: colleagues by agency and role, then citizens."""
    users = User.objects.filter(password=password_hash(), is_active=True).order_by("name", "email")
    held: dict[object, list[Membership]] = {}
    for membership in Membership.objects.in_force(day).select_related("agency").order_by("agency__name", "role"):
        held.setdefault(membership.user_id, []).append(membership)
    order = list(ROLES)

    def rank(user: User) -> tuple:
        own = held.get(user.pk)
        return (0, own[0].agency.name, order.index(own[0].role)) if own else (1, "", 0)

    return [
        SignIn(
            user.email,
            user.name,
            tuple((ROLES[one.role].label, one.agency.name) for one in held.get(user.pk, ())),
            current_code(user.email) if user.pk in held else "",
            tuple((one.agency.slug, one.role) for one in held.get(user.pk, ())),
        )
        for user in sorted(users, key=rank)
    ]


def first_to_meet(found: list[SignIn]) -> list[SignIn]:
    """Of the accounts the few that show the product from each side; all of them where none of those is there."""
    few = []
    for agency, role, number in FIRST_TO_MEET:
        few += [one for one in found if (agency, role) in one.seats][:number]
    return [*[one for one in found if not one.seats][:1], *few] if few else found


def current_code(address: str) -> str:
    """The one-time code that is good now for a demonstration account (RFC 6238)."""
    return format_hotp_value(hotp_value(secret_of(address), int(time.time()) // second_factor.TOTP_PERIOD))


def mails() -> list[Mail]:
    """The e-mails in the mailbox folder, newest first."""
    folder = Path(settings.MAILBOX_DIR)
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)[:MOST_MAILS]
    return [mail for path in files for mail in reversed(_mails_in(path))]


def mail_named(name: str) -> Mail | None:
    """One e-mail by the name that `mails` gave it; None when there is none."""
    parts = _MAIL_NAME.fullmatch(name)
    if not parts:
        return None
    path = Path(settings.MAILBOX_DIR) / f"{parts['file']}.log"
    found = _mails_in(path) if path.is_file() else []
    position = int(parts["position"])
    return found[position] if position < len(found) else None


def _mails_in(path: Path) -> list[Mail]:
    chunks = [chunk.strip("\n") for chunk in path.read_text(encoding="utf-8").split(f"\n{_BETWEEN_MAILS}\n")]
    return [_mail(f"{path.stem}.{position}", chunk) for position, chunk in enumerate(chunks) if chunk]


def _mail(name: str, text: str) -> Mail:
    message = email.message_from_string(text, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    sent = message["Date"]
    return Mail(
        name, str(message["To"]), str(message["Subject"]), sent.datetime if sent else None, body.get_content() if body else ""
    )
