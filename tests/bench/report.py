"""The table, for a terminal and for the documentation."""

import os
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from tests.bench.measure import Line

_HEADINGS = ("Bar", "What", "Ours", "Against", "Ratio", "Bar at", "")
_WIDTHS = (7, 78, 24, 34, 8, 24, 6)


def _times(ratio: float) -> str:
    return f"{ratio:.0f} x" if ratio >= 100 else f"{ratio:.2f} x" if ratio >= 0.1 else f"{ratio:.2g} x"


def _cells(line: Line) -> tuple[str, ...]:
    ratio = "" if line.ratio is None else _times(line.ratio)
    verdict = "" if line.is_met is None else "met" if line.is_met else "MISSED"
    return line.bar, line.what, line.ours, line.against, ratio, line.limit, verdict


def as_text(lines: Iterable[Line], *, heading: bool) -> str:
    """Lines for a terminal."""
    rows = [*([_HEADINGS] if heading else []), *(_cells(line) for line in lines)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, _WIDTHS, strict=True)).rstrip() for row in rows)


def as_markdown(lines: Iterable[Line], begun: str, ended: str) -> str:
    """The table of one run, with the machine it ran on."""
    rows = [_HEADINGS, ("---",) * len(_HEADINGS), *(_cells(line) for line in lines)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"Begun: {begun}\\\nEnded: {ended}\n\n{table}\n"


def machine() -> str:
    """When, on how large a machine, how busy, and which state of the source."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    return (
        f"{time.strftime('%Y-%m-%d %H:%M %Z')}, {os.cpu_count()} cores, {int(memory.split()[1]) / 1024**2:.0f} GB, "
        f"load average {' '.join(f'{load:.1f}' for load in os.getloadavg())}" + (f", commit {commit}" if commit else "")
    )
