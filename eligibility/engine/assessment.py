"""The answer for one household and one programme: outcome, reasons in words, amount, what is missing, and what it was made from."""

from decimal import Decimal

from eligibility.engine.runtime import GONE
from eligibility.interchange import write_household, write_value
from eligibility.language.limits import find
from eligibility.language.tree import digest, node_id
from eligibility.language.values import Flow, Unknown, missing_of
from eligibility.language.wording import money, pence, pounds_text, show, word


class once:
    """A property worked out when first asked for; functools.cached_property takes a lock each time."""

    def __init__(self, work):
        self.work = work
        self.__doc__ = work.__doc__

    def __get__(self, item, owner=None):
        if item is None:
            return self
        value = item.__dict__[self.work.__name__] = self.work(item)
        return value


class CriterionResult:
    """One criterion. result: met | not_met | unknown."""

    __slots__ = ("_truth", "assessment", "id", "result")

    def __init__(self, assessment, id_, truth):
        self.assessment, self.id, self._truth = assessment, id_, truth
        self.result = "met" if truth is True else "not_met" if truth is False else "unknown"

    @property
    def missing(self):
        """Fact keys that still matter, in order."""
        return tuple(sorted(missing_of(self._truth)))

    @property
    def group(self):
        """The group of alternatives it belongs to, or ""."""
        return self.assessment.result.plan.by_id[self.id].group

    @property
    def law(self):
        """The law it rests on."""
        return self.assessment.result.plan.by_id[self.id].law

    def says(self, language="en"):
        """The sentence a person reads, with their own values in it; where the rule has none for "unknown", what is needed is named."""
        assessment = self.assessment
        sentences = assessment.result.plan.sentences
        key = (self.id, self.result, language)
        said = sentences.criteria[key] if key in sentences.criteria else sentences.criterion(*key)
        if said is None:
            return assessment.need(self.missing, language)
        return said if type(said) is str else said(assessment)

    def explanation(self, language="en"):
        """Sentence, values used (fact key, value), limits used (name, value, from, law) and the law, as plain data."""
        return self.assessment.explain(self, language)


class Assessment:
    """The answer of one programme for one household on one day; what nobody asks for is not worked out.

    outcome: likely | not_likely | unknown. per: the period of the amount. variant: id of the local variant, "".
    """

    def __init__(self, programme, result, on, variant=""):
        self.programme, self.result, self.on, self.variant = programme, result, on, variant
        self.code, self.outcome, self.per = programme.code, result.outcome, result.per

    @once
    def amount(self):
        """Decimal pounds, or None."""
        return self.result.amount

    @once
    def amount_range(self):
        """(low, high) Decimals while facts are missing, high None where there is no bound; else None."""
        value = self.result.value
        is_open = type(value) is Unknown
        if value is None or not (is_open or self.outcome == "unknown"):
            return None
        low, high = (value.lo, value.hi) if is_open else (value, value)
        return tuple(None if bound is None else Decimal(pounds_text(bound)) for bound in (low, high))

    @once
    def missing_for_outcome(self):
        """Keys of the facts that hold up the outcome."""
        return tuple(sorted(missing_of(self.result.truth)))

    @once
    def missing_for_amount(self):
        """Keys of the facts that hold up the amount."""
        return tuple(sorted(missing_of(self.result.value)))

    @property
    def missing(self):
        """Keys of the facts that hold up the outcome or, where that is decided, the amount."""
        return self.missing_for_outcome if self.outcome == "unknown" else self.missing_for_amount

    @once
    def criteria(self):
        """CriterionResults in the order of the rule."""
        return [CriterionResult(self, id_, truth) for id_, truth in self.result.criteria.items()]

    @once
    def _window(self):
        return self.result.plan.definition.window_on(self.on)

    @property
    def window(self):
        """open | closed | paused."""
        return self._window[0]

    # --- words ------------------------------------------------------------------------------------------------------

    def need(self, missing, language="en"):
        """What is said where the rule has no sentence of its own for "unknown": what is needed."""
        limits = [key for key in missing if key.startswith("limits.")]
        if limits:
            return word("need_limit", language).format(", ".join(limits))
        names = dict.fromkeys(self.programme.label(key, language) for key in missing)
        return word("need", language).format(", ".join(names))

    def amount_words(self, language="en"):
        """The amount or its range in words; "" when there is none."""
        if self.amount is not None:
            return money(self.amount * 100, self.per, language)
        if self.amount_range is None:
            return ""
        low, high = (None if bound is None else money(bound * 100, self.per, language) for bound in self.amount_range)
        if high is None:
            return word("up", language).format(low) if low else word("unknown", language)
        return low if low == high else word("range", language).format(low or money(0, "once", language), high)

    def amount_sentence(self, language="en"):
        """The rule's sentence about the amount; "" when there is no amount or no sentence."""
        if (self.amount is None and self.amount_range is None) or not self.result.plan.definition.text("amount.says", language):
            return ""
        said = self.result.plan.sentences.of("amount.says", language)
        return said if type(said) is str else said(self)

    def window_sentence(self, language="en"):
        """What is said about when claims are taken, or ""."""
        path = self._window[1]
        return self.result.plan.definition.text(path, language) if path else ""

    # --- why --------------------------------------------------------------------------------------------------------

    def explain(self, criterion, language="en"):
        """One criterion as plain data: sentence → values → limits with date and law → law."""
        typed = self.result.plan.typed[criterion.id]
        return {
            "id": criterion.id,
            "node": node_id(typed.node),
            "result": criterion.result,
            "sentence": criterion.says(language),
            "law": criterion.law,
            "missing": list(criterion.missing),
            "values": self.values_used(typed, language),
            "limits": self.limits_used(typed, language),
        }

    def values_used(self, typed, language="en"):
        """The known facts an expression reads: key, label, value in the interchange form and in words."""
        plan, household = self.result.plan, self.result.env.household
        found: dict[str, dict] = {}
        for part in plan.scope.all_parts(typed):
            if part.op == "household_fact":
                self._note(found, household.facts, part.info["fact"], part.info["fact"].code, language)
            elif part.op in ("person_fact", "age"):
                for person in self._people_meant(part.info["var"]):
                    self._note(found, person.facts, part.info["fact"], person.key(part.info["fact"].name), language)
        return [found[key] for key in sorted(found)]

    def _people_meant(self, var):
        household = self.result.env.household
        if var == "applicant":
            return [household.applicant]
        if var == "partner":
            return [household.partner]
        return household.people

    def _note(self, found, facts, fact, key, language):
        if fact.name not in facts:
            return
        value = facts[fact.name]
        found[key] = {
            "key": key,
            "label": self.programme.label(key, language),
            "value": write_value(fact, value),
            "words": _words(value, fact.value_type, language),
        }

    def limits_used(self, typed, language="en"):
        """The limits an expression rests on: name, label, value, date from which it holds, law. Tables: the line used, where it is one."""
        plan = self.result.plan
        found: dict[str, dict] = {}
        for part in plan.scope.all_parts(typed):
            if part.op == "limit" and part.info["name"] not in found:
                limit = plan.scope.limits[part.info["name"]]
                row = limit.row_on(plan.on)
                if row is None:
                    continue
                entry = {
                    "name": limit.name,
                    "label": self.programme.limit_label(limit, language),
                    "from": row["from"],
                    "law": row["law"],
                }
                if row.get("note"):
                    entry["note"] = row["note"]
                value = limit.value_on(plan.on) if not limit.by else self._line_used(part, limit)
                if value is not None:
                    entry["words"] = show(value, limit.type, language, limit.unit)
                    entry["value"] = (
                        sorted(value)
                        if isinstance(value, frozenset)
                        else pounds_text(value)
                        if limit.type.kind == "money"
                        else str(value)
                    )
                found[limit.name] = entry
        return [found[name] for name in sorted(found)]

    def _line_used(self, part, limit):
        if part.free:
            return None
        keys = [self.result.plan.compiler.compile(key)(self.result.env) for key in part.parts]
        if any(type(key) is Unknown for key in keys):
            return None
        line = find(limit.table_on(self.result.plan.on), keys)
        return line[1] if line else None

    def steps(self, language="en"):
        """The steps of the calculation: each worked-out fact the amount rests on, in order of use, then the amount."""
        plan, env = self.result.plan, self.result.env
        typed = plan.typed.get("amount")
        if typed is None or self.outcome == "not_likely":
            return []
        steps = []
        for name in _order(plan.scope, typed):
            item = plan.scope.worked_out[name]
            label = plan.definition.text(f"worked_out.{name}.label", language) or item.label or name.replace("_", " ")
            kind = plan.scope.worked(name).type
            if item.for_person:
                for person in env.household.people:
                    value = plan.compiler.value(name, env, person)
                    if value is not GONE:
                        steps.append({"name": name, "person": person.id, "label": label, "words": _words(value, kind, language)})
            else:
                value = plan.compiler.value(name, env)
                steps.append({"name": name, "label": label, "words": _words(value, kind, language)})
        return [*steps, {"name": "amount", "label": "", "words": self.amount_words(language)}]

    def evidence(self):
        """Ids of the evidence to ask for; what hangs on missing facts is asked for too."""
        plan = self.result.plan
        return [
            item.id
            for item in plan.definition.evidence
            if item.when is None or plan.evidence[item.id](self.result.env) is not False
        ]

    # --- kept -------------------------------------------------------------------------------------------------------

    @property
    def inputs(self):
        """What the answer was made from: the household's facts the rule may read (interchange form) and the results of other programmes."""
        household = write_household(self.result.env.household, self.programme.catalogue, self.programme.needs)
        used = sorted(self.programme.uses)
        others = {code: _kept(self.result.env.programmes[code]) for code in used if code in self.result.env.programmes}
        return {"facts": household, "programmes": others} if used else {"facts": household}

    @property
    def replay_hash(self):
        """sha-256 over rule, limits, date, inputs and answer: a replay has to give the same."""
        return digest({"rule": self.programme.rule_hash, "inputs": self.inputs, "answer": self.answer()})

    def answer(self):
        """The answer without words, as plain data."""
        return {
            "code": self.code,
            "on": self.on.isoformat(),
            "variant": self.variant,
            "outcome": self.outcome,
            "amount": None if self.amount is None else str(self.amount),
            "amount_range": None
            if self.amount_range is None
            else [None if bound is None else str(bound) for bound in self.amount_range],
            "per": self.per,
            "missing": list(self.missing),
            "missing_for_outcome": list(self.missing_for_outcome),
            "missing_for_amount": list(self.missing_for_amount),
            "window": self.window,
            "criteria": [{"id": item.id, "result": item.result, "missing": list(item.missing)} for item in self.criteria],
        }

    def to_dict(self, language="en"):
        """Everything as plain JSON data: the answer, its explanation in `language`, the inputs and the hashes."""
        return {
            **self.answer(),
            "language": language,
            "amount_words": self.amount_words(language),
            "amount_sentence": self.amount_sentence(language),
            "window_sentence": self.window_sentence(language),
            "explanation": [item.explanation(language) for item in self.criteria],
            "steps": self.steps(language),
            "evidence": self.evidence(),
            "inputs": self.inputs,
            "rule_hash": self.programme.rule_hash,
            "replay_hash": self.replay_hash,
        }


def _kept(result):
    truth = result.truth if isinstance(result.truth, bool) else None
    paid = result.paid
    out = {"outcome": {True: "likely", False: "not_likely", None: "unknown"}[truth], "missing": sorted(missing_of(result.truth))}
    if result.per:
        low, high = (paid.lo, paid.hi) if type(paid) is Unknown else (paid, paid)
        amount = [None if bound is None else pence(bound) for bound in (low, high)]
        out |= {"per": result.per, "amount": amount, "amount_missing": sorted(missing_of(paid))}
    return out


def _words(value, type_, language):
    if isinstance(value, Flow):
        return word("unknown", language) if type(value.amount) is Unknown else money(value.amount, value.per, language)
    if type(value) is Unknown:
        return word("unknown", language)
    if value is None and type_.kind == "flow":
        return word("not_applicable", language)
    return show(value, type_, language)


def _order(scope, typed):
    """Names of the worked-out facts an expression uses, those they rest on first."""
    done = []

    def visit(part):
        for inner in part.walk():
            if inner.op in ("worked", "worked_person") and inner.info["name"] not in done:
                visit(scope.worked(inner.info["name"]))
                if inner.info["name"] not in done:
                    done.append(inner.info["name"])

    visit(typed)
    return done
