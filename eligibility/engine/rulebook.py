"""Programmes made ready for a date, and the assessment of a household by all of them."""

from datetime import date
from functools import cached_property
from typing import Any

from eligibility.engine.assessment import Assessment
from eligibility.engine.plan import Plan, check, programmes_used
from eligibility.engine.result import Result, agreed
from eligibility.household import LOCAL, Household
from eligibility.interchange import read_household
from eligibility.language.errors import RuleError
from eligibility.language.messages import message as _
from eligibility.language.tree import digest
from eligibility.language.values import Unknown, bounds

_MOST_READY = 6  # of one programme, one for each time between two changes of its limits


class Compiled:
    """One programme, made ready for the limits in force on one day. It may be used for any day from `since` to before `until` (None: for ever)."""

    def __init__(self, definition, on, limits_store, catalogue, programmes=None):
        self.definition, self.on, self.catalogue = definition, on, catalogue
        self.code = definition.code
        self.plan = Plan.build(definition, on, limits_store, catalogue, programmes)
        self.variants = {}
        self.variant_plans = []
        for variant in definition.variants:
            plan = Plan.build(definition.with_variant(variant), on, limits_store, catalogue, programmes)
            self.variant_plans.append((variant.id, plan))
            self.variants.update(dict.fromkeys(variant.local_authorities, (variant.id, plan)))
        self.since = max(plan.since() for plan in self.plans)
        changes = [plan.until() for plan in self.plans if plan.until()]
        self.until = min(changes) if changes else None
        self.uses = programmes_used(definition, limits_store)
        shared = {name: limits_store[name].to_dict() for name in definition.shares}
        self._shared = shared

    @property
    def plans(self):
        """The common rule and those of the variants."""
        return [self.plan, *(plan for _, plan in self.variant_plans)]

    @cached_property
    def rule_hash(self):
        """sha-256 of the rule and of the shared limits it stands on."""
        return digest({"rule": self.definition.sha256, "shared": self._shared})

    @cached_property
    def needs(self):
        """Codes of the facts this programme may see: the union of what its expressions name."""
        found = set().union(*(plan.facts_read for plan in self.plans))
        return frozenset(found | {f"household.{LOCAL}"} if self.variants else found)

    @cached_property
    def is_dated(self):
        """Whether a result may change from one day to the next, the limits being the same."""
        return any(plan.is_dated for plan in self.plans)

    def fits(self, day):
        """Whether the limits in force on `day` are those this was made ready for."""
        return self.since <= day and (self.until is None or day < self.until)

    def run(self, household, on, programmes):
        """(Result, id of the local variant) for one household. on: a date, or an Unknown between two. programmes: {code: Result}."""
        first, last = (on, on) if type(on) is not Unknown else bounds(on)
        if first < self.since or (self.until is not None and last >= self.until):
            raise ValueError(f"{self.code} was made ready for {self.since} up to {self.until}, not for {on}.")
        if not self.variants:
            return self.plan.run(household, on, programmes), ""
        plans, id_ = self.plans_for(household)
        if len(plans) == 1:
            return plans[0].run(household, on, programmes), id_
        return agreed([plan.run(household, on, programmes) for plan in plans]), ""

    def plans_for(self, household):
        """(the plans that may be the household's, id of the local variant): more than one only while the council is not known."""
        if not self.variants:
            return [self.plan], ""
        if LOCAL not in household.facts:
            return self.plans, ""
        id_, plan = self.variants.get(household.facts[LOCAL], ("", self.plan))
        return [plan], id_

    def fact(self, key):
        """The catalogue's fact for a fact key; None where the key is no fact."""
        kind, *rest = key.split(".")
        if kind == "household":
            return self.catalogue.household(rest[-1])
        return self.catalogue.person(rest[-1]) if kind == "people" else None

    def label(self, key, language="en"):
        """The catalogue's words for a fact key, in `language` where it has them."""
        fact = self.fact(key)
        return key.rsplit(".", 1)[-1].replace("_", " ") if fact is None else fact.words(language)

    def limit_label(self, limit, language="en"):
        """The label of a limit; its name, spaced, where it has none."""
        return self.definition.text(f"limits.{limit.name}.label", language) or limit.label or limit.name.replace("_", " ")


def compile_programme(definition, on, limits_store, catalogue, programmes=None):
    """A `Compiled` of a definition for a day. Raises RuleError for what does not fit the catalogue or the shared limits.

    limits_store: {name: SharedFile}. catalogue: language.Catalogue. programmes: codes that may be named, None for any.
    """
    return Compiled(definition, on, limits_store, catalogue, programmes)


def in_order(uses):
    """Codes so that each comes after those it uses. uses: {code: set of codes}. Raises RuleError for a circle."""
    done: list[str] = []
    busy: list[str] = []

    def visit(code):
        if code in done or code not in uses:
            return
        if code in busy:
            circle = " → ".join([*busy[busy.index(code) :], code])
            said = _(
                "Programmes use each other’s results in a circle: %(circle)s. One of them must not use the next.", circle=circle
            )
            raise RuleError(said, where=code)
        busy.append(code)
        for other in sorted(uses[code]):
            visit(other)
        busy.pop()
        done.append(code)

    for code in sorted(uses):
        visit(code)
    return done


def assess(household_facts, programmes, on, given=None):
    """The answers of all programmes for one household: {code: Assessment}, in the order of `programmes`.

    household_facts: the interchange dict, or a Household. programmes: {code: Compiled}. on: the assessment date. given: {code: Result or
    kept result} of programmes that are not evaluated here. Raises InterchangeError for facts that cannot be, ValueError for a date the
    programmes were not made ready for.
    """
    household = household_facts
    if not isinstance(household, Household):
        if not programmes:
            return {}
        household = read_household(household_facts, next(iter(programmes.values())).catalogue, on)
    results = {code: item if isinstance(item, Result) else stated(item) for code, item in (given or {}).items()}
    found = {}
    for code in _ordered(programmes):
        if code not in results:
            programme = programmes[code]
            used = _used(programme, results) if programme.uses else {}
            results[code], variant = programme.run(household, on, used)
            found[code] = Assessment(programme, results[code], on, variant)
    return {code: found[code] for code in programmes if code in found}


def _used(programme, results):
    """Of {code: Result} those a programme uses and those they rest on: no result comes to hold itself, so memory is free at once."""
    found: dict[str, Result] = {}
    for code in programme.uses:
        if code in results:
            env = results[code].env
            found.update(env.programmes if env else {})
            found[code] = results[code]
    return found


def _ordered(programmes):
    """The codes of {code: Compiled} in the order of evaluation: as they stand, where that will do."""
    done: set[str] = set()
    for code, programme in programmes.items():
        if programme.uses and any(other in programmes and other not in done for other in programme.uses):
            return in_order({code: programme.uses for code, programme in programmes.items()})
        done.add(code)
    return programmes


def stated(kept):
    """A Result from its kept form {"outcome", "missing"?, "amount"?: [low, high] in pence, "amount_missing"?, "per"?}."""
    truth: Any = {"likely": True, "not_likely": False}.get(kept["outcome"])
    if truth is None:
        truth = Unknown(frozenset(kept.get("missing", ())))
    low, high = kept.get("amount", (0, 0))
    value = low if low == high and low is not None else Unknown(frozenset(kept.get("amount_missing", ())), low, high)
    return Result(truth, {}, kept.get("per") or "year", value=value)


def replay(kept, definition, limits_store, catalogue):
    """Assesses again what `Assessment.to_dict` kept; equal in every byte when rule and limits are the same. Returns the new Assessment."""
    on = date.fromisoformat(kept["on"])
    programme = compile_programme(definition, on, limits_store, catalogue)
    return assess(kept["inputs"]["facts"], {programme.code: programme}, on, kept["inputs"].get("programmes"))[programme.code]


class Rulebook:
    """Several programmes that may use each other's results; made ready for any day and kept until a limit changes.

    definitions: {code: Definition}. Raises RuleError with the first thing wrong: an expression, a circle, a result that is not there.
    """

    def __init__(self, definitions, limits_store, catalogue):
        self.definitions, self.limits_store, self.catalogue = dict(definitions), limits_store, catalogue
        self.uses = {code: programmes_used(item, limits_store) for code, item in self.definitions.items()}
        self.order = in_order(self.uses)
        for code, item in self.definitions.items():
            for error in (*check(item, limits_store, catalogue, set(self.definitions)), *self._amounts(item)):
                raise error.within(code)
        self._ready: dict[str, list[Any]] = {code: [] for code in self.definitions}
        self._last: tuple[Any, dict[str, Any]] = (None, {})

    def _amounts(self, definition):
        shared = [self.limits_store[name] for name in definition.shares if name in self.limits_store]
        trees = [(f"worked_out.{name}", item.tree) for part in shared for name, item in part.worked_out.items()]
        for path, tree in (*definition.expressions(), *trees):
            for part in tree.walk():
                if part.op == "programme" and part["what"] == "amount":
                    used = self.definitions.get(part["code"])
                    if used and (used.amount is None or used.amount.per == "once"):
                        yield RuleError(
                            _("%(programme)s has no amount that comes by the week, month or year.", programme=part["code"]),
                            where=path,
                        )

    def on(self, day):
        """{code: Compiled} for a day."""
        last_day, last = self._last
        if last_day == day:
            return {code: last[code] for code in self.definitions}
        ready = {}
        for code, definition in self.definitions.items():
            kept = next((item for item in self._ready[code] if item.fits(day)), None)
            if kept is None:
                kept = compile_programme(definition, day, self.limits_store, self.catalogue, set(self.definitions))
                self._ready[code] = [*self._ready[code], kept][-_MOST_READY:]
            ready[code] = kept
        self._last = (day, {code: ready[code] for code in self.order})
        return ready

    def assess(self, household_facts, on, codes=None):
        """The answers of all programmes (or of `codes`) for one household: {code: Assessment}."""
        day, ready = self._last
        if day != on:
            made = self.on(on)
            ready = {code: made[code] for code in self.order}
        if codes is not None:
            found = assess(household_facts, {code: ready[code] for code in self.with_uses(codes)}, on)
            return {code: found[code] for code in codes}
        found = assess(household_facts, ready, on)
        return {code: found[code] for code in self.definitions}

    def with_uses(self, codes):
        """The codes and, through them, all whose results they use, in the order of evaluation."""
        todo, wanted = list(codes), set()
        while todo:
            code = todo.pop()
            if code not in wanted:
                wanted.add(code)
                todo += [other for other in self.uses[code] if other in self.definitions]
        return [code for code in self.order if code in wanted]
