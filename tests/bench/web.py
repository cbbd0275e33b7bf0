"""A real web server over one of the bench's databases, and a few clients that load it."""

import http.client
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from portal.services.processes import ServiceError, free_port, tail
from portal.services.programs import Program
from tests.bench.measure import Cost, children_of, threads_cpu
from tests.bench.stage import Stage

CLIENTS = 4


@dataclass(frozen=True)
class Request:
    """A POST, ready to send."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Server:
    """gunicorn with two workers, as in service. database: the server process of PostgreSQL."""

    port: int
    process: int
    database: int

    def form_post(self, path: str, session: str, token: str, fields: dict[str, str]) -> Request:
        """A form's POST by a browser."""
        headers = _cookies(session, token) | {"Content-Type": "application/x-www-form-urlencoded"}
        return Request(path, headers, urllib.parse.urlencode(fields))

    def json_post(self, path: str, session: str, token: str, body: str) -> Request:
        """A POST by a script of the page."""
        return Request(path, _cookies(session, token) | {"Content-Type": "application/json", "X-CSRFToken": token}, body)

    def load(self, requests: list[Request], expect: int) -> Cost:
        """Send all by four clients; wall time and CPU (web server, database) of one. Raises AssertionError on another answer."""
        waiting: SimpleQueue[Request] = SimpleQueue()
        for request in requests:
            waiting.put(request)
        wrong: list[int] = []
        clients = [threading.Thread(target=self._client, args=(waiting, expect, wrong)) for _ in range(CLIENTS)]
        app, database, begun = _cpu_below(self.process), _cpu_below(self.database), time.perf_counter()
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        wall = time.perf_counter() - begun
        if wrong:
            raise AssertionError(f"answers {wrong[:5]} instead of {expect}")
        many = len(requests)
        return Cost((_cpu_below(self.process) - app) / many, (_cpu_below(self.database) - database) / many, wall * 1e3 / many)

    def _client(self, waiting: "SimpleQueue[Request]", expect: int, wrong: list[int]) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while True:
            try:
                request = waiting.get_nowait()
            except Empty:
                break
            link.request("POST", request.path, request.body, request.headers)
            answer = link.getresponse()
            answer.read()
            if answer.status != expect:
                wrong.append(answer.status)
        link.close()


@contextmanager
def serving(stage: Stage, database: str) -> Iterator[Server]:
    """The product (and the controls) behind gunicorn."""
    port = free_port()
    arguments = ["-m", "gunicorn", "portal.wsgi", "-b", f"127.0.0.1:{port}", "-w", "2", "--threads", "4", "--preload"]
    program = Program("web server", [*arguments, "--no-control-socket"], stage.folder / "web.log")
    program.start(stage.environment(database))
    try:
        _await(program, port)
        assert program.process is not None
        assert stage.postgres.process is not None
        yield Server(port, program.process.pid, stage.postgres.process.pid)
    finally:
        program.ask_to_end()
        program.await_end(10)


def _await(program: Program, port: int, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and program.is_running():
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            link.request("GET", "/bench/unit/")
            if link.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            link.close()
    raise ServiceError(f"The web server did not start:\n{tail(program.log)}")


def _cookies(session: str, token: str) -> dict[str, str]:
    return {"Cookie": f"sessionid={session}; csrftoken={token}"}


def _cpu_below(pid: int) -> float:
    """Milliseconds of CPU of the living children of a process."""
    return sum(threads_cpu(child) for child in children_of(pid))
