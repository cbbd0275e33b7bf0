"""A partner's sending system for the rig: offers referrals over HTTP, each with its own key, until each is acknowledged.

Run as: python -m tests.reliability.producer URL TOKEN PREFIX FROM TO PER_SECOND LEDGER, the message as JSON on stdin.
Each acknowledged one becomes a line "key task" in LEDGER, flushed before the next is offered.
"""

import http.client
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE = 240.0  # seconds: a web server that was killed on a loaded machine takes its time to come back


def offer(url: str, token: str, key: str, body: bytes) -> str | None:
    """The task's id when acknowledged, None when it has to be offered again."""
    request = urllib.request.Request(
        url, body, {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())["tasks"][0]["id"]
    except urllib.error.HTTPError as refusal:
        if refusal.code < 500:
            raise SystemExit(f"{refusal.code}: {refusal.read().decode()}") from None
        return None
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return None


def main(url: str, token: str, prefix: str, first: int, last: int, per_second: float, ledger: Path) -> None:
    """Offer all, at most `per_second` a second."""
    body = sys.stdin.buffer.read()
    began = time.monotonic()
    with ledger.open("a") as lines:
        for position, number in enumerate(range(first, last)):
            time.sleep(max(0.0, began + position / per_second - time.monotonic()))
            key = f"{prefix}-{number}"
            until = time.monotonic() + PATIENCE
            while (task := offer(url, token, key, body)) is None:
                if time.monotonic() > until:
                    raise SystemExit(f"{key} was never acknowledged")
                time.sleep(0.1)
            lines.write(f"{key} {task}\n")
            lines.flush()


if __name__ == "__main__":
    words = sys.argv[1:]
    main(words[0], words[1], words[2], int(words[3]), int(words[4]), float(words[5]), Path(words[6]))
