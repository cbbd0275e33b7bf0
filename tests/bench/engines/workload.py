"""The made workload: the rules of `workload.toml` as programmes of ours, and any number of households with missing facts."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from eligibility.batch import Caseload
from eligibility.batch.caseload import Column
from eligibility.definition import Definition, SharedFile
from eligibility.engine import Compiled, Rulebook
from eligibility.language import Catalogue, catalogue_from

ON = date(2026, 11, 21)
LAW = "Bench Act"
_SOURCE = Path(__file__).with_name("workload.toml")
_MOST_MISSING = 0.05
_LARGEST = 6  # lines of a table


def source() -> dict[str, Any]:
    """The file as it is."""
    return tomllib.loads(_SOURCE.read_text(encoding="utf-8"))


def catalogue() -> Catalogue:
    """The catalogue of the 25 facts; all belong to the household."""
    kinds = {}
    for name, kind in source()["facts"].items():
        type_, choices = (kind, ()) if isinstance(kind, str) else ("choice", tuple(kind))
        kinds[f"household.{name}"] = ("household", type_, choices)
    return catalogue_from(kinds)


def shared() -> dict[str, SharedFile]:
    """The limits and worked-out facts all programmes share."""
    data = source()

    def rows(values: list[Any], what: str = "value") -> list[dict[str, Any]]:
        return [
            {"from": str(day), "law": LAW, what: value if what == "value" else _table(value)}
            for day, value in zip(data["dates"], values, strict=True)
        ]

    limits = {name: {"unit": "GBP", "by": {"size": "number"}, "rows": rows(v, "table")} for name, v in data["tables"].items()}
    limits |= {name: {"unit": "choices", "rows": rows(values)} for name, values in data["lists"].items()}
    limits |= {name: {"unit": unit, "rows": rows(values)} for name, (unit, *values) in data["thresholds"].items()}
    worked_out = {name: {"is": formula} for name, formula in data["worked_out"].items()}
    return {"bench": SharedFile.from_dict("bench", {"limits": limits, "worked_out": worked_out})}


def _table(values: list[int]) -> list[dict[str, Any]]:
    return [{"size": {"from": size}, "value": value} for size, value in enumerate(values, 1)]


def definitions() -> dict[str, Definition]:
    """The eight programmes."""
    return {
        code: Definition.from_dict(
            {
                "programme": {
                    "code": code, "agency": "bench", "area": "income", "name": code, "summary": code, "purpose": code, "shares": ["bench"],
                },
                "law": [{"title": LAW}],
                "criteria": [
                    {"id": id_, "when": when, "says": says, "says_not": says_not, "law": LAW}
                    for id_, (when, says, says_not) in criteria.items()
                ],
            }
        )
        for code, criteria in source()["programmes"].items()
    }  # fmt: skip


def rulebook() -> Rulebook:
    """Our single machine with the workload."""
    return Rulebook(definitions(), shared(), catalogue())


def changed(on: date = ON) -> dict[str, Compiled]:
    """The same programmes with the limits of the year before: the other version of a what-if."""
    data = shared()["bench"].to_dict()
    for limit in data["limits"].values():
        limit["rows"] = limit["rows"][:-1]
    return Rulebook(definitions(), {"bench": SharedFile.from_dict("bench", data)}, catalogue()).on(on)


# --- households ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """Households as plain columns: pence and whole numbers as int32, yes/no as bool, codes as their place in `names` (uint8).

    missing: masks. Where a fact is missing its value is 0.
    """

    values: dict[str, np.ndarray]
    missing: dict[str, np.ndarray]
    names: dict[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def rows(self, first: int, last: int) -> "Facts":
        """Some of the households."""
        return Facts(
            {name: column[first:last] for name, column in self.values.items()},
            {name: column[first:last] for name, column in self.missing.items()},
            self.names,
        )

    def household(self, row: int) -> dict[str, Any]:
        """One household in the inner values of an engine without units: pence, codes as texts; a missing fact is not there."""
        found: dict[str, Any] = {}
        for name, column in self.values.items():
            if not self.missing[name][row]:
                found[name] = self.names[name][column[row]] if name in self.names else column[row].item()
        return found

    def interchange(self, row: int, money: set[str]) -> dict[str, Any]:
        """One household in our interchange form. money: the facts that are pounds there."""
        facts = self.household(row)
        home = {name: f"{value / 100:.2f}" if name in money else value for name, value in facts.items()}
        return {"id": str(row), "household": home, "people": [{"id": "p1", "role": "applicant"}]}


def money_facts(facts: Catalogue) -> set[str]:
    """The names of the facts that are sums of money."""
    return {fact.name for fact in facts.values() if fact.type == "amount"}


def draw(size: int, seed: int = 20261121) -> Facts:
    """`size` households, drawn so that every programme has all three answers; 1 to 5 % of each fact is missing."""
    random = np.random.default_rng(seed)

    def pence(share: float, most: int) -> np.ndarray:
        """Zero for all but `share`, else up to `most` pounds, the low sums more often."""
        return np.where(random.random(size) < share, (random.random(size) ** 1.5 * most * 100).astype(np.int64), 0)

    def pick(*weights: float) -> np.ndarray:
        return np.searchsorted(np.cumsum(weights) / sum(weights), random.random(size)).astype(np.uint8)

    drawn: dict[str, np.ndarray] = {
        "pay": pence(0.6, 3500),
        "pension": pence(0.3, 1800),
        "other_income": pence(0.35, 900),
        "savings": pence(0.5, 30000),
        "rent": pence(0.8, 1900),
        "council_tax": pence(0.95, 260),
        "size": 1 + pick(30, 33, 16, 13, 5, 2, 1),
        "children": pick(60, 17, 15, 6, 2),
        "age": random.integers(16, 95, size),
        "hours": np.where(random.random(size) < 0.55, random.integers(4, 49, size), 0),
        "bedrooms": 1 + pick(25, 35, 30, 8, 2),
        "months_here": random.integers(0, 240, size),
        **{
            name: random.random(size) < share
            for name, share in {
                "disabled": 0.2, "carer": 0.25, "pregnant": 0.06, "student": 0.1, "settled": 0.85, "in_arrears": 0.2, "veteran": 0.05,
            }.items()
        },
        "nation": pick(84, 5, 8, 3),
        "region": pick(5, 13, 9, 9, 10, 11, 16, 16, 11),
        "tenure": pick(28, 14, 18, 22, 14, 4),
        "band": pick(24, 20, 22, 15, 10, 5, 3, 1),
        "work": pick(45, 10, 10, 25, 10),
        "status": pick(38, 42, 8, 12),
    }  # fmt: skip
    names = {name: tuple(kind) for name, kind in source()["facts"].items() if isinstance(kind, list)}
    shares = np.linspace(0.01, _MOST_MISSING, len(drawn))
    random.shuffle(shares)
    missing = {name: random.random(size) < share for name, share in zip(drawn, shares, strict=True)}
    values = {}
    for name, column in drawn.items():
        kind = np.uint8 if name in names else bool if column.dtype == bool else np.int32
        values[name] = np.where(missing[name], 0, column).astype(kind)
    return Facts(values, missing, names)


def caseload(facts: Facts) -> Caseload:
    """The households as a caseload of ours, one person in each."""
    size = len(facts)
    rows = np.arange(size)
    kinds = catalogue()
    return Caseload(
        ids=list(map(str, range(size))),
        home={fact.name: Column.of(fact, facts.values[fact.name], facts.missing[fact.name]) for fact in kinds.values()},
        person={},
        starts=rows,
        sizes=np.ones(size, dtype=np.int64),
        roles=np.zeros(size, dtype=np.int8),
        applicant=rows,
        partner=np.full(size, -1),
        open=np.zeros(size, dtype=bool),
    )
