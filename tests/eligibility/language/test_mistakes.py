"""Every mistake an admin can make in a rule is told in words, at its place; and no sentence is there that no mistake reaches."""

import ast
import json
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from eligibility.builder.rows import Group, Row, row_tree, tree_from
from eligibility.cases import read_cases
from eligibility.definition import Definition, SharedFile
from eligibility.drafting import with_limit_row, with_text, without_criterion
from eligibility.drafting_local import in_place
from eligibility.engine import Rulebook, check
from eligibility.engine.sentences import template
from eligibility.folder import to_files
from eligibility.interchange import InterchangeError, determine_lines, parse_line
from eligibility.language import Catalogue, RuleError, catalogue_from, parse
from eligibility.language.entries import typed_cell, typed_value
from eligibility.language.limits import Limit, toml_number
from eligibility.language.messages import Message
from eligibility.language.parser import tree_of
from eligibility.language.scope import Scope
from eligibility.language.tree import node
from eligibility.language.typed import WorkedOut
from eligibility.registry import load_folder, read_toml
from eligibility.rules import shared_of_names, with_shared
from intake.management.commands.words import texts_of_code
from tests.eligibility.language.made import CATALOGUE, ON
from tests.eligibility.language.mistakes import CELLS, ENTRIES, EXPRESSIONS, PASTED, READ, ROWS, SENTENCES, TREES
from tests.eligibility.language.mistakes_of_parts import CASES, GONE, HOUSEHOLDS, PARTS

ROW = {"from": "2020-01-01", "law": "x"}
LIMITS = {
    "most": {"unit": "number", "rows": [{**ROW, "value": 2}]},
    "rates": {"unit": "GBP/week", "by": {"income": "GBP/week"}, "rows": [{**ROW, "table": [{"value": 3}]}]},
}
WORKED = {"kids": "count(p for p in family if p.role == 'child')", "earned": "per_month(applicant.earnings)"}


def scope():
    worked = {name: WorkedOut(name, parse(text), False) for name, text in WORKED.items()}
    worked["own"] = WorkedOut("own", parse("per_month(person.earnings)"), True)
    limits = {name: Limit.from_dict(name, data) for name, data in LIMITS.items()}
    return Scope(CATALOGUE, limits, worked, {"universal_credit", "carers_allowance"})


def of_expression(text):
    """The error of a formula. It knows the text as it was typed, also where only the checker found it."""
    with pytest.raises(RuleError) as caught:
        scope().check(parse(text))
    return caught.value.at("", text)


@pytest.mark.parametrize(("text", "words", "at"), EXPRESSIONS, ids=[text[:40] for text, _words, _at in EXPRESSIONS])
def test_a_formula_is_refused_in_words_at_its_place(text, words, at):
    problem = of_expression(text)
    assert words in problem.message
    assert (problem.source() or ("", "", ""))[1] == at


@pytest.mark.parametrize(
    "text", ["+" * 3990 + "1", "-" * 3990 + "kids", "not " * 990 + "kids", "x" + "()" * 1900, "a." * 1990 + "b"]
)
def test_a_formula_that_goes_too_deep_is_refused_and_nothing_falls_over(text):
    with pytest.raises(RuleError):
        parse(text)


@pytest.mark.parametrize(("text", "plain"), PASTED)
def test_signs_of_word_processors_and_other_keyboards_are_read(text, plain):
    assert parse(text) == parse(plain)


def test_the_place_is_counted_in_what_was_typed():
    """Signs that are read as two, or as none, do not move the place."""
    text = "kids ≤ 3\n\u200f and\u00a0limits.mots ≥ ٣"
    problem = of_expression(text)
    assert (problem.line, problem.column, problem.length) == (2, 7, len("limits.mots"))
    assert problem.source() == ("\u200f and\u00a0", "limits.mots", " ≥ ٣")


@pytest.mark.parametrize(("sentence", "words"), SENTENCES)
def test_a_sentence_with_a_wrong_brace_is_refused(sentence, words):
    with pytest.raises(RuleError) as caught:
        template(scope(), sentence, "criteria.a.says")
    assert words in caught.value.message and caught.value.where == "criteria.a.says"


@pytest.mark.parametrize(("unit", "typed", "words"), ENTRIES)
def test_what_is_typed_into_a_field_is_refused_in_words(unit, typed, words):
    for read in (typed_value, typed_cell) if typed else (typed_value,):
        with pytest.raises(RuleError) as caught:
            read(unit, typed, "value_3")
        assert words in caught.value.message and caught.value.where == "value_3"


@pytest.mark.parametrize(("unit", "typed", "stored"), READ)
def test_what_is_typed_into_a_field_is_read_as_it_is_meant(unit, typed, stored):
    assert typed_value(unit, typed) == stored
    assert Limit.from_dict("x", {"unit": unit, "rows": [{**ROW, "value": stored}]}).rows[0]["value"] == (
        sorted(stored) if isinstance(stored, list) else stored
    )


@pytest.mark.parametrize(("unit", "typed", "stored"), CELLS)
def test_a_cell_of_a_table_is_read_as_it_is_meant(unit, typed, stored):
    assert typed_cell(unit, typed) == stored


@pytest.mark.parametrize(("data", "words"), TREES)
def test_a_stored_formula_that_no_text_could_give_is_refused(data, words):
    with pytest.raises(RuleError) as caught:
        tree_of(data)
    assert words in caught.value.message


# --- whole programmes -----------------------------------------------------------------------------------------------------


def programme():
    """A programme that works, with one of everything, in its stored form with formulas as text."""
    criteria = [
        {"id": "savings", "when": "household.savings <= limits.most", "says": "x", "says_not": "y {limits.most}", "law": "z"},
        {"id": "children", "when": "kids > 0 and earned > 0", "says": "x", "says_not": "y", "law": "z"},
    ]
    return {
        "programme": {"code": "test", "agency": "a", "area": "income", "name": "N", "summary": "S", "purpose": "P"},
        "law": [{"title": "T"}],
        "criteria": criteria,
        "limits": {"most": {"unit": "GBP", "rows": [{**ROW, "value": "5"}]}},
        "worked_out": {"kids": {"is": WORKED["kids"]}, "earned": {"is": "kids * 2"}},
        "amount": {"is": "pounds(5)", "per": "once"},
        "evidence": [{"id": "proof", "label": "L", "any_of": {"a": "A"}}],
        "contacts": {},
        "floor": {},
        "variants": [{"id": id_, "name": id_.title(), "local_authorities": [id_], "law": "x"} for id_ in ("newham", "barnet")],
        "cases": {"case": [{"id": "a", "on": "2026-11-21", "expect": {"outcome": "unknown"}}]},
    }


def store():
    limit = {"unit": "years", "rows": [{**ROW, "value": 66}]}
    return {
        name: SharedFile.from_dict(name, {"limits": {key: limit}})
        for name, key in (("pension_age", "age_limit"), ("doubled", "age_limit"), ("more", "most"))
    }


def changed(data, path, value):
    """A copy in which the part at a path is another, or gone."""
    if not path:
        return value
    data, holder = (copy := deepcopy(data)), copy
    for key in path[:-1]:
        holder = holder[key]
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return data


def problems_of(data):
    """Everything wrong with a programme: of its shape, else of what it says, else of its examples."""
    try:
        definition = Definition.from_dict(data)
        if found := check(definition, store(), CATALOGUE):
            return found
        read_cases(definition, CATALOGUE)
    except RuleError as problem:
        return [problem]
    return []


def test_the_programme_that_is_changed_works():
    assert problems_of(programme()) == []


@pytest.mark.parametrize(("path", "value", "words", "where"), PARTS, ids=range(len(PARTS)))
def test_a_wrong_part_of_a_programme_is_told_with_its_place(path, value, words, where):
    problem = problems_of(changed(programme(), path, value))[0]
    assert words in problem.message and problem.where == where


@pytest.mark.parametrize(("change", "words", "where"), CASES, ids=range(len(CASES)))
def test_a_wrong_example_is_told_with_its_place(change, words, where):
    data = programme()
    cases = data["cases"]
    if isinstance(change, list):
        cases["case"] = change
    elif set(change) & {"cases", "given"}:
        cases |= change
    else:
        for name, value in change.items():
            cases["case"] = changed(cases["case"], (0, name), value)
    (problem,) = problems_of(data)
    assert words in problem.message and problem.where == where


@pytest.mark.parametrize(("household", "words"), HOUSEHOLDS, ids=range(len(HOUSEHOLDS)))
def test_a_wrong_household_is_told_in_words(household, words):
    line = household if isinstance(household, str | bytes) else json.dumps(household)
    facts = [replace(fact, most=Fraction(20)) if fact.name == "bedrooms" else fact for fact in CATALOGUE.values()]
    with pytest.raises(InterchangeError) as caught:
        parse_line(line, Catalogue(facts), ON)
    assert words in str(caught.value) and str(caught.value) == str(caught.value.said)


@pytest.mark.parametrize(("row", "words", "where"), ROWS, ids=range(len(ROWS)))
def test_a_row_of_the_builder_says_what_is_wrong_at_its_field(row, words, where):
    with pytest.raises(RuleError) as caught:
        row_tree(Row(**row))
    assert words in caught.value.message and caught.value.where == where


def other_problems(folder):
    """Mistakes that take more than one programme, a file or a stored draft: (what to do, what is said, the place)."""
    data = programme()
    for part in ("variants", "floor", "contacts"):
        del data[part]
    definition = Definition.from_dict(data)
    renamed = {"programme": {**data["programme"], "code": "other"}}
    one, two = ({**data, **more, "criteria": [{**data["criteria"][0], "when": when}]} for more, when in (
        ({}, "programmes.other.likely"), (renamed, "programmes.test.likely")
    ))  # fmt: skip
    amount = {**data, "criteria": [{**data["criteria"][0], "when": "per_week(programmes.other.amount) > pounds(1, 'week')"}]}
    no_home = catalogue_from({"household.savings": ("household", "amount", ()), "person.earnings": ("person", "money", ())})
    (folder / "programme.toml").write_text("[programme\n", encoding="utf-8")
    good = folder / "another"
    good.mkdir()
    (good / "programme.toml").write_text(to_files(definition)["programme.toml"], encoding="utf-8")
    rows = Definition.from_dict(programme()).to_dict()

    def raised(errors):
        raise errors[0]

    return [
        (
            lambda: Rulebook(books(one, two), {}, CATALOGUE),
            "Programmes use each other’s results in a circle: other → test → other.",
            "other",
        ),
        (
            lambda: Rulebook(books(amount, {**data, **renamed}), {}, CATALOGUE),
            "other has no amount that comes by the week",
            "test: criteria.savings.when",
        ),
        (lambda: Rulebook(books(one), {}, CATALOGUE), "There is no programme called “other”.", "test: criteria.savings.when"),
        (
            lambda: raised(check(Definition.from_dict(programme()), store(), no_home)),
            "Local variants need the fact household.local_authority.",
            "variants",
        ),
        (lambda: read_toml(folder / "programme.toml"), "This file cannot be read: ", "programme.toml"),
        (lambda: load_folder(good), "The code is test, but the folder is called another.", "programme.code"),
        (lambda: shared_of_names(["pension_agee"]), "There is no shared file “pension_agee”. There are:", "programme.shares"),
        (
            lambda: with_shared(replace(definition, shares=("pension_age", "doubled")), stored(store())),
            "“age_limit” is defined in two shared files.",
            "programme.shares",
        ),
        (
            lambda: with_shared(replace(definition, shares=("more",)), stored(store())),
            "This name is already defined in a shared file.",
            "limits.most",
        ),
        (
            lambda: SharedFile.from_dict("more", {"criteria": []}),
            "A shared file has limits, worked_out and translations, not “criteria”.",
            "more",
        ),
        (lambda: toml_number("1e99"), "1e99 is not a number a rule can hold.", ""),
        (lambda: tree_from(Group()), "This group is empty.", "items"),
        (
            lambda: tree_from(Group("some", (Row("household.owns_car", test="true"),))),
            "Select whether all, any or none must be true.",
            "kind",
        ),
        (lambda: with_text(rows, "criteria.gone.says", "x"), "There is no such part in this version.", "criteria.gone.says"),
        (lambda: with_limit_row(rows, "gone", {**ROW, "value": 1}), "There is no such limit in this version.", "limits.gone"),
        (lambda: with_limit_row(rows, "most", {**ROW, "value": 1}), "There is a row for this date.", "limits.most"),
        (
            lambda: without_criterion({"criteria": [{"id": "a"}]}, "a"),
            "A programme needs at least one condition. Add another one first.",
            "criteria",
        ),
        (lambda: in_place(rows, "gone", dict), "There is no such local variant in this version.", "variants"),
        (
            lambda: scope().check(node("person", name="partner")),
            "A person alone is no value: say which fact, like applicant.age.",
            "",
        ),
        (lambda: scope().check(node("get", of="q", name="age")), "“q” is no person here.", ""),
        (lambda: scope().check(twice()), "“p” is already somebody here; use another letter.", ""),
        (
            lambda: raised_by_nothing_known(),
            "the programmes could not be worked out for 2026-11-21 (LookupError: x); please report this line",
            None,
        ),
    ]


def books(*many):
    return {data["programme"]["code"]: Definition.from_dict(data) for data in many}


def stored(files):
    return {name: file.to_dict() for name, file in files.items()}


def twice():
    inner = node("people", node("yes_no", value=True), node("yes_no", value=True), how="any", group="family", name="p")
    return node("people", inner, node("yes_no", value=True), how="any", group="family", name="p")


def raised_by_nothing_known():
    class Broken:
        catalogue = CATALOGUE

        def assess(self, household, on, codes):
            raise LookupError("x")

    (line,) = determine_lines(["{}"], Broken(), ON)
    raise RuleError(line["errors"][0])


def test_mistakes_that_take_more_than_one_programme_are_told(tmp_path):
    for act, words, where in other_problems(tmp_path):
        with pytest.raises(RuleError) as caught:
            act()
        assert words in caught.value.message
        assert where is None or caught.value.where == where


# --- nothing is left out --------------------------------------------------------------------------------------------------

ELIGIBILITY = Path(__file__).resolve().parents[3] / "eligibility"
MARKS = ("_", "ngettext")


def marked_sentences():
    """{sentence: file} of every message of the rule language in the source."""
    found = {}
    for path in ELIGIBILITY.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "from eligibility.language.messages import" not in source or path.name == "rule_words.py":
            continue
        for call in ast.walk(ast.parse(source)):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MARKS:
                assert isinstance(call.args[0], ast.Constant), f"{path.name}: {ast.unparse(call)[:80]}"
                found[call.args[0].value] = path.name
    return found


def test_every_sentence_is_reached_by_a_mistake_that_is_told_here(tmp_path, monkeypatch):
    """A sentence that no test reaches may be wrong, or in no place: whoever adds one adds the mistake to `mistakes`."""
    reached = set()
    told = Message.told

    def remembered(self, *args):
        reached.add(self.template)
        return told(self, *args)

    monkeypatch.setattr(Message, "told", remembered)
    for text, *_rest in EXPRESSIONS:
        of_expression(text)
    for sentence, words in SENTENCES:
        test_a_sentence_with_a_wrong_brace_is_refused(sentence, words)
    for entry in ENTRIES:
        test_what_is_typed_into_a_field_is_refused_in_words(*entry)
    for data, words in TREES:
        test_a_stored_formula_that_no_text_could_give_is_refused(data, words)
    for path, value, *_rest in PARTS:
        [str(problem) for problem in problems_of(changed(programme(), path, value))]
    for case in CASES:
        test_a_wrong_example_is_told_with_its_place(*case)
    for household in HOUSEHOLDS:
        test_a_wrong_household_is_told_in_words(*household)
    for row in ROWS:
        test_a_row_of_the_builder_says_what_is_wrong_at_its_field(*row)
    test_mistakes_that_take_more_than_one_programme_are_told(tmp_path)
    sentences = marked_sentences()
    assert len(sentences) > 220
    assert {sentence: file for sentence, file in sentences.items() if sentence not in reached} == {}


def test_no_error_is_raised_with_words_that_no_translator_finds():
    for path in ELIGIBILITY.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if name in ("RuleError", "InterchangeError", "_fail", "verbatim") or (
                name == "error" and path.parent.name == "language"
            ):
                said = call.args[1] if name == "_fail" else call.args[0]
                parts = said.elts if isinstance(said, ast.List) else [said]
                assert not any(isinstance(part, ast.Constant | ast.JoinedStr) for part in parts), (
                    f"{path.name}: {ast.unparse(call)}"
                )


def test_makemessages_finds_every_sentence():
    """It looks for the names of gettext: the house's own count of words looks as it does."""
    house = {text for path in ELIGIBILITY.rglob("*.py") for text in texts_of_code(path.read_text(encoding="utf-8"))}
    assert set(marked_sentences()) <= house


def test_a_message_is_said_in_another_language_with_all_that_is_in_it():
    def say(sentence):
        return f"<{sentence}>"

    def say_many(one, many, number):
        return f"<{many} ({number})>"

    said = of_expression("household.savings > 16000").said
    assert said.told(say) == (
        "<This is <a number>; it cannot be compared with <a sum of money>.> <Write money as pounds(16000), or use a limit.>"
    )
    assert of_expression("min(kids)").said.told(say, say_many) == "<min takes at least 2 values. (2)>"


def test_what_is_written_in_a_rule_never_becomes_a_gap():
    """A per cent sign or a gap in a name is shown as it is."""
    for text in ("100%", "%(name)s", "%s", "%"):
        problem = problems_of(changed(programme(), ("programme", "area"), text))[0]
        assert f"“{text}” is not an area" in problem.message and f"“{text}” is not an area" in str(problem)
