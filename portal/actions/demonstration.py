"""Sign-ins of the demonstration: one password, and one-time codes that everybody can compute. Never in production."""

import base64
import hashlib
from functools import cache

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.models import User
from portal.permissions import may_found_agencies

PASSWORD = "one door for everybody"  # noqa: S105 (printed on the demonstration's own page)
_SALT = "demonstrationDemonstration"  # fixed, so that accounts with this password can be listed


def secret_of(email: str) -> str:
    """The one-time-code secret (base32) of a demonstration account: the same at every load."""
    return base64.b32encode(hashlib.sha1(f"onedoor demonstration {email}".encode(), usedforsecurity=False).digest()).decode()


@cache
def password_hash() -> str:
    """The stored form of the demonstration's password, the same for all its accounts."""
    return make_password(PASSWORD, salt=_SALT)


@transaction.atomic
def open_sign_in(*, by: Actor, email: str, name: str, language: str = "en", is_staff: bool) -> User:
    """Open a demonstration account, or bring the one with this address back to its first state.

    `is_staff` adds the second factor. Raises Refused outside a demonstration and for anybody but the command line.
    """
    if not settings.DEMONSTRATION or not may_found_agencies(by):
        raise Refused
    user, _made = User.objects.update_or_create(
        email=email.lower(), defaults={"name": name, "language": language, "password": password_hash(), "is_active": True}
    )
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"primary": True, "verified": True})
    if is_staff:
        Authenticator.objects.update_or_create(
            user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": encrypt(secret_of(user.email))}}
        )
    return user
