"""Who gains and who loses when rules change: two versions over one caseload in one go."""

from dataclasses import dataclass

import numpy as np

from eligibility.batch.arrays import Array
from eligibility.batch.run import LIKELY, NOT_LIKELY, UNKNOWN, Column, run_versions


@dataclass
class Impact:
    """The difference for one programme. Masks over the households; change: pence, after less before, where both amounts are known."""

    before: Column
    after: Column
    gains: Array
    loses: Array
    becomes_unknown: Array
    becomes_known: Array
    change: Array

    def deciding(self, mask):
        """{criterion id: how many of the households in `mask` have another result for it}, the most frequent first."""
        counts = {
            id_: int(np.count_nonzero(mask & (self.before.criteria[id_] != self.after.criteria[id_])))
            for id_ in self.after.criteria
            if id_ in self.before.criteria
        }
        return dict(sorted(((id_, count) for id_, count in counts.items() if count), key=lambda item: (-item[1], item[0])))


def what_if(caseload, before, after, on, *, criteria=True, blocking=False):
    """{code: Impact} of replacing the programmes `before` by those `after` (both {code: Compiled} for `on`) over a Caseload."""
    old, new = run_versions(caseload, [before, after], on, criteria=criteria, blocking=blocking)
    return {code: _impact(old[code], new[code]) for code in after if code in old}


def _impact(old, new):
    was, now = old.outcome, new.outcome
    change = None
    if old.low is not None and new.low is not None:
        known = (old.low == old.high) & (new.low == new.high) & ~old.open & ~new.open & (was != UNKNOWN) & (now != UNKNOWN)
        change = np.where(known, new.low - old.low, 0)
    return Impact(
        before=old,
        after=new,
        gains=(was == NOT_LIKELY) & (now == LIKELY),
        loses=(was == LIKELY) & (now == NOT_LIKELY),
        becomes_unknown=(was != UNKNOWN) & (now == UNKNOWN),
        becomes_known=(was == UNKNOWN) & (now != UNKNOWN),
        change=change,
    )
