"""What would change a result: the smallest change of one fact, and the dates on which it changes by itself."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from eligibility.engine.rulebook import in_order
from eligibility.engine.runtime import Env
from eligibility.household import LOCAL, Household, Person
from eligibility.interchange import write_value
from eligibility.language.codes import choice_words
from eligibility.language.values import Flow, between, missing_of
from eligibility.language.whose import condition
from eligibility.language.wording import day

_FARTHEST = {"money": 10_000_000, "amount": 100_000_000, "integer": 1000, "decimal": 1000}
MOST_CHOICES = 30
DAY = frozenset({"on"})


@dataclass(frozen=True)
class WayOut:
    """One change of one fact that would make the programme likely. test: at_most | at_least | is. value: interchange form."""

    key: str
    test: str
    value: object
    words: str


@dataclass(frozen=True)
class Change:
    """A date on which the result changes by itself. before, after: outcomes; amount_before, amount_after: Decimal pounds or None."""

    on: date
    before: str
    after: str
    amount_before: object
    amount_after: object

    def words(self, language="en"):
        """The date in words."""
        return day(self.on, language)


def ways_out(assessment, programmes, language="en", names=None):
    """Single changes that would turn a "not likely" into "likely", the smallest first for each fact.

    programmes: the {code: Compiled} the assessment was made with (others' results change along with the fact). Money and numbers are
    searched upward and downward for the nearest value at which the result turns; yes/no and choices are tried one by one. Dates are
    left alone: nobody can change a birthday (see `changes_ahead`). names: {person id: first name} of those who may be named.
    """
    if assessment.outcome != "not_likely":
        return []
    env, programme = assessment.result.env, programmes[assessment.code]
    used = _chain(programmes, programme.uses)
    movers = _movers(used, env)
    failing = _failing(programme, env)
    found = []
    for holder, fact, key in _facts(env.household, programme.catalogue, _decisive(failing, movers)):
        if fact.name in holder.facts and fact.name != LOCAL:
            turns = _trial(env, holder, fact, {code: used[code] for code in used if fact.code in movers[code]}, failing)
            found += [
                WayOut(key, test, write_value(fact, value), way_words(env.household, fact, key, test, value, language, names))
                for test, value in _search(holder.facts[fact.name], fact, turns)
            ]
    return found


def way_words(household, fact, key, test, value, language="en", names=None):
    """A way out as a condition in words, that names whose fact it is: "if your partner’s earnings were £820 a month or less"."""
    return condition(
        household, fact, key, test, value, language, names, lambda code, language: choice_words(fact, code, language)
    )


def _movers(used, env):
    """{code: codes of the facts that can change the result} of the programmes used, in the order of evaluation."""
    movers: dict[str, frozenset] = {}
    for code, item in used.items():
        earlier = env.programmes.get(code)
        if earlier is not None and earlier.truth is False:  # whatever else they say: it stays as long as one side fails
            movers[code] = frozenset(_decisive(_failing(item, env), movers))
        else:
            movers[code] = item.needs.union(*(movers.get(other, ()) for other in item.uses))
    return movers


def _failing(programme, env):
    """[(plan, its sides that do not hold, as lists of ids)]."""
    own = Env(env.household, env.on, env.programmes)
    return [
        (plan, [ids for ids in plan.sides.values() if not any(plan.conditions[id_](own) is True for id_ in ids)])
        for plan in programme.plans_for(env.household)[0]
    ]


def _trial(env, holder, fact, used, failing):
    """A function of a value: whether the programme would be likely with it. used: {code: Compiled} whose results change along.

    Worked out anew is only what reads the fact; every other side holds already, or is in `failing`.
    """
    household, facts = _copied(env.household, holder)
    sides = []
    for plan, ids_failing in failing:
        touched = plan.touched(fact.code, used)
        wanted = [ids for ids in plan.sides.values() if ids in ids_failing or not touched.isdisjoint(ids)]
        sides.append([[plan.conditions[id_] for id_ in ids] for ids in wanted])
    plans = {code: item.plans_for(env.household)[0] for code, item in used.items()}
    again = {
        code: plans[code][0].touched(fact.code, used)
        for code, (plan, *others) in plans.items()
        if not others and getattr(env.programmes.get(code), "plan", None) is plan
    }

    def turns(value):
        facts[fact.name] = value
        results = dict(env.programmes)
        for code, item in used.items():
            if code in again:
                results[code] = plans[code][0].again(env.programmes[code], again[code], Env(household, env.on, results))
            else:
                results[code], _ = item.run(household, env.on, results)
        return all(_hold(conditions, Env(household, env.on, results)) for conditions in sides)

    return turns


def _hold(sides, env):
    return all(any(condition(env) is True for condition in conditions) for conditions in sides)


def _chain(programmes, codes):
    """Of {code: Compiled} those named and all whose results they use, in the order of evaluation."""
    wanted, todo = set(), list(codes)
    while todo:
        name = todo.pop()
        if name in programmes and name not in wanted:
            wanted.add(name)
            todo += programmes[name].uses
    return {name: programmes[name] for name in in_order({name: programmes[name].uses for name in wanted})}


def _decisive(failing, movers):
    """Codes of the facts that every side that does not hold reads: no other fact can turn the result alone.

    failing: [(plan, its sides that do not hold)]. movers: {code: codes of facts} of the programmes used.
    """
    found = None
    for plan, sides in failing:
        for ids in sides:
            read = set()
            for facts, results in (plan.reads[id_] for id_ in ids):
                read |= facts.union(*(movers.get(code, ()) for code in results))
            found = read if found is None else found & read
    return found or set()


def _facts(household, catalogue, needs):
    for code in sorted(needs):
        fact = catalogue.get(code)
        if fact is None:
            continue
        if fact.level == "household":
            yield household, fact, fact.code
        else:
            for person in household.people:
                yield person, fact, person.key(fact.name)


def _copied(household, holder):
    """A household like this one, and the facts of it that stand for those of `holder` and may be written to."""
    facts = dict(holder.facts)
    if holder is household:
        return Household(household.id, facts, household.people, household.open), facts
    people = [Person(one.id, one.role, facts, one.state) if one is holder else one for one in household.people]
    return Household(household.id, household.facts, people, household.open), facts


def _search(value, fact, turns):
    """(test, value) of each way out by one fact that is `value` now. turns: whether another value makes the programme likely."""
    if fact.type == "boolean":
        return [("is", not value)] if turns(not value) else []
    if fact.type == "choice" and len(fact.choices) <= MOST_CHOICES:
        return [("is", choice) for choice in fact.choices if choice != value and turns(choice)]
    if fact.type not in _FARTHEST or value is None:
        return []
    per = value.per if fact.type == "money" else ""
    now = value.amount if per else value
    found = []
    for test, end in (("at_most", fact.least or 0), ("at_least", fact.most or max(_FARTHEST[fact.type], now * 4))):
        edge = _edge(now, end, lambda number: turns(Flow(number, per) if per else number))
        if edge is not None:
            found.append((test, Flow(edge, per) if per else edge))
    return found


def _edge(now, end, turns):
    """The whole number nearest to `now`, towards `end`, from which on the result has turned; None where it does not turn at the end."""
    now, end = int(now), int(end)
    if now == end or not turns(end):
        return None
    while abs(end - now) > 1:
        middle = (now + end) // 2
        if turns(middle):
            end = middle
        else:
            now = middle
    return end


def changes_ahead(assessments, rulebook, days=730):
    """{code: Changes in order of date}: on which days after the assessment outcome or amount change though no fact does.

    That is with birthdays, with months since a date, with new limits. assessments: {code: Assessment} of one household on one day.
    rulebook: the Rulebook all these programmes belong to. days: how far to look.

    A stretch of days is decided in one go, its day being an Unknown between the first and the last: what is known then is the same on
    each of them. What is not is decided for each half.
    """
    if not assessments:
        return {}
    first = next(iter(assessments.values()))
    ahead = _Ahead(first.result.env.household, assessments)
    day, end = first.on + timedelta(days=1), first.on + timedelta(days=days)
    while day <= end:
        programmes = _chain(rulebook.on(day), assessments)
        untils = [item.until for item in programmes.values() if item.until]
        last = min([end, *(until - timedelta(days=1) for until in untils)])
        ahead.look(programmes, list(assessments), day, last)
        day = last + timedelta(days=1)
    return ahead.changes


class _Ahead:
    """What is found on the way into the future. latest: {code: Result} of the last day looked at."""

    def __init__(self, household, assessments):
        self.household = household
        self.latest = {code: item.result for code, item in assessments.items()}
        self.changes: dict[str, list[Any]] = {code: [] for code in assessments}
        self._lasting = {}
        for item in assessments.values():
            self._keep(item.programme, item.result, item.result.env.programmes)

    def look(self, programmes, codes, day, last):
        """Note the changes of `codes` from `day` to `last`. programmes: {code: Compiled} for these days, in the order of evaluation."""
        when = between(DAY, day, last)
        results: dict[str, Any] = {}
        for code, programme in programmes.items():
            results[code] = self._result(programme, when, results)
        swinging = [code for code in codes if _swings(results[code])]
        for code in codes:
            if code not in swinging:
                self._note(code, day, results[code])
        if swinging:
            wanted = _chain(programmes, swinging)
            middle = day + (last - day) // 2
            self.look(wanted, swinging, day, middle)
            self.look(wanted, swinging, middle + timedelta(days=1), last)

    def _result(self, programme, when, results):
        """The Result for a stretch of days; a rule that does not read the day is worked out again only where it or what it uses is another."""
        if not programme.is_dated:
            kept = self._lasting.get(programme.code)
            if kept and kept[0] is programme and all(results.get(code) is one for code, one in kept[1].items()):
                return kept[2]
        result, _ = programme.run(self.household, when, results)
        self._keep(programme, result, results)
        return result

    def _keep(self, programme, result, results):
        self._lasting[programme.code] = (programme, {code: results.get(code) for code in programme.uses}, result)

    def _note(self, code, day, after):
        before, self.latest[code] = self.latest[code], after
        if after is not before and (after.outcome, after.amount) != (before.outcome, before.amount):
            self.changes[code].append(Change(day, before.outcome, after.outcome, before.amount, after.amount))


def _swings(result):
    """Whether outcome or amount hang on the day."""
    return not DAY.isdisjoint(missing_of(result.truth) if result.truth is not True else missing_of(result.value))
