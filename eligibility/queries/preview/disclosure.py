"""Numbers about people as they may be shown: altered a little, rounded to fives, nothing below ten, no sum that one household rules.

The method is the cell-key method of official statistics (Fraser and Wooton 2005; Thompson, Broadfoot and Elazar 2013; used by the census
offices of Australia and of England and Wales for tables that people put together themselves). Every household has a secret random key. The
keys of the households in a set, added up, choose the noise of its number: the same set of people always gets the same number, however it
was described and however often it is asked for, and two sets that differ by one household get noises that have nothing to do with each
other. So neither totals less parts, nor complements, nor two previews that differ by one condition give a small number away: what is left
over is always within reach of several true numbers. docs/impact-preview.md says what this does and does not protect from.
"""

from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, floor, log
from typing import Any

import numpy as np
from django.utils.crypto import salted_hmac

FEWEST = 10  # nothing is said about fewer households than this
BASE = 5  # every number shown is a multiple
ALPHA = 0.5  # noise n has a chance in proportion to ALPHA ** |n|: off by two on average, without an end to it
_EDGE = 2  # a number that hangs on a rule is hidden for a few more than that, by chance
SHARE = 4  # a sum is hidden where one household makes up more than a quarter of it

_ONE, _TWO = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True)
class Count:
    """A number of households as shown. number: None where it is hidden; it is then below `under`, nobody, or little more."""

    number: int | None
    under: int = FEWEST

    @property
    def is_hidden(self) -> bool:
        return self.number is None


HIDDEN = Count(None)
NOBODY = Count(0)


@dataclass(frozen=True)
class Sum:
    """Pounds as shown, whole; None where hidden."""

    pounds: int | None

    @property
    def is_hidden(self) -> bool:
        return self.pounds is None


NO_SUM = Sum(None)


def household_keys(ids: np.ndarray, secret: bytes | None = None) -> np.ndarray:
    """A secret key (uint64) for each household. ids: array of 16 bytes each (uuid), or of uint64 pairs."""
    seeds = np.frombuffer(blake2b(secret or _secret(), digest_size=24).digest(), dtype=np.uint64)
    pairs = np.ascontiguousarray(ids).view(np.uint64).reshape(-1, 2)
    with np.errstate(over="ignore"):
        return _mixed(_mixed(_mixed(pairs[:, 0] ^ seeds[0]) + pairs[:, 1] ^ seeds[1]) ^ seeds[2])


def marked(keys: np.ndarray, mark: bytes) -> np.ndarray:
    """The keys as one rule sees them."""
    return _mixed(keys ^ np.frombuffer(blake2b(mark, key=_secret(), digest_size=8).digest(), dtype=np.uint64)[0])


def _secret() -> bytes:
    return salted_hmac("eligibility.impact", "household keys", algorithm="sha256").digest()


def _mixed(value: Any) -> Any:
    """A bijection of 64-bit numbers that spreads every bit over all (the finaliser of splitmix64)."""
    value = (value ^ (value >> np.uint64(30))) * _ONE
    value = (value ^ (value >> np.uint64(27))) * _TWO
    return value ^ (value >> np.uint64(31))


class Shield:
    """Lets out numbers about the households of one comparison. keys: theirs (see `household_keys`).

    mark: of the rule that is asked about (see `certain.mark_of`). Another rule has other noise for the same households, so that a number
    which moves does not prove that somebody came in or went. factor: how many households each one stands for, where only a part was read.
    """

    def __init__(self, keys: np.ndarray, *, mark: bytes = b"", factor: float = 1.0):
        self.lasting, self.mark, self.factor = keys, mark, factor
        self.keys = marked(keys, mark) if mark else keys

    def of(self, mask: np.ndarray) -> "Shield":
        """For some of the households."""
        return Shield(self.lasting[mask], mark=self.mark, factor=self.factor)

    def count(self, mask: np.ndarray, *, is_lasting: bool = False) -> Count:
        """How many households are in `mask`; never "nobody". is_lasting: the mask does not hang on the rule, nor does the noise."""
        true = int(np.count_nonzero(mask))
        if true < FEWEST:
            return self._hidden
        keys = (self.lasting if is_lasting else self.keys)[mask]
        if not is_lasting and true + self._noise(_mixed(keys ^ _TWO)) < FEWEST + _EDGE:
            return self._hidden  # were ten always shown and nine never, that would tell them apart
        shown = BASE * floor((true + self._noise(keys)) * self.factor / BASE + 0.5)
        return Count(shown) if shown >= FEWEST else self._hidden

    @property
    def _hidden(self) -> Count:
        """Fewer than ten were read; of a part they stand for more."""
        return HIDDEN if self.factor <= 1 else Count(None, BASE * ceil(FEWEST * self.factor / BASE))

    def total(self, pence: np.ndarray, mask: np.ndarray) -> Sum:
        """What the households of `mask` have in `pence` together. Noise stands in proportion to the largest of them."""
        values = pence[mask].astype(np.int64)
        sizes = np.abs(values)
        held = int(np.count_nonzero(sizes))
        if self.count(mask & (pence != 0)).is_hidden:
            return NO_SUM
        most = int(sizes.max())
        if most * SHARE > int(sizes.sum()):
            return NO_SUM
        with np.errstate(over="ignore"):
            noise = self._noise(self.keys[mask] * (values.astype(np.uint64) * np.uint64(2) + np.uint64(1)))
        return Sum(rounded((int(values.sum()) + noise * most) * self.factor / 100, 3 if held >= 1000 else 2))

    def median(self, pence: np.ndarray, mask: np.ndarray) -> Sum:
        """The middle of what the households of `mask` have; which of them stands in the middle is moved by noise."""
        if (self.count(mask).number or 0) < 2 * FEWEST:
            return NO_SUM
        values = np.sort(pence[mask])
        place = len(values) // 2 + self._noise(self.keys[mask])
        return Sum(rounded(int(values[min(max(place, 0), len(values) - 1)]) / 100, 2))

    def _noise(self, keys: np.ndarray) -> int:
        """Whole noise, the difference of two geometric numbers, that hangs on the set alone."""
        with np.errstate(over="ignore"):
            cell = np.add.reduce(keys, dtype=np.uint64)
            draws = [int(_mixed(cell ^ part)) for part in (_ONE, _TWO)]
        one, two = (floor(log((draw + 1) / 2**64) / log(ALPHA)) for draw in draws)
        return one - two


def rounded(value: float, digits: int) -> int:
    """To so many significant digits, and never finer than whole pounds."""
    if abs(value) < 1:
        return 0
    unit = 10 ** max(0, floor(log(abs(value), 10)) + 1 - digits)
    return int(floor(abs(value) / unit + 0.5) * unit) * (1 if value > 0 else -1)
