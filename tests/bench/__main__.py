"""`make bench`: measure everything once and print one table. `python -m tests.bench [--full] [--only P1,P4] [--write FILE]`."""

import argparse
import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Line
from tests.bench.report import as_markdown, as_text, machine
from tests.bench.stage import Stage, furnish, standing

QUICK, FULL = [10_000, 100_000], [10_000, 100_000, 1_000_000]
ENGINE_MEMORY = 8  # gigabytes free for a million households in several engines at once
PARTS = ["worklist", "pages", "submission", "questions", "engine"]


def measured(stage: Stage, parts: list[str], sizes: list[int], households: list[int], engines: list[str]) -> Iterator[Line]:
    """The lines of each part, as they are found. sizes: numbers of cases; households: those of the engine's caseloads."""
    from tests.bench import caseload, engine_lines, pages, questions, submission, worklist  # need Django set up

    if "worklist" in parts:
        for size in sizes:
            say(f"making {size:,} cases")
            caseload.make(stage, size)
        say("worklist")
        yield from worklist.Worklists(stage, sizes).measure()
    for name, lines in {
        "pages": lambda: pages.measure(stage),
        "submission": lambda: submission.Sending(stage).measure(),
        "questions": lambda: questions.measure(stage),
        "engine": lambda: engine_lines.measure(stage, sizes, households, engines),
    }.items():
        if name in parts:
            say(name)
            yield from lines()


def engine_sizes() -> list[int]:
    """All sizes: the engine's part is quick at a million households too, where the memory is there."""
    free = next(
        line for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines() if line.startswith("MemAvailable")
    )
    return FULL if int(free.split()[1]) > ENGINE_MEMORY * 1024**2 else QUICK


def say(what: str) -> None:
    """One line of progress."""
    print(f"  {time.strftime('%H:%M:%S')}  {what} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)


def main() -> int:
    """Run what was asked for; the exit status is 0 also when a bar was missed: the table says so."""
    words = argparse.ArgumentParser(prog="make bench", description=__doc__)
    words.add_argument("--full", action="store_true", help="also at a million cases (some minutes more)")
    words.add_argument("--quick", action="store_true", help="ten and a hundred thousand cases (the default)")
    words.add_argument("--sizes", help="other sizes, smallest first: 10000,50000")
    words.add_argument("--only", help=f"some parts: {','.join(PARTS)}")
    words.add_argument(
        "--engines", default="", help="compare the rule engine with these too: openfisca (fetched into a folder of its own)"
    )
    words.add_argument("--write", type=Path, help="write the table as Markdown to this file too")
    asked = words.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")] if asked.sizes else FULL if asked.full else QUICK
    parts = asked.only.split(",") if asked.only else PARTS
    engines = [name for name in asked.engines.split(",") if name]
    if unknown := set(engines) - {"openfisca"}:
        words.error(f"there is no engine {', '.join(sorted(unknown))}")
    if unknown := set(parts) - set(PARTS):
        words.error(f"there is no part {', '.join(sorted(unknown))}")
    found = []
    begun = machine()
    with standing() as stage:
        say("moving in")
        with contextlib.redirect_stdout(io.StringIO()):
            furnish(stage)
        for line in measured(stage, parts, sizes, sizes if asked.sizes else engine_sizes(), engines):
            found.append(line)
            print(as_text([line], heading=len(found) == 1), flush=True)
            if asked.write:
                asked.write.write_text(as_markdown(found, begun, machine()), encoding="utf-8")
    print(f"{begun}\n{machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
