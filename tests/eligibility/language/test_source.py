"""The Python a rule becomes: only our own names, numbers and keywords stand in it, whatever the rule, its texts and its limits say."""

import io
import keyword
import re
import tokenize
from contextlib import suppress
from datetime import date
from random import Random

import pytest

from eligibility.definition import Definition
from eligibility.engine import Rulebook, assess, compile_programme
from eligibility.engine.compile import BUILT_IN, Compiler
from eligibility.engine.runtime import NAMES, Env
from eligibility.household import Household, Person
from eligibility.language import RuleError, catalogue_from, parse
from eligibility.language.limits import Limit
from eligibility.language.scope import Scope
from eligibility.language.tree import node
from tests.eligibility.language.made import CATALOGUE, ON, SHARED, household, programme

OWN = re.compile(r"[efkpv]\d*\Z")
ENV = {"home", "people", "cache", "applicant", "partner", "on", "open"}
ATTRIBUTES = ENV | {"facts", "role", "get", "amount", "per", "missing"}
HOSTILE = [
    '"); import os; os.system("true"); ("',
    "'''\n\nimport os\n",
    "\\",
    "__import__('os').system('true')",
    "{household.savings.__class__}",
    "\u2028k1 = 5\n    return True",
]


def words_of(source):
    """Every name and attribute in the source; fails on any other token than numbers, operators and layout."""
    found, before = set(), ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            found.add(("." if before == "." else "") + token.string)
        elif token.type == tokenize.NUMBER:
            assert token.string.isdigit()
        else:
            kinds = (tokenize.OP, tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
            assert token.type in kinds, token
        before = token.string
    return found


def is_ours(word):
    if word.startswith("."):
        return word[1:] in ATTRIBUTES
    return bool(OWN.match(word)) or word in ENV or word in NAMES or word in BUILT_IN or keyword.iskeyword(word)


@pytest.mark.parametrize("seed", range(40))
def test_random_rules_become_our_own_words_only(seed):
    random = Random(seed)
    ready = compile_programme(programme(random, "one", ["two"], depth=4), ON, SHARED, CATALOGUE)
    for plan in ready.plans:
        assert [word for word in words_of(plan.source) if not is_ours(word)] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_rule_reaches_the_source(make, text):
    """Labels, sentences, laws, notes, choices, codes of facts and answers: all that a stranger may write."""
    facts = catalogue_from(
        {"household.home": ("household", "choice", (text, "own")), "household.place": ("household", "text", ())}
    )
    plain = text.replace("{", "(").replace("}", ")")
    row = {"from": "2020-01-01", "value": 5, "law": text, "note": text}
    definition = make(
        {"a": {"when": "household.home == 'own' or worth > pounds(3)", "says": plain, "says_not": plain, "law": text}},
        limits={"most": {"unit": "GBP", "label": text, "rows": [row]}},
        worked_out={"worth": {"label": text, "is": "limits.most"}},
        amount={"is": "worth", "per": "once", "says": plain + " {amount}"},
        translations={"cy": {"criteria.a.says": plain}},
    )
    ready = compile_programme(definition, ON, {}, facts)
    source = ready.plan.source
    assert [word for word in words_of(source) if not is_ours(word)] == []
    assert text not in source
    home = Household("h", {"home": text, "place": text}, [Person("p1", "applicant")])
    (answer,) = assess(home, {"t": ready}, ON).values()
    assert answer.outcome == "likely" and answer.criteria[0].says() == plain and answer.criteria[0].says("cy") == plain
    scope = ready.plan.scope
    tree = node("compare", node("get", of="household", name="home"), node("text", value=text), tests=["=="])
    compiler = Compiler(scope, ON)
    assert compiler.compile(scope.check(tree))(answer.result.env) is True
    assert [word for word in words_of(compiler.source) if not is_ours(word)] == [] and text in compiler.constants.values()


def test_names_of_people_and_facts_that_are_words_of_python_do_no_harm():
    """A person called `open`, a worked-out fact called `type`: the source has numbers for them."""
    facts = catalogue_from({"person.print": ("person", "integer", ()), "household.exec": ("household", "boolean", ())})
    data = {
        "programme": {"code": "c", "agency": "a", "area": "income", "name": "N", "summary": "S", "purpose": "P"},
        "law": [{"title": "T"}],
        "worked_out": {"type": {"is": "sum(open.print for open in family)"}, "k1": {"is": "type + 1"}},
        "criteria": [{"id": "v1", "when": "k1 > 3 and household.exec", "says": "x", "says_not": "y", "law": "z"}],
    }
    ready = compile_programme(Definition.from_dict(data), ON, {}, facts)
    home = {"id": "h", "household": {"exec": True}, "people": [{"id": "p1", "role": "applicant", "print": 3}]}
    assert assess(home, {"c": ready}, ON)["c"].outcome == "likely"
    assert "print" not in ready.plan.source and "exec" not in ready.plan.source


def test_a_rule_nested_as_deeply_as_may_be_still_becomes_a_function(make, catalogue):
    deep = "applicant.disabled"
    for number in range(36):
        deep = f"({deep} {'and' if number % 2 else 'or'} household.bedrooms > {number % 20})"
    people = "p0.disabled"
    for number in range(12):
        people = f"any({people} for p{number} in household if p{number}.age > {number})"
    deciding = "1"
    for number in range(29):
        deciding = f"({number} if household.bedrooms > {number} else {deciding})"
    ready = compile_programme(make({"a": deep, "b": people, "c": f"{deciding} >= 0"}), ON, {}, catalogue)
    home = {
        "id": "h",
        "household": {"bedrooms": 30},
        "people": [{"id": "p1", "role": "applicant", "disabled": True, "born_on": "1950-01-01"}],
    }
    found = assess(home, {"t": ready}, ON)["t"]
    assert [item.result for item in found.criteria] == ["met", "met", "met"]
    assert len(ready.plan.source) < 40_000  # no branch is written twice


def test_the_source_is_made_once_and_says_how_it_decides(make, store, catalogue):
    definition = make({"a": "household.savings <= pounds(16000)", "b": "household.savings <= pounds(16000)"})
    book = Rulebook({definition.code: definition}, store, catalogue)
    plan = book.on(ON)[definition.code].plan
    assert plan.source.count("def ") == 1, "equal conditions are one function"
    assert "<= 1600000 if type(" in plan.source
    before = plan.source
    book.assess(household(Random(1), 1, 0) | {"household": {}, "people": [{"id": "p", "role": "applicant"}]}, ON)
    assert book.on(date(2026, 12, 1))[definition.code].plan is plan and plan.source == before


@pytest.mark.parametrize("text", HOSTILE)
def test_no_key_or_value_of_a_table_reaches_the_source(make, text):
    """Columns, codes in cells, codes as values: a stored limit may hold what no form and no file could give it."""
    facts = catalogue_from(
        {"household.home": ("household", "choice", (text, "own")), "household.born": ("household", "date", ())}
    )
    by = ((text, "choice"), ("born", "date"))
    line = {text: text, "born": {"from": "2020-01-01"}, "value": "here"}
    limits = {
        "where": Limit("where", "choice", ({"from": "2020-01-01", "law": text, "table": (line, {"value": text})},), by, text),
        "all": Limit("all", "choices", ({"from": "2020-01-01", "law": text, "value": [text, "own"]},)),
    }
    scope = Scope(facts, limits, {})
    home = Household("h", {"home": text, "born": date(2021, 1, 1)}, [Person("p1", "applicant")])
    compiler = Compiler(scope, ON)
    for formula in ("limits.where[household.home, household.born] == 'here'", "household.home in limits.all"):
        checked = scope.check(parse(formula))
        assert compiler.compile(checked)(Env(home, ON, {})) is True
    assert [word for word in words_of(compiler.source) if not is_ours(word)] == [] and text not in compiler.source


@pytest.mark.parametrize("text", [*HOSTILE, "k1", "exec", "__builtins__"])
def test_a_tree_nobody_could_write_is_refused_or_stays_out_of_the_source(text):
    """Names, periods, functions and numbers as a tree may hold them that came neither from text nor from a stored draft."""
    facts = catalogue_from({"household.rent": ("household", "money", ()), "person.pay": ("person", "amount", ())})
    rent, one = node("get", of="household", name="rent"), node("number", value="1")
    trees = [
        node("get", of=text, name="pay"),
        node("get", of="household", name=text),
        node("worked_out", name=text),
        node("limit", name=text),
        node("number", value=text),
        node("money", value="1", per=text),
        node("money", value=text, per="once"),
        node("date", value=text),
        node("call", rent, name=f"per_{text}"),
        node("call", one, name=text),
        node("call", one, one, name=f"round_{text}"),
        node("programme", code="other", what=text),
        node("programme", code=text, what="likely"),
        node("compare", one, one, tests=[text]),
        node("people", node("yes_no", value=True), node("yes_no", value=True), how="any", group="family", name=text),
        node("people", node("get", of=text, name="pay"), node("yes_no", value=True), how=text, group="family", name=text),
        node(text, one, one),
    ]
    for tree in trees:
        scope = Scope(facts, {}, {})
        compiler = Compiler(scope, ON)
        with suppress(RuleError, ValueError, KeyError, AttributeError, TypeError, ArithmeticError):
            compiler.compile(scope.check(tree))
        assert [word for word in words_of(compiler.source) if not is_ours(word)] == [], tree
        assert text == "k1" or text not in compiler.source


def test_generated_code_has_none_of_pythons_own_functions():
    compiler = Compiler(Scope(CATALOGUE, {}, {}), ON)
    (made,) = compiler.compile_all([compiler.scope.check(parse("household.owns_car"))])
    assert made.__globals__["__builtins__"] == {}
    assert not {"open", "exec", "eval", "__import__", "getattr"} & set(made.__globals__)
