"""Who is acting. Every action takes `by`, an Actor; every transaction carries it to PostgreSQL for row-level security.

The actor lives in a context variable and is written with `set_config(..., true)` when a transaction begins, so it
ends with the transaction and cannot leak through a pooled connection. Without an actor no protected row is visible.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import connection as default_connection

CITIZEN, STAFF, MACHINE, ANONYMOUS = "citizen", "staff", "machine", "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts.

    kind: citizen | staff | machine | anonymous.
    user_id: the signed-in user, if any.
    person_id: for citizens (with or without an account) the person whose record this is.
    agency_id: for staff the agency of the membership in use; for machines the agency acted for.
    membership_id, role: staff only; role is a code of `portal.roles`.
    name: of staff and machines, as an access log shows it ("Amina Yusuf", "screening"). A citizen acts without a name: theirs
    is a fact behind the gate, and nothing an actor touches may carry it past.
    record_id: for machines the one case record the job may touch; None means none.
    caseload: a machine that reads the pseudonymous typed facts of all records (previews, statistics).
    """

    kind: str
    user_id: UUID | None = None
    person_id: UUID | None = None
    agency_id: UUID | None = None
    membership_id: UUID | None = None
    role: str = ""
    name: str = ""
    record_id: UUID | None = None
    caseload: bool = False

    @classmethod
    def citizen(cls, *, person_id: UUID, user_id: UUID | None = None) -> "Actor":
        return cls(CITIZEN, user_id=user_id, person_id=person_id, role="citizen")

    @classmethod
    def machine(
        cls, name: str, *, agency_id: UUID | None = None, record_id: UUID | None = None, caseload: bool = False
    ) -> "Actor":
        return cls(MACHINE, agency_id=agency_id, record_id=record_id, caseload=caseload, name=name, role="machine")

    @classmethod
    def anonymous(cls) -> "Actor":
        return cls(ANONYMOUS)

    @property
    def is_citizen(self) -> bool:
        return self.kind == CITIZEN

    @property
    def is_staff(self) -> bool:
        return self.kind == STAFF

    @property
    def is_machine(self) -> bool:
        return self.kind == MACHINE


_current: ContextVar[Actor | None] = ContextVar("actor", default=None)

_SETTINGS = ("app.kind", "app.user", "app.person", "app.agency", "app.record", "app.caseload")
_SQL = "select " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)


def current() -> Actor | None:
    """Return the actor of this request, job or command; None where nobody was named."""
    return _current.get()


def apply_context(connection) -> None:
    """Write the current actor into the open transaction of `connection` (called by the database wrapper).

    Uses the raw driver cursor: no query-log entry, not counted by query-count assertions.
    """
    actor = _current.get()
    values = (
        [""] * len(_SETTINGS)
        if actor is None
        else [
            actor.kind,
            str(actor.user_id or ""),
            str(actor.person_id or ""),
            str(actor.agency_id or ""),
            str(actor.record_id or ""),
            "yes" if actor.caseload else "",
        ]
    )
    with connection.connection.cursor() as cursor:
        cursor.execute(_SQL, values)


@contextmanager
def acting_as(actor: Actor | None, *, using=None) -> Iterator[Actor | None]:
    """Act as `actor` inside the block, also in a transaction that is already open; the former actor returns after it.

    Whoever acts already goes on without a word to the database.
    """
    if actor is not None and actor == _current.get():
        yield actor
        return
    connection = using or default_connection
    token = _current.set(actor)
    _refresh(connection)
    try:
        yield actor
    finally:
        _current.reset(token)
        _refresh(connection)


def _refresh(connection) -> None:
    is_open = connection.in_atomic_block and connection.connection is not None and not connection.needs_rollback
    if is_open and not connection.connection.closed:
        apply_context(connection)
