"""Local variants in the editor: written without code, narrower or wider in words, never below the floor, one for each council."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility.actions import programmes as actions
from eligibility.actions.determinations import screen_as_machine
from eligibility.cases import read_cases
from eligibility.definition import Definition
from eligibility.engine import assess, compile_programme
from eligibility.folder import to_files
from eligibility.language import RuleError
from eligibility.local import NARROWER, SAME, WIDER, Part, Trial, told
from eligibility.made_households import Maker
from eligibility.models import ProgrammeVersion
from eligibility.queries.comparison import compared
from eligibility.queries.local import check_floor
from eligibility.rules import catalogue, whole
from eligibility.scaffold import read_data
from portal.kit.actor import acting_as
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.consent import make_record
from tests.factories.eligibility import SCREENED, actor_of, allow_screening, load, make_admin, make_agency, read_definition

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 21)
NEWHAM = {"id": "newham", "name": "Newham", "local_authorities": ["newham"], "law": "Newham scheme 2026"}


@pytest.fixture
def draft(client, versions, writer):
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]))
    return ProgrammeVersion.objects.get(programme__code="heating_help", number=2)


def now():
    return ProgrammeVersion.objects.get(programme__code="heating_help", number=2)


def url(name, *more):
    return reverse(f"eligibility:admin_{name}", args=["heating_help", 2, *more])


def post(client, address, **values):
    return client.post(address, {"lock_version": now().lock_version, **values})


def with_newham(client):
    return post(client, url("variant_new"), name="Newham", others="London Borough of Newham", law="Newham scheme 2026")


def local(**parts):
    data = read_definition().to_dict()
    return Definition.from_dict({**data, "variants": [{**NEWHAM, **parts}]})


def limit_row(client, value, name="savings_limit", **more):
    values = {"starts_on": "2026-04-01", "value_0": value, "law": "scheme para 12", **more}
    return post(client, url("limit_local", "newham", name), **values)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_variant_is_made_of_councils_by_name_and_shows_what_is_common(client, draft):
    response = with_newham(client)
    assert response.status_code == 302 and response["Location"] == url("variant", "newham")
    page = client.get(url("variant", "newham")).content.decode()
    assert "Nothing is different here yet" in page and "Holds in Newham" in page and page.count("As everywhere") >= 2
    assert now().definition["variants"] == [NEWHAM]
    assert "Newham" in client.get(url("version")).content.decode()


def test_a_councils_second_variant_is_refused_by_its_name(client, draft):
    with_newham(client)
    page = post(client, url("variant_new"), name="East London", councils=["newham"], others="Tower Hamlets", law="x")
    assert "Newham has the local variant “Newham” already. A council can have one only." in page.content.decode()
    assert 'value="East London"' in page.content.decode() and len(now().definition["variants"]) == 1
    assert "Enter a name" in post(client, url("variant_new")).content.decode()


def test_a_lower_limit_is_called_stricter_and_old_days_keep_the_common_value(client, draft):
    with_newham(client)
    assert limit_row(client, "6,000").status_code == 302
    rows = now().definition["variants"][0]["limits"]["savings_limit"]["rows"]
    assert [(row["from"], row["value"]) for row in rows] == [("2020-01-01", "10000"), ("2026-04-01", "6000")]
    page = client.get(url("variant", "newham")).content.decode()
    assert "Stricter here" in page and "Differs here" in page
    assert post(client, url("limit_remove_local", "newham", "savings_limit"), do="limit").status_code == 302
    assert now().definition["variants"] == [NEWHAM]


def test_a_condition_is_left_out_replaced_added_and_made_common_again(client, draft):
    with_newham(client)
    change = url("variant_change", "newham")
    assert post(client, change, do="leave_out savings").status_code == 302
    assert "More generous here" in client.get(url("variant", "newham")).content.decode()
    assert post(client, change, do="common savings").status_code == 302
    texts = {"says": "You are 50 or over", "says_not": "You are under 50", "law": "para 3"}
    assert (
        post(client, url("criterion_local", "newham", "age"), view="formula", when="applicant.age >= 50", **texts).status_code
        == 302
    )
    band = {"says": "Your band is A", "says_not": "Your band is not A", "law": "para 4"}
    made = post(client, url("criterion_new_local", "newham"), view="formula", when="household.council_tax_band == 'A'", **band)
    assert made.status_code == 302
    variant = now().definition["variants"][0]
    assert [item["id"] for item in variant["criteria"]] == ["age", "your_band_is_a"]
    page = client.get(url("variant", "newham")).content.decode()
    assert "You are 50 or over" in page and "Only here" in page
    assert "You are under 60" not in page and "You are 60 or over" in client.get(url("version")).content.decode()
    assert post(client, change, do="common your_band_is_a").status_code == 302
    assert [item["id"] for item in now().definition["variants"][0]["criteria"]] == ["age"]
    assert post(client, change, do="leave_out nothing").status_code == 400


def test_amount_and_worked_out_facts_can_be_local(client, draft):
    with_newham(client)
    assert post(client, url("worked_out_new_local", "newham"), label="Half", formula="limits.rate / 2").status_code == 302
    assert post(client, url("amount_local", "newham"), formula="half", per="year").status_code == 302
    variant = now().definition["variants"][0]
    assert set(variant["worked_out"]) == {"half"} and variant["amount"]["per"] == "year"
    page = client.get(url("variant", "newham")).content.decode()
    assert "Stricter here for some households" in page and "A household that loses here" in page
    assert post(client, url("amount_local", "newham"), formula="limits.rat", per="year").status_code == 200
    assert post(client, url("amount_local", "newham"), do="remove").status_code == 302
    assert "amount" not in now().definition["variants"][0]


def test_the_page_counts_the_caseload_there_and_the_worked_examples(client, draft):
    with_newham(client)
    limit_row(client, "50")
    example = {
        "says": "Rich in Newham",
        "on": "2026-11-21",
        "applicant-born_on": "70",
        "household-savings": "90",
        "outcome": "not_likely",
    }
    assert post(client, url("example_new"), **{**example, "household-local_authority": "Newham"}).status_code == 302
    for _number in range(40):
        make_record({"me.born_on": "1950-04-02", "household.savings": "400.00", "household.local_authority": "newham"})
    page = client.get(url("variant", "newham") + "?count=1")
    count = page.context["count"]
    assert 25 <= count.size.number <= 55 and 25 <= count.loses.number <= 55  # within the noise
    assert count.gains.number is None
    assert page.context["examples"][0]["differs"] and "Rich in Newham" in page.content.decode()


def test_a_variant_has_texts_and_translations_of_its_own(client, draft):
    with_newham(client)
    texts = {"says": "You are 50 or over", "says_not": "You are under 50", "law": "para 3"}
    post(client, url("criterion_local", "newham", "age"), view="formula", when="applicant.age >= 50", **texts)
    page = client.get(url("texts_local", "newham") + "?language=cy")
    paths = list(page.context["form"].paths.values())
    assert "criteria.age.says" in paths and "name" not in paths
    names = {path: name for name, path in page.context["form"].paths.items()}
    sent = {names["criteria.age.says"]: "Rydych yn 50 oed neu hŷn", names["criteria.age.says_not"]: ""}
    assert post(client, url("texts_local", "newham") + "?language=cy", **sent).status_code == 302
    whole_now = whole(now().definition, now().shared)
    there = whole_now.with_variant(whole_now.variants[0])
    assert there.text("criteria.age.says", "cy") == "Rydych yn 50 oed neu hŷn"
    assert whole_now.text("criteria.age.says", "cy") == "You are {limits.least_age} or over"


def test_a_common_translation_does_not_speak_for_a_local_sentence():
    data = read_definition().to_dict()
    data["translations"] = {"cy": {"criteria.age.says": "Rydych yn {limits.least_age}", "criteria.savings.says": "Cynilion"}}
    criterion = {"id": "age", "when": "applicant.age >= 50", "says": "You are 50", "says_not": "You are not", "law": "x"}
    definition = Definition.from_dict({**data, "variants": [{**NEWHAM, "criteria": [criterion], "leaves_out": ["savings"]}]})
    there = definition.with_variant(definition.variants[0])
    assert there.text("criteria.age.says", "cy") == "You are 50" and "cy" in there.translations
    assert not [path for path in there.translations["cy"] if path.startswith("criteria.")]
    compile_programme(definition, ON, {}, catalogue())


def test_another_agency_may_neither_see_nor_change_it(client, draft):
    with_newham(client)
    sign_in(client, make_admin(make_agency("other-office")))
    for address in (
        url("variant", "newham"),
        url("variant_new"),
        url("variant_details", "newham"),
        url("limit_local", "newham", "rate"),
    ):
        assert client.get(address).status_code == 403
    assert client.get(url("variant", "nowhere")).status_code == 403
    assert post(client, url("variant_change", "newham"), do="remove").status_code == 403


def test_the_difference_between_versions_shows_variants_part_by_part(client, draft):
    with_newham(client)
    limit_row(client, "6000")
    changes = compared(draft, now(), "en")
    assert changes and {(change.section, change.kind) for change in changes} == {("Local variants", "added")}
    first = now()
    limit_row(client, "7000", starts_on="2027-04-01")
    after = compared(first, now(), "en")
    assert len(after) == 1 and "Newham" in after[0].path and "£7,000" in after[0].after


def test_the_folder_round_trip_keeps_variants_and_floor(client, draft):
    with_newham(client)
    limit_row(client, "16000")
    post(client, url("variant_change", "newham"), do="leave_out age")
    assert post(client, url("floor"), limits=["savings_limit"], criteria=["age"]).status_code == 302
    written = Definition.from_dict(now().definition)
    files = to_files(written)
    assert Definition.from_dict(read_data(files["programme.toml"], files["cases.toml"])) == written
    assert written.floor == {"criteria": ["age"], "limits": ["savings_limit"]}


def test_the_result_says_which_local_rules_were_used(client):
    allow_screening((*SCREENED, "household.local_authority"))
    load(local(limits={"savings_limit": {"unit": "GBP", "rows": [{"from": "2020-01-01", "value": "6000", "law": "para 12"}]}}))
    found = {}
    for council in ("newham", "merton"):
        record, _citizen = make_record(
            {"me.born_on": "1950-01-01", "household.savings": "7000.00", "household.local_authority": council}
        )
        screen_as_machine(record_id=record.pk, at=timezone.now())
        session = client.session
        session["person_id"] = str(record.person_id)
        session.save()
        found[council] = client.get(reverse("eligibility:results")).content.decode()
    assert "The local rules of Newham were used: Newham scheme 2026" in found["newham"] and "Does not fit now" in found["newham"]
    assert "local rules of" not in found["merton"] and "You may get this" in found["merton"]


# --- the floor ----------------------------------------------------------------------------------------------------------


def test_a_narrower_variant_is_refused_with_a_household_that_shows_it(client, draft):
    with_newham(client)
    assert post(client, url("floor"), limits=["savings_limit"]).status_code == 302
    page = limit_row(client, "6000").content.decode()
    assert "This goes below the floor" in page and "Savings" in page and 'value="6000"' in page
    shown = re.search(r"not by the local one, or gets less there: (.*?)\.<", page.replace("\n", " "))
    assert shown and "£" in shown[1]
    assert "limits" not in now().definition["variants"][0]
    assert limit_row(client, "16000").status_code == 302


def test_a_floor_that_a_variant_already_breaks_cannot_be_set(client, draft):
    with_newham(client)
    limit_row(client, "6000")
    page = post(client, url("floor"), result="on")
    assert "This goes below the floor" in page.content.decode() and "floor" not in now().definition


def test_publishing_looks_at_the_floor_again(versions, writer, second):
    one, two, at = actor_of(writer), actor_of(second), timezone.now()
    with acting_as(one):
        draft = actions.begin_draft(by=one, version=versions[0], at=at)
        ProgrammeVersion.objects.filter(pk=draft.pk).update(
            definition={**draft.definition, "floor": {"result": True}, "variants": [{**NEWHAM, "criteria": [strict()]}]}
        )
        actions.send_for_approval(by=one, version_id=draft.pk, at=at)
    with acting_as(two), pytest.raises(RuleError, match="goes below the floor"):
        actions.publish(by=two, version_id=draft.pk, effective_from=timezone.localdate(), at=at, today=timezone.localdate())


def strict():
    tree = {
        "op": "compare",
        "tests": [">="],
        "parts": [{"op": "get", "of": "applicant", "name": "age"}, {"op": "number", "value": "80"}],
    }
    return {"id": "age", "when": tree, "says": "80", "says_not": "under 80", "law": "x"}


def test_the_household_that_is_shown_really_loses():
    definition = replace(local(criteria=[strict()]), floor={"result": True})
    breach = Trial(definition, {}, ON, catalogue()).breaches()[0]
    common, there = (
        compile_programme(item, ON, {}, catalogue())
        for item in (replace(definition, variants=(), floor={}), definition.with_variant(definition.variants[0]))
    )
    results = [assess(breach.household, {definition.code: item}, ON)[definition.code].outcome for item in (common, there)]
    assert results == ["likely", "not_likely"]


@pytest.mark.parametrize(
    ("parts", "is_refused"),
    [
        ({"leaves_out": ["savings"]}, False),
        ({"criteria": [strict()]}, True),
        ({"amount": {"is": "limits.rate - pounds(0.01, 'year')", "per": "year"}}, True),
        ({"amount": {"is": "limits.rate + pounds(0.01, 'year')", "per": "year"}}, False),
        ({"limits": {"savings_limit": {"unit": "GBP", "rows": [{"from": "2020-01-01", "value": "9999.99", "law": "x"}]}}}, True),
        ({"limits": {"savings_limit": {"unit": "GBP", "rows": [{"from": "2020-01-01", "value": "10000.01", "law": "x"}]}}}, False),
        ({"limits": {"savings_limit": {"unit": "GBP", "rows": [
            {"from": "2020-01-01", "value": "10000", "law": "x"}, {"from": "2027-04-01", "value": "9999.99", "law": "x"}]}}}, True),
    ],
)  # fmt: skip
def test_a_penny_below_the_floor_is_found_also_on_a_later_day(parts, is_refused):
    definition = replace(local(**parts), floor={"result": True})
    if is_refused:
        with pytest.raises(RuleError, match="goes below the floor"):
            check_floor(definition, ON)
    else:
        check_floor(definition, ON)


# --- told and tried -----------------------------------------------------------------------------------------------------


def limit_local(value, name="savings_limit", unit="GBP"):
    return local(limits={name: {"unit": unit, "rows": [{"from": "2020-01-01", "value": value, "law": "x"}]}})


@pytest.mark.parametrize(
    ("definition", "part", "direction"),
    [
        (limit_local("6000"), Part("limit", "savings_limit"), NARROWER),
        (limit_local("16000"), Part("limit", "savings_limit"), WIDER),
        (limit_local("10000"), Part("limit", "savings_limit"), SAME),
        (limit_local("55", "least_age", "years"), Part("limit", "least_age"), WIDER),
        (limit_local("65", "least_age", "years"), Part("limit", "least_age"), NARROWER),
        (limit_local("300", "rate", "GBP/year"), Part("limit", "rate"), WIDER),
        (local(leaves_out=["age"]), Part("left_out", "age"), WIDER),
        (local(criteria=[{**strict(), "id": "extra"}]), Part("criterion", "extra", True), NARROWER),
        (local(criteria=[strict()]), Part("criterion", "age"), ""),
    ],
)
def test_what_the_formulas_tell(definition, part, direction):
    assert told(definition, definition.variants[0], part, ON) == direction
    whole_effect, parts = Trial(definition, {}, ON, catalogue()).effects(definition.variants[0])
    assert parts[part].direction == (direction or NARROWER)
    assert whole_effect.direction == (direction or NARROWER)


def test_what_is_told_agrees_with_what_is_tried():
    for value in ("6000", "16000"):
        definition = limit_local(value)
        trial = Trial(definition, {}, ON, catalogue())
        whole_effect, _parts = trial.effects(definition.variants[0])
        assert not whole_effect.is_sure  # households were found that show it
        assert (whole_effect.loses is not None) == (value == "6000") and (whole_effect.gains is not None) == (value == "16000")


def test_made_households_are_the_same_each_time_and_start_with_the_examples():
    definition = read_definition()
    ready = {"heating_help": compile_programme(definition, ON, {}, catalogue())}
    one, two = (
        [
            (home.facts, [person.facts for person in home.people])
            for home in Maker(definition, ready, ON, catalogue()).households(300)
        ]
        for _again in range(2)
    )
    assert one == two and len(one) == 300
    examples = len(read_cases(definition, catalogue()))
    savings = [facts["savings"] for facts, _people in one[:examples]]
    assert savings == [10000, 10000, 1000001]
    assert {1000000, 1000001} <= {facts["savings"] for facts, _people in one}
