"""Turns checked expressions into Python source, one small function for each, and the source into functions of an `Env`.

`Compiler.source` is the text that runs; see `emit` for what may stand in it. Each operation is written twice in a line: as plain arithmetic
for values that are there, and as a call of the three-valued operation of `language.values` for those that are not.

The text is run with `exec`. That is safe because nothing a person writes can get into it. Names in it are numbered by us (v1, p1, k1, f1) or
stand in `BUILT_IN`, `NAMES` and the attributes of an `Env`; operators come from the tables of this file, chosen by operations that the
checker knows; numbers are printed from `int`. Names of facts, people, limits and programmes, codes, texts, dates and the keys of tables are
objects in `constants`, handed in under a number. The globals have no `__builtins__`, so that even a name that should not be there would
find nothing. `tests/eligibility/language/test_source.py` reads the source of random and hostile rules token by token.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from eligibility.engine import loops
from eligibility.engine.emit import MOST_DENOMINATOR, Atom, Body, common, guard, kleene, number_atom, raised
from eligibility.engine.runtime import NAMES, Table, absent, down, missing
from eligibility.language.limits import exact
from eligibility.language.types import PERIODS
from eligibility.language.values import Unknown, conversion

DEEPEST = 10  # blocks within each other in one function; what lies deeper becomes a function of its own
BUILT_IN = {"bool": bool, "frozenset": frozenset, "int": int, "str": str, "type": type}
_NUMERIC = ("number", "zero", "money")
_TESTS = {
    "<": ("{0} < {1}", "less({0}, {1})"),
    "<=": ("{0} <= {1}", "at_most({0}, {1})"),
    ">": ("{0} > {1}", "less({1}, {0})"),
    ">=": ("{0} >= {1}", "at_most({1}, {0})"),
    "==": ("{0} == {1}", "equal({0}, {1})"),
    "!=": ("{0} != {1}", "negate(equal({0}, {1}))"),
    "in": ("{0} in {1}", "member({0}, {1})"),
    "not in": ("{0} not in {1}", "negate(member({0}, {1}))"),
}


@dataclass(frozen=True)
class Worked:
    """The function of a worked-out fact. slot: its number in the cache of an Env."""

    slot: int
    function: str
    atom: Atom


class Compiler:
    """Compiles the expressions of one scope for the limits in force on one day."""

    def __init__(self, scope, on):
        self.scope, self.on = scope, on
        self.source = ""
        self.constants = {}
        self._names = {}
        self.worked = {}
        self._functions = {}
        self._texts = []
        self._count = 0
        self._globals = {"__builtins__": {}, **BUILT_IN, **NAMES}

    def compile(self, typed):
        """A function of an Env that gives the value of `typed`, which may have no free person."""
        return self.compile_all([typed])[0]

    def compile_all(self, many):
        """The functions of several expressions, made in one go."""
        return self._made([self._function(typed) for typed in many])

    def _made(self, names):
        """The functions of these names; what is written and not yet made is made now."""
        if self._texts:
            text = "\n\n\n".join(self._texts)
            self._texts = []
            self.source = f"{self.source}\n\n\n{text}" if self.source else text
            exec(compile(text, "<rule>", "exec"), self._globals)  # noqa: S102 -- the text is made of our own names and numbers only
        return [self._globals[name] for name in names]

    def together(self, many):
        """One function of an Env that gives {name: value} of the expressions in {name: Typed}; what they share is read once."""
        body = self._body({})
        values = [f"{self.constant(name)}: {self.read(typed, body).whole}" for name, typed in many.items()]
        self._end(body, f"return {{{', '.join(values)}}}")
        return self._made([body.name])[0]

    def sentence(self, parts):
        """A function of an Env that gives a text. parts: texts, and (Typed, the Teller of its value)."""
        body = self._body({})
        told = [self.constant(part) if isinstance(part, str) else self._told(part[0], part[1], body) for part in parts]
        self._end(body, f"return {' + '.join(told)}")
        return self._made([body.name])[0]

    def _told(self, typed, tell, body):
        """The code of a value in words: as it was told before, or told now."""
        value = body.put(self.read(typed, body).whole, typed.type.kind).code
        return f"({self.constant(tell.kept)}.get({value}) or {self.constant(tell)}({value}))"

    def value(self, name, env, person=None):
        """The value of a worked-out fact in an evaluation, worked out now where it was not; of a `person`, GONE where it was not."""
        made = self.worked.get(name)
        if person is not None:
            if made is None:
                return NAMES["GONE"]
            kept = env.cache.get((made.slot, person), NAMES["GONE"])
            return kept if kept is NAMES["GONE"] else down(kept, made.atom.denominator)
        if made is None or made.slot not in env.cache:
            return self.compile(self.scope.worked(name))(env)
        return down(env.cache[made.slot], made.atom.denominator)

    # --- functions --------------------------------------------------------------------------------------------------

    def _function(self, typed):
        """The name of the function of an expression as a whole: it gives the value itself."""
        if typed.key not in self._functions:
            body = self._body({})
            self._end(body, f"return {self.read(typed, body).whole}")
            self._functions[typed.key] = body.name
        return self._functions[typed.key]

    def _body(self, who):
        self._count += 1
        return Body(f"f{self._count}", who)

    def _end(self, body, *lines):
        for text in lines:
            body.line(text)
        self._texts.append(body.text())

    def _called(self, typed, outer):
        """A deep part as a function of its own, called with the people it speaks of."""
        names = sorted(typed.free & set(outer.who))
        body = self._body({name: f"p{place}" for place, name in enumerate(names)})
        found = self.read(typed, body)
        self._end(body, f"return {found.code}")
        call = f"{body.name}({', '.join(['e', *(outer.who[name] for name in names)])})"
        return outer.put(call, found.kind, found.denominator, found.sure)

    def _worked_out(self, name):
        """The Worked of a worked-out fact, written where it is not yet."""
        if name not in self.worked:
            item = self.scope.worked_out[name]
            body = self._body({"person": "p0"} if item.for_person else {})
            found = self.read(self.scope.worked(name), body)
            slot = len(self.worked) + 1
            place = f"{slot}, p0" if item.for_person else str(slot)
            self._end(body, f"{body.own('cache')}[{place}] = {found.code}", f"return {found.code}")
            self.worked[name] = Worked(slot, body.name, found)
        return self.worked[name]

    def constant(self, value):
        """The name of an object that is handed in; equal texts have one name."""
        key = value if isinstance(value, (str, frozenset)) else id(value)
        if key not in self._names:
            self._names[key] = name = f"k{len(self.constants) + 1}"
            self.constants[name] = self._globals[name] = value
        return self._names[key]

    def read(self, typed, body):
        """Writes the lines that work `typed` out; the Atom that holds it."""
        if body.depth > DEEPEST and typed.parts:
            return self._called(typed, body)
        return getattr(self, "_" + typed.op)(typed, body)

    def _all(self, typed, body):
        return [self.read(part, body) for part in typed.parts]

    # --- names ------------------------------------------------------------------------------------------------------

    def _fixed(self, value, kind):
        """The Atom of a value that is the same for every household."""
        if isinstance(value, bool):
            return Atom(str(value), kind, sure=True)
        if isinstance(value, (int, Fraction)):
            return number_atom(value)
        return Atom(self.constant(value), kind, sure=value is not None and type(value) is not Unknown)

    def _const(self, typed, body):
        return self._fixed(typed.info["value"], typed.type.kind)

    def _list(self, typed, body):
        return Atom(self.constant(typed.info["values"]), "list", sure=True)

    def _on(self, typed, body):
        return Atom(body.own("on"), "date")

    def _household_fact(self, typed, body):
        return body.once(typed.info["fact"].code, lambda: self._home_read(typed, body))

    def _home_read(self, typed, body):
        fact = typed.info["fact"]
        name, other = self.constant(fact.name), self.constant(missing(fact, fact.code))
        found = body.put(f"{body.own('home')}.get({name}, {other})", typed.type.kind)
        self._absent(found, fact, body)
        return found

    def _person_fact(self, typed, body):
        person = body.person(typed.info["var"])
        return body.once((person, typed.info["fact"].code), lambda: self._person_read(typed, person, body))

    def _person_read(self, typed, person, body):
        fact = typed.info["fact"]
        kept = self.constant(fact)
        found = body.put(f"{person}.facts.get({self.constant(fact.name)}, GONE)", typed.type.kind)
        body.line(f"if {found.code} is GONE: {found.code} = gone({person}, {kept})")
        self._absent(found, fact, body)
        return found

    def _absent(self, found, fact, body):
        value = absent(fact)
        if value is not None:
            code = value if isinstance(value, int) else "NOTHING"
            body.line(f"if {found.code} is None: {found.code} = {code}")

    def _age(self, typed, body):
        person = body.person(typed.info["var"])
        return body.once((person, "age"), lambda: body.put(f"age(e, {person})", "number"))

    def _role(self, typed, body):
        var = typed.info["var"]
        if var in ("applicant", "partner", "person"):
            return body.put(f"role({body.person(var)})", "choice")
        return body.put(f"{body.person(var)}.role", "choice", sure=True)

    def _worked(self, typed, body):
        made = self._worked_out(typed.info["name"])
        cache = body.own("cache")
        code = f"{cache}[{made.slot}] if {made.slot} in {cache} else {made.function}(e)"
        return body.once(made, lambda: body.put(code, made.atom.kind, made.atom.denominator, made.atom.sure))

    def _worked_person(self, typed, body):
        made = self._worked_out(typed.info["name"])
        cache, person = body.own("cache"), body.person(typed.info["var"])
        key = body.put(f"({made.slot}, {person})", "list").code
        code = f"{cache}[{key}] if {key} in {cache} else {made.function}(e, {person})"
        return body.put(code, made.atom.kind, made.atom.denominator, made.atom.sure)

    def _limit(self, typed, body):
        limit = self.scope.limits[typed.info["name"]]
        gone = Unknown(frozenset({f"limits.{limit.name}"}))
        kind = limit.type.kind
        if limit.row_on(self.on) is None:
            return self._fixed(gone, kind)
        if not limit.by:
            return self._fixed(limit.value_on(self.on), kind)
        lines = limit.table_on(self.on)
        scale = lcm(*(Fraction(value).denominator for _, value in lines if value is not None)) if kind in _NUMERIC else 1
        table = self.constant(Table(limit, lines))
        keys = ", ".join(key.whole for key in self._all(typed, body))
        return body.put(raised(f"{table}({keys})", scale), kind, scale)

    def _programme(self, typed, body):
        what, code = typed.info["what"], self.constant(typed.info["code"])
        return body.put(f"{what}(e, {code})", typed.type.kind)

    # --- yes and no -------------------------------------------------------------------------------------------------

    def _test(self, test, one, two, body):
        fast, slow = _TESTS[test]
        slow = slow.format(one.whole, two.whole)
        if "in" in test:
            return body.choose(fast.format(one.whole, two.whole), slow, [one, two], "yes_no")
        scale = common([one, two])
        return body.choose(fast.format(one.times(scale), two.times(scale)), slow, [one, two], "yes_no")

    def _compare(self, typed, body):
        parts = self._all(typed, body)
        found = None
        for test, one, two in zip(typed.info["tests"], parts, parts[1:], strict=False):
            held = self._test(test, one, two, body)
            found = held if found is None else self._joined(found, held, "False", "True", body)
        return found

    def _joined(self, one, two, stop, go, body):
        """Kleene and (stop: False, go: True) or or (stop: True, go: False) of two values."""
        if one.sure and two.sure:
            return body.put(f"{one.code} {'and' if stop == 'False' else 'or'} {two.code}", "yes_no", sure=True)
        return body.put(kleene(one.code, two.code, stop, go), "yes_no")

    def _and(self, typed, body):
        return self._join(typed, body, "False", "True")

    def _or(self, typed, body):
        return self._join(typed, body, "True", "False")

    def _join(self, typed, body, stop, go):
        """All parts, one after the other, as long as they do not decide it."""
        first = self.read(typed.parts[0], body)
        found, sure = body.put(first.code, "yes_no").code, first.sure
        for part in typed.parts[1:]:
            with body.block(f"if {found} is not {stop}:"):
                held = self.read(part, body)
                body.line(f"{found} = {held.code if sure else kleene(found, held.code, stop, go)}")
            sure = sure and held.sure
        return Atom(found, "yes_no", sure=sure)

    def _not(self, typed, body):
        part = self.read(typed.parts[0], body)
        return body.choose(f"not {part.code}", part.code, [part], "yes_no")

    def _at_least(self, typed, body):
        parts = ", ".join(part.code for part in self._all(typed, body))
        return body.put(f"at_least({typed.info['n']}, ({parts},))", "yes_no")

    def _applies_partner(self, typed, body):
        return body.put(f"partner_applies({body.own('partner')})", "yes_no")

    def _applies(self, typed, body):
        part = typed.parts[0]
        if part.op == "household_fact":
            return body.put(f"home_applies({body.own('home')}, {self.constant(part.info['fact'])})", "yes_no")
        if part.op == "person_fact":
            person = body.person(part.info["var"])
            return body.put(f"person_applies({person}, {self.constant(part.info['fact'])})", "yes_no")
        return body.put(f"applies({self.read(part, body).code})", "yes_no")

    # --- numbers, money, dates --------------------------------------------------------------------------------------

    def _add(self, typed, body):
        return self._sum("+", "add({0}, {1})", typed, body)

    def _sub(self, typed, body):
        return self._sum("-", "add({0}, negative({1}))", typed, body)

    def _sum(self, sign, slow, typed, body):
        one, two = self._all(typed, body)
        scale = common([one, two])
        fast = f"{one.times(scale)} {sign} {two.times(scale)}"
        return body.choose(fast, slow.format(one.whole, two.whole), [one, two], typed.type.kind, scale)

    def _mul(self, typed, body):
        one, two = self._all(typed, body)
        return self._product(one, two, typed.type.kind, body)

    def _product(self, one, two, kind, body):
        scale = one.denominator * two.denominator
        if scale > MOST_DENOMINATOR:
            return body.put(f"multiply({one.whole}, {two.whole})", kind)
        return body.choose(f"{one.code} * {two.code}", f"multiply({one.whole}, {two.whole})", [one, two], kind, scale)

    def _div(self, typed, body):
        one, two = self._all(typed, body)
        if two.literal:
            return self._product(one, number_atom(Fraction(two.denominator, two.literal)), typed.type.kind, body)
        return body.put(f"divide({one.whole}, {two.whole})", typed.type.kind)

    def _neg(self, typed, body):
        part = self.read(typed.parts[0], body)
        return body.choose(f"-{part.code}", f"negative({part.whole})", [part], typed.type.kind, part.denominator)

    def _min(self, typed, body):
        return self._extreme("<", "smallest", typed, body)

    def _max(self, typed, body):
        return self._extreme(">", "largest", typed, body)

    def _extreme(self, sign, slow, typed, body):
        parts = self._all(typed, body)
        whole = f"{slow}(({', '.join(part.whole for part in parts)},))"
        if typed.type.kind not in _NUMERIC:
            return body.put(whole, typed.type.kind)
        scale = common(parts)
        if len(parts) == 2:
            one, two = (part.times(scale) for part in parts)
            return body.choose(f"({one} if {one} {sign} {two} else {two})", whole, parts, typed.type.kind, scale)
        found = body.put(parts[0].times(scale) if parts[0].sure else parts[0].fitted(scale), typed.type.kind, scale)
        condition = guard(parts)
        with body.block(f"if {condition or 'True'}:"):
            for part in parts[1:]:
                body.line(f"if {part.times(scale)} {sign} {found.code}: {found.code} = {part.times(scale)}")
        if condition:
            body.line(f"else: {found.code} = {raised(whole, scale)}")
        return Atom(found.code, typed.type.kind, scale, not condition)

    def _round(self, typed, body):
        part, how, unit = self.read(typed.parts[0], body), typed.info["how"], Fraction(typed.info["unit"])
        step = unit.numerator * part.denominator
        value = part.times(part.denominator * unit.denominator)
        fast = {
            "down": f"{value} // {step} * {unit.numerator}",
            "up": f"-(-({value}) // {step}) * {unit.numerator}",
            "nearest": f"({value} * 2 + {step}) // {2 * step} * {unit.numerator}",
        }[how]
        slow = f"rounded({part.whole}, {self.constant(how)}, {self.constant(exact(unit))})"
        return body.choose(fast, slow, [part], typed.type.kind, unit.denominator)

    def _per(self, typed, body):
        part, to, days = self.read(typed.parts[0], body), typed.info["per"], typed.info["days"]
        if part.kind != "flow":
            return self._product(part, number_atom(conversion(typed.parts[0].type.per, to, days)), "money", body)
        factors = {per: Fraction(conversion(per, to, days)) for per in PERIODS}
        scale = lcm(*(factor.denominator for factor in factors.values()))
        ints = self.constant({per: int(factor * scale) for per, factor in factors.items()})
        exacts = self.constant({per: exact(factor) for per, factor in factors.items()})
        amount = body.put(f"{part.code}.amount", "money")
        slow = f"scale({amount.code}, {exacts}[{part.code}.per])"
        return body.choose(f"{amount.code} * {ints}[{part.code}.per]", slow, [amount], "money", scale)

    def _duration(self, typed, body):
        return self.read(typed.parts[0], body)

    def _shift(self, typed, body):
        day, number = self._all(typed, body)
        unit = self.constant(typed.parts[1].info["unit"])
        return body.put(f"moved({day.code}, {number.whole}, {typed.info['sign']}, {unit})", "date")

    def _days_between(self, typed, body):
        one, two = self._all(typed, body)
        return body.put(f"days_between({one.code}, {two.code})", "number")

    def _age_on(self, typed, body):
        one, two = self._all(typed, body)
        return body.put(f"age_on({one.code}, {two.code})", "number")

    def _if(self, typed, body):
        test = self.read(typed.parts[0], body)
        with body.block(f"if {test.code} is not False:"):
            one = self.read(typed.parts[1], body)
        with body.block(f"if {test.code} is not True:"):
            two = self.read(typed.parts[2], body)
        kind, scale = typed.type.kind, common([one, two])
        code = f"{one.fitted(scale)} if {test.code} is True else {two.fitted(scale)}"
        if not test.sure:
            hulled = f"hull({test.code}.missing, ({one.whole}, {two.whole}), {kind in (*_NUMERIC, 'date')})"
            code += f" if {test.code} is False else {raised(hulled, scale)}"
        return body.put(code, kind, scale, one.sure and two.sure and test.sure)

    # --- people -----------------------------------------------------------------------------------------------------

    def _people(self, typed, body):
        return loops.WRITERS[typed.info["how"]](self, typed, body)
