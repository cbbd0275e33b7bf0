"""Looking a column of keys up in a table: the best line for each element, or the span of those that may be."""

from datetime import date

import numpy as np

from eligibility.batch.arrays import (
    NARROW,
    SAFE,
    Bool,
    Code,
    Num,
    aligned,
    constant,
    either,
    is_wide,
    mask_of,
    reasons,
    roomy,
    tidy,
    unknown_of,
    widened,
)
from eligibility.batch.choosing import choose

_MOST_TABLED = 4096


def look_up(limit, table, keys, why, unknown, kept, places):
    """The values of a table limit for key columns. why: the reason when no line fits; unknown(kind, why): a column of unknowns.

    kept: a dict for what is worked out once for all chunks. places(column): the `Places` of a key column.
    """
    if len(keys) == 1 and limit.type.kind in ("money", "number") and _is_small(keys[0]):
        return _by_number(limit, table, places(keys[0]), why, unknown, kept)
    return _line_by_line(limit, table, keys, why, unknown)


def _is_small(key):
    """Whether a key column holds small whole numbers."""
    return isinstance(key, Num) and np.ndim(key.lo) and key.scale == 1 and key.bound <= _MOST_TABLED and not is_wide(key.lo)


class Places:
    """A key column of small whole numbers, made ready for all tables that are looked up by it."""

    def __init__(self, column):
        self.column, self.index = column, column.lo.astype(np.intp)
        self._odd = {}

    def odd(self, first, others):
        """(mask, rows, state) of the elements that are no number from `first` on, or are in `others` (a mask over numbers or None).

        state: what these have alike, as a tuple; None where they differ. Most often all that is odd is one missing fact.
        """
        key = first if others is None else others.tobytes()
        if key not in self._odd:
            column, mask = self.column, either(unknown_of(self.column), self.column.na)
            if others is not None:
                mask = either(mask, others[self.index])
            elif first > -column.bound:
                mask = either(mask, column.lo < first)
            rows = np.flatnonzero(mask) if mask is not None else ()
            self._odd[key] = mask, rows, _state(column.take(rows)) if len(rows) else None
        return self._odd[key]


def _by_number(limit, table, places, why, unknown, kept):
    """A table by one small whole number: the value of each number is worked out once; elements that are not a number with a value
    are looked up line by line."""
    key = places.column
    if key.bound not in kept:
        kept[key.bound] = _by_number_once(limit, table, key.bound, why, unknown)
    values, scale, bound, first, others = kept[key.bound]
    if values is None:
        return _line_by_line(limit, table, [key], why, unknown)
    odd, rows, state = places.odd(first, others)
    lo = values.take(places.index, mode="wrap")
    out = Num(lo, lo, scale, bound)
    if not len(rows):
        return out
    if state is None:
        return _with_rows(out, odd, rows, _line_by_line(limit, table, [key.take(rows)], why, unknown))
    if state not in kept:
        kept[state] = _line_by_line(limit, table, [key.take(rows[:1])], why, unknown)
    return _with_rows(out, odd, rows, kept[state])


def _state(key):
    parts = [key.lo, *(() if key.hi is key.lo else (key.hi,)), key.nlo, key.nhi, key.na, key.may, key.why]
    if any(np.ndim(part) and np.any(part != part[0]) for part in parts):
        return None
    return tuple(None if part is None else int(part[0] if np.ndim(part) else part) for part in parts)


def _by_number_once(limit, table, most, why, unknown):
    """(value of each number up to `most`, scale, bound, first number with a value, mask of those without if they are not all below it)."""
    numbers = np.concatenate([np.arange(most + 1), np.arange(-most, 0)])  # as an index -1 is the last one
    every = _line_by_line(limit, table, [Num(numbers, numbers, 1, most)], why, unknown)
    if every.bound > SAFE:
        return None, 1, 0, 0, None
    values = np.broadcast_to(every.lo, numbers.shape).astype(np.int32 if every.bound <= NARROW else np.int64)
    odd = np.broadcast_to(mask_of(either(unknown_of(every), every.na), numbers.shape), numbers.shape)
    first = int(numbers[~odd].min(initial=most + 1))
    return values, every.scale, every.bound, first, None if np.array_equal(odd, numbers < first) else odd


def _with_rows(out, odd, rows, found):
    """A column of known numbers with the elements at `rows` (the mask `odd`) from another column, which may be one for them all."""
    out, found = aligned(out, found)
    lo = widened(out.lo) if is_wide(found.lo) else roomy(out.lo, found.bound)
    hi = lo
    if not (_everywhere(found.nlo) and _everywhere(found.nhi)):  # else the numbers mean nothing there
        lo[rows] = found.lo
        if np.any(found.lo != found.hi):
            hi = lo.copy()
            hi[rows] = found.hi

    def spread(mask):
        if mask is None or _everywhere(mask):
            return None if mask is None else odd
        whole = np.zeros(len(lo), dtype=np.asarray(mask).dtype)
        whole[rows] = mask
        return whole

    masks = (spread(mask) for mask in (found.nlo, found.nhi, found.na, found.may, found.why))
    return Num(lo, hi, out.scale, max(out.bound, found.bound), *masks)


def _everywhere(mask):
    """Whether a mask of yes and no is true everywhere."""
    return mask is not None and np.asarray(mask).dtype == bool and bool(np.all(mask))


def _line_by_line(limit, table, keys, why, unknown):
    kind = limit.type.kind
    fits, certain, keys_unknown = [], [], None
    for cells, _ in table:
        may, must = None, None
        for cell, key in zip(cells, keys, strict=True):
            cell_may, cell_must = _fits(cell, key)
            may = cell_may if may is None else may & cell_may
            must = cell_must if must is None else must & cell_must
        fits.append(may)
        certain.append(must)
    for key in keys:
        keys_unknown = either(keys_unknown, _unknown_mask(key))
    order = sorted(range(len(table)), key=lambda line: [(cell.rank, _edge(cell)) for cell in table[line][0]], reverse=True)
    found = unknown(kind, why)
    for line in reversed(order):
        hit = np.asarray(fits[line])
        found = choose(Bool(hit, ~hit), _value(table[line][1], kind), found)
    if keys_unknown is None or not np.any(keys_unknown):
        return found
    span = _span([line[1] for line in table], fits, certain, kind, keys, keys_unknown, why)
    known = ~np.asarray(keys_unknown)
    return choose(Bool(known, ~known), found, span)


def _value(value, kind):
    if kind == "yes_no":
        return Bool(np.bool_(value), np.bool_(not value))
    if kind == "choice":
        return Code(np.int64(0), (value,))
    if kind == "choices":
        names = tuple(sorted(value)) or ("",)
        return Code(np.int64((1 << len(value)) - 1), names, many=True)
    return constant(value.toordinal() if isinstance(value, date) else value)


def _edge(cell):
    if cell.kind != "from":
        return 0
    edge = cell.values[0]
    return edge.toordinal() if isinstance(edge, date) else edge


def _unknown_mask(key):
    if isinstance(key, Num):
        return unknown_of(key)
    if isinstance(key, Bool):
        return tidy(~(key.t | key.f))
    return key.unknown


def _fits(cell, key):
    """(may fit, must fit) for each element of the key column; for known keys both say whether it fits."""
    if cell.kind == "any":
        return np.bool_(True), np.bool_(True)
    if isinstance(key, Bool):
        may = (key.t if True in cell.values else np.bool_(False)) | (key.f if False in cell.values else np.bool_(False))
        return may | ~(key.t | key.f), may
    if isinstance(key, Code):
        fits = np.array([name in cell.values for name in key.names] or [False], dtype=bool)[key.value]
        if key.na is not None:
            fits = fits & ~key.na
        if key.unknown is None:
            return fits, fits
        return fits | key.unknown, fits & ~key.unknown
    return _number_fits(cell, key)


def _number_fits(cell, key):
    edges = [
        int(value.toordinal() if isinstance(value, date) else value) if not _is_part(value) else value for value in cell.values
    ]
    edges = [edge * key.scale for edge in edges]
    present = True if key.na is None else ~key.na
    nhi, nlo = (np.bool_(False) if mask is None else mask for mask in (key.nhi, key.nlo))
    if cell.kind == "from":
        may = ((key.hi >= edges[0]) | nhi) & present
        must = (key.lo >= edges[0]) & ~nlo & present
        return np.asarray(may, dtype=bool), np.asarray(must if key.may is None else must & ~key.may, dtype=bool)
    may = np.bool_(False)
    for edge in edges:
        may = may | (((key.lo <= edge) | nlo) & ((key.hi >= edge) | nhi))
    may = np.asarray(may & present, dtype=bool)
    unknown = unknown_of(key)
    return may, may if unknown is None else may & ~unknown


def _is_part(value):
    return not isinstance(value, date) and value != int(value)


def _span(values, fits, certain, kind, keys, keys_unknown, why):
    """For elements with an unknown key: the span of the values of all lines that may fit, open where perhaps none does."""
    shape = np.broadcast_shapes(np.shape(keys_unknown), *(np.shape(mask) for mask in fits))
    fits, certain = [np.broadcast_to(mask, shape) for mask in fits], [np.broadcast_to(mask, shape) for mask in certain]
    none, sure = ~np.logical_or.reduce(fits), np.logical_or.reduce(certain)
    reason = reasons(~none, *keys)
    if why is not None:
        reason = np.where(none, why, 0 if reason is None else reason)
        reason = reason if reason.dtype == object else reason.astype(np.uint64)
    lines_na = [mask for mask, value in zip(fits, values, strict=True) if value is None]
    may_na = np.logical_or.reduce(lines_na) & ~none if lines_na else None
    if kind == "yes_no":
        some = [(mask, value) for mask, value in zip(fits, values, strict=True)]
        yes = np.logical_and.reduce([~mask | value for mask, value in some]) & sure & ~none
        no = np.logical_and.reduce([~mask | (not value) for mask, value in some]) & sure & ~none
        return Bool(yes, no, None if reason is None else reason * ~(yes | no))
    if kind in ("choice", "choices"):
        return _codes(values, fits, sure & ~none, kind, reason)
    columns = [constant(0 if value is None else value.toordinal() if isinstance(value, date) else value) for value in values]
    scale = int(np.lcm.reduce([column.scale for column in columns]))
    numbers = [int(column.lo) * (scale // column.scale) for column in columns]
    bound = max(abs(number) for number in numbers)
    end = SAFE if bound < SAFE else bound * 2
    lo, hi = np.full(shape, end), np.full(shape, -end)
    for mask, number, value in zip(fits, numbers, values, strict=True):
        if value is not None:
            lo, hi = np.where(mask, np.minimum(lo, number), lo), np.where(mask, np.maximum(hi, number), hi)
    all_na = lo > hi
    is_open = none | ~sure
    lo, hi = np.where(is_open | all_na, 0, lo), np.where(is_open | all_na, 0, hi)
    gone = all_na & ~is_open
    may = None if may_na is None else may_na & ~gone
    return Num(
        lo,
        hi,
        scale,
        bound,
        tidy(is_open),
        tidy(is_open),
        tidy(gone),
        None if may is None else tidy(may),
        _where_unknown(reason, lo, hi, is_open, may),
    )


def _where_unknown(reason, lo, hi, is_open, may):
    if reason is None:
        return None
    unknown = (lo != hi) | is_open
    return reason * (unknown if may is None else unknown | may)


def _codes(values, fits, sure, kind, reason):
    names = tuple(dict.fromkeys(name for value in values for name in (sorted(value) if kind == "choices" else [value]))) or ("",)
    place = {name: index for index, name in enumerate(names)}
    inner = [sum(1 << place[name] for name in value) if kind == "choices" else place[value] for value in values]
    low, high = np.full(np.shape(sure), np.iinfo(np.int64).max), np.full(np.shape(sure), -1)
    for mask, number in zip(fits, inner, strict=True):
        low, high = np.where(mask, np.minimum(low, number), low), np.where(mask, np.maximum(high, number), high)
    known = (low == high) & sure
    return Code(
        np.where(known, low, 0), names, tidy(~known), why=None if reason is None else reason * ~known, many=kind == "choices"
    )
