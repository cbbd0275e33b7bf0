"""Worked examples: reads cases.toml, runs each case, and says what differs. A programme is tested by its own examples."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from eligibility.engine.rulebook import assess, compile_programme
from eligibility.interchange import OLDEST, InterchangeError, read_household
from eligibility.language.errors import RuleError
from eligibility.language.mends import with_meant
from eligibility.language.messages import message as _
from eligibility.language.shapes import items, section, texts, texts_in
from eligibility.language.types import PERIODS
from eligibility.language.values import Unknown, shifted

_CASE = {
    "id",
    "says",
    "on",
    "based_on",
    "household",
    "applicant",
    "partner",
    "children",
    "other_adults",
    "programmes",
    "expect",
    "people_complete",
}
_EXPECT = {"outcome", "amount", "amount_range", "missing", "criteria", "window", "variant"}
_GIVEN = {"household", "applicant", "partner", "child", "other_adult"}
MISSING, NOT_APPLICABLE = "?", "-"


@dataclass(frozen=True)
class Failure:
    """One difference. case: its id. what: the thing compared. expected, found: as text."""

    case: str
    what: str
    expected: str
    found: str

    def __str__(self):
        return f"{self.case}: {self.what}: expected {self.expected}, but it is {self.found}"


@dataclass(frozen=True)
class Case:
    """One worked example with everything it is based on filled in. facts: interchange dict. given: results of other programmes."""

    id: str
    on: date
    facts: dict
    given: dict
    expect: dict
    says: str = ""


@dataclass(frozen=True)
class CaseReport:
    """What running the examples gave. failures; never_met, never_not_met: criteria (with the variant, if any) no example makes so."""

    count: int
    failures: tuple
    never_met: tuple
    never_not_met: tuple
    assessments: dict

    @property
    def is_good(self):
        """Every example holds and every criterion is met in one and not met in another."""
        return not (self.failures or self.never_met or self.never_not_met)


def read_cases(definition, catalogue):
    """The Cases of a definition. Raises RuleError that names the case."""
    data = definition.cases
    if extra := set(data) - {"given", "case"}:
        raise RuleError(_("cases.toml has [given] and [[case]], not “%(name)s”.", name=min(extra)), where="cases.toml")
    given = section(data.get("given", {}), "cases.toml")
    if extra := set(given) - _GIVEN:
        raise RuleError(_("[given] has %(names)s, not “%(name)s”.", names=sorted(_GIVEN), name=min(extra)), where="cases.toml")
    for role, facts in given.items():
        section(facts, f"cases.toml: given.{role}")
    raw: dict[str, dict] = {}
    cases: list[Case] = []
    for number, item in enumerate(items(data.get("case", ()), "cases.toml"), 1):
        where = f"case {item.get('id', number)}" if isinstance(item, dict) else f"case {number}"
        texts_in(section(item, where), ("id", "says", "based_on"), where)
        if extra := set(item) - _CASE:
            said = _("An example has no “%(name)s”. It has %(names)s.", name=min(extra), names=sorted(_CASE))
            raise RuleError(with_meant(said, min(extra), _CASE), where=where)
        if not item.get("id") or item["id"] in raw:
            raise RuleError(_("Every example needs an id of its own."), where=where)
        if "based_on" in item:
            if item["based_on"] not in raw:
                said = _("There is no example “%(name)s” before this one.", name=item["based_on"])
                raise RuleError(with_meant(said, str(item["based_on"]), raw), where=where)
            item = _merged(raw[item["based_on"]], item)
        raw[item["id"]] = item
        try:
            cases.append(_case(item, given, catalogue))
        except (RuleError, InterchangeError) as error:
            inner = getattr(error, "where", "")
            raise RuleError(error.said, where=f"{where}.{inner}" if inner else where) from None
    return cases


def _merged(base, change):
    out = {key: deepcopy(value) for key, value in base.items() if key not in ("expect", "says", "id")}
    for key, value in change.items():
        if (
            key in ("household", "applicant", "partner", "programmes")
            and isinstance(out.get(key), dict)
            and isinstance(value, dict)
        ):
            out[key] = _overlaid(out[key], value)
        elif key != "based_on":
            out[key] = value
    return out


def _overlaid(under, over):
    """Facts of `over` on top; an age and a date of birth replace each other."""
    out = {**under, **over}
    if "age" in over and "born_on" not in over:
        out.pop("born_on", None)
    if "born_on" in over and "age" not in over:
        out.pop("age", None)
    return out


def _case(item, given, catalogue):
    on = item.get("on")
    if not isinstance(on, str):
        raise RuleError(_("An example needs the day it is looked at: on = 2026-11-21."))
    on = _day(on)
    expect = item.get("expect")
    if not isinstance(expect, dict) or not expect:
        raise RuleError(_("An example needs expect = { outcome = ... }."))
    if extra := set(expect) - _EXPECT:
        said = _("expect has no “%(name)s”. It has %(names)s.", name=min(extra), names=sorted(_EXPECT))
        raise RuleError(with_meant(said, min(extra), _EXPECT))
    _shaped(item, expect)
    household = _facts({**given.get("household", {}), **item.get("household", {})}, catalogue, "household", on)
    people = [_person("applicant", "applicant", item.get("applicant", {}), given, catalogue, on)]
    if "partner" in item and item["partner"] is not False:
        people.append(_person("partner", "partner", item["partner"], given, catalogue, on))
    for number, child in enumerate(item.get("children", ()), 1):
        people.append(_person(f"child{number}", "child", child, given, catalogue, on))
    for number, adult in enumerate(item.get("other_adults", ()), 1):
        people.append(_person(f"other_adult{number}", "other_adult", adult, given, catalogue, on))
    facts = {"id": item["id"], "household": household, "people": people}
    if item.get("people_complete") is False:
        facts["people_complete"] = False
    others = {code: _stated(result) for code, result in item.get("programmes", {}).items()}
    read_household(facts, catalogue, on)
    return Case(item["id"], on, facts, others, expect, item.get("says", ""))


def _shaped(item, expect):
    """Looks that the parts of an example are what they should be."""
    for name in ("household", "applicant", "programmes"):
        section(item.get(name, {}), name)
    if item.get("partner", False) is not False:
        section(item["partner"], "partner")
    for name in ("children", "other_adults"):
        for person in items(item.get(name, ()), name):
            section(person, name)
    section(expect.get("criteria", {}), "expect.criteria")
    texts(expect.get("missing", ()), "expect.missing")
    bounds = items(expect.get("amount_range", (MISSING, MISSING)), "expect.amount_range")
    for amount in (*bounds, expect.get("amount", NOT_APPLICABLE)):
        if amount not in (MISSING, NOT_APPLICABLE):
            _decimal(amount)


def _person(id_, role, facts, given, catalogue, on):
    return {"id": id_, "role": role, **_facts(_overlaid(given.get(role, {}), facts), catalogue, "person", on)}


def _facts(raw, catalogue, level, on):
    out, known = {}, {fact.name for fact in catalogue.values() if fact.level == level}
    for name, value in raw.items():
        if name == "age":
            out["born_on"] = shifted(on, -_age(value), "years").isoformat()
            continue
        fact = catalogue.get(f"{level}.{name}")
        if fact is None:
            said = _("There is no fact “%(name)s” here.", name=name)
            raise RuleError(with_meant(said, name, known))
        if value == MISSING:
            continue
        out[name] = None if value == NOT_APPLICABLE else _answer(fact, value)
    return out


def _answer(fact, value):
    if fact.type == "money" and isinstance(value, str):
        amount, _per, per = value.partition(" per ")
        if per not in PERIODS:
            raise RuleError(_('%(fact)s: write "1200.00 per month" (week, four_weeks, month or year).', fact=fact.code))
        return {"amount": amount, "per": per}
    if fact.type == "decimal" and isinstance(value, str):
        return _decimal(value)
    return value


def _day(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleError(_("%(text)s is not a date. Write a day as year-month-day, like 2026-04-06.", text=text[:40])) from None


def _age(value):
    try:
        age = int(value)
    except (TypeError, ValueError, OverflowError):
        age = -1
    if not 0 <= age <= OLDEST:
        raise RuleError(_("“%(age)s” is not an age. Write years as a whole number, like 34.", age=str(value)[:40]))
    return age


def _stated(result):
    if isinstance(result, str):
        result = {"outcome": result}
    if section(result, "programmes").get("outcome") not in ("likely", "not_likely", "unknown"):
        raise RuleError(_("The outcome of another programme is likely, not_likely or unknown."))
    out = {"outcome": result["outcome"], "missing": list(texts(result.get("missing", ()), "programmes"))}
    if "amount" in result:
        amount, _per, per = str(result["amount"]).partition(" per ")
        if per not in PERIODS:
            raise RuleError(_('Write the amount of another programme as "20.00 per week".'))
        pence = int(_decimal(amount) * 100)
        out |= {"amount": [pence, pence], "per": per}
    return out


def _decimal(text):
    try:
        found = Decimal(str(text))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found.adjusted()) > 20:
        raise RuleError(_("“%(text)s” is not a number. Write it with a point, like 120.50.", text=str(text)[:40]))
    return found


def run_cases(definition, limits_store, catalogue):
    """Runs all worked examples of a definition: a CaseReport. Raises RuleError when rule or cases cannot be read."""
    cases = read_cases(definition, catalogue)
    failures: list[Failure] = []
    found: dict[str, Any] = {}
    compiled: dict[date, Any] = {}
    seen: dict[tuple, set[str]] = {}
    for case in cases:
        if case.on not in compiled:
            compiled[case.on] = compile_programme(definition, case.on, limits_store, catalogue)
        programme = compiled[case.on]
        try:
            answer = assess(case.facts, {definition.code: programme}, case.on, case.given)[definition.code]
        except InterchangeError as error:
            failures += [Failure(case.id, "facts", "possible facts", problem) for problem in error.problems]
            continue
        found[case.id] = answer
        for item in answer.criteria:
            seen.setdefault((answer.variant, item.id), set()).add(item.result)
        failures += _differences(case, answer)
    every = [("", item.id) for item in definition.criteria]
    every += [(variant.id, item.id) for variant in definition.variants for item in variant.criteria]
    never = {
        result: tuple(
            f"{variant}: {id_}" if variant else id_
            for variant, id_ in every
            if not any(
                result in results for (place, name), results in seen.items() if name == id_ and (not variant or place == variant)
            )
        )
        for result in ("met", "not_met")
    }
    return CaseReport(len(cases), tuple(failures), never["met"], never["not_met"], found)


def _differences(case, answer):
    expect, found = case.expect, []

    def differs(what, expected, actual):
        if expected != actual:
            found.append(Failure(case.id, what, _words(expected), _words(actual)))

    if "outcome" in expect:
        differs("outcome", expect["outcome"], answer.outcome)
    if "amount" in expect:
        wanted = None if expect["amount"] == NOT_APPLICABLE else _decimal(expect["amount"])
        differs("amount", wanted, answer.amount)
    if "amount_range" in expect:
        wanted = tuple(None if bound == MISSING else _decimal(bound) for bound in expect["amount_range"])
        differs("amount_range", wanted, answer.amount_range)
    if "missing" in expect:
        differs("missing", sorted(expect["missing"]), list(answer.missing))
    for name in ("window", "variant"):
        if name in expect:
            differs(name, expect[name], getattr(answer, name))
    results = {item.id: item.result for item in answer.criteria}
    for id_, wanted in expect.get("criteria", {}).items():
        differs(f"criterion {id_}", wanted, results.get(id_, "not there"))
    if found:
        reasons = "; ".join(f"{item.id} {item.result}: {item.says()}" for item in answer.criteria)
        found.append(Failure(case.id, "reasons", "see above", reasons))
    return found


def _words(value):
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_words(item) for item in value) + "]"
    return "none" if value is None else str(value)


def leaf_coverage(definition, report):
    """Conditions inside criteria that no example makes met, or none not met: [(criterion, text, "met" | "not_met")].

    A condition is a part of a criterion outside of any walk over people, that has yes or no as its value and no yes-or-no parts.
    """
    from_examples: dict[tuple, set] = {}
    texts: dict[tuple, Any] = {}
    for answer in report.assessments.values():
        plan = answer.result.plan
        for item in plan.definition.criteria:
            for leaf in _leaves(plan.typed[item.id]):
                key = (item.id, leaf.key)
                texts[key] = leaf.node
                value = plan.compiler.compile(leaf)(answer.result.env)
                if type(value) is not Unknown:
                    from_examples.setdefault(key, set()).add(value)
    return [
        (id_, texts[id_, key], "met" if wanted else "not_met")
        for id_, key in texts
        for wanted in (True, False)
        if wanted not in from_examples.get((id_, key), set())
    ]


def _leaves(typed):
    if typed.op in ("and", "or", "not", "at_least"):
        for part in typed.parts:
            yield from _leaves(part)
    elif typed.type.kind == "yes_no" and typed.op != "const":
        yield typed
