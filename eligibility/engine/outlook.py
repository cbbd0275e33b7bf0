"""What would change a result: the smallest change of one fact, and the dates on which it changes by itself."""

from dataclasses import dataclass
from datetime import date, timedelta

from eligibility.engine.rulebook import assess
from eligibility.household import Household, Person
from eligibility.interchange import write_value
from eligibility.language.values import Flow, shifted
from eligibility.language.wording import day, money, show, word

_FARTHEST = {"money": 10_000_000, "amount": 100_000_000, "integer": 1000, "decimal": 1000}
MOST_CHOICES = 30


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


def ways_out(assessment, programmes, language="en"):
    """Single changes that would turn a "not likely" into "likely", the smallest first for each fact.

    programmes: the {code: Compiled} the assessment was made with (others' results change along with the fact). Money and numbers are
    searched upward and downward for the nearest value at which the result turns; yes/no and choices are tried one by one. Dates are
    left alone: nobody can change a birthday (see `changes_by_itself`).
    """
    if assessment.outcome != "not_likely":
        return []
    household, on = assessment.result.env.household, assessment.on
    programme = programmes[assessment.code]
    wanted = _chain(programmes, assessment.code)
    needs = set().union(*(item.needs for item in wanted.values()))

    def likely(changed):
        return assess(changed, wanted, on)[assessment.code].outcome == "likely"

    found = []
    for holder, fact, key in _facts(household, programme.catalogue, needs):
        if fact.name in holder.facts and fact.name != "local_authority":
            found += _search(household, holder, fact, key, likely, programme, language)
    return found


def _chain(programmes, code):
    wanted, todo = {}, [code]
    while todo:
        name = todo.pop()
        if name in programmes and name not in wanted:
            wanted[name] = programmes[name]
            todo += programmes[name].uses
    return wanted


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


def _with(household, holder, fact, value):
    """The household with one fact changed; nothing else is shared that could be written to."""
    if holder is household:
        return Household(household.id, {**household.facts, fact.name: value}, household.people, household.open)
    people = [
        Person(person.id, person.role, {**person.facts, fact.name: value}, person.state) if person is holder else person
        for person in household.people
    ]
    return Household(household.id, household.facts, people, household.open)


def _search(household, holder, fact, key, likely, programme, language):
    value = holder.facts[fact.name]

    def turns(candidate):
        return likely(_with(household, holder, fact, candidate))

    def way(test, candidate):
        shown = (
            money(candidate.amount, candidate.per, language)
            if isinstance(candidate, Flow)
            else show(candidate, fact.value_type, language)
        )
        words = word(test, language).format(fact=programme.label(key, language), value=shown)
        return WayOut(key, test, write_value(fact, candidate), words)

    if fact.type == "boolean":
        return [way("is", not value)] if turns(not value) else []
    if fact.type == "choice" and len(fact.choices) <= MOST_CHOICES:
        return [way("is", choice) for choice in fact.choices if choice != value and turns(choice)]
    if fact.type not in _FARTHEST or value is None:
        return []
    per = value.per if fact.type == "money" else ""
    now = value.amount if per else value
    found = []
    for test, end in (("at_most", fact.least or 0), ("at_least", fact.most or max(_FARTHEST[fact.type], now * 4))):
        edge = _edge(now, end, lambda number: turns(Flow(number, per) if per else number))
        if edge is not None:
            found.append(way(test, Flow(edge, per) if per else edge))
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


def changes_by_itself(assessment, rulebook, days=730):
    """Dates after the assessment on which outcome or amount changes though no fact does: birthdays, months since a date, new limits.

    rulebook: the Rulebook the programme belongs to. days: how far to look. Returns Changes in order of date.
    """
    household, start, code = assessment.result.env.household, assessment.on, assessment.code
    end = start + timedelta(days=days)
    codes = rulebook.with_uses([code])
    before, changes = assessment, []
    for moment in sorted(_moments(household, rulebook, codes, start, end)):
        after = rulebook.assess(household, moment, codes)[code]
        if (after.outcome, after.amount) != (before.outcome, before.amount):
            changes.append(Change(moment, before.outcome, after.outcome, before.amount, after.amount))
        before = after
    return changes


def _moments(household, rulebook, codes, start, end):
    moments: set[date] = set()
    offsets = {0}
    for code in codes:
        definition = rulebook.definitions[code]
        sources = [definition, *definition.variants, *(rulebook.limits_store[name] for name in definition.shares)]
        for source in sources:
            for limit in source.limits.values():
                moments.update(date.fromisoformat(row["from"]) for row in limit.rows)
        offsets |= _day_offsets(definition)
    dates = [value for holder in (household, *household.people) for value in holder.facts.values() if isinstance(value, date)]
    for value in dates:
        months = (start.year - value.year) * 12 + start.month - value.month
        for number in range(months - 1, months + (end - start).days // 28 + 2):
            moments.add(shifted(value, number, "months"))
        moments.update(value + timedelta(days=offset) for offset in offsets)
    following = {moment + timedelta(days=1) for moment in moments if moment < date.max}
    return {moment for moment in moments | following if start < moment <= end}


def _day_offsets(definition):
    """Lengths in days that the rule's own expressions add to dates, as whole numbers, both ways."""
    found = set()
    for _, tree in definition.expressions():
        for part in tree.walk():
            if (
                part.op == "call"
                and part["name"] in ("days", "weeks")
                and part.parts[0].op == "number"
                and "." not in part.parts[0]["value"]
            ):
                number = int(part.parts[0]["value"]) * (7 if part["name"] == "weeks" else 1)
                found |= {number, -number}
    return found
