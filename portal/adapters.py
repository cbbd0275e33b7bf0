"""How allauth behaves in this house: words, languages, sessions, and secrets kept encrypted."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal import sessions
from portal.actions.mails import put_out
from portal.actions.sessions import end_other_sessions
from portal.kit.actor import Actor, current
from portal.models import User
from portal.sealing import seal, unseal


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

    def set_password(self, user: User, password: str) -> None:
        """Set it, and end the user's sessions everywhere but here."""
        super().set_password(user, password)
        this = self.request.session.session_key if self.request.user == user else None
        end_other_sessions(by=Actor.machine("new password"), user=user, this=this)

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in and fill the session."""
        super().login(request, user)
        sessions.begin(request, user, at=timezone.now(), day=timezone.localdate())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the e-mail in the language of the request and put it out: a mail server that is away holds nobody up."""
        words = {"request": self.request, "email": email} | context
        message = self.render_mail(template_prefix, email, words)
        put_out(
            by=current() or Actor.anonymous(),
            kind=template_prefix.rpartition("/")[2],
            to=email,
            subject=message.subject,
            body=message.body,
            at=timezone.now(),
        )

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
        return seal("second-factor", text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt with the key of now or a former one."""
        return unseal("second-factor", encrypted_text)
