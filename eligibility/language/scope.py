"""What the names of one programme stand for, and each of its expressions checked once."""

from eligibility.language.checker import Checker
from eligibility.language.errors import RuleError
from eligibility.language.messages import message as _
from eligibility.language.types import wanted_words


class Scope:
    """What the names of one programme (with one variant) stand for; checks each expression once.

    catalogue: Catalogue. limits: {name: Limit}. worked_out: {name: WorkedOut}. programmes: known codes, or None when any may be named.
    """

    def __init__(self, catalogue, limits, worked_out, programmes=None):
        self.catalogue, self.limits, self.worked_out, self.programmes = catalogue, limits, worked_out, programmes
        self._typed = {}
        self._busy = []

    def worked(self, name):
        """The Typed of a worked-out fact. Raises RuleError when it goes round in a circle."""
        if name in self._typed:
            return self._typed[name]
        if name in self._busy:
            circle = " → ".join([*self._busy[self._busy.index(name) :], name])
            raise RuleError(
                _("Worked-out facts go round in a circle: %(circle)s. One of them must not use the next.", circle=circle),
                where=f"worked_out.{name}",
            )
        self._busy.append(name)
        try:
            item = self.worked_out[name]
            variables = {"person"} if item.for_person else set()
            typed = Checker(self, variables).expression(item.tree)
        except RuleError as error:
            raise error.at(f"worked_out.{name}") from None
        finally:
            self._busy.pop()
        self._typed[name] = typed
        return typed

    def check(self, tree, want=None, where=""):
        """The Typed of a tree. want: a kind ("yes_no", "money") it must have. Raises RuleError."""
        try:
            typed = Checker(self, set()).expression(tree)
            if want and typed.type.kind != want and not (want == "money" and typed.type.kind == "zero"):
                raise tree.error(
                    _("This should be %(wanted)s, but it is %(type)s.", wanted=wanted_words(want), type=typed.type.words())
                )
        except RuleError as error:
            raise error.at(where) from None
        return typed

    def check_shown(self, tree, where=""):
        """The Typed of a name used in a sentence; money may keep the period it was given with. Raises RuleError."""
        if tree.op not in ("get", "limit", "worked_out", "on") or tree.parts:
            raise RuleError(_("Only a name can stand in braces, no calculation. Make a worked-out fact of it."), where=where)
        try:
            return Checker(self, set()).read(tree)
        except RuleError as error:
            raise error.at(where) from None

    def all_parts(self, typed):
        """Every Typed an expression rests on, worked-out facts entered (each once)."""
        seen, todo = set(), [typed]
        while todo:
            for part in todo.pop().walk():
                yield part
                if part.op in ("worked", "worked_person") and part.info["name"] not in seen:
                    seen.add(part.info["name"])
                    todo.append(self.worked(part.info["name"]))
