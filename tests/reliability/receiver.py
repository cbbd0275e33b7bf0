"""A partner's system for the rig: a real HTTP server with a key table of its own, kept in SQLite.

It answers 503 before doing anything on about 1 % of the first calls, and does the work but drops the connection on
about 1 %. Run as: python -m tests.reliability.receiver PORT LEDGER
"""

import json
import sqlite3
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Ledger:
    """effects: what was done, once a key. hits: every knock at the door."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._rows.executescript(
            "pragma journal_mode = wal; pragma synchronous = full;"
            "create table effects (key text primary key, id text not null); create table hits (key text not null);"
        )

    def take(self, key: str, body: dict) -> tuple[int, bool]:
        """(status to answer, whether to drop the connection instead)."""
        chance = zlib.crc32(key.encode()) % 100
        with self._lock:
            before = self._rows.execute("select count(*) from hits where key = ?", [key]).fetchone()[0]
            self._rows.execute("insert into hits values (?)", [key])
            if chance == 0 and before == 0:
                return 503, False
            if self._rows.execute("select 1 from effects where key = ?", [key]).fetchone():
                return 409, False
            self._rows.execute("insert into effects values (?, ?)", [key, body["id"]])
        return 201, chance == 1 and before == 0


def main(port: int, path: str) -> None:
    """Serve until killed."""
    ledger = Ledger(path)

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, is_dropped = ledger.take(self.headers["Idempotency-Key"], body)
            if is_dropped:
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Door).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
