"""A programme made ready for one date: its criteria, amount and sentences as functions over one household."""

from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from eligibility.engine.compile import Compiler
from eligibility.engine.result import Result
from eligibility.engine.runtime import Env
from eligibility.engine.sentences import Sentences, template
from eligibility.household import LOCAL
from eligibility.language.errors import RuleError
from eligibility.language.limits import exact
from eligibility.language.mends import with_meant
from eligibility.language.messages import message as _
from eligibility.language.scope import Scope
from eligibility.language.typed import Typed
from eligibility.language.values import Unknown, conjunction, disjunction, hull


def scope_of(definition, limits_store, catalogue, programmes=None):
    """The Scope of a definition with its shared files. Raises RuleError for a shared file that is not there or a name defined twice."""
    limits: dict[str, Any] = {}
    worked_out: dict[str, Any] = {}
    for name in definition.shares:
        shared = limits_store.get(name)
        if shared is None:
            said = _("There is no shared file “%(name)s”. There are: %(names)s.", name=name, names=sorted(limits_store))
            raise RuleError(with_meant(said, name, limits_store), where="programme.shares")
        for target, source in ((limits, shared.limits), (worked_out, shared.worked_out)):
            if doubled := set(target) & set(source):
                raise RuleError(_("“%(name)s” is defined in two shared files.", name=min(doubled)), where="programme.shares")
            target.update(source)
    for target, source, kind in ((limits, definition.limits, "limits"), (worked_out, definition.worked_out, "worked_out")):
        if doubled := set(target) & set(source):
            raise RuleError(
                _("This name is already defined in a shared file. Choose another name."), where=f"{kind}.{min(doubled)}"
            )
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
            said = with_meant(_("There is no condition “%(name)s” to leave out.", name=min(gone)), min(gone), known)
            errors.append(RuleError(said, where=f"variants.{variant.id}"))
    errors += _check_floor(definition, known, limits_store)
    if definition.variants and catalogue.household(LOCAL) is None:
        errors.append(RuleError(_("Local variants need the fact household.local_authority."), where="variants"))
    return list({(error.where, error.message): error for error in errors}.values())


def _check_floor(definition, criteria, limits_store):
    """The floor speaks of criteria and limits that are there."""
    limits = set(definition.limits).union(*(limits_store[name].limits for name in definition.shares if name in limits_store))
    for gone in sorted(set(definition.floor.get("criteria", ())) - criteria):
        said = _("There is no condition “%(name)s” that local variants could narrow.", name=gone)
        yield RuleError(with_meant(said, gone, criteria), where="floor.criteria")
    for gone in sorted(set(definition.floor.get("limits", ())) - limits):
        said = _("There is no limit “%(name)s” that local variants could narrow.", name=gone)
        yield RuleError(with_meant(said, gone, limits), where="floor.limits")


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
                RuleError(
                    _("The catalogue has a fact about a person with this name; choose another."), where=f"worked_out.{name}"
                )
            )
    for item in plan.criteria:
        attempt(scope.check, item.when, "yes_no", f"criteria.{item.id}.when")
    for item in plan.evidence:
        if item.when is not None:
            attempt(scope.check, item.when, "yes_no", f"evidence.{item.id}.when")
    if plan.amount:
        typed = attempt(scope.check, plan.amount.tree, "money", "amount.is")
        if typed and typed.type.kind == "money" and typed.type.per != plan.amount.per:
            said = _("The amount is %(type)s, but “per” says %(per)s.", type=typed.type.words(), per=plan.amount.per)
            errors.append(RuleError(said, where="amount.per"))
    english = plan.english()
    for texts in (english, *plan.translations.values()):
        for path, sentence in texts.items():
            if path not in english:
                errors.append(RuleError(_("There is no such text to translate."), where=f"translations: {path}"))
            elif path.startswith(("criteria.", "amount.")):
                attempt(template, scope, sentence, path)
    return errors


class Plan:
    """One rule, without variants, for one day.

    typed: checked criteria by id, and the amount. sides: {group: ids} of which one must hold each. by_id: criteria of the definition.
    amount: the checked amount or None; rounding: (how, unit in pence). conditions, evidence: functions of an Env, made when first used.
    """

    def __init__(self, definition, scope, on):
        self.definition, self.scope, self.on = definition, scope, on
        self.compiler = Compiler(scope, on)
        self.by_id = {item.id: item for item in definition.criteria}
        self.typed = {item.id: scope.check(item.when, "yes_no") for item in definition.criteria}
        self._evidence = {item.id: scope.check(item.when, "yes_no") for item in definition.evidence if item.when is not None}
        self.per = definition.amount.per if definition.amount else ""
        self.amount = scope.check(definition.amount.tree, "money") if definition.amount else None
        self.rounding = _rounding(definition.amount)
        if self.amount:
            self.typed["amount"] = self.amount
        self.sides: dict[str, list[str]] = {}
        for item in definition.criteria:
            self.sides.setdefault(item.group or f"={item.id}", []).append(item.id)
        self._groups = [ids for ids in self.sides.values() if len(ids) > 1]
        self._alone = [ids[0] for ids in self.sides.values() if len(ids) == 1]
        self.sentences = Sentences(self)
        self.reading, self.limits_told, self.steps = {}, {}, None  # what `explanation` keeps

    @classmethod
    def build(cls, definition, on, limits_store, catalogue, programmes=None):
        """The plan of a definition that has no variants. Raises RuleError."""
        scope = scope_of(definition, limits_store, catalogue, programmes)
        if errors := _check_expressions(definition, scope):
            raise errors[0]
        return cls(definition, scope, on)

    @cached_property
    def decide(self):
        """All criteria as one function of an Env: {id: value}."""
        return self.compiler.together({id_: self.typed[id_] for id_ in self.by_id})

    @cached_property
    def conditions(self):
        """The criteria as functions of an Env one by one, by id."""
        return self._compiled({id_: self.typed[id_] for id_ in self.by_id})

    @cached_property
    def evidence(self):
        """The conditions of the evidence, by id."""
        return self._compiled(self._evidence)

    def _compiled(self, typed):
        return dict(zip(typed, self.compiler.compile_all(typed.values()), strict=True))

    @cached_property
    def _rounded(self):
        """The rounded amount as a function of an Env, or None."""
        if self.amount is None:
            return None
        how, unit = self.rounding
        return self.compiler.compile(Typed("round", self.amount.type, (self.amount,), {"how": how, "unit": unit}, key="amount"))

    @property
    def source(self):
        """The Python source that decides this rule: the criteria, the amount, and what else was asked for so far."""
        return self.decide and (self.amount is None or self._rounded) and self.compiler.source

    @cached_property
    def reads(self):
        """{id: (codes of facts, codes of programmes)} of the criteria."""
        return {id_: (codes_read(self.scope, self.typed[id_]), _results_read(self.scope, self.typed[id_])) for id_ in self.by_id}

    @cached_property
    def facts_read(self):
        """Codes of the facts the criteria, the amount and the evidence read."""
        trees = [*self.typed.values(), *self._evidence.values()]
        return frozenset().union(*(codes_read(self.scope, typed) for typed in trees))

    @cached_property
    def is_dated(self):
        """Whether the criteria or the amount read the day."""
        return any(part.op in ("on", "age") for typed in self.typed.values() for part in self.scope.all_parts(typed))

    def run(self, household, on, programmes):
        """The Result for one household. programmes: {code: Result} of those this one uses."""
        env = Env(household, on, programmes)
        criteria = self.decide(env)
        return Result(self._truth(criteria), criteria, self.per, env, self)

    def touched(self, code, programmes):
        """Ids of the criteria that read a fact, or the result of one of `programmes`."""
        return {id_ for id_, (facts, results) in self.reads.items() if code in facts or not results.isdisjoint(programmes)}

    def again(self, earlier, touched, env):
        """The Result where nothing is new but what the criteria `touched` read, and perhaps the amount. earlier: the Result before."""
        criteria = {**earlier.criteria, **{id_: self.conditions[id_](env) for id_ in touched}}
        return Result(self._truth(criteria), criteria, self.per, env, self)

    def _truth(self, criteria):
        """Whether every side holds."""
        values = criteria.values() if not self._groups else [criteria[id_] for id_ in self._alone]
        if False in values:
            return False
        if self._groups:
            values = [*values, *(disjunction(criteria[id_] for id_ in ids) for ids in self._groups)]
        return conjunction(values)

    def worth(self, env):
        """The rounded amount for an evaluation, 0 where it does not apply; None where the rule has none."""
        if self._rounded is None:
            return None
        value = self._rounded(env)
        if type(value) is int:
            return value
        if value is None:
            return 0
        if type(value) is Unknown and value.na:
            return hull(value.missing, [0, Unknown(value.missing, value.lo, value.hi)])
        return value

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
    """How an amount is rounded, and to what in pence: as the rule says, else to the nearest penny."""
    return (amount.how, exact(Fraction(amount.to) * 100)) if amount and amount.how else ("nearest", 1)
