"""Accounts as the entrance needs them."""

from allauth.mfa.models import Authenticator

from portal.models import User


def has_second_factor(user: User) -> bool:
    """Whether an authenticator app is set up for the account."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
