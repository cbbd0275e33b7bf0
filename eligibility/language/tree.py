"""The expression tree: one kind of node, its canonical JSON and its id.

A node has an operation, parts (nodes) and data (plain values). The JSON of a node is `{"op": ..., "parts": [...], ...data}`, `parts` left out
when empty. Two trees are equal when their JSON is; the place in the source text is carried along but is no part of the tree.

op            parts                 data
number        -                     value ("0.55")
money         -                     value ("4.35"), per
text          -                     value ("child")
yes_no        -                     value (true)
date          -                     value ("2016-04-06")
list          items                 -
on            -                     -
get           -                     of (household, applicant, partner or a person variable), name
person        -                     name (only inside applies)
worked_out    -                     name
limit         keys of the table     name
programme     -                     code, what (likely, outcome, amount)
compare       2 or more             tests (==, !=, <, <=, >, >=, in, not in; one fewer than parts)
and, or       2 or more             -
not           1                     -
at_least      conditions            n
+ - * /       2                     -
negative      1                     -
if            condition, then, else -
call          arguments             name (see FUNCTIONS), days (only where a year is not 52 weeks)
people        what, condition       how (any, all, none, count, sum, min, max), group, name (of the person variable)
"""

import hashlib
import json
from dataclasses import dataclass, field

from eligibility.language.errors import RuleError
from eligibility.language.messages import message as _

FUNCTIONS = {
    "min": (2, 20),
    "max": (2, 20),
    "round_down": (2, 2),
    "round_up": (2, 2),
    "round_nearest": (2, 2),
    "applies": (1, 1),
    "per_week": (1, 1),
    "per_four_weeks": (1, 1),
    "per_month": (1, 1),
    "per_year": (1, 1),
    "years": (1, 1),
    "months": (1, 1),
    "weeks": (1, 1),
    "days": (1, 1),
    "days_between": (2, 2),
    "age_on": (2, 2),
}
PEOPLE = ("any", "all", "none", "count", "sum", "min", "max")
TESTS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
WHAT = ("likely", "outcome", "amount")
MOST_DEEP = 40

_DATA: dict[str, dict[str, type]] = {
    "number": {"value": str},
    "money": {"value": str, "per": str},
    "text": {"value": str},
    "yes_no": {"value": bool},
    "date": {"value": str},
    "list": {},
    "on": {},
    "get": {"of": str, "name": str},
    "person": {"name": str},
    "worked_out": {"name": str},
    "limit": {"name": str},
    "programme": {"code": str, "what": str},
    "compare": {"tests": list},
    "and": {},
    "or": {},
    "not": {},
    "at_least": {"n": int},
    "+": {},
    "-": {},
    "*": {},
    "/": {},
    "negative": {},
    "if": {},
    "call": {"name": str},
    "people": {"how": str, "group": str, "name": str},
}
_OPTIONAL: dict[str, dict[str, type]] = {"call": {"days": int}}
_COUNT = {"not": 1, "negative": 1, "if": 3, "people": 2, "+": 2, "-": 2, "*": 2, "/": 2}
_MANY = ("and", "or", "compare", "at_least", "list", "limit", "call")


@dataclass(frozen=True)
class Node:
    """One node. `data` is a tuple of (name, value) pairs in order of name; `at` is (line, column, length) in the text it was read from."""

    op: str
    parts: tuple["Node", ...] = ()
    data: tuple = ()
    at: tuple = field(default=(0, 0, 0), compare=False, repr=False)

    def __getitem__(self, name):
        for key, value in self.data:
            if key == name:
                return value
        raise KeyError(name)

    def get(self, name, default=None):
        """The data called `name`, or `default`."""
        for key, value in self.data:
            if key == name:
                return value
        return default

    def walk(self):
        """This node and all below it, parents first."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def error(self, said):
        """A RuleError at the place of this node. said: a Message."""
        line, column, length = self.at
        return RuleError(said, line=line, column=column, length=length)


def node(op, *parts, at=(0, 0, 0), **data):
    """Builds a node; lists in the data become tuples."""
    pairs = tuple(sorted((key, tuple(value) if isinstance(value, list) else value) for key, value in data.items()))
    return Node(op, tuple(parts), pairs, at)


def to_json(tree):
    """The tree as plain dicts and lists."""
    out = {"op": tree.op}
    out.update((key, list(value) if isinstance(value, tuple) else value) for key, value in tree.data)
    if tree.parts:
        out["parts"] = [to_json(part) for part in tree.parts]
    return out


def from_json(data, depth=0):
    """The tree of its JSON. Raises RuleError where the JSON is not a tree of this language."""
    if not isinstance(data, dict) or data.get("op") not in _DATA:
        raise RuleError(_("This is not a part of a rule: %(data)s", data=str(data)[:80]))
    if depth > MOST_DEEP:
        raise RuleError(_("There are too many brackets in brackets. Make worked-out facts of parts of it."))
    op = data["op"]
    wanted, optional = _DATA[op], _OPTIONAL.get(op, {})
    given = {key: value for key, value in data.items() if key not in ("op", "parts")}
    for name, kind in {**wanted, **optional}.items():
        if name not in given and name in optional:
            continue
        if not isinstance(given.get(name), kind) or (kind is int and isinstance(given[name], bool)):
            raise RuleError(_("“%(part)s” needs “%(name)s”.", part=op, name=name))
    if extra := set(given) - set(wanted) - set(optional):
        raise RuleError(_("“%(part)s” has no “%(name)s”.", part=op, name=min(extra)))
    raw = data.get("parts", [])
    if not isinstance(raw, list):
        raise RuleError(_("The parts of “%(part)s” should be a list.", part=op))
    parts = [from_json(part, depth + 1) for part in raw]
    if len(parts) != _COUNT.get(op, len(parts) if op in _MANY else 0):
        raise RuleError(_("“%(part)s” has the wrong number of parts.", part=op))
    made = node(op, *parts, **given)
    check_shape(made)
    return made


def check_shape(tree):
    """Raises RuleError when the data of one node is not possible, whoever built it."""
    from_text = {
        "compare": lambda: len(tree["tests"]) == len(tree.parts) - 1 >= 1 and all(test in TESTS for test in tree["tests"]),
        "and": lambda: len(tree.parts) >= 2,
        "or": lambda: len(tree.parts) >= 2,
        "at_least": lambda: 1 <= tree["n"] <= len(tree.parts),
        "people": lambda: tree["how"] in PEOPLE and tree["group"] in ("household", "family"),
        "programme": lambda: tree["what"] in WHAT,
        "call": lambda: tree["name"] in FUNCTIONS and FUNCTIONS[tree["name"]][0] <= len(tree.parts) <= FUNCTIONS[tree["name"]][1],
    }
    if tree.op in from_text and not from_text[tree.op]():
        raise tree.error(_("“%(name)s” cannot be used like this.", name=tree.get("name", tree.op)))


def canonical(data):
    """Any JSON value as its one canonical text: keys sorted, no spaces, UTF-8."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(data):
    """sha-256 (hex) of the canonical text of a JSON value."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def node_id(tree):
    """A short id of a node made from what it says: it stays the same wherever the node is moved, and changes when the node does."""
    return digest(to_json(tree))[:10]
