"""The answer for one household and one programme: outcome, reasons in words, amount, what is missing, and what it was made from."""

from decimal import Decimal
from operator import itemgetter

from eligibility.engine.explanation import explain, steps
from eligibility.household import PEOPLE_KEY
from eligibility.interchange import write_household
from eligibility.language.tree import digest
from eligibility.language.values import Unknown, missing_of
from eligibility.language.whose import fact_words
from eligibility.language.wording import money, pence, pounds_text, word

MOST_NEEDS = 500  # sentences kept with a rule; those that speak of a person are made anew


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


class CriterionResult(tuple):
    """One criterion: (assessment, id, truth). A tuple, because there are many of them and most are only read once."""

    __slots__ = ()
    assessment, id = property(itemgetter(0)), property(itemgetter(1))

    @property
    def result(self):
        """met | not_met | unknown."""
        return "met" if self[2] is True else "not_met" if self[2] is False else "unknown"

    @property
    def missing(self):
        """Fact keys that still matter, in order."""
        return tuple(sorted(missing_of(self[2])))

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
        assessment, id_, truth = self
        sentences = assessment.result.plan.sentences
        table = sentences.ready[language] if language in sentences.ready else sentences.told(language)
        said = table.get((id_, truth))
        if said is None:
            said = sentences.unknown(id_, language) or assessment.need(self.missing, language)
        return said if type(said) is str else said(assessment.result.env)

    def explanation(self, language="en"):
        """Sentence, values used (fact key, value), limits used (name, value, from, law) and the law, as plain data."""
        return explain(self.assessment, self, language)


class Assessment:
    """The answer of one programme for one household on one day; what nobody asks for is not worked out.

    result: the engine's Result. variant: id of the local variant, "".
    """

    def __init__(self, programme, result, on, variant=""):
        self.programme, self.result, self.on, self.variant = programme, result, on, variant

    @property
    def code(self):
        """The code of the programme."""
        return self.programme.code

    @property
    def per(self):
        """The period of the amount, "" where there is none."""
        return self.result.per

    @once
    def outcome(self):
        """likely | not_likely | unknown."""
        return self.result.outcome

    @once
    def told(self):
        """Facts in words, kept by `explanation`."""
        return {}

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

    @property
    def criteria(self):
        """CriterionResults in the order of the rule, made anew: kept, they and the answer would hold each other in memory."""
        return [CriterionResult((self, id_, truth)) for id_, truth in self.result.criteria.items()]

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
        kept = self.result.plan.sentences.needs
        if (missing, language) in kept:
            return kept[missing, language]
        limits = [key for key in missing if key.startswith("limits.")]
        if limits:
            return word("need_limit", language).format(", ".join(limits))
        names = dict.fromkeys(self.label(key, language) for key in missing)
        told = word("need", language).format(", ".join(names))
        if all(key.startswith("household.") for key in missing) and len(kept) < MOST_NEEDS:
            kept[missing, language] = told
        return told

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
        return self.result.plan.sentences.of_amount(self.result.env, self.amount_words(language), language)

    def window_sentence(self, language="en"):
        """What is said about when claims are taken, or ""."""
        path = self._window[1]
        return self.result.plan.definition.text(path, language) if path else ""

    # --- why --------------------------------------------------------------------------------------------------------

    def label(self, key, language="en", names=None):
        """A fact key in words, with whose it is where it is not the applicant's. names: {person id: first name} of those who may be named."""
        if key == PEOPLE_KEY:
            return word("who_lives", language)
        fact = self.programme.fact(key)
        if fact is None:
            return self.programme.label(key, language)
        return fact_words(self.result.env.household, fact, key, language, names)

    def steps(self, language="en"):
        """The steps of the calculation: each worked-out fact the amount rests on, in order of use, then the amount."""
        return steps(self, language)

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
