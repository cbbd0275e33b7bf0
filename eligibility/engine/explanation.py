"""Why: the facts and limits an answer rests on and the steps of its calculation, in words. Nothing here changes an answer."""

from dataclasses import dataclass
from typing import Any

from eligibility.engine.runtime import GONE
from eligibility.engine.sentences import codes_of
from eligibility.household import eldest_first
from eligibility.interchange import write_value
from eligibility.language.codes import choice_words
from eligibility.language.limits import find
from eligibility.language.tables import limit_words
from eligibility.language.tree import node_id
from eligibility.language.values import Unknown
from eligibility.language.whose import fact_words
from eligibility.language.wording import pounds_text, show


@dataclass(frozen=True)
class Read:
    """What an expression rests on, worked-out facts entered. facts: (fact, person variable; "" for the home). limits: a Typed of each, by name."""

    node: str
    facts: tuple
    limits: tuple


def read_of(plan, typed):
    """The Read of an expression, kept with its plan."""
    if typed.key not in plan.reading:
        facts: dict[Any, Any] = {}
        limits: dict[str, Any] = {}
        for part in plan.scope.all_parts(typed):
            if part.op in ("household_fact", "person_fact", "age"):
                fact, var = part.info["fact"], part.info.get("var", "")
                facts[fact.code, var] = (fact, var)
            elif part.op == "limit":
                limits.setdefault(part.info["name"], part)
        plan.reading[typed.key] = Read(node_id(typed.node), tuple(facts.values()), tuple(limits[name] for name in sorted(limits)))
    return plan.reading[typed.key]


def explain(assessment, criterion, language="en"):
    """One criterion as plain data: sentence → values → limits with date and law → law."""
    plan = assessment.result.plan
    read = read_of(plan, plan.typed[criterion.id])
    return {
        "id": criterion.id,
        "node": read.node,
        "result": criterion.result,
        "sentence": criterion.says(language),
        "law": criterion.law,
        "missing": list(criterion.missing),
        "values": _values(assessment, read, language),
        "limits": [words for part in read.limits if (words := _limit(assessment, part, language))],
    }


def _values(assessment, read, language):
    """The known facts: key, label, value in the interchange form and in words."""
    household, told = assessment.result.env.household, assessment.told
    holders = {"": [household], "applicant": [household.applicant], "partner": [household.partner]}
    found = set()
    for fact, var in read.facts:
        for holder in holders.get(var, household.people):
            if fact.name in holder.facts:
                key = fact.code if holder is household else holder.key(fact.name)
                found.add(key)
                if (key, language) not in told:
                    told[key, language] = _value(household, fact, key, holder.facts[fact.name], language)
    return [dict(told[key, language]) for key in sorted(found)]


def _value(household, fact, key, value, language):
    return {
        "key": key,
        "label": fact_words(household, fact, key, language),
        "value": write_value(fact, value),
        "words": show(value, fact.value_type, language, codes=lambda code, language: choice_words(fact, code, language)),
    }


def _limit(assessment, part, language):
    """A limit: name, label, value, date from which it holds, law. Of a table the line used, where it is one. None before its first row."""
    plan, limit = assessment.result.plan, assessment.result.plan.scope.limits[part.info["name"]]
    key = (limit.name, language)
    if key not in plan.limits_told:
        plan.limits_told[key] = _limit_told(assessment, limit, language)
    told = plan.limits_told[key]
    if told is None or not limit.by or part.free:
        return told
    value = _line_used(assessment.result, part, limit)
    return told if value is None else {**told, **_worth(plan, limit, value, language)}


def _limit_told(assessment, limit, language):
    plan = assessment.result.plan
    row = limit.row_on(plan.on)
    if row is None:
        return None
    told = {
        "name": limit.name,
        "label": assessment.programme.limit_label(limit, language),
        "from": row["from"],
        "law": row["law"],
    }
    if row.get("note"):
        told["note"] = row["note"]
    value = None if limit.by else limit.value_on(plan.on)
    return told if value is None else {**told, **_worth(plan, limit, value, language)}


def _worth(plan, limit, value, language):
    words = limit_words(plan.scope.catalogue, limit, value, language, plan.facts_read)
    if isinstance(value, frozenset):
        return {"words": words, "value": sorted(value)}
    return {"words": words, "value": pounds_text(value) if limit.type.kind == "money" else str(value)}


def _line_used(result, part, limit):
    keys = [result.plan.compiler.compile(key)(result.env) for key in part.parts]
    if any(type(key) is Unknown for key in keys):
        return None
    line = find(limit.table_on(result.plan.on), keys)
    return line[1] if line else None


def steps(assessment, language="en"):
    """The steps of the calculation: each worked-out fact the amount rests on, in order of use, then the amount."""
    plan, env = assessment.result.plan, assessment.result.env
    if plan.amount is None or assessment.outcome == "not_likely":
        return []
    assessment.result.work_out()  # what is worked out with the amount is told below
    found = []
    for name, typed in _in_order(plan):
        item = plan.scope.worked_out[name]
        label = plan.definition.text(f"worked_out.{name}.label", language) or item.label or name.replace("_", " ")
        codes = codes_of(plan.scope, typed, plan.facts_read)
        people = eldest_first(env.household.people) if item.for_person else [None]
        for person in people:
            value = plan.compiler.value(name, env, person)
            if value is not GONE:
                step = {"name": name, "label": label, "words": show(value, typed.type, language, codes=codes)}
                found.append(step if person is None else {**step, "person": person.id})
    return [*found, {"name": "amount", "label": "", "words": assessment.amount_words(language)}]


def _in_order(plan):
    """(name, Typed) of the worked-out facts the amount rests on, those they rest on first; kept with the plan."""
    if plan.steps is None:
        done: dict[str, object] = {}

        def visit(part):
            for inner in part.walk():
                if inner.op in ("worked", "worked_person") and inner.info["name"] not in done:
                    typed = plan.scope.worked(inner.info["name"])
                    visit(typed)
                    done.setdefault(inner.info["name"], typed)

        visit(plan.amount)
        plan.steps = list(done.items())
    return plan.steps
