"""A mail server for tests: real SMTP on a socket of this machine, that can be away, hang, ask to come back, or refuse."""

import email
import socketserver
import threading
from email.message import Message
from types import TracebackType

from portal.services.processes import free_port


class MailServer:
    """Started by `with`. port: where it listens; it stays the same when it stops and starts again.

    received: the messages it took. recipient_reply: what it says to each RCPT. hang: "rcpt" waits before taking a message,
    "data" after having taken one, without saying so; `held` is set when somebody hangs.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.received: list[Message] = []
        self.recipient_reply = "250 ok"
        self.hang = ""
        self.held = threading.Event()
        self._open = threading.Event()
        self._server: socketserver.ThreadingTCPServer | None = None

    def start(self) -> "MailServer":
        """Listen."""
        house = self
        self._open.clear()

        class Door(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                house.serve(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", self.port), Door)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening: connections are refused."""
        self._open.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def serve(self, door: socketserver.StreamRequestHandler) -> None:
        """One conversation."""

        def say(words: str) -> None:
            door.wfile.write(f"{words}\r\n".encode())

        try:
            say("220 test")
            while line := door.rfile.readline().decode().strip():
                word = line[:4].upper()
                if word == "DATA":
                    say("354 go on")
                    self._take(door)
                    self._hold("data")
                    say("250 taken")
                elif word == "RCPT":
                    self._hold("rcpt")
                    say(self.recipient_reply)
                elif word == "QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 ok")
        except OSError:
            return  # the other side was killed

    def _take(self, door: socketserver.StreamRequestHandler) -> None:
        lines = []
        while (line := door.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.received.append(email.message_from_bytes(b"".join(lines)))

    def _hold(self, where: str) -> None:
        if self.hang == where:
            self.held.set()
            self._open.wait(30)

    def __enter__(self) -> "MailServer":
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
