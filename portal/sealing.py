"""Text that only this installation can read: authenticated encryption under keys derived from SECRET_KEY and its fallbacks."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(ValueError):
    """The text was sealed under a key that is gone, for another purpose, or was changed."""


def seal(purpose: str, text: str) -> str:
    """Encrypt with the key of now. purpose: what the text is for; a text sealed for one purpose opens for no other."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """Decrypt with the key of now or a former one. Raises Unreadable."""
    try:
        return _cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(f"cannot be read any more: {purpose}") from error


def _cipher(purpose: str) -> MultiFernet:
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"portal.{purpose}:{key!s}".encode()).digest()))
            for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        ]
    )
