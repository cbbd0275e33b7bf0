"""The text of one generated function, line by line, and what a value is called in it.

The grammar is strict: names of locals are made here (v1, p1), constants are numbered (k1) and handed in as objects, whole numbers and
yes/no are the only literals. No text of a rule, a label or a code of a fact ever becomes part of the source.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

# The type a value of a kind has in generated code where nothing is missing or out of the ordinary.
PLAIN = {
    "number": "int",
    "zero": "int",
    "money": "int",
    "flow": "Flow",
    "yes_no": "bool",
    "choice": "str",
    "date": "date",
    "choices": "frozenset",
    "list": "frozenset",
}
MOST_DENOMINATOR = 10**9
_OWN = ("home", "people", "cache", "applicant", "partner", "on", "open")


@dataclass(frozen=True)
class Atom:
    """What a value is called. denominator: an int here is the value times this. sure: it is of the plain type of its kind. literal: its number."""

    code: str
    kind: str
    denominator: int = 1
    sure: bool = False
    literal: int | None = None

    def times(self, denominator):
        """The code of an int for `denominator`; good where the value is plain."""
        factor = denominator // self.denominator
        if self.literal is not None:
            return str(self.literal * factor)
        return self.code if factor == 1 else f"{self.code} * {factor}"

    def fitted(self, denominator):
        """The code for `denominator`, whatever the value is."""
        if self.sure or denominator == self.denominator:
            return self.times(denominator)
        return f"({self.times(denominator)} if type({self.code}) is int else {self.code})"

    @property
    def whole(self):
        """The code of the value itself."""
        return self.code if self.denominator == 1 else f"down({self.code}, {self.denominator})"


def number_atom(value):
    """The Atom of a known number."""
    value = Fraction(value)
    return Atom(str(value.numerator), "number", value.denominator, True, value.numerator)


def common(atoms):
    """The smallest denominator that suits all of them."""
    return lcm(*(atom.denominator for atom in atoms))


def guard(atoms):
    """The condition under which all of them are plain; "" where that is sure."""
    names = {atom.code: PLAIN[atom.kind] for atom in atoms if not atom.sure}
    kinds = set(names.values())
    if len(kinds) == 1:
        return " is ".join([*(f"type({code})" for code in names), *kinds])
    return " and ".join(f"type({code}) is {kind}" for code, kind in names.items())


def raised(code, denominator):
    """The code of a true value as generated code keeps it."""
    return code if denominator == 1 else f"up({code}, {denominator})"


def kleene(one, two, stop, go):
    """The code of Kleene "and" (stop: False, go: True) or "or" (stop: True, go: False) of two codes."""
    return f"{two} if {one} is {go} or {two} is {stop} else {one} if {one} is {stop} or {two} is {go} else both({one}, {two})"


class Body:
    """A function being written. who: {name of a person variable: local}."""

    def __init__(self, name, who):
        self.name, self.who = name, dict(who)
        self.arguments = ["e", *self.who.values()]
        self.depth = 1
        self._lines, self._used, self._known, self._count = [], set(), {}, 0

    def line(self, text):
        """Adds a line."""
        self._lines.append("    " * self.depth + text)

    @contextmanager
    def block(self, head):
        """Lines that stand under `head`; without lines it is left out."""
        self.line(head)
        before, known = len(self._lines), dict(self._known)
        self.depth += 1
        yield
        self.depth -= 1
        self._known = known  # what was read under a condition may not have been read
        if len(self._lines) == before:
            self._lines.pop()

    def local(self, letter="v"):
        """A name that is not taken."""
        self._count += 1
        return f"{letter}{self._count}"

    def own(self, name):
        """A part of the Env by its name; it is read once, at the head of the function."""
        self._used.add(name)
        return name

    @contextmanager
    def each(self, var, roles):
        """Lines for each person of the household in one of the roles (a code; None for everybody); `var` is called as it yields."""
        person = self.local("p")
        with self.block(f"for {person} in {self.own('people')}:"):
            self.who[var] = person
            if roles is None:
                yield
            else:
                with self.block(f"if {person}.role in {roles}:"):
                    yield
            del self.who[var]

    def person(self, var):
        """What the person of a variable is called."""
        return self.own(var) if var in ("applicant", "partner") else self.who[var]

    def put(self, code, kind, denominator=1, sure=False):
        """A new local with the value of `code`."""
        name = self.local()
        self.line(f"{name} = {code}")
        return Atom(name, kind, denominator, sure)

    def once(self, key, write):
        """The Atom that `write` gives, written once wherever it is sure to have been read before."""
        if key not in self._known:
            self._known[key] = write()
        return self._known[key]

    def choose(self, fast, slow, atoms, kind, denominator=1):
        """A new local: `fast` where all atoms are plain, else `slow`, which speaks of the values themselves."""
        condition = guard(atoms)
        if not condition:
            return self.put(fast, kind, denominator, True)
        return self.put(f"{fast} if {condition} else {raised(slow, denominator)}", kind, denominator)

    def text(self):
        """The source of the function."""
        head = [f"    {name} = e.{name}" for name in _OWN if name in self._used]
        return "\n".join([f"def {self.name}({', '.join(self.arguments)}):", *head, *self._lines])
