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
from eligibility.json_line import load, shown
from eligibility.language.errors import RuleError
from eligibility.language.limits import exact
from eligibility.language.messages import Message, ngettext, together, verbatim
from eligibility.language.messages import message as _
from eligibility.language.types import PERIODS, ROLES
from eligibility.language.values import Flow
from eligibility.language.wording import pounds_text
from portal.places import place_code

MOST_MONEY = 100_000_000
MOST_PEOPLE = 40
LONGEST_LINE = 1_000_000  # characters or bytes: many times what 40 people with all their facts take
_MOST_IDS = 100_000  # that are remembered, to remark on one that comes again: a stream has no end, memory has
OLDEST = 130
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\Z")
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class InterchangeError(ValueError):
    """A household that cannot be read. problems: one sentence for each thing that is wrong, with its place; said: them as a Message."""

    def __init__(self, problems, id_=None):
        problems = [problem if isinstance(problem, Message) else verbatim(problem) for problem in problems]
        self.problems, self.id = [str(problem) for problem in problems], id_
        self.said = together(*problems, between="; ")
        super().__init__(str(self.said))


def parse_line(line, catalogue, on, unnamed="household"):
    """Reads one line of JSON, text or bytes, as a Household. Raises InterchangeError with every problem found.

    unnamed: the id of a household that gives none.
    """
    try:
        text = line.decode() if isinstance(line, bytes) else line
        data = load(text.strip())
    except UnicodeDecodeError:
        raise InterchangeError([_("This line is not UTF-8: save the file as UTF-8")]) from None
    except json.JSONDecodeError as error:
        raise InterchangeError(
            [_("This line is not JSON: %(problem)s, at character %(place)s", problem=error.msg, place=error.pos + 1)]
        ) from None
    except RecursionError:
        raise InterchangeError([_("This line is not JSON that can be read: there are too many brackets in brackets")]) from None
    except ValueError as error:
        raise InterchangeError([_("This line is not JSON: %(problem)s", problem=_said(error))]) from None
    if isinstance(data, dict):
        data.setdefault("id", unnamed)
    household = read_household(data, catalogue, on)
    council = household.facts.get(LOCAL)
    if council is not None and council != place_code(council):
        mend = _(
            "a council’s code is written like “%(code)s”, not “%(council)s”",
            code=place_code(council) or "newham",
            council=council,
        )
        raise InterchangeError([_at(f"household.{LOCAL}", mend)], household.id)
    return household


def read_household(data, catalogue, on):
    """Reads the interchange dict of one household as exact values.

    data: {"id", "household": {...}, "people": [...], "people_complete": true, "everybody": {...}}. Without "people" it is not known who
    lives there; "everybody" has the facts of those people of whom nothing else is said.
    on: the assessment date, for what cannot be (a birth after it). Raises InterchangeError with every problem found.
    """
    if not isinstance(data, dict):
        raise InterchangeError(
            [_('A household is an object with id, household and people: {"id": "h1", "household": {}, "people": []}')]
        )
    problems = []
    id_ = data.get("id", "household")
    if not _is_text(id_):
        problems.append(_at("id", _one_line(id_)))
        id_ = None
    for name in sorted(set(data) - {"id", "household", "people", "people_complete", "everybody"}):
        problems.append(
            _at(shown(name)[1:-1], _("unknown; a household has id, household, people, everybody and people_complete"))
        )
    home = data.get("household", {})
    facts = {}
    if isinstance(home, dict):
        facts = _facts(home, catalogue, "household", "household", on, problems)
    else:
        problems.append(
            _at("household", _('this should be an object like {"nation": "england"}, not %(value)s', value=shown(home)))
        )
    people = _people(data.get("people", []), catalogue, on, problems)
    _spread(data.get("everybody", {}), people, catalogue, on, problems)
    complete = data.get("people_complete", "people" in data)
    if not isinstance(complete, bool):
        problems.append(_at("people_complete", _("this should be true or false, not %(value)s", value=shown(complete))))
    if problems:
        raise InterchangeError(problems, id_)
    return Household(id_, facts, people, not complete)


def _is_text(value):
    """A text that can be kept and written: one line, no control characters, no halves of a character."""
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() and not value.isspace()


def _one_line(value):
    return _("this should be a text of one line, at most 200 characters, not %(value)s", value=shown(value))


def _at(place, problem):
    """A problem with the place it speaks of: a Message."""
    return _("%(place)s: %(problem)s", place=place, problem=problem)


def _said(error):
    return error.said if isinstance(error, RuleError) else error


def _people(raw, catalogue, on, problems):
    if not isinstance(raw, list) or len(raw) > MOST_PEOPLE:
        said = ngettext(
            "this should be a list of at most %(number)s person; leave it out when it is not known who lives there",
            "this should be a list of at most %(number)s people; leave it out when it is not known who lives there",
            MOST_PEOPLE,
        )
        problems.append(_at("people", said))
        return []
    people: list[Person] = []
    for number, item in enumerate(raw, 1):
        place = f"people {number}"
        if not isinstance(item, dict):
            said = _('this should be an object like {"id": "p1", "role": "applicant"}, not %(value)s', value=shown(item))
            problems.append(_at(place, said))
            continue
        id_, role = item.get("id"), item.get("role")
        if not isinstance(id_, str) or not _ID.match(id_):
            said = _(
                "id should be a short text of letters, digits and -_.: like %(example)s, not %(value)s",
                example=f'"p{number}"',
                value=shown(id_),
            )
            problems.append(_at(place, said))
            id_ = f"{number}"
        elif id_ in {person.id for person in people}:
            problems.append(_at(place, _("the id %(id)s is there twice; give each person an id of their own", id=id_)))
        if role not in ROLES:
            problems.append(_at(place, _("role should be one of %(names)s, not %(value)s", names=ROLES, value=shown(role))))
            role = "other_adult"
        facts = {name: value for name, value in item.items() if name not in ("id", "role")}
        people.append(Person(id_, role, _facts(facts, catalogue, "person", f"people.{id_}", on, problems)))
    for role in ("applicant", "partner"):
        if sum(person.role == role for person in people) > 1:
            said = _("there can be only one applicant") if role == "applicant" else _("there can be only one partner")
            problems.append(_at("people", said))
    if people and not any(person.role == "applicant" for person in people):
        problems.append(_at("people", _('nobody is the applicant; give the role "applicant" to the person who asks')))
    return people


def _spread(raw, people, catalogue, on, problems):
    """Give the people the facts that are told of everybody, where nothing else is told of them."""
    if not isinstance(raw, dict):
        problems.append(
            _at("everybody", _('this should be an object like {"dla_care": "none"}, not %(value)s', value=shown(raw)))
        )
        return
    shared = _facts(raw, catalogue, "person", "everybody", on, problems)
    for person in people:
        person.facts = {**shared, **person.facts}


def _facts(raw, catalogue, level, place, on, problems):
    facts = {}
    for name, value in raw.items():
        fact = catalogue.get(f"{level}.{name}")
        if fact is None:
            problems.append(_at(f"{place}.{shown(name)[1:-1]}", _no_fact(name, catalogue, level)))
            continue
        try:
            facts[name] = read_value(fact, value, on)
        except RuleError as error:
            problems.append(_at(f"{place}.{name}", error.said))
    return facts


def _no_fact(name, catalogue, level):
    """That a fact is not known, with what somebody who wrote it may have meant."""
    if level == "person" and f"household.{name}" in catalogue:
        return _("the catalogue has no such fact; %(name)s belongs to the household", name=name)
    if level == "household" and f"person.{name}" in catalogue:
        return _("the catalogue has no such fact; %(name)s belongs to a person", name=name)
    names = [code.split(".", 1)[1] for code in catalogue if code.startswith(f"{level}.")]
    if near := get_close_matches(name, names, 1, 0.75):
        return _("the catalogue has no such fact; did you mean %(name)s?", name=near[0])
    return _("the catalogue has no such fact")


def read_value(fact, value, on=None):
    """One answer as an exact value; None stands for "does not apply". Raises RuleError with a sentence."""
    if value is None:
        if not fact.may_not_apply:
            raise RuleError(_("this always applies; leave it out when it is not known"))
        return None
    return _READERS[fact.type](fact, value, on)


def _decimal(value):
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise RuleError(_("this should be a number, not %(value)s", value=shown(value)))
    if isinstance(value, str) and not _NUMBER.match(value):
        raise RuleError(_("%(value)s is not a number; write digits and a point only, like 1200.00", value=shown(value)))
    found = Decimal(value)
    if not found.is_finite() or abs(found.adjusted()) > 20:
        raise RuleError(_("this number is not possible"))
    return found


def _pence(value):
    found = _decimal(value)
    if found < 0:
        raise RuleError(_("money cannot be negative"))
    if found > MOST_MONEY:
        raise RuleError(_("this is more money than is possible; the most is %(most)s", most=MOST_MONEY))
    pence = Fraction(found) * 100
    if pence.denominator != 1:
        raise RuleError(_("money has at most two digits after the point, not %(value)s", value=value))
    return pence.numerator


def _money(fact, value, on):
    if not isinstance(value, dict) or set(value) != {"amount", "per"}:
        raise RuleError(
            _('money that comes regularly is written {"amount": "1200.00", "per": "month"}, not %(value)s', value=shown(value))
        )
    if value["per"] not in PERIODS:
        raise RuleError(_("per should be one of %(names)s, not %(value)s", names=PERIODS, value=shown(value["per"])))
    return Flow(_pence(value["amount"]), value["per"])


def _amount(fact, value, on):
    if isinstance(value, dict):
        if set(value) != {"amount", "per"} or value["per"] != "once":
            raise RuleError(_('a sum of money is written "1200.00", not %(value)s', value=shown(value)))
        value = value["amount"]
    return _pence(value)


def _integer(fact, value, on):
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value() and abs(value) < 10**9:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RuleError(_("this should be a whole number, not %(value)s", value=shown(value)))
    return _bounded(fact, value)


def _number(fact, value, on):
    return _bounded(fact, exact(Fraction(_decimal(value))))


def _bounded(fact, value):
    if fact.least is not None and value < fact.least:
        raise RuleError(_("this cannot be less than %(least)s; it is %(value)s", least=fact.least, value=value))
    if fact.most is not None and value > fact.most:
        raise RuleError(_("this cannot be more than %(most)s; it is %(value)s", most=fact.most, value=value))
    if abs(value) > 10**9:
        raise RuleError(_("this number is not possible"))
    return value


def _boolean(fact, value, on):
    if not isinstance(value, bool):
        raise RuleError(_("this should be true or false, not %(value)s", value=shown(value)))
    return value


def _date(fact, value, on):
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and _DAY.match(value) else None
    except ValueError:
        found = None
    if found is None:
        raise RuleError(_("a date is written 1990-04-02 and is a day of the calendar; %(value)s is not", value=shown(value)))
    if fact.name == "born_on" and on is not None and not on.year - OLDEST <= found.year <= on.year:
        raise RuleError(_("nobody who lives on %(day)s was born on %(value)s", day=on.isoformat(), value=value))
    if fact.name == "born_on" and on is not None and found > on:
        raise RuleError(_("%(value)s is after %(day)s, the day the household is looked at", value=value, day=on.isoformat()))
    return found


def _choice(fact, value, on):
    if not isinstance(value, str) or value not in fact.choices:
        raise RuleError(_("this should be one of %(names)s, not %(value)s", names=fact.choices, value=shown(value)))
    return value


def _choices(fact, value, on):
    if not isinstance(value, list):
        raise RuleError(_("this should be a list, not %(value)s", value=shown(value)))
    return frozenset(_choice(fact, item, on) for item in value)


def _text(fact, value, on):
    if not _is_text(value):
        raise RuleError(_one_line(value))
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
        if len(line) > LONGEST_LINE:
            yield error_line(number, InterchangeError([_TOO_LONG]))
            continue
        if not line.strip():
            continue
        try:
            household = parse_line(line, rulebook.catalogue, on, f"line-{number}")
            result = result_line(household.id, on, _assessed(rulebook, household, on, codes), versions)
        except InterchangeError as error:
            yield error_line(number, error)
            continue
        if remark and (before := first.get(household.id)):
            remark(f"line {number}: the id {household.id} is that of line {before} too; results come in the order of the lines")
        elif remark:
            if len(first) >= _MOST_IDS:
                first.clear()
            first[household.id] = number
        yield result


_TOO_LONG = f"This line is longer than {LONGEST_LINE:,} characters: write each household on a line of its own"
_MARK = "\ufeff"  # the mark some programs put before the first line of a text


def _assessed(rulebook, household, on, codes):
    """The answers for one household. What no rule foresaw is that household's mistake, and not the end of the others."""
    try:
        return rulebook.assess(household, on, codes)
    except (ArithmeticError, ValueError, LookupError, RecursionError) as error:
        told = _(
            "the programmes could not be worked out for %(day)s (%(problem)s); please report this line",
            day=on.isoformat(),
            problem=f"{type(error).__name__}: {error}",
        )
        raise InterchangeError([told], household.id) from error
