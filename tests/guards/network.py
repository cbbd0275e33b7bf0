"""Tests speak to this machine only."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest


class NetworkUsed(AssertionError):
    """A test tried to reach another machine."""


def _is_here(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket file
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] in {"localhost", ""}


@pytest.fixture(autouse=True, scope="session")
def only_this_machine() -> Iterator[None]:
    """`connect` to anything but the loopback interface fails."""
    originals = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}

    def guarded(original: Any) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            if not _is_here(address):
                raise NetworkUsed(f"{address}")
            return original(self, address)

        return connect

    for name, original in originals.items():
        setattr(socket.socket, name, guarded(original))
    yield
    for name, original in originals.items():
        setattr(socket.socket, name, original)
