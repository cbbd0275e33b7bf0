"""Cost of work in this process: CPU of all its threads, wall time, and the most memory it takes above what is there before."""

import ctypes
import gc
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.measure import Cost

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def here(work: Callable[[], Any], times: int) -> Cost:
    """The mean cost of `work` over `times` runs."""
    app, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        work()
    wall, app = time.perf_counter() - wall, time.process_time() - app
    return Cost(app * 1e3 / times, 0.0, wall * 1e3 / times)


def microseconds(work: Callable[[Any], Any], items: Iterable[Any]) -> float:
    """The median CPU time of one item."""
    found = []
    for item in items:
        begun = time.process_time_ns()
        work(item)
        found.append(time.process_time_ns() - begun)
    return median(found) / 1e3


def peak_bytes(work: Callable[[], Any]) -> int | None:
    """The most resident memory `work` takes above what is there before, its answers included; None where the system does not tell."""
    work()  # what is made once is there then
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        before = _status("VmRSS")
        _RESET.write_text("5", encoding="ascii")
    except (OSError, AttributeError):
        return None
    kept = work()
    peak = _status("VmHWM")
    del kept
    return max(0, peak - before)


def _status(name: str) -> int:
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024
