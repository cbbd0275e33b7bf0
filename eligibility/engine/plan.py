"""A programme compiled for one date: its criteria, amount and sentences as closures over one household."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from eligibility.engine.compile import Compiler
from eligibility.engine.runtime import Env
from eligibility.language.errors import RuleError
from eligibility.language.parser import parse
from eligibility.language.scope import Scope
from eligibility.language.values import Unknown, conjunction, disjunction, hull, missing_of, rounded
from eligibility.language.wording import placeholders, pounds_text, show, word

LOCAL = "local_authority"


def scope_of(definition, limits_store, catalogue, programmes=None):
    """The Scope of a definition with its shared files. Raises RuleError for a shared file that is not there or a name defined twice."""
    limits: dict[str, Any] = {}
    worked_out: dict[str, Any] = {}
    for name in definition.shares:
        shared = limits_store.get(name)
        if shared is None:
            raise RuleError(
                f"There is no shared file “{name}”. There are: {', '.join(sorted(limits_store)) or 'none'}.",
                where="programme.shares",
            )
        for target, source in ((limits, shared.limits), (worked_out, shared.worked_out)):
            if doubled := set(target) & set(source):
                raise RuleError(f"“{min(doubled)}” is defined in two shared files.", where="programme.shares")
            target.update(source)
    for target, source, kind in ((limits, definition.limits, "limits"), (worked_out, definition.worked_out, "worked_out")):
        if doubled := set(target) & set(source):
            raise RuleError("This name is already defined in a shared file.", where=f"{kind}.{min(doubled)}")
        target.update(source)
    return Scope(catalogue, limits, worked_out, programmes)


def programmes_used(definition, limits_store):
    """Codes of the programmes whose results a definition uses, in its shared files too. Shared files that are not there are passed over."""
    shared = [limits_store[name] for name in definition.shares if name in limits_store]
    trees = [item.tree for part in shared for item in part.worked_out.values()]
    return definition.programmes_used() | {part["code"] for tree in trees for part in tree.walk() if part.op == "programme"}


def check(definition, limits_store, catalogue, programmes=None):
    """Everything wrong with a definition, as RuleErrors; none: it can be used.

    limits_store: {name: SharedFile}. catalogue: Catalogue. programmes: codes that may be named, or None for any.
    """
    errors = []
    plans = [("", definition), *((f"variants.{item.id}", definition.with_variant(item)) for item in definition.variants)]
    for place, plan in plans:
        try:
            scope = scope_of(plan, limits_store, catalogue, programmes)
        except RuleError as error:
            errors.append(error)
            continue
        known = {(error.where, error.message) for error in errors}
        errors += [
            error.below(place) if place else error
            for error in _check_expressions(plan, scope)
            if (error.where, error.message) not in known
        ]
    known = {item.id for item in definition.criteria}
    for variant in definition.variants:
        if gone := set(variant.leaves_out) - known:
            errors.append(RuleError(f"There is no criterion “{min(gone)}” to leave out.", where=f"variants.{variant.id}"))
    errors += _check_floor(definition, known, limits_store)
    if definition.variants and catalogue.household(LOCAL) is None:
        errors.append(RuleError("Local variants need the fact household.local_authority.", where="variants"))
    return list({(error.where, error.message): error for error in errors}.values())


def _check_floor(definition, criteria, limits_store):
    """The floor speaks of criteria and limits that are there."""
    limits = set(definition.limits).union(*(limits_store[name].limits for name in definition.shares if name in limits_store))
    for name, words, known in (("criteria", "criterion", criteria), ("limits", "limit", limits)):
        for gone in sorted(set(definition.floor.get(name, ())) - known):
            yield RuleError(f"There is no {words} “{gone}” to be a floor.", where=f"floor.{name}")


def _check_expressions(plan, scope):
    errors = []

    def attempt(call, *args):
        try:
            return call(*args)
        except RuleError as error:
            errors.append(error)

    for name, item in plan.worked_out.items():
        attempt(scope.worked, name)
        if item.for_person and scope.catalogue.person(name):
            errors.append(
                RuleError("The catalogue has a fact about a person with this name; choose another.", where=f"worked_out.{name}")
            )
    for item in plan.criteria:
        attempt(scope.check, item.when, "yes_no", f"criteria.{item.id}.when")
    for item in plan.evidence:
        if item.when is not None:
            attempt(scope.check, item.when, "yes_no", f"evidence.{item.id}.when")
    if plan.amount:
        typed = attempt(scope.check, plan.amount.tree, "money", "amount.is")
        if typed and typed.type.kind == "money" and typed.type.per != plan.amount.per:
            errors.append(RuleError(f"The amount is {typed.type.words()}, but “per” says {plan.amount.per}.", where="amount.per"))
    english = plan.english()
    for texts in (english, *plan.translations.values()):
        for path, sentence in texts.items():
            if path not in english:
                errors.append(RuleError("There is no such text to translate.", where=f"translations: {path}"))
            elif path.startswith(("criteria.", "amount.")):
                attempt(_template, scope, sentence, path)
    return errors


def _template(scope, sentence, path):
    """The sentence as text parts and Typed names, or "amount"."""
    parts, rest = [], sentence
    for name in placeholders(sentence, path):
        before, _, rest = rest.partition("{")
        rest = rest.partition("}")[2]
        parts.append(before)
        if name == "amount" and path == "amount.says":
            parts.append(None)
            continue
        try:
            parts.append(scope.check_shown(parse(name), path))
        except RuleError as error:
            raise RuleError(error.message, where=path) from None
    return [*parts, rest]


@dataclass
class Shown:
    """A name in a sentence: how to read it and how to format it."""

    read: object
    type: object


@dataclass
class Result:
    """What a plan gives for one household, before it is put into words. truth, criteria: three-valued; value: the amount or None."""

    truth: Any
    criteria: dict
    value: Any
    per: str
    env: Any
    plan: Any

    @property
    def outcome(self):
        """likely | not_likely | unknown."""
        return "unknown" if type(self.truth) is Unknown else "likely" if self.truth else "not_likely"

    @property
    def amount(self):
        """Decimal pounds, or None while it is not likely or not known."""
        if self.truth is not True or self.value is None or type(self.value) is Unknown:
            return None
        return Decimal(pounds_text(self.value))

    @property
    def paid(self):
        """The amount as other programmes see it: 0 when not likely."""
        if self.truth is False or self.value is None:
            return 0
        return self.value if self.truth is True else hull(self.truth.missing, [0, self.value])


@dataclass
class Plan:
    """One rule, without variants, for one day.

    typed, conditions: checked and compiled criteria by id. sides: {group: ids} of which one must hold each. rounding: (how, unit in pence).
    templates: {(path, language): parts}. reads: {id: (codes of facts, codes of programmes)} of the criteria.
    """

    definition: Any
    scope: Scope
    on: date
    compiler: Compiler
    typed: dict = field(default_factory=dict)
    conditions: dict = field(default_factory=dict)
    amount: Any = None
    evidence: dict = field(default_factory=dict)
    sides: dict = field(default_factory=dict)
    rounding: tuple = ("nearest", 1)
    by_id: dict = field(default_factory=dict)
    templates: dict = field(default_factory=dict)
    reads: dict = field(default_factory=dict)

    @classmethod
    def build(cls, definition, on, limits_store, catalogue, programmes=None):
        """Compiles a definition that has no variants. Raises RuleError."""
        scope = scope_of(definition, limits_store, catalogue, programmes)
        if errors := _check_expressions(definition, scope):
            raise errors[0]
        compiler = Compiler(scope, on)
        plan = cls(definition, scope, on, compiler)
        for item in definition.criteria:
            plan.typed[item.id] = scope.check(item.when, "yes_no")
            plan.conditions[item.id] = compiler.compile(plan.typed[item.id])
        if definition.amount:
            plan.typed["amount"] = scope.check(definition.amount.tree, "money")
            plan.amount = compiler.compile(plan.typed["amount"])
        plan.evidence = {
            item.id: compiler.compile(scope.check(item.when, "yes_no")) for item in definition.evidence if item.when is not None
        }
        for item in definition.criteria:
            plan.sides.setdefault(item.group or f"={item.id}", []).append(item.id)
        plan.rounding = _rounding(definition.amount)
        plan.by_id = {item.id: item for item in definition.criteria}
        plan.reads = {id_: (codes_read(scope, plan.typed[id_]), _results_read(scope, plan.typed[id_])) for id_ in plan.by_id}
        return plan

    def run(self, household, on, programmes):
        """The Result for one household. programmes: {code: Result} of those this one uses."""
        env = Env(household, on, programmes)
        criteria = {id_: condition(env) for id_, condition in self.conditions.items()}
        truth = conjunction(
            criteria[ids[0]] if len(ids) == 1 else disjunction(criteria[id_] for id_ in ids) for ids in self.sides.values()
        )
        value = None
        if self.amount is not None and truth is not False:
            value = rounded(self.amount(env), *self.rounding)
            if value is None:
                value = 0
            elif type(value) is Unknown and value.na:
                value = hull(value.missing, [0, Unknown(value.missing, value.lo, value.hi)])
        return Result(truth, criteria, value, self.definition.amount.per if self.definition.amount else "", env, self)

    def holds(self, household, on, programmes):
        """Whether `run` would say "likely" for sure; quicker, because it stops at the first side that does not hold."""
        env = Env(household, on, programmes)
        return all(any(self.conditions[id_](env) is True for id_ in ids) for ids in self.sides.values())

    def sentence(self, path, language):
        """The template of a text as parts: str, Shown, or None for the amount."""
        key = (path, language)
        if key not in self.templates:
            parts = _template(self.scope, self.definition.text(path, language), path)
            self.templates[key] = [self._shown(part, language) for part in parts]
        return self.templates[key]

    def _shown(self, part, language):
        """Text stays, a limit in force is put into words at once, everything else is read for each household."""
        if part is None or isinstance(part, str):
            return part
        if part.op != "limit":
            return Shown(self.compiler.compile(part), part.type)
        limit = self.scope.limits[part.info["name"]]
        if limit.row_on(self.on) is None:
            return word("unknown", language)
        return show(limit.value_on(self.on), limit.type, language, limit.unit)

    def needs(self):
        """Codes of the facts the criteria, the amount and the evidence read."""
        trees = [*self.typed.values()]
        trees += [self.scope.check(item.when, "yes_no") for item in self.definition.evidence if item.when is not None]
        return {code for typed in trees for code in codes_read(self.scope, typed)}

    def since(self):
        """The date on which the latest limit in force began, or the first date there is: from then on this plan is good."""
        rows = [row for limit in self.scope.limits.values() if (row := limit.row_on(self.on))]
        return max((date.fromisoformat(row["from"]) for row in rows), default=date.min)

    def until(self):
        """The first later date on which a limit changes, or None: up to then this plan is good."""
        changes = [change for limit in self.scope.limits.values() if (change := limit.next_change(self.on))]
        return min(changes) if changes else None


def codes_read(scope, typed):
    """Codes of the facts an expression reads, through worked-out facts too."""
    found = set()
    for part in scope.all_parts(typed):
        if part.op in ("household_fact", "person_fact"):
            found.add(part.info["fact"].code)
        elif part.op == "age":
            found.add("person.born_on")
    return found


def _results_read(scope, typed):
    return {part.info["code"] for part in scope.all_parts(typed) if part.op == "programme"}


def _rounding(amount):
    if amount is None or not amount.how:
        return "nearest", 1
    unit = Fraction(amount.to) * 100
    return amount.how, unit.numerator if unit.denominator == 1 else unit


def agreed(results):
    """One Result from those of all local variants, for a household whose council is not known."""
    first = results[0]
    local = frozenset({f"household.{LOCAL}"})

    def join(values):
        if all(value is True for value in values) or all(value is False for value in values):
            return values[0]
        return Unknown(local | missing_of(*values))

    criteria = {
        id_: join([found.criteria[id_] for found in results])
        for id_ in first.criteria
        if all(id_ in found.criteria for found in results)
    }
    truth = join([found.truth for found in results])
    values = [found.value if found.value is not None else 0 for found in results if found.truth is not False]
    value = hull(local, values) if values and first.per else None
    return Result(truth, criteria, value, first.per, first.env, first.plan)
