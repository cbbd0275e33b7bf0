"""How often somebody tried to come back: a limit per code and per address, held for all processes in the shared cache."""

from django.core.cache import cache
from django.utils.crypto import salted_hmac

WINDOW = 15 * 60  # seconds
PER_CODE = 5  # wrong dates of birth for one code
PER_ADDRESS = 30  # wrong codes from one place: a library has one address for many people


def too_many(address: str, code: str) -> bool:
    """Whether another try must wait."""
    return cache.get(_key("code", code), 0) >= PER_CODE or cache.get(_key("address", address), 0) >= PER_ADDRESS


def count_failure(address: str, code: str) -> None:
    """Remember a try that found nothing."""
    for key in (_key("code", code), _key("address", address)):
        cache.set(key, cache.get(key, 0) + 1, WINDOW)


def _key(kind: str, value: str) -> str:
    return f"intake.{kind}.{salted_hmac('intake.attempts', value, algorithm='sha256').hexdigest()}"
