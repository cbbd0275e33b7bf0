"""What an assessment says: reasons with the person's values, limits with date and law, ways out, dates ahead, questions, local variants."""

import json
from datetime import date
from decimal import Decimal

import pytest

from eligibility import registry
from eligibility.cases import leaf_coverage, run_cases
from eligibility.definition import Definition, SharedFile
from eligibility.engine import Hoped, Rulebook, assess, changes_ahead, check, compile_programme, open_sides, replay, ways_out
from eligibility.language import RuleError

ON = date(2026, 11, 21)
LIMIT = {
    "savings_limit": {
        "label": "Savings limit",
        "unit": "GBP",
        "rows": [
            {"from": "2013-04-29", "value": 16000, "law": "UC Regs 2013 reg 18"},
            {"from": "2027-04-01", "value": 18000, "law": "Future Regs", "note": "to be confirmed"},
        ],
    }
}
SAVINGS = {
    "when": "household.savings <= limits.savings_limit",
    "says": "Your savings of {household.savings} are at or below {limits.savings_limit}",
    "says_not": "Your savings of {household.savings} are above {limits.savings_limit}",
    "law": "UC Regs 2013 reg 18",
}


def home(savings=None, **applicant):
    facts = {} if savings is None else {"savings": savings}
    return {"id": "h", "household": facts, "people": [{"id": "p1", "role": "applicant", **applicant}]}


@pytest.fixture
def savings(make, store, catalogue):
    definition = make(
        {"savings": SAVINGS},
        limits=LIMIT,
        worked_out={"part": {"label": "A tenth of your savings", "is": "household.savings / 10"}},
        amount={
            "is": "max(0, pounds(1000) - part)",
            "per": "once",
            "round": {"how": "down", "to": "1"},
            "says": "You could get {amount}",
        },
        translations={"cy": {"criteria.savings.says": "Mae eich cynilion o {household.savings} o dan {limits.savings_limit}"}},
    )
    return Rulebook({definition.code: definition}, store, catalogue)


def answer(rulebook, data, on=ON):
    return rulebook.assess(data, on)["test_programme"]


def test_the_sentence_has_the_persons_own_values(savings):
    met = answer(savings, home("1234.50"))
    assert met.criteria[0].says() == "Your savings of £1,234.50 are at or below £16,000"
    assert met.criteria[0].says("cy") == "Mae eich cynilion o £1,234.50 o dan £16,000"
    assert answer(savings, home("16000.01")).criteria[0].says() == "Your savings of £16,000.01 are above £16,000"
    assert answer(savings, home()).criteria[0].says() == "We cannot tell yet. We need: Savings."


def test_the_explanation_leads_from_the_sentence_to_the_law(savings):
    found = answer(savings, home("100")).criteria[0].explanation()
    assert found["values"] == [{"key": "household.savings", "label": "Savings", "value": "100.00", "words": "£100"}]
    assert found["limits"] == [
        {
            "name": "savings_limit",
            "label": "Savings limit",
            "from": "2013-04-29",
            "law": "UC Regs 2013 reg 18",
            "words": "£16,000",
            "value": "16000.00",
        }
    ]
    assert answer(savings, home("100"), date(2027, 4, 1)).criteria[0].explanation()["limits"][0]["note"] == "to be confirmed"


def test_the_amount_has_its_steps_and_its_rounding(savings):
    found = answer(savings, home("1234.50"))
    assert found.amount == Decimal("876.00")
    assert found.amount_sentence() == "You could get £876"
    assert [(step["name"], step["words"]) for step in found.steps()] == [("part", "£123.45"), ("amount", "£876")]


def test_while_facts_are_missing_the_amount_is_a_range(savings):
    found = answer(savings, home())
    assert (found.outcome, found.amount, found.amount_range) == ("unknown", None, (Decimal("0.00"), Decimal("1000.00")))
    assert found.amount_words() == "between £0 and £1,000"
    assert found.missing == ("household.savings",)


def test_everything_is_plain_json_and_can_be_replayed(savings, store, catalogue):
    kept = json.loads(json.dumps(answer(savings, home("1234.50")).to_dict()))
    again = replay(kept, savings.definitions["test_programme"], store, catalogue)
    assert json.dumps(again.to_dict(), sort_keys=True) == json.dumps(kept, sort_keys=True)
    assert kept["replay_hash"] != answer(savings, home("1234.51")).replay_hash


def test_the_inputs_hold_only_what_the_rule_may_see(savings):
    kept = answer(savings, home("5", disabled=True)).inputs
    assert kept == {"facts": {"id": "h", "household": {"savings": "5.00"}, "people": [{"id": "p1", "role": "applicant"}]}}
    assert savings.on(ON)["test_programme"].needs == {"household.savings"}


def test_the_way_out_is_the_nearest_value(savings):
    (way,) = ways_out(answer(savings, home("20000")), savings.on(ON))
    assert (way.key, way.test, way.value) == ("household.savings", "at_most", "16000.00")
    assert way.words == "if your savings were £16,000 or less"
    assert ways_out(answer(savings, home("1")), savings.on(ON)) == []


def test_ways_out_try_yes_no_and_choices_of_each_person(make, store, catalogue):
    definition = make({"care": "applicant.pip_daily_living in ['standard', 'enhanced'] or any(p.disabled for p in family)"})
    book = Rulebook({definition.code: definition}, store, catalogue)
    found = answer(book, home(disabled=False, pip_daily_living="none"))
    assert [(way.key, way.value) for way in ways_out(found, book.on(ON))] == [
        ("people.p1.disabled", True),
        ("people.p1.pip_daily_living", "standard"),
        ("people.p1.pip_daily_living", "enhanced"),
    ]


def test_a_result_changes_by_itself_with_a_limit_and_with_a_birthday(savings, make, store, catalogue):
    (change,) = changes_ahead(savings.assess(home("17000"), ON), savings)["test_programme"]
    assert (change.on, change.before, change.after) == (date(2027, 4, 1), "not_likely", "likely")
    definition = make({"age": "applicant.over_pension_age"})
    book = Rulebook(
        {
            definition.code: Definition.from_dict(
                {**definition.to_dict(), "programme": {**definition.to_dict()["programme"], "shares": ["pension_age"]}}
            )
        },
        store,
        catalogue,
    )
    (change,) = changes_ahead(book.assess(home(born_on="1961-01-20"), ON), book)["test_programme"]
    assert (change.on, change.after) == (date(2027, 11, 20), "likely")


def test_a_limit_without_a_value_for_the_date_is_named(savings):
    found = answer(savings, home("5"), date(2010, 1, 1))
    assert (found.outcome, found.missing) == ("unknown", ("limits.savings_limit",))
    assert "limits.savings_limit" in found.criteria[0].says()


def test_criteria_of_one_group_are_alternatives(make, store, catalogue):
    definition = make(
        {
            "home": "household.nation == 'england'",
            "disabled": {"when": "applicant.disabled", "group": "one_of"},
            "pregnant": {"when": "applicant.pregnant", "group": "one_of"},
        }
    )
    book = Rulebook({definition.code: definition}, store, catalogue)

    def outcome(**applicant):
        return answer(book, {**home(**applicant), "household": {"nation": "england"}})

    assert outcome(disabled=False, pregnant=True).outcome == "likely"
    assert outcome(disabled=False, pregnant=False).outcome == "not_likely"
    assert outcome(disabled=False).missing == ("people.p1.pregnant",)


def chain(make, store, catalogue):
    first = make({"savings": "household.savings < pounds(100)"}, "first", amount={"is": "pounds(10, 'week')", "per": "week"})
    second = make({"first": "programmes.first.likely", "care": "applicant.disabled"}, "second")
    third = make({"much": "per_month(programmes.first.amount) > pounds(40, 'month')"}, "third")
    return Rulebook({"second": second, "third": third, "first": first}, store, catalogue)


def test_a_passport_hands_on_the_result_and_what_is_missing(make, store, catalogue):
    book = chain(make, store, catalogue)
    found = book.assess(home("5", disabled=True), ON)
    assert {code: item.outcome for code, item in found.items()} == {"second": "likely", "third": "likely", "first": "likely"}
    found = book.assess(home(disabled=True), ON)
    assert found["second"].missing == ("household.savings",)
    assert book.assess(home("500", disabled=True), ON)["third"].outcome == "not_likely"
    assert ways_out(book.assess(home("500", disabled=True), ON)["second"], book.on(ON))[0].value == "99.99"


def test_a_result_used_by_a_shared_file_is_worked_out_first(make, store, catalogue):
    shared = {
        **store,
        "passport": SharedFile.from_dict("passport", {"worked_out": {"passported": {"is": "programmes.zeta.likely"}}}),
    }
    data = make({"a": "passported"}, "alpha").to_dict()
    alpha = Definition.from_dict({**data, "programme": {**data["programme"], "shares": ["passport"]}})
    book = Rulebook({"alpha": alpha, "zeta": make({"a": "applicant.disabled"}, "zeta")}, shared, catalogue)
    assert book.order == ["zeta", "alpha"]
    assert book.assess(home(disabled=True), ON)["alpha"].outcome == "likely"
    assert set(book.assess(home(disabled=True), ON, ["alpha"])) == {"alpha"}


def test_what_is_open_of_a_rule_is_told_side_by_side(make, store, catalogue):
    found = chain(make, store, catalogue).assess(home(), ON)
    savings, disabled = frozenset({"household.savings"}), frozenset({"people.p1.disabled"})
    assert open_sides(found["third"]) == ((savings,),)
    assert {frozenset().union(*side) for side in open_sides(found["second"])} in ({savings | disabled}, {savings, disabled})
    grouped = make(
        {
            "a": "household.nation == 'england'",
            "b": {"when": "applicant.disabled", "group": "why"},
            "c": {"when": "household.savings < pounds(5)", "group": "why"},
        }
    )
    book = Rulebook({"grouped": grouped}, store, catalogue)
    nation = frozenset({"household.nation"})
    assert open_sides(book.assess(home(), ON)["grouped"]) == ((nation,), (disabled, savings))
    assert open_sides(book.assess(home("9"), ON)["grouped"]) == ((nation,), (disabled,))
    assert open_sides(book.assess(home("1"), ON)["grouped"]) == ((nation,),)


def test_of_what_one_hopes_for_as_little_as_is_enough_is_told(make, store, catalogue):
    definition = make(
        {
            "nation": "household.nation == 'wales'",
            "ill": {"when": "applicant.disabled", "group": "why"},
            "poor": {"when": "household.savings < pounds(5) or applicant.pregnant", "group": "why"},
        }
    )
    book = Rulebook({definition.code: definition}, store, catalogue)
    known = home()
    hoped = {
        **known,
        "household": {**known["household"], "nation": "england", "savings": "1"},
        "people": [{**known["people"][0], "pregnant": True}],
    }
    hopes = [("rare", ["people.p1.pregnant"]), ("money", ["household.savings"]), ("place", ["household.nation"])]
    found = Hoped(known, hoped, hopes, catalogue, ON).prospects(answer(book, known))
    assert found == ((("not_met", frozenset()),), (("open", frozenset()), ("met", frozenset({"money"}))))
    turned = Hoped(known, hoped, hopes[::-1], catalogue, ON).prospects(answer(book, known))
    assert turned[1][1] == ("met", frozenset({"rare"})), "what is given up first is first in the list"
    decided = answer(book, {**home(), "household": {"nation": "england"}})
    assert Hoped(known, hoped, hopes, catalogue, ON).prospects(decided) == ()


def test_circles_and_unknown_programmes_are_refused(make, store, catalogue):
    one, two = make({"a": "programmes.two.likely"}, "one"), make({"a": "programmes.one.likely"}, "two")
    with pytest.raises(RuleError, match="circle: one → two → one"):
        Rulebook({"one": one, "two": two}, store, catalogue)
    with pytest.raises(RuleError, match="no programme called “two”"):
        Rulebook({"one": one}, store, catalogue)
    three = make({"a": "per_week(programmes.four.amount) > pounds(1, 'week')"}, "three")
    with pytest.raises(RuleError, match="no programme called “four”"):
        Rulebook({"three": three}, store, catalogue)
    with pytest.raises(RuleError, match="no amount that comes by the week"):
        Rulebook(
            {"three": three, "four": make({"a": "True"}, "four", amount={"is": "pounds(5)", "per": "once"})}, store, catalogue
        )


def test_a_local_variant_replaces_limits_and_criteria(make, store, catalogue):
    definition = make(
        {"savings": SAVINGS, "band": "household.council_tax_band == 'A'"},
        limits=LIMIT,
        variants=[
            {
                "id": "newham",
                "name": "Newham",
                "local_authorities": ["newham"],
                "law": "Scheme",
                "limits": {"savings_limit": {"unit": "GBP", "rows": [{"from": "2026-04-01", "value": 6000, "law": "Scheme 12"}]}},
                "leaves_out": ["band"],
            }
        ],
    )
    book = Rulebook({definition.code: definition}, store, catalogue)

    def found(savings, **household):
        return answer(book, {"household": {"savings": savings, **household}, "people": []})

    assert found("7000", local_authority="newham").outcome == "not_likely"
    assert found("7000", local_authority="newham").variant == "newham"
    assert found("7000", local_authority="merton", council_tax_band="A").outcome == "likely"
    assert found("7000", council_tax_band="A").missing == ("household.local_authority",)
    assert found("17000").outcome == "not_likely"


def test_windows_say_when_claims_are_taken(make, store, catalogue):
    definition = make(
        {"a": "household.nation == 'england'"},
        windows=[{"opens": "09-15", "closes": "03-31", "says": "From September to March."}],
    )
    book = Rulebook({definition.code: definition}, store, catalogue)
    states = {
        day: answer(book, home(), day).window
        for day in (date(2026, 9, 14), date(2026, 9, 15), date(2027, 3, 31), date(2027, 4, 1))
    }
    assert list(states.values()) == ["closed", "open", "open", "closed"]
    assert answer(book, home(), date(2026, 9, 14)).window_sentence() == "From September to March."


def test_evidence_is_asked_for_where_it_is_needed(make, store, catalogue):
    definition = make(
        {"a": "household.nation == 'england'"},
        evidence=[
            {
                "id": "savings",
                "label": "Savings",
                "any_of": {"statement": "Bank statement"},
                "when": "household.savings > pounds(6000)",
            }
        ],
    )
    book = Rulebook({definition.code: definition}, store, catalogue)
    assert answer(book, home("5000")).evidence() == []
    assert answer(book, home("7000")).evidence() == ["savings"]


def test_check_tells_everything_wrong_at_once(make, store, catalogue):
    definition = make(
        {"a": {"when": "household.nations == 'x'", "says": "{nothing} here"}, "b": "household.savings"},
        amount={"is": "pounds(3, 'week')", "per": "month"},
        worked_out={"earnings": {"for": "person", "is": "person.age"}},
        translations={"cy": {"criteria.z.says": "x"}},
        variants=[{"id": "v", "name": "V", "local_authorities": ["newham"], "law": "x", "leaves_out": ["z"]}],
    )
    places = {error.where for error in check(definition, store, catalogue)}
    assert places == {
        "criteria.a.when",
        "criteria.a.says",
        "criteria.b.when",
        "amount.per",
        "translations: criteria.z.says",
        "variants.v",
        "worked_out.earnings",
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"programme": {"code": "x"}}, "programme"),
        ({"criteria": []}, "at least one condition"),
        ({"law": []}, "Name the law"),
        ({"extra": {}}, "no section “extra”"),
        ({"worked_out": {"limits": {"is": "3"}}}, "is a word of the rule language"),
        ({"amount": {"is": "3", "per": "day"}}, "per"),
        ({"windows": [{"opens": "1 May", "closes": "05-02"}]}, "day of the year"),
        ({"service_standard": {"working_days": "x"}}, "whole number"),
        ({"contacts": {"channels": ["pigeon"]}}, "is not a channel"),
    ],
)
def test_the_shape_of_a_definition_is_checked(make, change, words):
    with pytest.raises(RuleError, match=words):
        Definition.from_dict({**make({"a": "True"}).to_dict(), **change})


def test_a_wrong_example_is_told_readably(store, catalogue):
    folder = registry.programme_folders()["winter_fuel_payment"]
    data = registry.load_folder(folder).to_dict()
    data["cases"]["case"][0]["expect"] = {"outcome": "not_likely", "amount": "1.00"}
    report = run_cases(Definition.from_dict(data), store, catalogue)
    assert str(report.failures[0]) == "alone_70: outcome: expected not_likely, but it is likely"
    assert "You are old enough: you reach State Pension age by 27 September 2026" in str(report.failures[2])


def test_leaf_coverage_finds_conditions_no_example_decides(make, store, catalogue):
    definition = make(
        {"a": "household.nation == 'england' or household.savings > pounds(5)"},
        cases={
            "case": [
                {
                    "id": "one",
                    "on": "2026-11-21",
                    "household": {"nation": "england", "savings": "1"},
                    "expect": {"outcome": "likely"},
                }
            ]
        },
    )
    report = run_cases(definition, store, catalogue)
    assert report.never_not_met == ("a",)
    gaps = {(id_, wanted) for id_, _, wanted in leaf_coverage(definition, report)}
    assert gaps == {("a", "met"), ("a", "not_met")}


def test_a_compiled_rule_refuses_a_day_it_was_not_made_for(savings, store, catalogue):
    programme = compile_programme(savings.definitions["test_programme"], ON, store, catalogue)
    with pytest.raises(ValueError, match="made ready for"):
        assess(home("5"), {"test_programme": programme}, date(2027, 4, 1))
