"""The one error of the rule language: a sentence an administrator understands, and the place it speaks of."""


class RuleError(ValueError):
    """Something in a rule cannot be used.

    message: a sentence. where: the part of the programme ("criteria.savings.when"), line and column: 1-based place in the expression,
    length: how many characters the place covers, text: the expression.
    """

    def __init__(self, message, *, where="", line=0, column=0, length=0, text=""):
        self.message, self.where, self.line, self.column, self.length, self.text = message, where, line, column, length, text
        super().__init__(str(self))

    def at(self, where, text=""):
        """The same error with the part of the programme it was found in."""
        return RuleError(
            self.message,
            where=self.where or where,
            line=self.line,
            column=self.column,
            length=self.length,
            text=self.text or text,
        )

    def within(self, place):
        """The same error with a place around the part it names: "child_benefit: criteria.age.when"."""
        where = f"{place}: {self.where}" if self.where else place
        return RuleError(self.message, where=where, line=self.line, column=self.column, length=self.length, text=self.text)

    def below(self, part):
        """The same error in a part of a part: "variants.newham.criteria.age.when"."""
        where = f"{part}.{self.where}" if self.where else part
        return RuleError(self.message, where=where, line=self.line, column=self.column, length=self.length, text=self.text)

    def __str__(self):
        place = self.where
        if self.line:
            place = f"{place} line {self.line}, character {self.column}".strip()
        lines = [f"{place}: {self.message}" if place else self.message]
        source = self.text.splitlines()
        if self.line and self.line <= len(source):
            lines += [f"  {source[self.line - 1]}", "  " + " " * (self.column - 1) + "^" * max(1, self.length)]
        return "\n".join(lines)
