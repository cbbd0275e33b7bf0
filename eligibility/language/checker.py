"""Gives every node its type, finds what each name stands for, and refuses what does not fit together, in words and with the place."""

from datetime import date
from fractions import Fraction

from eligibility.language import mends
from eligibility.language.limits import exact, unit_type
from eligibility.language.messages import message as _
from eligibility.language.tree import digest, to_json
from eligibility.language.typed import Typed
from eligibility.language.types import DATE, DURATION, FLOW, GROUPS, NUMBER, ROLES, YES_NO, ZERO, Type

_ORDER = ("<", "<=", ">", ">=")
_NUMERIC = ("money", "number", "zero")


class Checker:
    """Checks one expression in a Scope. variables: names of people that may be used."""

    def __init__(self, scope, variables):
        self.scope = scope
        self.variables = set(variables)

    def expression(self, tree):
        """The Typed of a whole expression. Raises RuleError."""
        typed = self.read(tree)
        if typed.type == FLOW:
            raise tree.error(mends.by_period(tree))
        if typed.type.kind in ("list", "duration"):
            raise tree.error(_("This is %(type)s, which cannot stand alone.", type=typed.type.words()))
        return typed

    def read(self, tree):
        """The Typed of any node. Raises RuleError."""
        reader = {
            "+": "plus",
            "-": "minus",
            "*": "times",
            "/": "divide",
            "and": "join",
            "or": "join",
            "if": "choose",
            "not": "negate",
        }
        return getattr(self, "_" + reader.get(tree.op, tree.op))(tree)

    def make(self, tree, op, type_, parts=(), free=(), **info):
        names = frozenset(free).union(*(part.free for part in parts)) if parts else frozenset(free)
        return Typed(op, type_, tuple(parts), info, tree, names, digest(to_json(tree)))

    # --- values -----------------------------------------------------------------------------------------------------

    def _number(self, tree):
        value = exact(Fraction(tree["value"]))
        return self.make(tree, "const", ZERO if value == 0 else NUMBER, value=value)

    def _money(self, tree):
        return self.make(tree, "const", Type("money", tree["per"]), value=exact(Fraction(tree["value"]) * 100))

    def _text(self, tree):
        return self.make(tree, "const", Type("choice", choices=(tree["value"],)), value=tree["value"])

    def _yes_no(self, tree):
        return self.make(tree, "const", YES_NO, value=tree["value"])

    def _date(self, tree):
        return self.make(tree, "const", DATE, value=date.fromisoformat(tree["value"]))

    def _on(self, tree):
        return self.make(tree, "on", DATE)

    def _list(self, tree):
        items = [self.read(part) for part in tree.parts]
        kinds = {"number" if item.type.kind == "zero" else item.type.kind for item in items}
        if len(kinds) != 1 or any(item.op != "const" for item in items) or not kinds <= {"choice", "number"}:
            raise tree.error(_("A list holds codes in quotes or numbers, all of one kind."))
        values = frozenset(item.info["value"] for item in items)
        kind = kinds.pop()
        return self.make(tree, "list", Type("list", kind, tuple(sorted(values)) if kind == "choice" else None), values=values)

    # --- names ------------------------------------------------------------------------------------------------------

    def _unknown(self, tree, said, name, known):
        return tree.error(mends.unknown(self.scope, said, name, known))

    def _get(self, tree):
        of, name = tree["of"], tree["name"]
        catalogue = self.scope.catalogue
        if of == "household":
            fact = catalogue.household(name)
            if fact is None:
                known = [item.name for item in catalogue.values() if item.level == "household"]
                raise self._unknown(tree, _("There is no household fact called “%(name)s”.", name=name), name, known)
            return self.make(tree, "household_fact", fact.value_type, fact=fact)
        if of not in ("applicant", "partner") and of not in self.variables:
            raise tree.error(_("“%(name)s” is no person here.", name=of))
        free = () if of in ("applicant", "partner") else (of,)
        if name == "age":
            return self.make(tree, "age", NUMBER, free=free, var=of, fact=catalogue.person("born_on"))
        if name == "role":
            return self.make(tree, "role", Type("choice", choices=ROLES), free=free, var=of)
        item = self.scope.worked_out.get(name)
        if item is not None and item.for_person:
            return self.make(tree, "worked_person", self.scope.worked(name).type, free=free, var=of, name=name)
        fact = catalogue.person(name)
        if fact is None:
            known = [item.name for item in catalogue.values() if item.level == "person"]
            known += ["age", "role", *(item.name for item in self.scope.worked_out.values() if item.for_person)]
            raise self._unknown(tree, _("There is no fact about a person called “%(name)s”.", name=name), name, known)
        return self.make(tree, "person_fact", fact.value_type, free=free, var=of, fact=fact)

    def _person(self, tree):
        raise tree.error(_("A person alone is no value: say which fact, like applicant.age."))

    def _worked_out(self, tree):
        name = tree["name"]
        item = self.scope.worked_out.get(name)
        if item is None:
            known = [item.name for item in self.scope.worked_out.values() if not item.for_person]
            if name in ("true", "yes", "false", "no"):
                raise tree.error(_("Write True for yes and False for no."))
            raise self._unknown(tree, _("There is no worked-out fact called “%(name)s”.", name=name), name, known)
        if item.for_person:
            raise tree.error(_("“%(name)s” is worked out for each person: say whose, like applicant.%(name)s.", name=name))
        return self.make(tree, "worked", self.scope.worked(name).type, name=name)

    def _limit(self, tree):
        limit = self.scope.limits.get(tree["name"])
        if limit is None:
            said = _("There is no limit called “%(name)s”.", name=tree["name"])
            raise self._unknown(tree, said, tree["name"], self.scope.limits)
        if len(tree.parts) != len(limit.by):
            if not limit.by:
                raise tree.error(_("limits.%(name)s is no table: write it without square brackets.", name=limit.name))
            columns = [column for column, _unit in limit.by]
            raise tree.error(
                _("limits.%(name)s is a table: write limits.%(name)s[%(columns)s].", name=limit.name, columns=columns)
            )
        keys = [self.read(part) for part in tree.parts]
        for key, (column, unit) in zip(keys, limit.by, strict=True):
            wanted = Type("choice") if unit == "choices" else unit_type(unit)
            if not _same(key.type, wanted):
                raise key.node.error(
                    _(
                        "The column %(column)s of limits.%(name)s is %(wanted)s, but this is %(type)s.",
                        column=column,
                        name=limit.name,
                        wanted=wanted.words(),
                        type=key.type.words(),
                    )
                )
        return self.make(tree, "limit", limit.type, keys, name=limit.name)

    def _programme(self, tree):
        code, what = tree["code"], tree["what"]
        known = self.scope.programmes
        if known is not None and code not in known:
            raise tree.error(mends.with_meant(_("There is no programme called “%(name)s”.", name=code), code, known))
        types = {"likely": YES_NO, "outcome": Type("choice", choices=("likely", "not_likely")), "amount": FLOW}
        return self.make(tree, "programme", types[what], code=code, what=what)

    # --- yes and no -------------------------------------------------------------------------------------------------

    def _condition(self, tree):
        typed = self.read(tree)
        if typed.type.kind != "yes_no":
            raise tree.error(_("A yes or no is needed here, but this is %(type)s.", type=typed.type.words()))
        return typed

    def _join(self, tree):
        return self.make(tree, tree.op, YES_NO, [self._condition(part) for part in tree.parts])

    def _negate(self, tree):
        return self.make(tree, "not", YES_NO, [self._condition(tree.parts[0])])

    def _at_least(self, tree):
        return self.make(tree, "at_least", YES_NO, [self._condition(part) for part in tree.parts], n=tree["n"])

    def _compare(self, tree):
        parts = [self.read(part) for part in tree.parts]
        for test, left, right in zip(tree["tests"], parts, parts[1:], strict=False):
            (self._member if "in" in test else self._pair)(test, left, right)
        return self.make(tree, "compare", YES_NO, parts, tests=tree["tests"])

    def _pair(self, test, left, right):
        for side in (left, right):
            if side.type == FLOW:
                raise side.node.error(mends.by_period(side.node))
            if side.type.kind in ("list", "choices", "duration"):
                raise side.node.error(
                    _("This is %(type)s; it cannot be compared with %(sign)s.", type=side.type.words(), sign=test)
                )
        if not _same(left.type, right.type):
            said = _("This is %(right)s; it cannot be compared with %(left)s.", right=right.type.words(), left=left.type.words())
            raise right.node.error(mends.unlike(said, left, right))
        if test in _ORDER and left.type.kind in ("yes_no", "choice"):
            raise right.node.error(_("With %(type)s only == and != are possible.", type=left.type.words()))
        self._codes_fit(left, right)
        self._codes_fit(right, left)

    def _codes_fit(self, side, other):
        choices = side.type.choices
        if side.op == "const" or not choices or side.type.kind not in ("choice", "choices"):
            return
        if other.op == "limit":
            used = self.scope.limits[other.info["name"]].codes()
        elif other.op == "const" or other.type.kind == "list":
            used = set(other.type.choices or ())
        else:
            return
        for code in sorted(used - set(choices)):
            raise other.node.error(mends.choices(_("“%(code)s” is not one of its answers.", code=code), code, choices))

    def _member(self, test, left, right):
        if right.type.kind == "list":
            if not _same(left.type, Type(right.type.per)):
                raise left.node.error(_("This is %(type)s; the list has other things in it.", type=left.type.words()))
        elif right.type.kind != "choices" or left.type.kind != "choice":
            raise right.node.error(
                _("After “%(sign)s” a list is needed: ['a', 'b'] or a limit with the unit choices.", sign=test)
            )
        self._codes_fit(left, right)
        self._codes_fit(right, left)

    # --- numbers, money, dates --------------------------------------------------------------------------------------

    def _amount(self, tree):
        typed = self.read(tree)
        if typed.type == FLOW:
            raise tree.error(mends.by_period(tree))
        if typed.type.kind not in _NUMERIC:
            raise tree.error(_("A number or money is needed here, but this is %(type)s.", type=typed.type.words()))
        return typed

    def _sum(self, tree, op):
        left, right = (self._amount(part) for part in tree.parts)
        return self.make(tree, op, self._common(tree, [left, right]), [left, right])

    def _common(self, tree, parts):
        found = parts[0]
        for part in parts[1:]:
            if not _same(found.type, part.type):
                said = _("%(one)s and %(two)s do not go together.", one=found.type.words(), two=part.type.words())
                raise part.node.error(mends.unlike(said, found, part))
            found = part if found.type == ZERO else found
        return found.type

    def _plus(self, tree):
        return self._shifted(tree, 1) or self._sum(tree, "add")

    def _minus(self, tree):
        return self._shifted(tree, -1) or self._sum(tree, "sub")

    def _shifted(self, tree, sign):
        kinds = [part for part in tree.parts if part.op == "call" and part["name"] in ("years", "months", "weeks", "days")]
        if not kinds:
            return None
        if len(kinds) != 1 or kinds[0] is not tree.parts[1]:
            raise tree.error(_("A length of time is added to a date: write the date first, like person.born_on + years(66)."))
        day = self.read(tree.parts[0])
        if day.type != DATE:
            raise tree.parts[0].error(_("A length of time can only be added to a date; this is %(type)s.", type=day.type.words()))
        return self.make(tree, "shift", DATE, [day, self.read(tree.parts[1])], sign=sign)

    def _times(self, tree):
        left, right = (self._amount(part) for part in tree.parts)
        if left.type.kind == right.type.kind == "money":
            raise tree.error(_("Money times money has no meaning. One of the two has to be a number."))
        money = next((side.type for side in (left, right) if side.type.kind == "money"), NUMBER)
        return self.make(tree, "mul", money, [left, right])

    def _divide(self, tree):
        left, right = (self._amount(part) for part in tree.parts)
        if right.type == ZERO:
            raise tree.parts[1].error(_("Nothing can be divided by 0."))
        if right.type.kind == "money":
            if not _same(left.type, right.type) or left.type == NUMBER:
                raise tree.error(_("%(one)s cannot be divided by %(two)s.", one=left.type.words(), two=right.type.words()))
            return self.make(tree, "div", NUMBER, [left, right])
        return self.make(tree, "div", left.type if left.type != ZERO else NUMBER, [left, right])

    def _negative(self, tree):
        part = self._amount(tree.parts[0])
        return self.make(tree, "neg", part.type, [part])

    def _choose(self, tree):
        test = self._condition(tree.parts[0])
        then, other = (self.read(part) for part in tree.parts[1:])
        for side in (then, other):
            if side.type.kind in ("list", "choices", "duration", "flow"):
                raise side.node.error(_("This is %(type)s, which cannot be the result of a choice.", type=side.type.words()))
        if not _same(then.type, other.type):
            said = _(
                "Both results must be of one kind; these are %(one)s and %(two)s.", one=then.type.words(), two=other.type.words()
            )
            raise other.node.error(mends.unlike(said, then, other))
        kind = other.type if then.type == ZERO else then.type
        if kind.kind == "choice":
            kind = Type("choice", choices=tuple(sorted({*(then.type.choices or ()), *(other.type.choices or ())})) or None)
        return self.make(tree, "if", kind, [test, then, other])

    def _call(self, tree):
        name = tree["name"]
        if name in ("min", "max"):
            return self._extreme(tree, name)
        if name.startswith("round_"):
            return self._round(tree, name.removeprefix("round_"))
        if name.startswith("per_"):
            return self._per(tree, name.removeprefix("per_"))
        if name in ("years", "months", "weeks", "days"):
            number = self.read(tree.parts[0])
            if number.type.kind not in ("number", "zero"):
                raise tree.parts[0].error(
                    _("%(function)s needs a number; this is %(type)s.", function=f"{name}(...)", type=number.type.words())
                )
            return self.make(tree, "duration", DURATION, [number], unit=name)
        if name == "applies":
            return self._applies(tree)
        parts = [self.read(part) for part in tree.parts]
        self._all_dates(parts)
        return self.make(tree, name, NUMBER, parts)

    def _all_dates(self, parts):
        for part in parts:
            if part.type != DATE:
                raise part.node.error(_("A date is needed here; this is %(type)s.", type=part.type.words()))

    def _extreme(self, tree, name):
        parts = [self.read(part) for part in tree.parts]
        if parts[0].type == DATE:
            self._all_dates(parts)
            return self.make(tree, name, DATE, parts)
        parts = [self._amount(part) for part in tree.parts]
        return self.make(tree, name, self._common(tree, parts), parts)

    def _round(self, tree, how):
        value = self._amount(tree.parts[0])
        step = self.read(tree.parts[1])
        if step.op != "const" or step.type.kind != "number" or step.info["value"] <= 0:
            raise tree.parts[1].error(_("The unit to round to is a number above 0, like 0.01 or 1."))
        unit = step.info["value"] * (100 if value.type.kind == "money" else 1)
        kind = NUMBER if value.type == ZERO else value.type
        return self.make(tree, "round", kind, [value], how=how, unit=exact(unit))

    def _per(self, tree, per):
        value = self.read(tree.parts[0])
        if value.type != FLOW and (value.type.kind != "money" or value.type.per == "once"):
            raise tree.parts[0].error(_("This is %(type)s, which has no period to convert from.", type=value.type.words()))
        return self.make(tree, "per", Type("money", per), [value], per=per, days=tree.get("days"))

    def _applies(self, tree):
        part = tree.parts[0]
        if part.op == "person":
            return self.make(tree, "applies_partner", YES_NO)
        value = self.read(part)
        if value.op not in ("household_fact", "person_fact", "limit", "worked", "worked_person"):
            raise part.error(_("Only a fact, a limit, a worked-out fact or partner can be asked whether it applies."))
        return self.make(tree, "applies", YES_NO, [value])

    # --- people -----------------------------------------------------------------------------------------------------

    def _people(self, tree):
        name, how = tree["name"], tree["how"]
        if name in self.variables or name in ("applicant", "partner", "household"):
            raise tree.error(_("“%(name)s” is already somebody here; use another letter.", name=name))
        self.variables.add(name)
        try:
            where = self._condition(tree.parts[1])
            what = (
                self._condition(tree.parts[0]) if how in ("any", "all", "none", "count") else self._measured(tree.parts[0], how)
            )
        finally:
            self.variables.discard(name)
        kind = YES_NO if how in ("any", "all", "none") else NUMBER if how == "count" or what.type == ZERO else what.type
        made = self.make(tree, "people", kind, [what, where], how=how, var=name, roles=GROUPS[tree["group"]])
        return Typed(made.op, made.type, made.parts, made.info, tree, made.free - {name}, made.key)

    def _measured(self, tree, how):
        if how == "sum":
            return self._amount(tree)
        typed = self.read(tree)
        return typed if typed.type == DATE else self._amount(tree)


def _same(one, two):
    """Whether two types go together in a comparison or a sum."""
    if ZERO in (one, two):
        return {one.kind, two.kind} <= set(_NUMERIC)
    if one.kind == two.kind == "choice":
        return True
    return one.kind == two.kind and one.per == two.per
