"""Accounts: opening one for somebody, their name and language."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.models import User
from portal.permissions import may_change_account, may_open_accounts


@transaction.atomic
def open_account(
    *, by: Actor, email: str, name: str, language: str = "en", password: str | None = None, is_confirmed: bool = False
) -> User:
    """Open an account for somebody, or return the one with this address unchanged.

    Without `password` the person sets one by the "new password" link. `is_confirmed`: the address is known to be theirs;
    otherwise they confirm it at their first sign-in. Raises Refused.
    """
    if not may_open_accounts(by):
        raise Refused
    address = email.strip().lower()
    if known := User.objects.filter(email=address).first():
        return known
    user = User.objects.create_user(address, password, name=name.strip(), language=_known_language(language))
    EmailAddress.objects.create(user=user, email=address, primary=True, verified=is_confirmed)
    return user


@transaction.atomic
def change_profile(*, by: Actor, user: User, name: str, language: str) -> None:
    """Set the name and the language of one's own account. Raises Refused."""
    if not may_change_account(by, user):
        raise Refused
    user.name, user.language = name.strip(), _known_language(language)
    user.save(update_fields=["name", "language"])


@transaction.atomic
def choose_language(*, by: Actor, user: User, language: str) -> None:
    """Remember the language for emails and letters. An unknown code changes nothing. Raises Refused."""
    if not may_change_account(by, user):
        raise Refused
    if language in dict(settings.LANGUAGES) and language != user.language:
        user.language = language
        user.save(update_fields=["language"])


def _known_language(code: str) -> str:
    return code if code in dict(settings.LANGUAGES) else "en"
