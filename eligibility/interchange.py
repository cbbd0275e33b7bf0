"""The interchange form: one household as JSON in, one result as JSON out (`manage.py determine`), with an error for each thing that cannot be.

A fact left out is missing, null means that it does not apply, money is {"amount": "1200.00", "per": "month"}.
"""

import json
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from eligibility.household import Household, Person
from eligibility.language.limits import exact
from eligibility.language.types import PERIODS, ROLES
from eligibility.language.values import Flow
from eligibility.language.wording import pounds_text

MOST_MONEY = 100_000_000
MOST_PEOPLE = 40
OLDEST = 130
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\Z")


class InterchangeError(ValueError):
    """A household that cannot be read. problems: one sentence for each thing that is wrong, with its place."""

    def __init__(self, problems, id_=None):
        self.problems, self.id = problems, id_
        super().__init__("; ".join(problems))


def parse_line(line, catalogue, on):
    """Reads one line of JSON as a Household. Raises InterchangeError with every problem found."""
    try:
        data = json.loads(line, parse_float=Decimal, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InterchangeError([f"This line is not JSON: {error}"]) from None
    return read_household(data, catalogue, on)


def read_household(data, catalogue, on):
    """Reads the interchange dict of one household as exact values.

    data: {"id", "household": {...}, "people": [...], "people_complete": true}. Without "people" it is not known who lives there.
    on: the assessment date, for what cannot be (a birth after it). Raises InterchangeError with every problem found.
    """
    if not isinstance(data, dict):
        raise InterchangeError(["A household is an object with id, household and people."])
    problems = []
    id_ = data.get("id", "household")
    if not isinstance(id_, str) or not id_ or len(id_) > 200:
        problems.append("id: this should be a text of at most 200 characters")
        id_ = str(id_)[:200]
    for name in sorted(set(data) - {"id", "household", "people", "people_complete"}):
        problems.append(f"{name}: unknown; a household has id, household, people and people_complete")
    home = data.get("household", {})
    facts = {}
    if isinstance(home, dict):
        facts = _facts(home, catalogue.household, "household", on, problems)
    else:
        problems.append("household: this should be an object")
    people = _people(data.get("people", []), catalogue, on, problems)
    complete = data.get("people_complete", "people" in data)
    if not isinstance(complete, bool):
        problems.append("people_complete: this should be true or false")
    if problems:
        raise InterchangeError(problems, id_)
    return Household(id_, facts, people, not complete)


def _once(pairs):
    found = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"“{name}” is there twice")
        found[name] = value
    return found


def _people(raw, catalogue, on, problems):
    if not isinstance(raw, list) or len(raw) > MOST_PEOPLE:
        problems.append(f"people: this should be a list of at most {MOST_PEOPLE} people")
        return []
    people: list[Person] = []
    for number, item in enumerate(raw, 1):
        place = f"people {number}"
        if not isinstance(item, dict):
            problems.append(f"{place}: this should be an object")
            continue
        id_, role = item.get("id"), item.get("role")
        if not isinstance(id_, str) or not _ID.match(id_):
            problems.append(f"{place}: id should be a short text of letters, digits and -_.:")
            id_ = f"{number}"
        elif id_ in {person.id for person in people}:
            problems.append(f"{place}: the id {id_} is there twice")
        if role not in ROLES:
            problems.append(f"{place}: role should be one of {', '.join(ROLES)}")
            role = "other_adult"
        facts = {name: value for name, value in item.items() if name not in ("id", "role")}
        people.append(Person(id_, role, _facts(facts, catalogue.person, f"people.{id_}", on, problems)))
    for role in ("applicant", "partner"):
        if sum(person.role == role for person in people) > 1:
            problems.append(f"people: there can be only one {role}")
    if people and not any(person.role == "applicant" for person in people):
        problems.append("people: nobody is the applicant")
    return people


def _facts(raw, lookup, place, on, problems):
    facts = {}
    for name, value in raw.items():
        fact = lookup(name)
        if fact is None:
            problems.append(f"{place}.{name}: the catalogue has no such fact")
            continue
        try:
            facts[name] = read_value(fact, value, on)
        except ValueError as error:
            problems.append(f"{place}.{name}: {error}")
    return facts


def read_value(fact, value, on=None):
    """One answer as an exact value; None stands for "does not apply". Raises ValueError with a sentence."""
    if value is None:
        if not fact.may_not_apply:
            raise ValueError("this always applies; leave it out when it is not known")
        return None
    return _READERS[fact.type](fact, value, on)


def _decimal(value):
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)) or (isinstance(value, str) and len(value) > 30):
        raise ValueError("this should be a number")
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"“{value}” is not a number") from None
    if not found.is_finite() or abs(found.adjusted()) > 20:
        raise ValueError("this number is not possible")
    return found


def _pence(value):
    found = _decimal(value)
    if found < 0:
        raise ValueError("money cannot be negative")
    if found > MOST_MONEY:
        raise ValueError("this is more money than is possible")
    pence = Fraction(found) * 100
    if pence.denominator != 1:
        raise ValueError("money has at most two digits after the point")
    return pence.numerator


def _money(fact, value, on):
    if not isinstance(value, dict) or set(value) != {"amount", "per"}:
        raise ValueError('money that comes regularly is written {"amount": "1200.00", "per": "month"}')
    if value["per"] not in PERIODS:
        raise ValueError(f"per should be one of {', '.join(PERIODS)}")
    return Flow(_pence(value["amount"]), value["per"])


def _amount(fact, value, on):
    if isinstance(value, dict):
        if set(value) != {"amount", "per"} or value["per"] != "once":
            raise ValueError('a sum of money is written "1200.00"')
        value = value["amount"]
    return _pence(value)


def _integer(fact, value, on):
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("this should be a whole number")
    return _bounded(fact, value)


def _number(fact, value, on):
    return _bounded(fact, exact(Fraction(_decimal(value))))


def _bounded(fact, value):
    if fact.least is not None and value < fact.least:
        raise ValueError(f"this cannot be less than {fact.least}")
    if fact.most is not None and value > fact.most:
        raise ValueError(f"this cannot be more than {fact.most}")
    if abs(value) > 10**9:
        raise ValueError("this number is not possible")
    return value


def _boolean(fact, value, on):
    if not isinstance(value, bool):
        raise ValueError("this should be true or false")
    return value


def _date(fact, value, on):
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError("a date is written 1990-04-02")
    if fact.name == "born_on" and on is not None and not on.year - OLDEST <= found.year <= on.year:
        raise ValueError(f"nobody who lives on {on.isoformat()} was born on this day")
    if fact.name == "born_on" and on is not None and found > on:
        raise ValueError(f"this is after {on.isoformat()}")
    return found


def _choice(fact, value, on):
    if not isinstance(value, str) or value not in fact.choices:
        raise ValueError(f"this should be one of {', '.join(fact.choices)}")
    return value


def _choices(fact, value, on):
    if not isinstance(value, list):
        raise ValueError("this should be a list")
    return frozenset(_choice(fact, item, on) for item in value)


def _text(fact, value, on):
    if not isinstance(value, str) or not value or len(value) > 200:
        raise ValueError("this should be a text of at most 200 characters")
    return value


_READERS = {
    "money": _money,
    "amount": _amount,
    "integer": _integer,
    "decimal": _number,
    "boolean": _boolean,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "text": _text,
}


def write_value(fact, value):
    """An exact value back in its interchange form."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if fact.type == "money":
        return {"amount": pounds_text(value.amount), "per": value.per}
    if fact.type == "amount":
        return pounds_text(value)
    if fact.type == "choices":
        return sorted(value)
    if fact.type == "date":
        return value.isoformat()
    return value if isinstance(value, int) else str(Decimal(value.numerator) / Decimal(value.denominator))


def write_household(household, catalogue, needs=None):
    """The interchange dict of a household, limited to the fact codes in `needs` where given."""

    def facts(values, lookup):
        found = {name: lookup(name) for name in sorted(values)}
        return {name: write_value(fact, values[name]) for name, fact in found.items() if needs is None or fact.code in needs}

    people = [{"id": person.id, "role": person.role, **facts(person.facts, catalogue.person)} for person in household.people]
    out = {"id": household.id, "household": facts(household.facts, catalogue.household), "people": people}
    return {**out, "people_complete": False} if household.open else out


def result_line(household_id, on, assessments, versions=None):
    """The result of one household in the interchange form. versions: {code: version number}, 1 where not given."""
    programmes = {}
    for code, found in assessments.items():
        entry = {"version": (versions or {}).get(code, 1), "outcome": found.outcome}
        if found.amount is not None:
            entry["amount"] = {"amount": str(found.amount), "per": found.per}
        elif found.amount_range is not None and found.outcome != "not_likely":
            low, high = found.amount_range
            entry["amount_range"] = {
                "low": str(low) if low is not None else None,
                "high": str(high) if high is not None else None,
                "per": found.per,
            }
        entry["missing"] = list(found.missing)
        entry["criteria"] = [{"id": item.id, "result": item.result} for item in found.criteria]
        programmes[code] = entry
    return {"id": household_id, "on": on.isoformat(), "programmes": programmes}


def error_line(number, error):
    """The line that stands for a household that could not be read. number: its line in the input, from 1."""
    out = {"line": number, "errors": list(error.problems)}
    return {"id": error.id, **out} if error.id else out


def determine_lines(lines, rulebook, on, codes=None):
    """Yields the result (or error) line of each household line, in order; empty lines are passed over.

    lines: texts. rulebook: something with `catalogue` and `assess(household, on, codes)`. codes: only these programmes, None for all.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            household = parse_line(line, rulebook.catalogue, on)
        except InterchangeError as error:
            yield error_line(number, error)
        else:
            yield result_line(household.id, on, rulebook.assess(household, on, codes))
