"""The sentences of a rule, made ready for a language: text, and what is read and put into words for each household."""

from eligibility.language.codes import choice_words, role_words, words_for
from eligibility.language.errors import RuleError
from eligibility.language.parser import parse
from eligibility.language.wording import Teller, placeholders, show, word


def template(scope, sentence, path):
    """The sentence as text parts and Typed names, or None for the amount. Raises RuleError."""
    parts, rest = [], sentence
    for name in placeholders(sentence, path):
        before, _, rest = rest.partition("{")
        rest = rest.partition("}")[2]
        parts.append(before)
        if name == "amount" and path == "amount.says":
            parts.append(None)
            continue
        try:
            parts.append(scope.check_shown(parse(name), path))
        except RuleError as error:
            raise RuleError(error.said, where=path) from None
    return [*parts, rest]


def codes_of(scope, typed, read):
    """A function (code, language) for the codes an expression may have; None where it has no codes. read: codes of the facts of the rule."""
    if typed.type.kind not in ("choice", "choices"):
        return None
    if typed.op in ("household_fact", "person_fact"):
        fact = typed.info["fact"]
        return lambda code, language: choice_words(fact, code, language)
    if typed.op == "role":
        return role_words
    if typed.op == "limit":
        limit = scope.limits[typed.info["name"]]
        return words_for(scope.catalogue, limit.codes(), read, limit.words)
    return words_for(scope.catalogue, typed.type.choices or (), read)


class Sentences:
    """The sentences of one plan. Each is a text, or a function of an Env that gives one."""

    def __init__(self, plan):
        self._plan, self._texts, self.ready, self.needs = plan, {}, {}, {}

    def of(self, path, language):
        """The text at a path of the definition."""
        key = (path, language)
        if key not in self._texts:
            parts = self._parts(path, language)
            is_text = all(isinstance(part, str) for part in parts)
            self._texts[key] = "".join(parts) if is_text else self._plan.compiler.sentence([part for part in parts if part != ""])
        return self._texts[key]

    def of_amount(self, env, amount, language):
        """The sentence about the amount, which is put into words by who asks."""
        key = ("amount.says", language)
        if key not in self._texts:
            parts = self._parts(*key)
            self._texts[key] = [
                part if part is None or isinstance(part, str) else self._plan.compiler.sentence([part]) for part in parts
            ]
        return "".join(amount if part is None else part if isinstance(part, str) else part(env) for part in self._texts[key])

    def _parts(self, path, language):
        found = template(self._plan.scope, self._plan.definition.text(path, language), path)
        return [self._part(part, language) for part in found]

    def told(self, language):
        """{(id of a criterion, True or False): what is said of it} in a language."""
        if language not in self.ready:
            self.ready[language] = {
                (id_, met): self.of(f"criteria.{id_}.{'says' if met else 'says_not'}", language)
                for id_ in self._plan.by_id
                for met in (True, False)
            }
        return self.ready[language]

    def unknown(self, id_, language):
        """What is said of a criterion that is unknown; "" where the rule says nothing."""
        path = f"criteria.{id_}.says_unknown"
        return self.of(path, language) if self._plan.definition.text(path, language) else ""

    def _part(self, part, language):
        """Text (also a limit in force), (Typed, how it is told) for what is read of each household, or None for the amount."""
        if part is None or isinstance(part, str):
            return part
        plan = self._plan
        codes = codes_of(plan.scope, part, plan.facts_read)
        if part.op != "limit":
            return part, Teller(part.type, language, codes=codes)
        limit = plan.scope.limits[part.info["name"]]
        if limit.row_on(plan.on) is None:
            return word("unknown", language)
        return show(limit.value_on(plan.on), limit.type, language, limit.unit, codes)
