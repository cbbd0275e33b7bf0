"""Accounts, agencies and colleagues for tests, and the ways people take to sign in."""

import datetime as dt
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import encrypt
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.kit.actor import Actor
from portal.models import Agency, Membership, Office, Team, User

PASSWORD = "a quiet morning by the river"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
COMMAND_LINE = Actor.machine("installation")
_number = count(1)


def make_user(email: str = "", *, name: str = "Sam Reed", is_confirmed: bool = True, **fields: Any) -> User:
    """An account with the password PASSWORD."""
    user = User.objects.create_user(email or f"person{next(_number)}@example.org", PASSWORD, name=name, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=is_confirmed)
    return user


def make_agency(slug: str = "", **fields: Any) -> Agency:
    """An agency with its group."""
    slug = slug or f"agency-{next(_number)}"
    group = Group.objects.create(name=f"agency:{slug}")
    options = {"name": slug.replace("-", " ").title(), "kind": Agency.STATUTORY} | fields
    return Agency.objects.create(slug=slug, group=group, **options)


def make_office(agency: Agency, name: str = "Stratford office", **fields: Any) -> Office:
    """An office of the agency."""
    options = {"address": "1 High Street\nLondon E15", "phone": "020 7946 0000", "assured_on": dt.date(2026, 11, 2)} | fields
    return Office.objects.create(agency=agency, name=name, **options)


def make_team(agency: Agency, name: str = "Team A") -> Team:
    """A team of the agency."""
    return Team.objects.create(agency=agency, name=name)


def give_second_factor(user: User) -> None:
    """Set up an authenticator app with the secret SECRET."""
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(SECRET)})


def make_membership(agency: Agency, role: str = "caseworker", user: User | None = None, **fields: Any) -> Membership:
    """A colleague's membership from long ago on; a new user gets a second factor."""
    if user is None:
        user = make_user(name=f"Colleague {next(_number)}")
        give_second_factor(user)
    return Membership.objects.create(user=user, agency=agency, role=role, **({"starts_on": dt.date(2020, 1, 1)} | fields))


def actor_for(membership: Membership) -> Actor:
    """The actor that acts under the membership."""
    return Actor(
        "staff",
        user_id=membership.user_id,
        agency_id=membership.agency_id,
        membership_id=membership.pk,
        role=membership.role,
        name=membership.user.name,
    )


def code_at(moment: dt.datetime, secret: str = SECRET) -> str:
    """The one-time code that is good at the moment."""
    return format_hotp_value(hotp_value(secret, int(moment.timestamp()) // 30))


def enter_password(client: Client, user: User, password: str = PASSWORD, **options: Any) -> HttpResponse:
    """Post the sign-in form."""
    return client.post(reverse("account_login"), {"login": user.email, "password": password}, **options)


def enter_code(client: Client, code: str = "") -> HttpResponse:
    """Post the second step with a code, or the one that is good now."""
    return client.post(reverse("mfa_authenticate"), {"code": code or code_at(timezone.now())})


def sign_in(client: Client, user: User) -> HttpResponse:
    """Sign in with password and, where the user has one, second factor; returns the last answer."""
    answer = enter_password(client, user)
    return enter_code(client) if answer.headers.get("Location") == reverse("mfa_authenticate") else answer
