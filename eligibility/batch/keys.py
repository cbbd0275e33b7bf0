"""One number for each different meaning: two expressions with the same number give the same column and are worked out once."""

from eligibility.language.tree import canonical


class Keys:
    """Numbers for Typed expressions, across programmes and versions of them.

    limits_on: the day whose limits are in force. tables, constants: what is worked out once, by the number of its expression; uses: how often a chunk asks for each. `begin` says which programmes are meant when an expression names one's result.
    """

    def __init__(self, limits_on):
        self.limits_on = limits_on
        self.programmes, self.tables, self.constants, self.uses = {}, {}, {}, {}
        self._version, self._numbers, self._known, self._alive = 0, {}, {}, []

    def begin(self, version, programmes, order):
        """From now on results are those of `programmes` ({code: Compiled}, in `order` of evaluation); version: its number."""
        self._version, self.programmes = version, {}
        for code in order:
            item = programmes[code]
            uses = tuple(self.programmes.get(name, name) for name in sorted(item.uses))
            self.programmes[code] = self._number(("rule", item.rule_hash, item.since, uses))

    def of(self, typed, scope):
        """The number of what `typed` means in `scope`."""
        place = (id(typed), id(scope), self._version)
        if place not in self._known:
            self._known[place] = self._number(self._meaning(typed, scope))
            self._alive.append((typed, scope))
        return self._known[place]

    def _number(self, meaning):
        return self._numbers.setdefault(meaning, len(self._numbers))

    def _meaning(self, typed, scope):
        parts = tuple(self.of(part, scope) for part in typed.parts)
        if typed.op == "worked":
            return ("worked", self.of(scope.worked(typed.info["name"]), scope))
        if typed.op == "worked_person":
            return ("worked_person", typed.info["var"], self.of(scope.worked(typed.info["name"]), scope))
        if typed.op == "limit":
            limit = scope.limits[typed.info["name"]]
            return ("limit", limit.name, limit.unit, canonical([limit.by, limit.row_on(self.limits_on)]), parts)
        if typed.op == "programme":
            return ("programme", typed.info["what"], self.programmes.get(typed.info["code"], typed.info["code"]))
        details = tuple(sorted((name, repr(value.code if name == "fact" else value)) for name, value in typed.info.items()))
        return (typed.op, typed.type.kind, typed.type.per, details, parts)
