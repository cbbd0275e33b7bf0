"""Evaluates checked expressions over a chunk of a caseload. What two expressions share is worked out once.

An expression is evaluated in the outermost `Frame` that knows the people it names, then spread to the frame that asks.
"""

from datetime import date
from functools import cached_property

import numpy as np

from eligibility.batch.arithmetic import add, by_constant, divide, multiply, negative, rounded
from eligibility.batch.arrays import (
    Bool,
    Code,
    FlowColumn,
    Num,
    at_least,
    conjunction,
    constant,
    constant_bool,
    disjunction,
    either,
    mask_of,
    negate,
    roomy,
    roomy_num,
    scaled,
    settled,
    tidy,
    times,
    unknown_num,
)
from eligibility.batch.choosing import choose
from eligibility.batch.comparison import TESTS
from eligibility.batch.frame import Frame
from eligibility.batch.groups import (
    LAST_DAY,
    ages_on,
    extreme,
    over_any,
    over_count,
    over_extreme,
    over_sum,
    shifted,
    spread,
    years_between,
)
from eligibility.batch.tables import Places, look_up
from eligibility.language.types import PERIODS, ROLES
from eligibility.language.values import conversion

_CONSTANT = ("const", "list", "on", "limit")  # without keys the same for all rows and chunks


class Evaluator:
    """Evaluates for one chunk and date. keys: shared `Keys`. results: {code: (Bool, Num or None, per)} of programmes done before.

    bits: {fact key: bit} when reasons are wanted, else None. counting: whether all chunks ask for the same, so that a column can be let go.
    """

    def __init__(self, chunk, on, keys, results, bits=None, counting=True):
        self.index, self.counting = None, counting
        self.left = dict(keys.uses) if keys.uses else None
        self.chunk, self.on, self.keys, self.results, self.bits = chunk, on, keys, results, bits
        self.base = Frame(len(chunk))
        self.persons = None

    @cached_property
    def everybody(self):
        """The household of each person."""
        return np.repeat(np.arange(len(self.chunk)), self.chunk.sizes)

    def value(self, typed, scope, frame=None):
        """The column of an expression in a frame (the households where none is given)."""
        key = self.keys.of(typed, scope)
        if typed.op in _CONSTANT and not typed.parts:
            if key not in self.keys.constants:
                self.keys.constants[key] = getattr(self, "_" + typed.op)(typed, scope, self.base)
            return self.keys.constants[key]
        root, index = (self.base, None) if frame is None or frame is self.base else frame.root_for(typed.free)
        found = root.cache.get(key)
        if found is None:
            found = root.cache[key] = getattr(self, "_" + typed.op)(typed, scope, root)
        if root is self.base:
            self._used(key)
        return found if index is None else found.take(index)

    def _used(self, key):
        """Counts the uses in the first chunk; lets go of a column after its last use in the others, while the memory is still near."""
        if not self.counting:
            return
        if self.left is None:
            self.keys.uses[key] = self.keys.uses.get(key, 0) + 1
            return
        left = self.left.get(key, 0) - 1
        self.left[key] = left
        if left == 0:
            self.base.cache.pop(key, None)

    def _all(self, typed, scope, frame):
        return [self.value(part, scope, frame) for part in typed.parts]

    def _why(self, key):
        if self.bits is None or key not in self.bits:
            return None
        bit = 1 << self.bits[key]
        return np.uint64(bit) if max(self.bits.values()) < 64 else np.array(bit, dtype=object)

    def _index(self, var, frame):
        """The person index of a variable for each row of a frame."""
        if var in ("applicant", "partner"):
            found = getattr(self.chunk, var)
            return found if frame.hh is None else found[frame.hh]
        return frame.people[var]

    @staticmethod
    def _nobody(var, frame, index):
        return tidy(index < 0) if var == "partner" or (frame.lacking and var != "applicant") else None

    # --- names ------------------------------------------------------------------------------------------------------

    def _const(self, typed, scope, frame):
        value = typed.info["value"]
        if isinstance(value, bool):
            return constant_bool(value)
        if isinstance(value, str):
            return Code(np.int64(0), (value,))
        return constant(value.toordinal() if isinstance(value, date) else value)

    def _list(self, typed, scope, frame):
        return typed.info["values"]

    def _on(self, typed, scope, frame):
        return constant(self.on.toordinal())

    def _household_fact(self, typed, scope, frame):
        fact = typed.info["fact"]
        return self._fact(fact, self.chunk.home[fact.name], None, self._why(fact.code))

    def _person_fact(self, typed, scope, frame):
        fact, index = typed.info["fact"], self._index(typed.info["var"], frame)
        nobody = self._nobody(typed.info["var"], frame, index)
        column = self.chunk.person[fact.name].rows(index)
        return self._fact(fact, column, nobody, self._why(fact.code))

    def _fact(self, fact, column, nobody, bit):
        missing = column.missing if nobody is None or column.missing is None else tidy(column.missing & ~nobody)
        na = column.na if nobody is None else either(column.na, nobody)
        values = column.values if nobody is None else np.where(nobody, 0, column.values)
        why = None if missing is None or bit is None else missing * bit
        if fact.type == "boolean":
            values = values if values.dtype == bool else values.astype(bool)
            return Bool(values, ~values if missing is None else ~(values | missing), why)
        if fact.type in ("choice", "choices", "text"):
            may = missing if fact.may_not_apply else None
            return Code(values, column.names, missing, na, may, why, fact.type == "choices")
        number = Num(values, values, column.scale, column.bound)
        if fact.type in ("money", "amount"):
            number.nhi, number.why = missing, why
            return FlowColumn(number, column.per) if fact.type == "money" else number
        number.na = na
        if missing is not None:
            number.why, number.may = why, missing if fact.may_not_apply else None
            self._bounded(number, missing, fact)
        return number

    @staticmethod
    def _bounded(number, missing, fact):
        """Puts the catalogue's bounds where a number is missing; a date has none."""
        least, most = (None, None) if fact.type == "date" else (fact.least, fact.most)
        for edge, side, mask in ((least, "lo", "nlo"), (most, "hi", "nhi")):
            if edge is None:
                setattr(number, mask, missing)
                continue
            if (edge * number.scale).denominator != 1:
                wider = scaled(number, number.scale * edge.denominator)
                number.lo, number.hi, number.scale, number.bound = wider.lo, wider.hi, wider.scale, wider.bound
            value = int(edge * number.scale)
            number.bound = max(number.bound, abs(value))
            if value == 0 and number.hi is number.lo:
                continue  # 0 is there already; without a bound on the other side that is all there is to say
            number.lo, number.hi = roomy(number.lo, number.bound), roomy(number.hi, number.bound)
            setattr(number, side, np.where(missing, value, getattr(number, side)))

    def _age(self, typed, scope, frame):
        index = self._index(typed.info["var"], frame)
        return settled(self._ages().take(index), self._nobody(typed.info["var"], frame, index))

    def _ages(self):
        """The age of every person of the chunk."""
        if "ages" not in self.base.cache:
            column = self.chunk.person["born_on"]
            born = column.values if column.missing is None else np.where(column.missing, self.on.toordinal(), column.values)
            ages = ages_on(born, self.on.toordinal())
            number = Num(ages, ages, 1, 4000, nhi=column.missing)
            if column.missing is not None and (why := self._why("person.born_on")) is not None:
                number.why = column.missing * why
            self.base.cache["ages"] = number
        return self.base.cache["ages"]

    def _role(self, typed, scope, frame):
        index = self._index(typed.info["var"], frame)
        nobody = self._nobody(typed.info["var"], frame, index)
        values = self.chunk.roles[index].astype(np.int64)
        return Code(values if nobody is None else np.where(nobody, 0, values), ROLES, na=nobody)

    def _limit(self, typed, scope, frame):
        limit, plan_on = scope.limits[typed.info["name"]], self.keys.limits_on
        row, why = limit.row_on(plan_on), self._why(f"limits.{limit.name}")
        if row is None:
            return _unknown(limit.type.kind, why)
        if limit.by:
            kept = self.keys.tables.setdefault(self.keys.of(typed, scope), {})
            if "table" not in kept:
                kept["table"] = limit.table_on(plan_on)
            return look_up(limit, kept["table"], self._all(typed, scope, frame), why, _unknown, kept, self._places)
        return _column_of(limit.value_on(plan_on), limit.type.kind)

    def _places(self, column):
        """The Places of a key column, made once for all tables that are looked up by it."""
        if self.index is None or self.index.column is not column:
            self.index = Places(column)
        return self.index

    def _programme(self, typed, scope, frame):
        code, what = typed.info["code"], typed.info["what"]
        why = self._why(f"programmes.{code}")
        if code not in self.results:
            gone = unknown_num(why, 0)
            return FlowColumn(gone, 3) if what == "amount" else _unknown("yes_no" if what == "likely" else "choice", why)
        truth, paid, per = self.results[code]
        if what == "amount":
            return FlowColumn(paid, PERIODS.index(per))
        if what == "likely":
            return truth
        unknown = tidy(~(truth.t | truth.f))
        return Code(truth.f.astype(np.int64), ("likely", "not_likely"), unknown, why=truth.why)

    # --- yes and no -------------------------------------------------------------------------------------------------

    def _compare(self, typed, scope, frame):
        parts, tests = self._all(typed, scope, frame), typed.info["tests"]
        return conjunction([TESTS[test](one, two) for test, one, two in zip(tests, parts, parts[1:], strict=False)])

    def _and(self, typed, scope, frame):
        return conjunction(self._all(typed, scope, frame))

    def _or(self, typed, scope, frame):
        return disjunction(self._all(typed, scope, frame))

    def _not(self, typed, scope, frame):
        return negate(self.value(typed.parts[0], scope, frame))

    def _at_least(self, typed, scope, frame):
        return at_least(typed.info["n"], self._all(typed, scope, frame))

    def _applies_partner(self, typed, scope, frame):
        found = self._index("partner", frame) >= 0
        return Bool(found, ~found)

    def _applies(self, typed, scope, frame):
        part = typed.parts[0]
        if part.op in ("household_fact", "person_fact"):
            return self._fact_applies(part, frame)
        value = self.value(part, scope, frame)
        if isinstance(value, Bool):
            return constant_bool(True)
        na = np.bool_(False) if value.na is None else value.na
        if value.may is None:
            return Bool(~na, na | np.bool_(False))
        return Bool(~na & ~value.may, na & ~value.may, None if value.why is None else value.why * value.may)

    def _fact_applies(self, part, frame):
        fact = part.info["fact"]
        if part.op == "household_fact":
            column, nobody = self.chunk.home[fact.name], None
        else:
            index = self._index(part.info["var"], frame)
            column, nobody = self.chunk.person[fact.name].rows(index), index < 0
        shape = column.values.shape
        missing, na = mask_of(column.missing, shape), mask_of(column.na, shape)
        if nobody is not None:
            missing, na = missing & ~nobody, na | nobody
        if not fact.may_not_apply:
            missing = np.zeros(shape, dtype=bool)
        why = self._why(fact.code)
        return Bool(~na & ~missing, na, None if why is None else missing * why)

    # --- numbers, money, dates --------------------------------------------------------------------------------------

    def _add(self, typed, scope, frame):
        return add(*self._all(typed, scope, frame))

    def _sub(self, typed, scope, frame):
        one, two = self._all(typed, scope, frame)
        return add(one, negative(two))

    def _mul(self, typed, scope, frame):
        return multiply(*self._all(typed, scope, frame))

    def _div(self, typed, scope, frame):
        return divide(*self._all(typed, scope, frame))

    def _neg(self, typed, scope, frame):
        return negative(self.value(typed.parts[0], scope, frame))

    def _min(self, typed, scope, frame):
        return extreme(self._all(typed, scope, frame), False)

    def _max(self, typed, scope, frame):
        return extreme(self._all(typed, scope, frame), True)

    def _round(self, typed, scope, frame):
        return rounded(self.value(typed.parts[0], scope, frame), typed.info["how"], typed.info["unit"])

    def _per(self, typed, scope, frame):
        value, to, days = self.value(typed.parts[0], scope, frame), typed.info["per"], typed.info["days"]
        if isinstance(value, Num):
            return by_constant(value, conversion(typed.parts[0].type.per, to, days))
        amount, per = value.amount, value.per
        if np.ndim(per) == 0:
            return by_constant(amount, conversion(PERIODS[int(per)], to, days))
        factors = [conversion(name, to, days) for name in PERIODS]
        scale = int(np.lcm.reduce([getattr(factor, "denominator", 1) for factor in factors]))
        table = [int(factor * scale) for factor in factors]
        bound = amount.bound * max(table)
        factor = np.array(table, dtype=np.int64 if bound <= 2**62 else object)[per]
        lo = times(amount.lo, factor, bound) if bound > 2**62 else amount.lo * factor
        hi = lo if amount.hi is amount.lo else amount.hi * factor
        return Num(lo, hi, amount.scale * scale, bound, amount.nlo, amount.nhi, why=amount.why)

    def _duration(self, typed, scope, frame):
        return rounded(self.value(typed.parts[0], scope, frame), "down", 1)

    def _shift(self, typed, scope, frame):
        day, number = map(roomy_num, self._all(typed, scope, frame))
        unit = typed.parts[1].info["unit"]
        if typed.info["sign"] < 0:
            number = rounded(negative(self.value(typed.parts[1].parts[0], scope, frame)), "down", 1)
        low = shifted(day.lo, _steps(number.lo), unit), either(day.nlo, number.nlo)
        if day.is_exact and number.is_exact:
            return spread(day, number, low, low)
        return spread(day, number, low, (shifted(day.hi, _steps(number.hi), unit), either(day.nhi, number.nhi)))

    def _days_between(self, typed, scope, frame):
        start, end = self._all(typed, scope, frame)
        return add(end, negative(start))

    def _age_on(self, typed, scope, frame):
        born, day = map(roomy_num, self._all(typed, scope, frame))
        low = years_between(born.hi, day.lo), either(born.nhi, day.nlo)
        high = years_between(born.lo, day.hi), either(born.nlo, day.nhi)
        return spread(born, day, low, high)

    def _if(self, typed, scope, frame):
        return choose(*self._all(typed, scope, frame))

    # --- worked-out facts and people --------------------------------------------------------------------------------

    def _worked(self, typed, scope, frame):
        return self.value(scope.worked(typed.info["name"]), scope, self.base)

    def _worked_person(self, typed, scope, frame):
        body, var = scope.worked(typed.info["name"]), typed.info["var"]
        if var in ("applicant", "partner"):
            return self.value(body, scope, self._frame_of(var, frame))
        if self._nobody(var, frame, frame.people[var]) is not None:
            return self.value(body, scope, self._frame_of(var, frame))
        if self.persons is None:
            n = len(self.chunk.roles)
            self.persons = Frame(n, self.everybody, {"person": np.arange(n)}, self.base, self.everybody)
        found = self.value(body, scope, self.persons)
        return found.take(frame.people[var])

    def _frame_of(self, var, frame):
        """A frame with the rows of `frame` in which “person” is who `var` stands for, perhaps nobody."""
        if ("person", var) not in frame.children:
            rows = np.arange(frame.n) if frame.hh is None else frame.hh
            index = self._index(var, frame)
            frame.children["person", var] = Frame(frame.n, rows, {"person": index}, self.base, rows, var != "applicant")
        return frame.children["person", var]

    def _people(self, typed, scope, frame):
        how, var, roles = typed.info["how"], typed.info["var"], typed.info["roles"]
        inner, starts, sizes = self._inner(frame, var)
        what, where = (_full(self.value(part, scope, inner), inner.n) for part in typed.parts)
        if len(roles) < len(ROLES):
            belongs = np.array([role in roles for role in ROLES])[self.chunk.roles[inner.people[var]]]
            where = Bool(where.t & belongs, where.f | ~belongs, None if where.why is None else where.why * belongs)
        if how in ("any", "none"):
            found = over_any(where, what, starts)
            return found if how == "any" else negate(found)
        if how == "all":
            return negate(over_any(where, negate(what), starts))
        if how == "count":
            return over_count(where, starts)
        if how == "sum":
            return over_sum(where, what, starts, int(sizes.max(initial=1)))
        return over_extreme(where, what, starts, sizes, how == "max")

    def _inner(self, frame, var):
        """The frame of all people of each row's household, called `var`; (frame, first row of each segment, segment sizes)."""
        if var not in frame.children:
            if frame.hh is None:
                hh, people, sizes, rows = self.everybody, np.arange(len(self.chunk.roles)), self.chunk.sizes, self.everybody
            else:
                sizes = self.chunk.sizes[frame.hh]
                ends = np.cumsum(sizes)
                rows = np.repeat(np.arange(frame.n), sizes)
                hh = frame.hh[rows]
                people = np.repeat(self.chunk.starts[frame.hh] - (ends - sizes), sizes) + np.arange(int(sizes.sum()))
            known = {name: index[rows] for name, index in frame.people.items()}
            frame.children[var] = (
                Frame(len(rows), hh, {**known, var: people}, frame, rows, frame.lacking),
                np.cumsum(sizes) - sizes,
                sizes,
            )
        return frame.children[var]


def _full(value, n):
    """A column of n elements, where a constant stands for all of them."""
    if isinstance(value, Bool):
        if np.ndim(value.t) and np.ndim(value.f):
            return value
        return Bool(np.broadcast_to(value.t, n), np.broadcast_to(value.f, n), value.why)
    return value


def _steps(array):
    """Whole steps to move a date by, no more than reach the end of the calendar."""
    return np.asarray(np.clip(array, -LAST_DAY, LAST_DAY)).astype(np.int64)


def _unknown(kind, why):
    if kind == "yes_no":
        return Bool(np.bool_(False), np.bool_(False), why)
    if kind in ("choice", "choices"):
        return Code(np.int64(0), ("",), np.bool_(True), why=why, many=kind == "choices")
    return unknown_num(why)


def _column_of(value, kind):
    if kind == "yes_no":
        return constant_bool(value)
    if kind == "choice":
        return Code(np.int64(0), (value,))
    if kind == "choices":
        return value
    return constant(value.toordinal() if kind == "date" else value)
