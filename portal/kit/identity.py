"""Identifiers: UUID version 7 (RFC 9562), so that keys sort by time and say nothing about the person."""

import os
import secrets
import time
import uuid

# Unambiguous when read aloud or copied by hand: no 0/O, 1/I/L, no vowels (no accidental words).
CODE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def uuid7() -> uuid.UUID:
    """Return a new time-ordered UUID (RFC 9562 section 5.7: 48-bit Unix milliseconds, then random bits)."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def spoken_code(groups: int = 3, size: int = 4) -> str:
    """Return a random code for people, like ``K7WP-3XQD-9HTB`` (27**12 is about 2**57 possibilities by default)."""
    return "-".join("".join(secrets.choice(CODE_ALPHABET) for _ in range(size)) for _ in range(groups))


def normal_code(text: str) -> str:
    """Return what somebody typed as a code in its stored form: capitals, groups of four joined by hyphens."""
    letters = [c for c in text.upper() if c in CODE_ALPHABET]
    return "-".join("".join(letters[i : i + 4]) for i in range(0, len(letters), 4))
