"""One transaction around an action, and no savepoint inside somebody else's."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def whole() -> Iterator[None]:
    """Open a transaction unless one is open; as a decorator or around a block.

    For actions that check everything before they write: a refusal leaves nothing behind, so the caller's transaction goes on
    without the two statements of a savepoint. Where a caller goes on after a failed write, it takes `transaction.atomic`.
    """
    if connection.in_atomic_block:
        yield
    else:
        with transaction.atomic():
            yield
