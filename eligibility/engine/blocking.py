"""Which missing fact to ask for next: the one that settles most programmes that are still open."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BlockingFact:
    """A missing fact. settles: programmes that hang on it alone; advances: programmes it is part of."""

    key: str
    settles: tuple
    advances: tuple


def blocking_facts(assessments):
    """The missing facts of {code: Assessment} as BlockingFacts, the one that settles most open programmes first.

    A programme whose outcome is open counts before one where only the amount is. Limits and programmes that are missing are no questions
    and are left out.
    """
    settles: dict[str, list[str]] = {}
    advances: dict[str, list[str]] = {}
    amounts: dict[str, list[str]] = {}
    for code, found in assessments.items():
        keys = [key for key in found.missing if key.startswith(("household.", "people."))]
        for key in keys:
            advances.setdefault(key, []).append(code)
            if found.outcome != "unknown":
                amounts.setdefault(key, []).append(code)
            elif len(found.missing) == 1:
                settles.setdefault(key, []).append(code)
    shortest = {
        key: min(
            len(assessments[code].missing)
            for code in codes
            if assessments[code].outcome == "unknown" or code in amounts.get(key, ())
        )
        for key, codes in advances.items()
    }

    def rank(key):
        open_outcomes = len(advances[key]) - len(amounts.get(key, ()))
        return -len(settles.get(key, ())), -open_outcomes, shortest[key], -len(advances[key]), key

    return [BlockingFact(key, tuple(settles.get(key, ())), tuple(advances[key])) for key in sorted(advances, key=rank)]
