"""Turns a checked expression into a Python closure that evaluates it for one household. No source text is ever generated."""

from eligibility.engine.people import COMBINE
from eligibility.household import UNSURE
from eligibility.language.limits import find
from eligibility.language.values import (
    NOTHING,
    TESTS,
    Flow,
    Unknown,
    add,
    at_least,
    between,
    bounds,
    conjunction,
    conversion,
    disjunction,
    divide,
    hull,
    largest,
    may_be_na,
    missing_of,
    multiply,
    negate,
    negative,
    rounded,
    scale,
    shifted,
    smallest,
    subtract,
    years_between,
)

_NONE = object()


class Env:
    """What an evaluation reads: the household, the date, the results of other programmes; and what it has worked out so far.

    The date may be an Unknown between two dates: what comes out as known then holds on each day from one to the other.
    """

    __slots__ = ("cache", "household", "on", "people", "programmes")

    def __init__(self, household, on, programmes):
        self.household, self.on, self.programmes = household, on, programmes
        self.people, self.cache = {}, {}


class Compiler:
    """Compiles the expressions of one scope for the limits in force on one day."""

    def __init__(self, scope, on):
        self.scope, self.on = scope, on
        self._bodies = {}

    def compile(self, typed):
        """A function of an Env that gives the value of `typed`."""
        return getattr(self, "_" + typed.op)(typed)

    def _all(self, parts):
        return [self.compile(part) for part in parts]

    # --- names ------------------------------------------------------------------------------------------------------

    def _const(self, typed):
        value = typed.info["value"]
        return lambda env: value

    def _list(self, typed):
        values = typed.info["values"]
        return lambda env: values

    def _on(self, typed):
        return lambda env: env.on

    def _household_fact(self, typed):
        fact = typed.info["fact"]
        name, key = fact.name, fact.code
        absent, unknown = _absent(fact), _missing(fact, key)

        def read(env):
            value = env.household.facts.get(name, _NONE)
            if value is None:
                return absent
            return unknown if value is _NONE else value

        return read

    def _person_fact(self, typed):
        fact = typed.info["fact"]
        name, absent = fact.name, _absent(fact)
        who = _who(typed.info["var"])

        def read(env):
            person = who(env)
            value = person.facts.get(name, _NONE)
            if value is _NONE:
                if person.state == "here":
                    return _missing(fact, person.key(name))
                return absent if person.state == "absent" else _missing(fact, next(iter(UNSURE)), na=True)
            return absent if value is None else value

        return read

    def _age(self, typed):
        who = _who(typed.info["var"])

        def read(env):
            person = who(env)
            born = person.facts.get("born_on")
            if born is not None:
                if type(env.on) is not Unknown:
                    return years_between(born, env.on)
                return between(env.on.missing, years_between(born, env.on.lo), years_between(born, env.on.hi))
            if person.state == "here":
                return Unknown(frozenset({person.key("born_on")}), 0)
            return None if person.state == "absent" else Unknown(UNSURE, 0, None, True)

        return read

    def _role(self, typed):
        who = _who(typed.info["var"])

        def read(env):
            person = who(env)
            if person.state == "here":
                return person.role
            return None if person.state == "absent" else Unknown(UNSURE, na=True)

        return read

    def _body(self, name):
        if name not in self._bodies:
            self._bodies[name] = self.compile(self.scope.worked(name))
        return self._bodies[name]

    def _limit(self, typed):
        limit = self.scope.limits[typed.info["name"]]
        gone = Unknown(frozenset({f"limits.{limit.name}"}))
        if not limit.by:
            row = limit.row_on(self.on)
            value = gone if row is None else limit.value_on(self.on)
            return lambda env: value
        table = limit.table_on(self.on)
        if table is None:
            return lambda env: gone
        keys = self._all(typed.parts)
        bounded = limit.type.kind in ("money", "number", "date")

        def look_up(env):
            found = [key(env) for key in keys]
            if not any(type(key) is Unknown for key in found):
                line = find(table, found)
                return gone if line is None else line[1]
            lines = [line for line in table if all(_may_fit(cell, key) for cell, key in zip(line[0], found, strict=True))]
            if not lines:
                return gone
            sure = any(all(_must_fit(cell, key) for cell, key in zip(line[0], found, strict=True)) for line in lines)
            if not sure:
                return Unknown(missing_of(*found), na=any(line[1] is None for line in lines))
            return hull(missing_of(*found), [line[1] for line in lines], bounded)

        return look_up

    def _programme(self, typed):
        code, what = typed.info["code"], typed.info["what"]
        gone = Unknown(frozenset({f"programmes.{code}"}))
        gone_flow = Flow(Unknown(gone.missing, 0), "year")

        def read(env):
            result = env.programmes.get(code)
            if what == "amount":
                return gone_flow if result is None else Flow(result.paid, result.per)
            if result is None:
                return gone
            if what == "likely" or type(result.truth) is Unknown:
                return result.truth
            return "likely" if result.truth else "not_likely"

        return read

    # --- yes and no -------------------------------------------------------------------------------------------------

    def _compare(self, typed):
        parts = self._all(typed.parts)
        tests = [TESTS[test] for test in typed.info["tests"]]
        if len(tests) == 1:
            (one, two), test = parts, tests[0]
            return lambda env: test(one(env), two(env))

        def chain(env):
            values = [part(env) for part in parts]
            return conjunction(test(one, two) for test, one, two in zip(tests, values, values[1:], strict=False))

        return chain

    def _and(self, typed):
        parts = self._all(typed.parts)
        return lambda env: conjunction(part(env) for part in parts)

    def _or(self, typed):
        parts = self._all(typed.parts)
        return lambda env: disjunction(part(env) for part in parts)

    def _not(self, typed):
        part = self.compile(typed.parts[0])
        return lambda env: negate(part(env))

    def _at_least(self, typed):
        parts, number = self._all(typed.parts), typed.info["n"]
        return lambda env: at_least(number, [part(env) for part in parts])

    def _applies_partner(self, typed):
        def read(env):
            state = env.household.partner.state
            return Unknown(UNSURE) if state == "unsure" else state == "here"

        return read

    def _applies(self, typed):
        part = typed.parts[0]
        if part.op in ("household_fact", "person_fact"):
            return self._fact_applies(part)
        value = self.compile(part)

        def read(env):
            found = value(env)
            if type(found) is Unknown:
                return Unknown(found.missing) if found.na else True
            return found is not None

        return read

    def _fact_applies(self, part):
        fact = part.info["fact"]
        who = None if part.op == "household_fact" else _who(part.info["var"])

        def read(env):
            holder = env.household if who is None else who(env)
            value = holder.facts.get(fact.name, _NONE)
            if value is not _NONE:
                return value is not None
            if who is not None and holder.state != "here":
                return False if holder.state == "absent" else Unknown(UNSURE)
            if not fact.may_not_apply:
                return True
            return Unknown(frozenset({fact.code if who is None else holder.key(fact.name)}))

        return read

    # --- numbers, money, dates --------------------------------------------------------------------------------------

    def _two(self, typed, operation):
        one, two = self._all(typed.parts)
        return lambda env: operation(one(env), two(env))

    def _add(self, typed):
        return self._two(typed, add)

    def _sub(self, typed):
        return self._two(typed, subtract)

    def _mul(self, typed):
        return self._two(typed, multiply)

    def _div(self, typed):
        return self._two(typed, divide)

    def _neg(self, typed):
        part = self.compile(typed.parts[0])
        return lambda env: negative(part(env))

    def _min(self, typed):
        parts = self._all(typed.parts)
        return lambda env: smallest([part(env) for part in parts])

    def _max(self, typed):
        parts = self._all(typed.parts)
        return lambda env: largest([part(env) for part in parts])

    def _round(self, typed):
        part, how, unit = self.compile(typed.parts[0]), typed.info["how"], typed.info["unit"]
        return lambda env: rounded(part(env), how, unit)

    def _per(self, typed):
        part, to, days = self.compile(typed.parts[0]), typed.info["per"], typed.info["days"]
        if typed.parts[0].type.kind == "money":
            factor = conversion(typed.parts[0].type.per, to, days)
            return lambda env: scale(part(env), factor)
        factors = {per: conversion(per, to, days) for per in ("week", "four_weeks", "month", "year")}

        def convert(env):
            flow = part(env)
            return scale(flow.amount, factors[flow.per])

        return convert

    def _duration(self, typed):
        return self.compile(typed.parts[0])

    def _shift(self, typed):
        day, number = self._all(typed.parts)
        sign, unit = typed.info["sign"], typed.parts[1].info["unit"]

        def move(env):
            start, count = day(env), scale(number(env), sign)
            if type(start) is not Unknown and type(count) is not Unknown:
                return shifted(start, count, unit)
            if start is None or count is None:
                return None
            (day_lo, day_hi), (lo, hi) = bounds(start), bounds(count)
            return between(
                missing_of(start, count),
                shifted(day_lo, lo, unit),
                shifted(day_hi, hi, unit),
                may_be_na(start) or may_be_na(count),
            )

        return move

    def _days_between(self, typed):
        def count(start, end):
            return None if start is None or end is None else (end - start).days

        return self._span(typed, count)

    def _age_on(self, typed):
        def count(born, day):
            return None if born is None or day is None else years_between(born, day)

        return self._span(typed, count)

    def _span(self, typed, count):
        one, two = self._all(typed.parts)

        def measure(env):
            start, end = one(env), two(env)
            if type(start) is not Unknown and type(end) is not Unknown:
                return count(start, end)
            if start is None or end is None:
                return None
            (start_lo, start_hi), (end_lo, end_hi) = bounds(start), bounds(end)
            missing, na = missing_of(start, end), may_be_na(start) or may_be_na(end)
            return between(missing, count(start_hi, end_lo), count(start_lo, end_hi), na)

        return measure

    def _if(self, typed):
        test, then, other = self._all(typed.parts)
        bounded = typed.type.kind in ("money", "number", "zero", "date")

        def choose(env):
            held = test(env)
            if held is True:
                return then(env)
            if held is False:
                return other(env)
            return hull(held.missing, [then(env), other(env)], bounded)

        return choose

    # --- worked-out facts and people --------------------------------------------------------------------------------

    def _worked(self, typed):
        name, body = typed.info["name"], self._body(typed.info["name"])

        def read(env):
            if name not in env.cache:
                env.cache[name] = body(env)
            return env.cache[name]

        return read

    def _worked_person(self, typed):
        name, body, who = typed.info["name"], self._body(typed.info["name"]), _who(typed.info["var"])

        def read(env):
            person = who(env)
            key = (name, id(person))
            if key not in env.cache:
                before = env.people
                env.people = {"person": person}
                env.cache[key] = body(env)
                env.people = before
            return env.cache[key]

        return read

    def _people(self, typed):
        what, where = self._all(typed.parts)
        how, var, roles = typed.info["how"], typed.info["var"], typed.info["roles"]
        combine = COMBINE[how]

        def go(env):
            outer = env.people.get(var)
            found = []
            for person in env.household.people:
                if person.role in roles:
                    env.people[var] = person
                    counts = where(env)
                    if counts is not False:
                        found.append((counts, what(env)))
            env.people[var] = outer
            return combine(found, env.household.open)

        return go


def _who(var):
    if var == "applicant":
        return lambda env: env.household.applicant
    if var == "partner":
        return lambda env: env.household.partner
    return lambda env: env.people[var]


def _absent(fact):
    return {"money": NOTHING, "amount": 0, "boolean": False}.get(fact.type)


def _missing(fact, key, na=None):
    missing = frozenset({key})
    if fact.type == "money":
        return Flow(Unknown(missing, 0), "year")
    if fact.type == "amount":
        return Unknown(missing, 0)
    if fact.type == "boolean":
        return Unknown(missing)
    may = fact.may_not_apply if na is None else na
    if fact.type in ("integer", "decimal"):
        return Unknown(missing, fact.least, fact.most, may)
    return Unknown(missing, na=may)


def _may_fit(cell, key):
    if type(key) is not Unknown:
        return cell.fits(key)
    if cell.kind == "any":
        return True
    if cell.kind == "from":
        return key.hi is None or key.hi >= cell.values[0]
    return any((key.lo is None or value >= key.lo) and (key.hi is None or value <= key.hi) for value in cell.values)


def _must_fit(cell, key):
    if type(key) is not Unknown:
        return cell.fits(key)
    return cell.kind == "any" or (cell.kind == "from" and not key.na and key.lo is not None and key.lo >= cell.values[0])
