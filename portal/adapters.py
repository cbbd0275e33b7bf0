"""How allauth behaves in this house: words, languages, sessions, and secrets kept encrypted."""

import base64
import hashlib
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal import sessions
from portal.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, sign-in, passwords and addresses."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed. Talk to us if you need it again."),
        "duplicate_email": _("This is the address you use now. Enter a different one."),
        "email_password_mismatch": _("The email address or the password is not right. Check both and try again."),
        "enter_current_password": _("This is not your password of now. Check it and try again."),
        "incorrect_password": _("The password is not right. Check it and try again."),
        "rate_limited": _("Too many tries. Wait 5 minutes and try again."),
        "too_many_login_attempts": _("Too many tries. Wait 5 minutes and try again, or set a new password."),
        "unverified_primary_email": _("Follow the link in our email first. It confirms your address."),
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Keep the language in which the person signed up: our emails will use it."""
        user.language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
        return super().save_user(request, user, form, commit)

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in and fill the session."""
        super().login(request, user)
        sessions.begin(request, user, at=timezone.now(), day=timezone.localdate())

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Before something that matters ask again who it is, unless the person proved it in the last minutes."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):
    """One-time codes. Their secrets are encrypted under keys derived from SECRET_KEY and its fallbacks."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or was used before. Wait for the next code and enter it."),
        "unverified_email": _("Confirm your email address first."),
    }

    def encrypt(self, text: str) -> str:
        """Encrypt with the key of now."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt with the key of now or a former one."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"portal.second-factor:{key!s}".encode()).digest()))
            for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        ]
    )
