"""How a referral gets to a target that has its own system: by HTTP.

An address comes from an agency's settings, so the HTTP carrier trusts nothing about it: https only (plain http to this very
machine in a demonstration), no redirects, no private network unless a setting names the host, a deadline for the whole
exchange, and a bounded answer (OWASP ASVS 5.0 1.3.6, 15.3.2).
"""

import contextlib
import datetime as dt
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from portal.kit.outgoing import Retry, Undeliverable
from portal.models import Agency

DEADLINE = 4.0  # seconds for connecting, sending and reading together
MOST_READ = 64 * 1024  # bytes


class DoorClosed(Retry):
    """Nobody answered at all: other deliveries to the same place would only wait as long."""


@dataclass(frozen=True)
class Packet:
    """One referral as an outside system gets it. person: that agency's own pseudonym; facts: what the gate allowed before
    acceptance."""

    task_id: UUID
    sender: dict[str, str]
    person: str
    need: str
    service: str
    programme: str
    priority: str
    note: str
    do_not_contact: bool
    answer_by: dt.date
    facts: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "message": "request", "id": str(self.task_id), "sender": self.sender, "person": self.person, "need": self.need,
            "service": self.service, "programme": self.programme, "priority": self.priority, "note": self.note,
            "do_not_contact": self.do_not_contact, "answer_by": self.answer_by.isoformat(), "facts": self.facts,
        }  # fmt: skip


class Http:
    """The target has its own system: POST JSON with an Idempotency-Key; 2xx and 409 (known already) are success.

    Raises Retry when trying again may help, Undeliverable when it cannot.
    """

    def request(self, target: Agency, packet: Packet) -> None:
        self._post(target, packet.as_json(), key=packet.task_id)

    def stop(self, target: Agency, *, task_id: UUID, key: UUID, reason: str) -> None:
        self._post(target, {"message": "stop", "id": str(task_id), "reason": reason}, key=key)

    def _post(self, target: Agency, document: dict[str, Any], *, key: UUID) -> None:
        connection, path = open_connection(target.inbox_url)
        body = json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(key),
            "User-Agent": "OneDoor",
            "Connection": "close",
        }
        began = time.monotonic()
        clock = threading.Timer(DEADLINE, _cut, [connection.sock])
        clock.daemon = True
        clock.start()
        try:
            connection.request("POST", path, body=body, headers=headers)
            response = connection.getresponse()
            response.read(MOST_READ)
            status = response.status
        except (OSError, http.client.HTTPException) as error:
            late = time.monotonic() - began >= DEADLINE
            raise (DoorClosed if late else Retry)(f"no answer: {type(error).__name__}") from error
        finally:
            clock.cancel()
            connection.close()
        if 200 <= status < 300 or status == 409:
            return
        if status in (408, 425, 429) or status >= 500:
            raise Retry(f"answered {status}")
        raise Undeliverable(f"answered {status}")


def carrier_for(target: Agency) -> Http | None:
    """HTTP where the agency has named an inbox of its own. None: it works in OneDoor, so the task appears in its inbox there,
    its workers read through the gate, and nothing is copied."""
    return Http() if target.inbox_url else None


def open_connection(url: str) -> tuple[http.client.HTTPConnection, str]:
    """A connection to the checked address itself (the name is not looked up a second time), and the path to ask for.

    Raises Undeliverable for an address that may not be used, Retry when the name cannot be found or nobody answers.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.username or parts.password or parts.scheme not in ("http", "https") or not host:
        raise Undeliverable("the inbox address must begin with https:// and hold no password")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _checked_address(host, port, parts.scheme)
    try:
        plain = socket.create_connection((address, port), timeout=DEADLINE)
    except OSError as error:
        raise DoorClosed(f"not reached: {type(error).__name__}") from error
    connection = http.client.HTTPConnection(host, port, timeout=DEADLINE)
    try:
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) if parts.scheme == "https" else plain
        )
    except OSError as error:
        plain.close()
        raise Retry(f"no safe connection: {type(error).__name__}") from error
    return connection, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _checked_address(host: str, port: int, scheme: str) -> str:
    try:
        found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise DoorClosed(f"name not found: {type(error).__name__}") from error
    addresses = [ipaddress.ip_address(str(text).split("%")[0]) for text in found]
    is_own_machine = bool(addresses) and all(address.is_loopback for address in addresses)
    if scheme != "https" and not (is_own_machine and settings.DEMONSTRATION):
        raise Undeliverable("the inbox address must begin with https://")
    is_named = host in settings.DELIVERY_PRIVATE_HOSTS or (is_own_machine and settings.DEMONSTRATION)
    if not is_named and not all(address.is_global for address in addresses):
        raise Undeliverable("the inbox address lies in a private network")
    return str(addresses[0])


def _cut(plain: socket.socket) -> None:
    """The deadline has passed: break the exchange off, however slowly the other side still talks."""
    with contextlib.suppress(OSError):
        plain.shutdown(socket.SHUT_RDWR)
