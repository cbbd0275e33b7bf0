"""Decides the made workload by every engine that is installed, compares all answers, then times them side by side."""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from eligibility.batch import OUTCOMES, run_batch, what_if
from eligibility.engine import Rulebook
from eligibility.interchange import read_household
from tests.bench.engines import numpy_by_hand, openfisca, plain, postgres, workload
from tests.bench.engines.measuring import here, microseconds, peak_bytes
from tests.bench.measure import Cost, Line, at_least, at_most, side_by_side, statement_cost
from tests.bench.stage import BASE, Stage

LARGE = 1_000_000  # the size the bars are set for
ROUNDS = 7
HOUSEHOLDS = 400  # of the single evaluation
Answers = dict[str, np.ndarray]
_STATUS = {name: number for number, name in OUTCOMES.items()}
read_outcome = attrgetter("outcome")
_BYTES, _BYTES_WITH_REASONS = 50, 64


class DifferentAnswers(AssertionError):
    """An engine decides a household differently from ours."""


def is_installed(module: str) -> bool:
    """Whether one of the packages only the benchmark needs is there."""
    return importlib.util.find_spec(module) is not None


def measure(stage: Stage, sizes: list[int], engines: Sequence[str] = ()) -> Iterator[Line]:
    """The lines of the made workload: one household, then each size. engines: those that are compared only on demand."""
    book = workload.rulebook()
    single = 0.0
    for line, cost in _single(book):
        single = single or cost
        yield line
    with stage.driver(BASE) as cursor:
        for size in sizes:
            caseloads = Caseloads(book, cursor, size)
            yield from caseloads.lines()
            if "openfisca" in engines:
                yield from caseloads.against_openfisca(single)
            del caseloads
    if absent := [name for name in ("polars", "numba", "cel") if not is_installed(name)]:
        yield Line("Engine", f"not compared, because not installed: {', '.join(absent)} (make bench installs them)", "")


# --- one household ------------------------------------------------------------------------------------------------------


def _single(book: Rulebook) -> Iterator[tuple[Line, float]]:
    """Lines, and with each what one household costs ours with sentences, in microseconds."""
    kinds = workload.catalogue()
    money, facts = workload.money_facts(kinds), workload.draw(HOUSEHOLDS)
    expected = numpy_by_hand.decide(facts)
    households = [read_household(facts.interchange(row, money), kinds, workload.ON) for row in range(HOUSEHOLDS)]
    for row, household in enumerate(households):
        for code, found in book.assess(household, workload.ON).items():
            if _STATUS[found.outcome] != expected[code][row]:
                raise DifferentAnswers(f"one household: {code} of {row}")

    def outcomes(household: Any) -> None:
        for found in book.assess(household, workload.ON).values():
            read_outcome(found)

    def sentences(household: Any) -> None:
        for found in book.assess(household, workload.ON).values():
            for item in found.criteria:
                item.says()

    works: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
        "ours, outcomes": (outcomes, households),
        "ours, sentences": (sentences, households),
    }
    if is_installed("cel"):
        from tests.bench.engines import cel_rust

        rules = plain.lowered(book.on(workload.ON))
        bound = [cel_rust.bindings(facts.household(row), facts.names, money) for row in range(HOUSEHOLDS)]
        whole, each = cel_rust.outcomes(rules), cel_rust.criteria(rules)
        for row, variables in enumerate(bound):
            for name, found in (("outcomes", whole(variables)), ("criteria", each(variables)[0])):
                if any(found[code] != expected[code][row] for code in found):
                    raise DifferentAnswers(f"CEL, {name}: household {row}")
        works |= {"CEL, outcomes": (whole, bound), "CEL, criteria": (each, bound)}
    costs = side_by_side(
        {name: lambda work=work: Cost(microseconds(*work), 0, 0) for name, work in works.items()},  # type: ignore[misc]
        ROUNDS,
    )
    ours = {name: costs[f"ours, {name}"].app for name in ("outcomes", "sentences")}
    shown = {name: f"{cost:.1f} us" for name, cost in ours.items()}
    what = f"one household, 8 programmes, 72 criteria, p50 of {HOUSEHOLDS}"
    found = ours["sentences"]
    if "CEL, criteria" not in costs:
        yield Line("Engine", f"{what}: a sentence for each criterion", shown["sentences"]), found
        return
    pure, short = costs["CEL, criteria"].app, costs["CEL, outcomes"].app
    for words, mine, theirs, bar in (
        (
            "a sentence for each criterion",
            "sentences",
            f"{pure:.1f} us CEL, criteria without sentences",
            at_most(found / pure, 1.5),
        ),
        ("no sentences", "outcomes", f"{pure:.1f} us CEL, criteria", {"ratio": ours["outcomes"] / pure}),
        ("no sentences", "outcomes", f"{short:.1f} us CEL, outcomes only", {"ratio": ours["outcomes"] / short}),
    ):
        yield Line("Engine", f"{what}: {words}", shown[mine], theirs, **bar), found


# --- many ---------------------------------------------------------------------------------------------------------------


@dataclass
class Work:
    """What is timed: by which engine, and how its answers come out (None: not compared again)."""

    run: Callable[[], Any]
    answers: Callable[[Any], Answers] | None = None


class Caseloads:
    """One size: the facts as each engine likes them, and what each does with them."""

    def __init__(self, book: Rulebook, cursor: Any, size: int):
        self.size, self.cursor = size, cursor
        self.programmes, self.changed = book.on(workload.ON), workload.changed()
        self.facts = workload.draw(size)
        self.load = workload.caseload(self.facts)
        self.rules = plain.lowered(self.programmes)
        self.codes = list(self.programmes)

    def lines(self) -> Iterator[Line]:
        """Compares, then times."""
        works = self._ours() | self._others()
        self._compare(works)
        postgres.load(self.cursor, self.facts)
        found = postgres.answers(self.cursor, self.rules, self.size)
        self._same("PostgreSQL", found)
        del found
        sql, times = postgres.counts(self.rules), max(1, 200_000 // self.size)
        timed: dict[str, Callable[[], Cost]] = {
            name: lambda work=work: here(work.run, times) for name, work in works.items()  # type: ignore[misc]
        }  # fmt: skip
        timed["PostgreSQL"] = lambda: statement_cost(self.cursor, sql, max(1, times // 10))
        self.costs = side_by_side(timed, ROUNDS)
        yield from self._against_others()
        yield from self._against_ourselves()
        yield from self._memory(works)

    def against_openfisca(self, single: float) -> Iterator[Line]:
        """What OpenFisca needs in a process of its own, right after. single: our microseconds for one household with sentences."""
        found = openfisca.decide(self.rules, self.facts)
        self._same("OpenFisca", found.answers)
        ratio = found.many / self.costs["ours"].cpu
        what = f"{self.size:,} households, 8 programmes: OpenFisca with three values by hand, against ours"
        bar = at_least(ratio, 10.0) if self.size >= LARGE else {"ratio": ratio}
        yield Line("Engine", what, self._shown("ours"), f"{found.many:.2f} ms OpenFisca", **bar)
        if self.size >= LARGE:
            what = "one household, 8 programmes: OpenFisca against ours with sentences"
            yield Line("Engine", what, f"{single:.1f} us", f"{found.one:.0f} us OpenFisca", **at_least(found.one / single, 100.0))

    def _ours(self) -> dict[str, Work]:
        load, programmes, on = self.load, self.programmes, workload.ON
        return {
            "ours": Work(lambda: run_batch(load, programmes, on), lambda found: {code: found[code].outcome for code in found}),
            "criteria": Work(
                lambda: run_batch(load, programmes, on, criteria=True),
                lambda found: {code: found[code].outcome for code in found},
            ),
            "blocking": Work(
                lambda: run_batch(load, programmes, on, blocking=True),
                lambda found: {code: found[code].outcome for code in found},
            ),
            "what if": Work(
                lambda: what_if(load, programmes, self.changed, on, criteria=False),
                lambda found: {code: found[code].before.outcome for code in found},
            ),
        }

    def _others(self) -> dict[str, Work]:
        facts, rules = self.facts, self.rules
        works = {"hand NumPy": Work(lambda: numpy_by_hand.decide(facts), lambda found: found)}
        if is_installed("polars"):
            from tests.bench.engines import polars_by_hand, polars_compiled

            frame = polars_by_hand.frame(facts).lazy()
            for name, expressions in (
                ("hand Polars", polars_by_hand.expressions()),
                ("compiled Polars", polars_compiled.expressions(rules)),
            ):
                works[name] = Work(lambda expressions=expressions: frame.select(expressions).collect(), polars_by_hand.statuses)  # type: ignore[misc]
        if is_installed("numba"):
            from tests.bench.engines import numba_kernel

            kernel = numba_kernel.kernel(rules, facts)
            works["Numba"] = Work(lambda: kernel(facts), lambda found: found)
        return works

    def _compare(self, works: dict[str, Work]) -> None:
        self.expected = {code: column.outcome for code, column in run_batch(self.load, self.programmes, workload.ON).items()}
        for name, work in works.items():
            if work.answers is not None:
                self._same(name, work.answers(work.run()))

    def _same(self, name: str, found: Answers) -> None:
        for code in self.codes:
            if differs := int(np.count_nonzero(found[code] != self.expected[code])):
                raise DifferentAnswers(f"{name}: {code} differs for {differs:,} of {self.size:,} households")

    # --- lines

    def _shown(self, name: str) -> str:
        cost = self.costs[name]
        return f"{cost.cpu:.2f} ms ({cost.wall:.2f} wall)"

    def _ratio(self, name: str, other: str) -> float:
        return self.costs[name].cpu / self.costs[other].cpu

    def _bar(self, ratio: float, limit: float) -> dict[str, Any]:
        return at_most(ratio, limit) if self.size >= LARGE else {"ratio": ratio}

    def _against_others(self) -> Iterator[Line]:
        what = f"{self.size:,} households, 8 programmes"
        bars = {"hand Polars": 1.2, "Numba": 6.0}
        for name, words in {
            "hand Polars": "Polars by hand",
            "hand NumPy": "NumPy by hand",
            "compiled Polars": "Polars, compiled",
            "Numba": "Numba: the floor",
        }.items():
            if name in self.costs:
                ratio = self._ratio("ours", name)
                bar = self._bar(ratio, bars[name]) if name in bars else {"ratio": ratio}
                yield Line("Engine", what, self._shown("ours"), f"{self._shown(name)} {words}", **bar)
        ratio = self._ratio("PostgreSQL", "ours")
        bar = at_least(ratio, 20.0) if self.size >= LARGE else {"ratio": ratio}
        yield Line(
            "Engine", f"{what}: PostgreSQL against ours", self._shown("ours"), f"{self._shown('PostgreSQL')} SQL, typed", **bar
        )

    def _against_ourselves(self) -> Iterator[Line]:
        for name, words, limit in (
            ("criteria", "all 72 criteria kept", 2.5),
            ("blocking", "and the facts that block", 3.0),
            ("what if", "what if: two versions", 2.2),
        ):
            bar = self._bar(self._ratio(name, "ours"), limit)
            what = f"{self.size:,} households, {words}, against outcomes only"
            yield Line("Engine", what, self._shown(name), self._shown("ours"), **bar)

    def _memory(self, works: dict[str, Work]) -> Iterator[Line]:
        if self.size < LARGE:
            return  # of few households what is made once for all weighs most
        limits = {"ours": _BYTES, "blocking": _BYTES_WITH_REASONS}
        for name, words in {"ours": "outcomes", "blocking": "and the facts that block", "hand NumPy": "NumPy by hand"}.items():
            peak = peak_bytes(works[name].run)
            if peak is not None:
                each, limit = peak / self.size, limits.get(name)
                verdict = {"limit": f"≤ {limit} bytes", "is_met": each <= limit} if limit else {}
                yield Line(
                    "Engine",
                    f"{self.size:,} households, peak memory above the facts: {words}",
                    f"{each:.0f} bytes each",
                    **verdict,
                )
