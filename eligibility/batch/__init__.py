"""The second machine: the same checked rules over a whole caseload at once, in NumPy columns, with the same answers to the penny.

`Caseload.from_households` makes the columns, `run_batch` decides them, `what_if` compares two versions of the rules.

Exactness: money is whole pence in 64-bit integers. Each column of numbers has one scale (a common denominator); sums bring both sides to a
common scale, factors multiply it, rounding ends it. Where a product could pass 2**62, or a column is divided by another column, the column
goes on in exact Python numbers: slower, never wrong. There are no floats.
"""

from eligibility.batch.caseload import Caseload
from eligibility.batch.run import LIKELY, NOT_LIKELY, OUTCOMES, UNKNOWN, Column, run_batch, run_versions
from eligibility.batch.what_if import Impact, what_if

__all__ = ["LIKELY", "NOT_LIKELY", "OUTCOMES", "UNKNOWN", "Caseload", "Column", "Impact", "run_batch", "run_versions", "what_if"]
