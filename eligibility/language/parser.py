"""Reads an expression: Python's own grammar under a white list. Nothing is ever evaluated; what is not on the list is refused in words.

Signs as word processors write them are read as the plain ones (`signs`); a text that cannot be read is told what is likely wrong (`mistakes`).
"""

import ast
import io
import re
import tokenize
from datetime import date
from decimal import Decimal

from eligibility.language import mistakes
from eligibility.language.errors import RuleError
from eligibility.language.messages import message as _
from eligibility.language.messages import ngettext, together
from eligibility.language.printer import to_text
from eligibility.language.signs import plain_signs
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
_TOO_DEEP = _("There are too many brackets in brackets. Make worked-out facts of parts of it.")
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def parse(text):
    """The tree of an expression. Raises RuleError with the place when the text is not an expression of the rule language."""
    if not isinstance(text, str) or not text.strip():
        raise RuleError(_("There is no formula here. Write one, like household.savings <= limits.savings_limit."))
    if len(text) > LONGEST:
        raise RuleError(
            ngettext(
                "The formula has %(number)s character; it can have %(most)s. Make worked-out facts of parts of it.",
                "The formula has %(number)s characters; it can have %(most)s. Make worked-out facts of parts of it.",
                len(text),
                most=LONGEST,
            )
        )
    return _Reader(text).read()


def plain(number):
    """A Decimal without needless zeros and without an exponent: "0.1" for 0.10."""
    text = format(number.normalize(), "f")
    return "0" if text in ("-0", "0") else text


class _Reader:
    def __init__(self, text):
        self.text = text
        flat, places = plain_signs(text)
        self.source = flat.strip()
        shift = len(flat) - len(flat.lstrip())
        self.places = [*places[shift : shift + len(self.source)], len(text)]
        self.people = []

    def read(self):
        if not self.source:
            raise RuleError(_("There is no formula here. Write one, like household.savings <= limits.savings_limit."))
        self._refuse_comments()
        if wrong := mistakes.of_signs(self.source) or mistakes.numbers_with_commas(self.source):
            raise self._error_at(*wrong)
        try:
            body = ast.parse(self.source, mode="eval").body
        except (ValueError, MemoryError, RecursionError):
            raise RuleError(_TOO_DEEP, text=self.text) from None
        except SyntaxError as error:
            if "too many nested" in str(error.msg):
                raise RuleError(_TOO_DEEP, text=self.text) from None
            start, length, said = mistakes.unreadable(self.source)
            raise self._error_at(max((error.offset or 1) - 1, 0) if start is None else start, length, said) from None
        return self._node(body, 0)

    def _refuse_comments(self):
        try:
            for token in tokenize.generate_tokens(io.StringIO(self.source).readline):
                if token.type == tokenize.COMMENT:
                    said = _("Remarks with # are not possible in a formula. Write them as the note of the version.")
                    raise self._error_at(token.start[1], len(token.string), said)
        except (tokenize.TokenError, SyntaxError):
            return

    def _error_at(self, offset, length, said):
        line, column, length = self._span(offset, offset + length)
        return RuleError(said, line=line, column=column, length=length, text=self.text)

    def _span(self, start, end):
        """(line, column, length) in what was typed, of two places in the source."""
        last = len(self.source)
        start, end = (self.places[min(place, last)] for place in (start, end))
        before = self.text[:start]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1, max(1, end - start)

    def _at(self, item):
        start = len(self.source.encode()[: item.col_offset].decode())
        end = len(self.source.encode()[: item.end_col_offset].decode())
        return self._span(start, end)

    def _segment(self, item):
        return self.source.encode()[item.col_offset : item.end_col_offset].decode()

    def _fail(self, item, said):
        line, column, length = self._at(item)
        return RuleError(said, line=line, column=column, length=length, text=self.text)

    def _make(self, item, op, *parts, **data):
        made = node(op, *parts, at=self._at(item), **data)
        try:
            check_shape(made)
        except RuleError as error:
            raise self._fail(item, error.said) from None
        return made

    def _node(self, item, depth):
        if depth > MOST_DEEP:
            raise self._fail(item, _TOO_DEEP)
        reader = getattr(self, "_read_" + type(item).__name__.lower(), None)
        if reader is None:
            raise self._no_part(item)
        return reader(item, depth + 1)

    def _no_part(self, item):
        return self._fail(item, _("“%(text)s” is not part of the rule language.", text=self._segment(item)[:40]))

    def _read_constant(self, item, depth):
        if item.value is True or item.value is False:
            return self._make(item, "yes_no", value=item.value)
        segment = self._segment(item)
        if isinstance(item.value, str):
            if not CODE.match(item.value):
                raise self._fail(item, _("A code in quotes has only the letters a to z, digits and _, like 'child'."))
            return self._make(item, "text", value=item.value)
        if item.value is None:
            raise self._fail(item, _("There is no None. To ask whether something is there, write applies(household.rent)."))
        if not isinstance(item.value, (int, float, complex)):
            raise self._no_part(item)
        if not _NUMBER.match(segment):
            raise self._fail(item, _("Write numbers plainly, like 16000 or 0.55."))
        return self._make(item, "number", value=plain(Decimal(segment.replace("_", ""))))

    def _read_name(self, item, depth):
        if item.id == "on":
            return self._make(item, "on")
        if item.id in GROUPS:
            raise self._fail(item, _("“%(name)s” is a group of people: use it as any(... for p in %(name)s).", name=item.id))
        if item.id in ("limits", "programmes"):
            raise self._fail(item, _("Say which one: %(name)s.<name>.", name=item.id))
        if item.id in ("applicant", "partner") or item.id in self.people:
            raise self._fail(item, _("“%(name)s” is a person: say which fact, like %(name)s.age.", name=item.id))
        if item.id in FUNCTIONS or item.id in PEOPLE:
            raise self._fail(item, _("“%(name)s” needs brackets after it: %(name)s(...).", name=item.id))
        if not _NAME.match(item.id):
            self._refuse_strange_letters(item, [item.id])
            raise self._fail(item, self._small(item.id))
        return self._make(item, "worked_out", name=item.id)

    def _small(self, name):
        if name.lower() in ("true", "yes", "false", "no"):
            return _("Write True for yes and False for no.")
        said = _("A name has small letters, digits and _ only.")
        near = mistakes.meant(name, self._beginnings())
        return together(said, _("Did you mean “%(name)s”?", name=near)) if near else said

    def _beginnings(self):
        return ["household", "applicant", "partner", "limits", "programmes", *self.people]

    def _refuse_strange_letters(self, item, names):
        for name in names:
            if strange := [letter for letter in name if not letter.isascii()]:
                said = _(
                    "“%(letter)s” in “%(name)s” is not one of the letters a to z. Type the name again.",
                    letter=strange[0],
                    name=name,
                )
                raise self._fail(item, said)

    def _read_attribute(self, item, depth):
        path = _path(item)
        if path is None:
            raise self._fail(item, _("“%(text)s” is not a name that can be used here.", text=self._segment(item)[:40]))
        self._refuse_strange_letters(item, path)
        if path[0] == "limits" and len(path) == 2:
            return self._make(item, "limit", name=path[1])
        if path[0] == "programmes":
            if len(path) != 3 or path[2] not in WHAT:
                raise self._fail(item, _("Say programmes.<code>.likely, .outcome or .amount."))
            return self._make(item, "programme", code=path[1], what=path[2])
        if len(path) == 2 and (path[0] in ("household", "applicant", "partner", "person") or path[0] in self.people):
            return self._make(item, "get", of=path[0], name=path[1])
        if path[0] == "family":
            raise self._fail(item, _("“family” is a group of people. Facts of the home are household.<name>."))
        if path[0] in self._beginnings():
            raise self._fail(item, _("This has a point too many. Names are written like household.savings and limits.most."))
        said = _("“%(name)s” is not known here.", name=path[0])
        if near := mistakes.meant(path[0], self._beginnings()):
            raise self._fail(item, together(said, _("Did you mean “%(name)s”?", name=near)))
        raise self._fail(item, together(said, _("Names begin with household, applicant, partner, limits or programmes.")))

    def _read_subscript(self, item, depth):
        path = _path(item.value)
        if not path or path[0] != "limits" or len(path) != 2:
            raise self._fail(item, _("Only limits that are tables take square brackets: limits.<name>[...]."))
        keys = item.slice.elts if isinstance(item.slice, ast.Tuple) else [item.slice]
        return self._make(item, "limit", *(self._node(key, depth) for key in keys), name=path[1])

    def _read_list(self, item, depth):
        return self._make(item, "list", *(self._node(part, depth) for part in item.elts))

    def _read_tuple(self, item, depth):
        raise self._fail(item, _("A list is written in square brackets: ['a', 'b']."))

    def _read_compare(self, item, depth):
        parts = [self._node(part, depth) for part in (item.left, *item.comparators)]
        tests = []
        for test in item.ops:
            if type(test) not in _COMPARE:
                raise self._fail(item, _("Write == or != to compare."))
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
        raise self._fail(item, _("This sign is not part of the rule language."))

    def _read_binop(self, item, depth):
        op = _ARITHMETIC.get(type(item.op))
        if op is None:
            raise self._fail(item, _("Only + - * / are possible. For whole steps use round_down(x / step, 1)."))
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
            raise self._fail(item, _("“%(name)s” goes over people: %(name)s(... for p in family).", name=name))
        if name not in FUNCTIONS:
            raise self._fail(item, self._no_function(self._segment(item.func)[:40]))
        least, most = FUNCTIONS[name]
        if not least <= len(item.args) <= most:
            raise self._fail(item, _takes(name, least, most))
        parts = [self._node(part, depth) for part in item.args]
        return self._make(item, "call", *parts, name=name, **self._days(item, name))

    def _no_function(self, written):
        said = _("“%(name)s” is not a function of the rule language.", name=written)
        known = [*FUNCTIONS, *PEOPLE, "date", "pounds", "at_least"]
        near = mistakes.meant(written, known)
        return together(
            said, _("Did you mean “%(name)s”?", name=near) if near else _("There are: %(names)s.", names=sorted(set(known)))
        )

    def _days(self, item, name):
        options = {}
        for keyword in item.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg != "days" or not name.startswith("per_") or type(value) is not int or value not in (365, 366):
                raise self._fail(item, _("Only per_week(x, days=365) and its like take an extra value: 365 or 366."))
            options["days"] = value
        return options

    def _date(self, item):
        value = item.args[0].value if len(item.args) == 1 and isinstance(item.args[0], ast.Constant) else None
        try:
            return self._make(item, "date", value=date.fromisoformat(str(value)).isoformat())
        except (TypeError, ValueError):
            raise self._fail(item, _("Write a date as date('2016-04-06'): the year, the month, the day.")) from None

    def _pounds(self, item):
        per: object = "once"
        if len(item.args) == 2 and isinstance(item.args[1], ast.Constant):
            per = item.args[1].value
        number = item.args[0] if item.args else None
        segment = self._segment(number) if isinstance(number, ast.Constant) else ""
        if len(item.args) not in (1, 2) or item.keywords or per not in ("once", *PERIODS) or not _NUMBER.match(segment):
            raise self._fail(item, _("Write money as pounds(5) or pounds(4.35, 'month') (week, four_weeks, month or year)."))
        return self._make(item, "money", value=plain(Decimal(segment.replace("_", ""))), per=per)

    def _at_least(self, item, depth):
        first = item.args[0].value if item.args and isinstance(item.args[0], ast.Constant) else None
        if type(first) is not int or not 1 <= first <= len(item.args) - 1:
            raise self._fail(item, _("Write at_least(2, a, b, c): a number, then at least as many conditions."))
        return self._make(item, "at_least", *(self._node(part, depth) for part in item.args[1:]), n=first)

    def _people(self, item, how, generator, depth):
        if how not in PEOPLE:
            raise self._fail(item, _("Over people you can use any, all, none, count, sum, min and max."))
        loop = generator.generators[0]
        if len(generator.generators) != 1 or loop.is_async or not isinstance(loop.target, ast.Name):
            raise self._fail(item, _("Write one “for p in family” inside the brackets."))
        group = loop.iter.id if isinstance(loop.iter, ast.Name) else ""
        if group not in GROUPS:
            raise self._fail(loop.iter, _("People are found in household (everybody) or family (applicant, partner, children)."))
        name = loop.target.id
        if name in RESERVED - {"person"} or name in self.people or not _NAME.match(name):
            raise self._fail(loop.target, _("“%(name)s” cannot be the name of the person here; use another letter.", name=name))
        if len(loop.ifs) > 1:
            raise self._fail(loop.ifs[1], _("Join conditions with “and”."))
        self.people.append(name)
        try:
            where = self._node(loop.ifs[0], depth) if loop.ifs else node("yes_no", value=True)
            if how == "count":
                if not (isinstance(generator.elt, ast.Name) and generator.elt.id == name):
                    raise self._fail(
                        generator.elt, _("Write count(%(name)s for %(name)s in %(group)s if ...).", name=name, group=group)
                    )
                what = node("yes_no", value=True)
            else:
                what = self._node(generator.elt, depth)
        finally:
            self.people.pop()
        return self._make(item, "people", what, where, how=how, group=group, name=name)


def _takes(name, least, most):
    if least == most:
        return ngettext("%(name)s takes %(number)s value.", "%(name)s takes %(number)s values.", least, name=name)
    return ngettext("%(name)s takes at least %(number)s value.", "%(name)s takes at least %(number)s values.", least, name=name)


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
        raise RuleError(_("This is not a rule in its stored form. Write it as a formula."))
    return made
