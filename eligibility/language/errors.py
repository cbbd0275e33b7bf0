"""The one error of the rule language: a sentence an administrator understands, and the place it speaks of."""

from eligibility.language.messages import Message, verbatim


class RuleError(ValueError):
    """Something in a rule cannot be used.

    said: the sentence, a Message (a text is taken as it is). where: the part of the programme ("criteria.savings.when"). line, column:
    1-based place in the expression, length: how many characters the place covers, text: the expression. As text it is English, for
    logs and commands; pages show it by `eligibility.rule_words`.
    """

    def __init__(self, said, *, where="", line=0, column=0, length=0, text=""):
        self.said = said if isinstance(said, Message) else verbatim(said)
        self.where, self.line, self.column, self.length, self.text = where, line, column, length, text
        super().__init__(str(self))

    @property
    def message(self):
        """The sentence in English."""
        return str(self.said)

    def _moved(self, where, text=""):
        return RuleError(self.said, where=where, line=self.line, column=self.column, length=self.length, text=self.text or text)

    def at(self, where, text=""):
        """The same error with the part of the programme it was found in."""
        return self._moved(self.where or where, text)

    def within(self, place):
        """The same error with a place around the part it names: "child_benefit: criteria.age.when"."""
        return self._moved(f"{place}: {self.where}" if self.where else place)

    def below(self, part):
        """The same error in a part of a part: "variants.newham.criteria.age.when"."""
        return self._moved(f"{part}.{self.where}" if self.where else part)

    def source(self, text=""):
        """The line of the expression that is wrong in three parts: before the place, the place, after it; None where it has no place.

        text: the expression, where the error does not know it.
        """
        formula = self.text or text
        lines = formula.split("\n")
        if not formula or not 0 < self.line <= len(lines):
            return None
        line, start = lines[self.line - 1].rstrip("\r"), self.column - 1
        end = start + max(1, self.length)
        return line[:start], line[start:end], line[end:]

    def __str__(self):
        place = self.where
        if self.line:
            place = f"{place} line {self.line}, character {self.column}".strip()
        lines = [f"{place}: {self.message}" if place else self.message]
        if source := self.source():
            before, at, _after = source
            lines += ["  " + "".join(source), "  " + " " * len(before) + "^" * max(1, len(at))]
        return "\n".join(lines)
