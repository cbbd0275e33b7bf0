"""Reads an expression: Python's own grammar under a white list. Nothing is ever evaluated; what is not on the list is refused in words."""

import ast
import io
import re
import tokenize
from datetime import date
from decimal import Decimal

from eligibility.language.errors import RuleError
from eligibility.language.printer import to_text
from eligibility.language.tree import FUNCTIONS, MOST_DEEP, PEOPLE, WHAT, check_shape, from_json, node
from eligibility.language.types import GROUPS, PERIODS

LONGEST = 4000
CODE = re.compile(r"[A-Za-z0-9_]+\Z")
_NUMBER = re.compile(r"[0-9][0-9_]*(\.[0-9]+)?\Z")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
RESERVED = frozenset({"household", "family", "applicant", "partner", "limits", "programmes", "on", "person", *FUNCTIONS, *PEOPLE})
_COMPARE = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def parse(text):
    """The tree of an expression. Raises RuleError with the place when the text is not an expression of the rule language."""
    if not isinstance(text, str) or not text.strip():
        raise RuleError("There is no expression here.")
    if len(text) > LONGEST:
        raise RuleError(f"The expression is longer than {LONGEST} characters. Use worked-out facts for parts of it.")
    return _Reader(text).read()


def plain(number):
    """A Decimal without needless zeros and without an exponent: "0.1" for 0.10."""
    text = format(number.normalize(), "f")
    return "0" if text in ("-0", "0") else text


class _Reader:
    def __init__(self, text):
        self.text = text
        self.flat = re.sub(r"[\r\n\t]", " ", text)
        self.shift = len(self.flat) - len(self.flat.lstrip())
        self.source = self.flat.strip()
        self.people = []

    def read(self):
        self._refuse_comments()
        try:
            body = ast.parse(self.source, mode="eval").body
        except SyntaxError as error:
            raise self._error_at(max((error.offset or 1) - 1, 0), 1, "This cannot be read. " + self._hint()) from None
        except (ValueError, MemoryError, RecursionError):
            raise RuleError("This cannot be read.", text=self.text) from None
        return self._node(body, 0)

    def _hint(self):
        if any(self.source.count(one) != self.source.count(two) for one, two in ("()", "[]")):
            return "A bracket is opened and not closed, or the other way round."
        if re.search(r"(?<![=<>!])=(?!=)", self.source):
            return "To compare, write == with two equals signs."
        if "&" in self.source or "|" in self.source:
            return "Write “and” and “or” in words."
        return "Look at the place shown: a name, a value or an operator is missing."

    def _refuse_comments(self):
        try:
            for token in tokenize.generate_tokens(io.StringIO(self.source).readline):
                if token.type == tokenize.COMMENT:
                    raise self._error_at(token.start[1], 1, "Remarks with # are not possible inside an expression.")
        except (tokenize.TokenError, SyntaxError):
            return

    def _error_at(self, offset, length, message):
        line, column = self._place(offset)
        return RuleError(message, line=line, column=column, length=length, text=self.text)

    def _place(self, offset):
        before = self.text[: offset + self.shift]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    def _at(self, item):
        start = len(self.source.encode()[: item.col_offset].decode())
        end = len(self.source.encode()[: item.end_col_offset].decode())
        return (*self._place(start), end - start)

    def _segment(self, item):
        return self.source.encode()[item.col_offset : item.end_col_offset].decode()

    def _fail(self, item, message):
        line, column, length = self._at(item)
        return RuleError(message, line=line, column=column, length=length, text=self.text)

    def _make(self, item, op, *parts, **data):
        made = node(op, *parts, at=self._at(item), **data)
        try:
            check_shape(made)
        except RuleError as error:
            raise self._fail(item, error.message) from None
        return made

    def _node(self, item, depth):
        if depth > MOST_DEEP:
            raise self._fail(item, "The rule is nested too deeply. Use worked-out facts for parts of it.")
        reader = getattr(self, "_read_" + type(item).__name__.lower(), None)
        if reader is None:
            raise self._fail(item, f"“{self._segment(item)[:40]}” is not part of the rule language.")
        return reader(item, depth + 1)

    def _read_constant(self, item, depth):
        if item.value is True or item.value is False:
            return self._make(item, "yes_no", value=item.value)
        segment = self._segment(item)
        if isinstance(item.value, str):
            if not CODE.match(item.value):
                raise self._fail(item, "A code in quotes has only letters, digits and _.")
            return self._make(item, "text", value=item.value)
        if not _NUMBER.match(segment):
            raise self._fail(item, "Write numbers plainly, like 16000 or 0.55.")
        return self._make(item, "number", value=plain(Decimal(segment.replace("_", ""))))

    def _read_name(self, item, depth):
        if item.id == "on":
            return self._make(item, "on")
        if item.id in GROUPS:
            raise self._fail(item, f"“{item.id}” is a group of people: use it as any(... for p in {item.id}).")
        if item.id in ("limits", "programmes"):
            raise self._fail(item, f"Say which of the {item.id}: {item.id}.<name>.")
        if item.id in ("applicant", "partner") or item.id in self.people:
            raise self._fail(item, f"“{item.id}” is a person: say which fact, like {item.id}.age.")
        if item.id in FUNCTIONS or item.id in PEOPLE:
            raise self._fail(item, f"“{item.id}” needs brackets after it.")
        if not _NAME.match(item.id):
            raise self._fail(item, "A name has small letters, digits and _ only.")
        return self._make(item, "worked_out", name=item.id)

    def _read_attribute(self, item, depth):
        path = _path(item)
        if path is None:
            raise self._fail(item, f"“{self._segment(item)[:40]}” is not a name that can be used here.")
        if path[0] == "limits" and len(path) == 2:
            return self._make(item, "limit", name=path[1])
        if path[0] == "programmes":
            if len(path) != 3 or path[2] not in WHAT:
                raise self._fail(item, "Say programmes.<code>.likely, .outcome or .amount.")
            return self._make(item, "programme", code=path[1], what=path[2])
        if len(path) == 2 and (path[0] in ("household", "applicant", "partner", "person") or path[0] in self.people):
            return self._make(item, "get", of=path[0], name=path[1])
        if path[0] == "family":
            raise self._fail(item, "“family” is a group of people. Facts of the home are household.<name>.")
        raise self._fail(
            item, f"“{path[0]}” is not known here. Names begin with household, applicant, partner, limits or programmes."
        )

    def _read_subscript(self, item, depth):
        path = _path(item.value)
        if not path or path[0] != "limits" or len(path) != 2:
            raise self._fail(item, "Only limits that are tables take square brackets: limits.<name>[...].")
        keys = item.slice.elts if isinstance(item.slice, ast.Tuple) else [item.slice]
        return self._make(item, "limit", *(self._node(key, depth) for key in keys), name=path[1])

    def _read_list(self, item, depth):
        return self._make(item, "list", *(self._node(part, depth) for part in item.elts))

    def _read_tuple(self, item, depth):
        raise self._fail(item, "A list is written in square brackets: ['a', 'b'].")

    def _read_compare(self, item, depth):
        parts = [self._node(part, depth) for part in (item.left, *item.comparators)]
        tests = []
        for test in item.ops:
            if type(test) not in _COMPARE:
                raise self._fail(item, "Write == or != to compare.")
            tests.append(_COMPARE[type(test)])
        return self._make(item, "compare", *parts, tests=tests)

    def _read_boolop(self, item, depth):
        op = "and" if isinstance(item.op, ast.And) else "or"
        return self._make(item, op, *(self._node(part, depth) for part in item.values))

    def _read_unaryop(self, item, depth):
        if isinstance(item.op, ast.Not):
            return self._make(item, "not", self._node(item.operand, depth))
        if isinstance(item.op, ast.USub):
            return self._make(item, "negative", self._node(item.operand, depth))
        raise self._fail(item, "This sign is not part of the rule language.")

    def _read_binop(self, item, depth):
        op = _ARITHMETIC.get(type(item.op))
        if op is None:
            raise self._fail(item, "Only + - * / are possible. For whole steps use round_down(x / step, 1).")
        return self._make(item, op, self._node(item.left, depth), self._node(item.right, depth))

    def _read_ifexp(self, item, depth):
        return self._make(item, "if", *(self._node(part, depth) for part in (item.test, item.body, item.orelse)))

    def _read_call(self, item, depth):
        name = item.func.id if isinstance(item.func, ast.Name) else None
        if len(item.args) == 1 and isinstance(item.args[0], ast.GeneratorExp) and not item.keywords:
            return self._people(item, name, item.args[0], depth)
        if name == "date":
            return self._date(item)
        if name == "pounds":
            return self._pounds(item)
        if name == "at_least":
            return self._at_least(item, depth)
        if name == "applies" and len(item.args) == 1 and isinstance(item.args[0], ast.Name) and item.args[0].id == "partner":
            return self._make(item, "call", self._make(item.args[0], "person", name="partner"), name="applies")
        if name in PEOPLE and name not in FUNCTIONS:
            raise self._fail(item, f"“{name}” goes over people: {name}(... for p in family).")
        if name not in FUNCTIONS:
            raise self._fail(item, f"“{self._segment(item.func)[:40]}” is not a function of the rule language.")
        least, most = FUNCTIONS[name]
        if not least <= len(item.args) <= most:
            count = str(least) if least == most else f"at least {least}"
            raise self._fail(item, f"{name} takes {count} value{'s' if least != 1 else ''}.")
        parts = [self._node(part, depth) for part in item.args]
        return self._make(item, "call", *parts, name=name, **self._days(item, name))

    def _days(self, item, name):
        options = {}
        for keyword in item.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg != "days" or not name.startswith("per_") or type(value) is not int or value not in (365, 366):
                raise self._fail(item, "Only per_week(x, days=365) and its like take an extra value: 365 or 366.")
            options["days"] = value
        return options

    def _date(self, item):
        value = item.args[0].value if len(item.args) == 1 and isinstance(item.args[0], ast.Constant) else None
        try:
            return self._make(item, "date", value=date.fromisoformat(str(value)).isoformat())
        except (TypeError, ValueError):
            raise self._fail(item, "Write a date as date('2016-04-06').") from None

    def _pounds(self, item):
        per: object = "once"
        if len(item.args) == 2 and isinstance(item.args[1], ast.Constant):
            per = item.args[1].value
        number = item.args[0] if item.args else None
        segment = self._segment(number) if isinstance(number, ast.Constant) else ""
        if len(item.args) not in (1, 2) or item.keywords or per not in ("once", *PERIODS) or not _NUMBER.match(segment):
            raise self._fail(item, "Write money as pounds(5) or pounds(4.35, 'month') (week, four_weeks, month or year).")
        return self._make(item, "money", value=plain(Decimal(segment.replace("_", ""))), per=per)

    def _at_least(self, item, depth):
        first = item.args[0].value if item.args and isinstance(item.args[0], ast.Constant) else None
        if type(first) is not int or not 1 <= first <= len(item.args) - 1:
            raise self._fail(item, "Write at_least(2, a, b, c): a number, then at least as many conditions.")
        return self._make(item, "at_least", *(self._node(part, depth) for part in item.args[1:]), n=first)

    def _people(self, item, how, generator, depth):
        if how not in PEOPLE:
            raise self._fail(item, "Over people one can use any, all, none, count, sum, min and max.")
        loop = generator.generators[0]
        if len(generator.generators) != 1 or loop.is_async or not isinstance(loop.target, ast.Name):
            raise self._fail(item, "Write one “for p in family” inside the brackets.")
        group = loop.iter.id if isinstance(loop.iter, ast.Name) else ""
        if group not in GROUPS:
            raise self._fail(loop.iter, "People are found in household (everybody) or family (applicant, partner, children).")
        name = loop.target.id
        if name in RESERVED - {"person"} or name in self.people or not _NAME.match(name):
            raise self._fail(loop.target, f"“{name}” cannot be the name of the person here; use another letter.")
        if len(loop.ifs) > 1:
            raise self._fail(loop.ifs[1], "Join conditions with “and”.")
        self.people.append(name)
        try:
            where = self._node(loop.ifs[0], depth) if loop.ifs else node("yes_no", value=True)
            if how == "count":
                if not (isinstance(generator.elt, ast.Name) and generator.elt.id == name):
                    raise self._fail(generator.elt, f"Write count({name} for {name} in {group} if ...).")
                what = node("yes_no", value=True)
            else:
                what = self._node(generator.elt, depth)
        finally:
            self.people.pop()
        return self._make(item, "people", what, where, how=how, group=group, name=name)


def _path(item):
    names = []
    while isinstance(item, ast.Attribute):
        names.append(item.attr)
        item = item.value
    return [item.id, *reversed(names)] if isinstance(item, ast.Name) else None


def tree_of(expression):
    """The tree of an expression given as text or as its JSON. Raises RuleError; JSON that no text could have given is refused too."""
    if isinstance(expression, str):
        return parse(expression)
    made = from_json(expression)
    if parse(to_text(made)) != made:
        raise RuleError("This is not a rule in its canonical form.")
    return made
