"""The interchange form: one household as JSON in, one result as JSON out (`manage.py determine`), with an error for each thing that cannot be.

A fact left out is missing, null means that it does not apply, money is {"amount": "1200.00", "per": "month"}.
"""

import json
import re
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction

from eligibility.household import LOCAL, Household, Person, eldest_first
from eligibility.language.limits import exact
from eligibility.language.types import PERIODS, ROLES
from eligibility.language.values import Flow
from eligibility.language.wording import pounds_text
from portal.places import place_code

MOST_MONEY = 100_000_000
MOST_PEOPLE = 40
OLDEST = 130
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\Z")
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class InterchangeError(ValueError):
    """A household that cannot be read. problems: one sentence for each thing that is wrong, with its place."""

    def __init__(self, problems, id_=None):
        self.problems, self.id = problems, id_
        super().__init__("; ".join(problems))


def parse_line(line, catalogue, on, unnamed="household"):
    """Reads one line of JSON, text or bytes, as a Household. Raises InterchangeError with every problem found.

    unnamed: the id of a household that gives none.
    """
    try:
        text = line.decode() if isinstance(line, bytes) else line
        data = json.loads(text.strip(), parse_float=Decimal, parse_int=_digits, parse_constant=_constant, object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise InterchangeError(["This line is not UTF-8: save the file as UTF-8"]) from None
    except json.JSONDecodeError as error:
        raise InterchangeError([f"This line is not JSON: {error.msg}, at character {error.pos + 1}"]) from None
    except RecursionError:
        raise InterchangeError(["This line is not JSON that can be read: there are too many brackets in brackets"]) from None
    except ValueError as error:
        raise InterchangeError([f"This line is not JSON: {error}"]) from None
    if isinstance(data, dict):
        data.setdefault("id", unnamed)
    household = read_household(data, catalogue, on)
    council = household.facts.get(LOCAL)
    if council is not None and council != place_code(council):
        mend = f"a council's code is written like “{place_code(council) or 'newham'}”, not “{council}”"
        raise InterchangeError([f"household.{LOCAL}: {mend}"], household.id)
    return household


def read_household(data, catalogue, on):
    """Reads the interchange dict of one household as exact values.

    data: {"id", "household": {...}, "people": [...], "people_complete": true}. Without "people" it is not known who lives there.
    on: the assessment date, for what cannot be (a birth after it). Raises InterchangeError with every problem found.
    """
    if not isinstance(data, dict):
        raise InterchangeError(
            ['A household is an object with id, household and people: {"id": "h1", "household": {}, "people": []}']
        )
    problems = []
    id_ = data.get("id", "household")
    if not _is_text(id_):
        problems.append(f"id: {_TEXT}, not {_shown(id_)}")
        id_ = None
    for name in sorted(set(data) - {"id", "household", "people", "people_complete"}):
        problems.append(f"{_shown(name)[1:-1]}: unknown; a household has id, household, people and people_complete")
    home = data.get("household", {})
    facts = {}
    if isinstance(home, dict):
        facts = _facts(home, catalogue, "household", "household", on, problems)
    else:
        problems.append(f'household: this should be an object like {{"nation": "england"}}, not {_shown(home)}')
    people = _people(data.get("people", []), catalogue, on, problems)
    complete = data.get("people_complete", "people" in data)
    if not isinstance(complete, bool):
        problems.append(f"people_complete: this should be true or false, not {_shown(complete)}")
    if problems:
        raise InterchangeError(problems, id_)
    return Household(id_, facts, people, not complete)


def _digits(text):
    if len(text) > 20:
        raise ValueError(f"the number {text[:8]}… has more than 20 digits")
    return int(text)


def _constant(name):
    raise ValueError(f"{name} is no number in JSON; leave out what is not known")


def _shown(value):
    """A wrong value as it was written, cut short."""
    text = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 40 else f"{text[:39]}…"


def _is_text(value):
    """A text that can be kept and written: one line, no control characters, no halves of a character."""
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() and not value.isspace()


_TEXT = "this should be a text of one line, at most 200 characters"


def _once(pairs):
    found = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{_shown(name)} is there twice")
        found[name] = value
    return found


def _people(raw, catalogue, on, problems):
    if not isinstance(raw, list) or len(raw) > MOST_PEOPLE:
        problems.append(
            f"people: this should be a list of at most {MOST_PEOPLE} people; leave it out when it is not known who lives there"
        )
        return []
    people: list[Person] = []
    for number, item in enumerate(raw, 1):
        place = f"people {number}"
        if not isinstance(item, dict):
            problems.append(f'{place}: this should be an object like {{"id": "p1", "role": "applicant"}}, not {_shown(item)}')
            continue
        id_, role = item.get("id"), item.get("role")
        if not isinstance(id_, str) or not _ID.match(id_):
            problems.append(f'{place}: id should be a short text of letters, digits and -_.: like "p{number}", not {_shown(id_)}')
            id_ = f"{number}"
        elif id_ in {person.id for person in people}:
            problems.append(f"{place}: the id {id_} is there twice; give each person an id of their own")
        if role not in ROLES:
            problems.append(f"{place}: role should be one of {', '.join(ROLES)}, not {_shown(role)}")
            role = "other_adult"
        facts = {name: value for name, value in item.items() if name not in ("id", "role")}
        people.append(Person(id_, role, _facts(facts, catalogue, "person", f"people.{id_}", on, problems)))
    for role in ("applicant", "partner"):
        if sum(person.role == role for person in people) > 1:
            problems.append(f"people: there can be only one {role}")
    if people and not any(person.role == "applicant" for person in people):
        problems.append('people: nobody is the applicant; give the role "applicant" to the person who asks')
    return people


def _facts(raw, catalogue, level, place, on, problems):
    facts = {}
    for name, value in raw.items():
        fact = catalogue.get(f"{level}.{name}")
        if fact is None:
            problems.append(f"{place}.{_shown(name)[1:-1]}: the catalogue has no such fact{_meant(name, catalogue, level)}")
            continue
        try:
            facts[name] = read_value(fact, value, on)
        except ValueError as error:
            problems.append(f"{place}.{name}: {error}")
    return facts


def _meant(name, catalogue, level):
    """What somebody who wrote an unknown fact may have meant, as the end of a sentence."""
    elsewhere = "household" if level == "person" else "person"
    if f"{elsewhere}.{name}" in catalogue:
        return f"; {name} belongs to {'the household' if elsewhere == 'household' else 'a person'}"
    names = [code.split(".", 1)[1] for code in catalogue if code.startswith(f"{level}.")]
    near = get_close_matches(name, names, 1, 0.75)
    return f"; did you mean {near[0]}?" if near else ""


def read_value(fact, value, on=None):
    """One answer as an exact value; None stands for "does not apply". Raises ValueError with a sentence."""
    if value is None:
        if not fact.may_not_apply:
            raise ValueError("this always applies; leave it out when it is not known")
        return None
    return _READERS[fact.type](fact, value, on)


def _decimal(value):
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise ValueError(f"this should be a number, not {_shown(value)}")
    if isinstance(value, str) and not _NUMBER.match(value):
        raise ValueError(f"{_shown(value)} is not a number; write digits and a point only, like 1200.00")
    found = Decimal(value)
    if not found.is_finite() or abs(found.adjusted()) > 20:
        raise ValueError("this number is not possible")
    return found


def _pence(value):
    found = _decimal(value)
    if found < 0:
        raise ValueError("money cannot be negative")
    if found > MOST_MONEY:
        raise ValueError(f"this is more money than is possible; the most is {MOST_MONEY}")
    pence = Fraction(found) * 100
    if pence.denominator != 1:
        raise ValueError(f"money has at most two digits after the point, not {value}")
    return pence.numerator


def _money(fact, value, on):
    if not isinstance(value, dict) or set(value) != {"amount", "per"}:
        raise ValueError(f'money that comes regularly is written {{"amount": "1200.00", "per": "month"}}, not {_shown(value)}')
    if value["per"] not in PERIODS:
        raise ValueError(f"per should be one of {', '.join(PERIODS)}, not {_shown(value['per'])}")
    return Flow(_pence(value["amount"]), value["per"])


def _amount(fact, value, on):
    if isinstance(value, dict):
        if set(value) != {"amount", "per"} or value["per"] != "once":
            raise ValueError(f'a sum of money is written "1200.00", not {_shown(value)}')
        value = value["amount"]
    return _pence(value)


def _integer(fact, value, on):
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value() and abs(value) < 10**9:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"this should be a whole number, not {_shown(value)}")
    return _bounded(fact, value)


def _number(fact, value, on):
    return _bounded(fact, exact(Fraction(_decimal(value))))


def _bounded(fact, value):
    if fact.least is not None and value < fact.least:
        raise ValueError(f"this cannot be less than {fact.least}; it is {value}")
    if fact.most is not None and value > fact.most:
        raise ValueError(f"this cannot be more than {fact.most}; it is {value}")
    if abs(value) > 10**9:
        raise ValueError("this number is not possible")
    return value


def _boolean(fact, value, on):
    if not isinstance(value, bool):
        raise ValueError(f"this should be true or false, not {_shown(value)}")
    return value


def _date(fact, value, on):
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and _DAY.match(value) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"a date is written 1990-04-02 and is a day of the calendar; {_shown(value)} is not")
    if fact.name == "born_on" and on is not None and not on.year - OLDEST <= found.year <= on.year:
        raise ValueError(f"nobody who lives on {on.isoformat()} was born on {value}")
    if fact.name == "born_on" and on is not None and found > on:
        raise ValueError(f"{value} is after {on.isoformat()}, the day the household is looked at")
    return found


def _choice(fact, value, on):
    if not isinstance(value, str) or value not in fact.choices:
        raise ValueError(f"this should be one of {', '.join(fact.choices)}, not {_shown(value)}")
    return value


def _choices(fact, value, on):
    if not isinstance(value, list):
        raise ValueError(f"this should be a list, not {_shown(value)}")
    return frozenset(_choice(fact, item, on) for item in value)


def _text(fact, value, on):
    if not _is_text(value):
        raise ValueError(f"{_TEXT}, not {_shown(value)}")
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
    """The interchange dict of a household, limited to the fact codes in `needs` where given.

    A limited one has the children eldest first: without their birthdays they are still told apart as “your first child” in the same way.
    """

    def facts(values, lookup):
        found = {name: lookup(name) for name in sorted(values)}
        return {name: write_value(fact, values[name]) for name, fact in found.items() if needs is None or fact.code in needs}

    members = household.people if needs is None else eldest_first(household.people)
    people = [{"id": person.id, "role": person.role, **facts(person.facts, catalogue.person)} for person in members]
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


def determine_lines(lines, rulebook, on, codes=None, remark=None, versions=None):
    """Yields the result (or error) line of each household line, in order; empty lines are passed over.

    lines: texts, or bytes of UTF-8. rulebook: something with `catalogue` and `assess(household, on, codes)`. codes: only these
    programmes, None for all. remark: called with a sentence about what is no mistake but may surprise. versions: as in `result_line`.
    """
    first: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if number == 1:
            line = line.removeprefix(_MARK.encode() if isinstance(line, bytes) else _MARK)
        if not line.strip():
            continue
        try:
            household = parse_line(line, rulebook.catalogue, on, f"line-{number}")
            result = result_line(household.id, on, _assessed(rulebook, household, on, codes), versions)
        except InterchangeError as error:
            yield error_line(number, error)
            continue
        if remark and first.setdefault(household.id, number) != number:
            remark(
                f"line {number}: the id {household.id} is that of line {first[household.id]} too; results come in the order of the lines"
            )
        yield result


_MARK = "\ufeff"  # the mark some programs put before the first line of a text


def _assessed(rulebook, household, on, codes):
    """The answers for one household. What no rule foresaw is that household's mistake, and not the end of the others."""
    try:
        return rulebook.assess(household, on, codes)
    except (ArithmeticError, ValueError, LookupError, RecursionError) as error:
        told = f"the programmes could not be worked out for {on.isoformat()} ({type(error).__name__}: {error}); please report this line"
        raise InterchangeError([told], household.id) from error
