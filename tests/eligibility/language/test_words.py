"""What a person reads: labels instead of codes, whose fact it is, names of places, lists in words, in the languages of the reader."""

import gc
from datetime import date
from fractions import Fraction

import pytest

from eligibility.builder.rows import rows_of
from eligibility.builder.words import Vocabulary
from eligibility.engine import Rulebook, replay, way_words, ways_out
from eligibility.interchange import read_household
from eligibility.language import parse
from eligibility.language.codes import choice_words, place_name, role_words, words_for
from eligibility.language.limits import Limit
from eligibility.language.values import Flow
from eligibility.language.whose import fact_words, in_sentence, who
from eligibility.language.wording import MOST_TOLD, Teller, either

ON = date(2026, 11, 21)


def limit(unit, value):
    return {"unit": unit, "rows": [{"from": "2020-01-01", "value": value, "law": "Act s.1"}]}


def book_of(make, store, catalogue, criteria, **sections):
    definition = make(criteria, **sections)
    return Rulebook({definition.code: definition}, store, catalogue)


def family(*people, **home):
    return {"id": "h", "household": home, "people": [{"id": "p1", "role": "applicant"}, *people]}


def person(id_, role, **facts):
    return {"id": id_, "role": role, **facts}


def pay(amount, per="month"):
    return {"amount": amount, "per": per}


def answer_of(book, home):
    return book.assess(home, ON)["test_programme"]


@pytest.fixture
def place(make, store, catalogue):
    """A rule that speaks of a region, a council, a home, and of a limit that is a list of codes."""
    said = {
        "when": "household.nation == limits.nation and household.tenure in limits.homes",
        "says": "You live in {household.nation}, {household.region}, {household.local_authority}: {household.tenure} is {limits.homes}",
        "says_not": "You live in {household.nation}, not in {limits.nation}",
        "law": "Act s.2",
    }
    limits = {"nation": limit("choice", "england"), "homes": limit("choices", ["private_rent", "council_rent"])}
    return book_of(make, store, catalogue, {"place": said}, limits=limits)


def test_a_sentence_has_labels_where_the_answer_is_a_code(place):
    home = family(nation="england", region="yorkshire", local_authority="kingston_upon_thames", tenure="private_rent")
    (found,) = answer_of(place, home).criteria
    assert found.says() == (
        "You live in England, Yorkshire and the Humber, Kingston upon Thames: Rent from a private landlord is "
        "Rent from the council or Rent from a private landlord"
    )
    elsewhere = answer_of(place, family(nation="wales", region=None, tenure="private_rent")).criteria[0]
    assert elsewhere.says() == "You live in Wales, not in England"
    assert elsewhere.says("cy") == "You live in Cymru, not in Lloegr"
    assert "ويلز" in elsewhere.says("ar") and "إنجلترا" in elsewhere.says("ar")


def test_an_explanation_keeps_the_code_and_says_the_label(place):
    explained = answer_of(place, family(nation="wales", tenure="private_rent")).criteria[0].explanation()
    nation, tenure = explained["values"]
    assert (nation["value"], nation["words"]) == ("wales", "Wales")
    assert (tenure["value"], tenure["words"]) == ("private_rent", "Rent from a private landlord")
    homes, wanted = explained["limits"]
    assert (wanted["value"], wanted["words"]) == ("england", "England")
    assert homes["value"] == ["council_rent", "private_rent"]
    assert homes["words"] == "Rent from the council or Rent from a private landlord"


def test_a_step_of_the_calculation_says_the_label(make, store, catalogue):
    book = book_of(
        make,
        store,
        catalogue,
        {"home": "home == 'private_rent'"},
        worked_out={"home": {"label": "Your home", "is": "household.tenure if applies(household.tenure) else 'no_home'"}},
        amount={"is": "pounds(10) if home == 'private_rent' else pounds(5)", "per": "once"},
    )
    steps = answer_of(book, family(tenure="private_rent")).steps()
    assert [step["words"] for step in steps] == ["Rent from a private landlord", "£10"]


def test_a_way_out_says_the_label(place):
    home = family(nation="wales", tenure="private_rent")
    (way,) = ways_out(answer_of(place, home), place.on(ON))
    assert (way.value, way.words) == ("england", "if you lived in England")


CHILDREN = [
    person("p3", "child", born_on="2016-01-01", earnings=pay("0")),
    person("p4", "child", born_on="2012-01-01", earnings=pay("0")),
    person("p5", "child", born_on="2020-01-01", earnings=pay("0")),
]


@pytest.fixture
def earners(make, store, catalogue):
    criteria = {"pay": "sum(per_month(p.earnings) for p in household) <= limits.most"}
    return book_of(make, store, catalogue, criteria, limits={"most": limit("GBP/month", 1000)})


def test_a_way_out_names_whose_fact_it_is(earners):
    home = family(person("p2", "partner", earnings=pay("900")), *CHILDREN)
    home["people"][0]["earnings"] = pay("180")
    found = {way.key: way.words for way in ways_out(answer_of(earners, home), earners.on(ON))}
    assert found == {
        "people.p1.earnings": "if you were paid £100 a month or less before tax",
        "people.p2.earnings": "if your partner were paid £820 a month or less before tax",
    }


def test_children_are_counted_by_age_and_may_be_named(earners):
    home = family(*[child | {"earnings": pay("1200")} if child["id"] == "p3" else child for child in CHILDREN])
    home["people"][0]["earnings"] = pay("0")
    answer, ready = answer_of(earners, home), earners.on(ON)
    assert [way.words for way in ways_out(answer, ready)] == ["if your second child were paid £1,000 a month or less before tax"]
    named = ways_out(answer, ready, names={"p3": "Amir"})
    assert [way.words for way in named] == ["if Amir were paid £1,000 a month or less before tax"]
    assert "(eich ail blentyn)" in ways_out(answer, ready, "cy")[0].words
    assert "(طفلك الثاني)" in ways_out(answer, ready, "ar")[0].words


def test_who_somebody_is(catalogue):
    home = read_household(
        family(
            person("p2", "partner"),
            person("p3", "child"),
            *(person(f"a{number}", "other_adult") for number in range(2)),
        ),
        catalogue,
        ON,
    )
    assert [who(home, id_) for id_ in ("p1", "p2", "p3", "a0", "a1", "nobody")] == [
        "you",
        "your partner",
        "your child",
        "the first other adult in your home",
        "the second other adult in your home",
        "",
    ]
    many = read_household(family(*(person(f"c{number}", "child") for number in range(10))), catalogue, ON)
    assert who(many, "c9") == "your child number 10" and who(many, "c5", "cy") == "eich plentyn rhif 6"


def test_yes_or_no_as_a_way_out_reads_as_a_sentence(make, store, catalogue):
    book = book_of(make, store, catalogue, {"pregnant": "any(p.pregnant for p in family)"})
    home = family(person("p2", "partner", pregnant=False))
    home["people"][0]["pregnant"] = False
    assert [way.words for way in ways_out(answer_of(book, home), book.on(ON))] == [
        "if you were pregnant",
        "if your partner were pregnant",
    ]


@pytest.mark.parametrize(
    ("code", "whose", "test", "value", "words"),
    [
        ("household.savings", "", "at_most", 1_600_000, "if your savings were £16,000 or less"),
        ("household.savings", "", "at_most", 0, "if your savings were £0"),
        ("household.rent", "", "at_least", Flow(50_000, "month"), "if your rent were £500 a month or more"),
        ("household.council_tax_band", "", "is", "D", "if your home were in Council Tax band D"),
        ("household.tenure", "", "is", "council_rent", "if this were so for your home: Rent from the council"),
        ("person.earnings", "p1", "at_most", Flow(0, "week"), "if you were paid £0 a week before tax"),
        (
            "person.take_home_pay",
            "p2",
            "at_most",
            Flow(20_400, "week"),
            "if your partner took home £204 a week or less from work",
        ),
        ("person.hours_worked_weekly", "p1", "at_least", 16, "if the hours you worked in a week were 16 or more"),
        (
            "person.caring_hours_weekly",
            "p2",
            "at_least",
            35,
            "if the hours your partner cared for somebody in a week were 35 or more",
        ),
        ("person.childcare_costs", "p1", "at_least", Flow(100, "week"), "if you paid £1 a week or more for childcare"),
        ("person.in_education", "p2", "is", False, "if your partner were not in school, college or training"),
        ("person.attendance_allowance", "p1", "is", "higher", "if your Attendance Allowance were: Higher rate"),
    ],
)
def test_a_change_reads_as_a_person_would_say_it(catalogue, code, whose, test, value, words):
    home = read_household(family(person("p2", "partner")), catalogue, ON)
    fact = catalogue[code]
    key = f"people.{whose}.{fact.name}" if whose else code
    assert way_words(home, fact, key, test, value) == words
    for language in ("cy", "ar"):
        said = way_words(home, fact, key, test, value, language)
        assert said and "{" not in said


def test_every_change_of_a_shipped_fact_is_a_whole_sentence(catalogue):
    """No placeholder is left, and those who are not the applicant are named."""
    home = read_household(family(person("p2", "partner")), catalogue, ON)
    for fact in catalogue.values():
        values = (
            [False, True]
            if fact.type == "boolean"
            else list(fact.choices[-1:]) or [Flow(100, "week") if fact.type == "money" else 1]
        )
        for value in values if fact.type not in ("date", "text") else ():
            key = fact.code if fact.level == "household" else f"people.p2.{fact.name}"
            said = way_words(home, fact, key, "is" if fact.choices or fact.type == "boolean" else "at_least", value)
            assert said.startswith("if ") and "{" not in said
            assert fact.level == "household" or "your partner" in said, said


def test_what_is_needed_says_of_whom(make, store, catalogue):
    book = book_of(make, store, catalogue, {"age": "all(p.age > 3 for p in family)"})
    home = family(person("p3", "child"))
    home["people"][0]["born_on"] = "1980-01-01"
    assert answer_of(book, home).criteria[0].says() == "We cannot tell yet. We need: Date of birth (your child)."
    nobody = book.assess({"id": "h", "household": {}}, ON)["test_programme"]
    assert "who lives with you" in nobody.criteria[0].says()


def test_codes_that_stand_together_are_told_in_the_words_of_one_fact(catalogue):
    words = words_for(catalogue, ["lower", "higher"], {"person.attendance_allowance"})
    assert words("higher") == choice_words(catalogue["person.attendance_allowance"], "higher")
    assert words_for(catalogue, ["not_in_the_catalogue"])("not_in_the_catalogue") == "not in the catalogue"
    assert choice_words(catalogue["household.local_authority"], "tower_hamlets") == "Tower Hamlets"


def test_small_things():
    assert place_name("stoke_on_trent") == "Stoke on Trent" and place_name("the_wrekin") == "The Wrekin"
    assert role_words("partner") == "your partner" and role_words("child", "cy") == "plentyn"
    assert [either(list("abc")[:number]) for number in range(4)] == ["", "a", "a or b", "a, b or c"]
    assert in_sentence("Savings") == "savings" and in_sentence("State Pension") == "State Pension"
    assert in_sentence("Region of England") == "region of England" and in_sentence("PIP daily living") == "PIP daily living"
    assert Limit.from_dict("x", limit("choices", ["b", "a"])).codes() == {"a", "b"}


def test_a_fact_alone_says_whose_it_is(catalogue):
    home = read_household(family(person("p2", "partner")), catalogue, ON)
    fact = catalogue["person.earnings"]
    assert fact_words(home, fact, "people.p1.earnings") == fact.words()
    assert fact_words(home, fact, "people.p2.earnings") == f"{fact.words()} (your partner)"


def test_a_condition_in_the_builder_says_the_labels_of_a_limit(place):
    definition = place.definitions["test_programme"]
    row = rows_of(parse("household.tenure in limits.homes")).items[0]
    words = Vocabulary(definition, {}, ON).sentence(row, "en")
    assert "Rent from the council or Rent from a private landlord" in words


def test_what_was_told_is_told_again_and_memory_stays_bounded(catalogue):
    money = catalogue["household.savings"].value_type
    tell = Teller(money)
    assert [tell(100_050), tell.kept[100_050], tell(None), tell(Fraction(1, 3))] == [
        "£1,000.50",
        "£1,000.50",
        "does not apply",
        "£0",
    ]
    assert set(tell.kept) >= {100_050} and None not in tell.kept and Teller(money, "ar").kept is not tell.kept
    for number in range(MOST_TOLD + 10):
        tell(number)
    assert len(tell.kept) <= MOST_TOLD
    region = catalogue["household.region"]
    told = Teller(region.value_type, codes=lambda code, language: choice_words(region, code, language))
    assert told("london") == "London" and told("nowhere") == "nowhere" and set(told.kept) == {"london"}


def test_answers_hold_no_circle_in_memory(make, store, catalogue):
    """Whoever assesses a caseload one by one must not wait for the collector."""
    one = make(
        {"a": "household.savings > 0"},
        code="one",
        amount={"is": "pounds(5, 'month')", "per": "month", "says": "You get {amount}"},
    )
    two = make({"b": "programmes.one.likely and per_month(programmes.one.amount) > 0"}, code="two")
    book = Rulebook({"one": one, "two": two}, store, catalogue)

    def all_that_is_said():
        for answer in book.assess(family(savings="5.00"), ON).values():
            _ = answer.amount, answer.missing, answer.amount_sentence(), [item.says() for item in answer.criteria]

    all_that_is_said()
    gc.collect()
    gc.disable()
    try:
        all_that_is_said()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_steps_tell_children_in_one_order_with_and_without_their_birthdays(make, store, catalogue):
    """What is kept of a household has no birthdays where the rule reads none: a replay must tell the same."""
    definition = make(
        {"a": "any(p.disabled for p in family)"},
        worked_out={
            "part": {"for": "person", "label": "Part", "is": "pounds(5, 'week') if person.disabled else pounds(2, 'week')"}
        },
        amount={"is": "sum(p.part for p in family)", "per": "week"},
    )
    children = [
        person("young", "child", born_on="2021-01-01", disabled=True),
        person("old", "child", born_on="2015-01-01", disabled=False),
    ]
    home = family(*children)
    home["people"][0]["disabled"] = False
    kept = answer_of(Rulebook({definition.code: definition}, store, catalogue), home).to_dict()
    assert "born_on" not in str(kept["inputs"])
    assert [step.get("person") for step in kept["steps"]] == ["p1", "old", "young", None]
    assert replay(kept, definition, store, catalogue).to_dict() == kept
