"""Local rules that another agency proposes: written for its own councils only, answered by the programme's agency, published by two people."""

from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility.actions import programmes, proposals
from eligibility.language import RuleError
from eligibility.models import LocalProposal, PreviewAsked, ProgrammeVersion
from eligibility.models.proposal import DRAFT, IN_FORCE, OPEN, PROPOSAL_FLOW, SENT, WITHDRAWN
from eligibility.queries import proposals as queries
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from portal.kit.states import MoveRefused
from portal.models import Notification, Office
from tests.eligibility.proposals.steps import (
    ABOUT,
    RICH,
    begun,
    drafted,
    fresh,
    kinds_of,
    limit_of,
    published,
    saved_as,
    step,
    url,
    written,
)
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.consent import make_record
from tests.factories.eligibility import actor_of, make_admin, make_agency
from tests.factories.portal import make_office

pytestmark = pytest.mark.django_db

# --- the whole way, by the pages --------------------------------------------------------------------------------------


def test_a_council_writes_sends_and_gets_its_local_rule(client, programme, clerk, writer, second):
    sign_in(client, clerk)
    board = client.get(reverse("eligibility:admin_proposals")).content.decode()
    assert "Heating help" in board and "Hackney: the common rule" in board
    form = client.get(reverse("eligibility:admin_proposal_new", args=["heating_help"]))
    assert form.context["form"].initial["councils"] == ["hackney"] and "Other councils" not in form.content.decode()
    made = client.post(
        reverse("eligibility:admin_proposal_new", args=["heating_help"]),
        {"lock_version": 0, "name": "Hackney", "councils": ["hackney"], "law": "Hackney scheme 2026"},
    )
    assert made.status_code == 302
    here = made["Location"]
    key = UUID(here.rstrip("/").split("/")[-1])

    def at(name, *more):
        return reverse(f"eligibility:{name}", args=[key, *more])

    def lock():
        return client.get(here).context["version"].lock_version

    page = client.get(here).content.decode()
    assert "Heating help: local rule for Hackney" in page and "Only your agency sees it yet" in page
    assert at("admin_criterion_proposed", "age") in page and "Nothing is different here yet" in page
    row = {"starts_on": "2026-12-01", "value_0": "5,000", "law": "Hackney scheme para 2"}
    saved = client.post(at("admin_limit_proposed", "savings_limit"), {"lock_version": lock(), **row})
    assert saved.status_code == 302 and saved["Location"] == f"{here}#limits"
    band = {"says": "Your band is A", "says_not": "Your band is not A", "law": "para 4", "view": "formula"}
    made = client.post(
        at("admin_criterion_new_proposed"), {"lock_version": lock(), "when": "household.council_tax_band == 'A'", **band}
    )
    assert made.status_code == 302, made.content.decode()[-2000:]
    shown = client.get(here)
    assert len(shown.context["fails_elsewhere"]) == 1 and not shown.context["fails_here"]  # an example that names no council
    assert (
        client.post(at("admin_variant_change_proposed"), {"lock_version": lock(), "do": "common your_band_is_a"}).status_code
        == 302
    )
    example = {
        "says": "Rich here",
        "on": "2026-12-02",
        "applicant-born_on": "70",
        "household-savings": "6000",
        "outcome": "not_likely",
    }
    form = client.get(at("admin_example_new_proposed"))
    assert form.context["form"].initial["household-local_authority"] == "Hackney"
    assert (
        client.post(
            at("admin_example_new_proposed"), {"lock_version": lock(), "household-local_authority": "Hackney", **example}
        ).status_code
        == 302
    )
    page = client.get(here).content.decode()
    assert "Stricter here" in page and "Rich here" in page and "What it changes in version 1" in page
    for name, more in (("admin_variant_details_proposed", ()), ("admin_texts_proposed", ()), ("admin_amount_proposed", ()),
                       ("admin_worked_out_new_proposed", ()), ("admin_limit_new_proposed", ()), ("admin_example_proposed", ("rich_here",))):  # fmt: skip
        assert client.get(at(name, *more)).status_code == 200, name
    assert ProgrammeVersion.objects.filter(programme=programme).count() == 1
    sent = client.post(at("admin_proposal_step"), {"lock_version": lock(), "do": "send", "note": "Cabinet of 3 March"})
    assert sent.status_code == 302 and "Waits for an answer" in client.get(here).content.decode()
    told = Notification.objects.get(user_id=writer.user_id, kind="local_rule_proposed")
    assert told.path == here

    sign_in(client, writer)
    assert "Local rules (1 waits)" in client.get(reverse("eligibility:admin_list")).content.decode()
    page = client.get(here)
    assert "Cabinet of 3 March" in page.content.decode() and page.context["offices"]
    answered = client.post(at("admin_proposal_answer"), {"lock_version": lock(), "do": "take_over", "into": ""})
    assert answered["Location"] == reverse("eligibility:admin_version", args=["heating_help", 2])
    draft = ProgrammeVersion.objects.get(programme=programme, number=2)
    variant = draft.definition["variants"][0]
    assert (variant["agency"], variant["local_authorities"]) == ("hackney-council", ["hackney"])
    common, made = draft.based_on.definition, draft.definition
    assert {name: made[name] for name in common if name != "cases"} == {name: common[name] for name in common if name != "cases"}
    assert made["cases"]["case"][:-1] == common["cases"]["case"] and made["cases"]["case"][-1]["says"] == "Rich here"
    assert {str(writer.user_id), str(clerk.user_id)} <= set(draft.writers)
    client.post(reverse("eligibility:admin_send", args=["heating_help", 2]))
    sign_in(client, second)
    day = timezone.localdate().isoformat()
    published = client.post(reverse("eligibility:admin_publish", args=["heating_help", 2]), {"effective_from": day})
    assert published.status_code == 302, published.context["form"].errors
    kinds = set(Notification.objects.filter(user_id=clerk.user_id).values_list("kind", flat=True))
    assert kinds == {"local_rule_taken_over", "local_rule_published"}
    sign_in(client, clerk)
    assert "It holds from" in client.get(here).content.decode()
    client.logout()
    public = client.get(reverse("eligibility:programme", args=["heating_help"])).content.decode()
    assert "Hackney scheme 2026, set by Hackney Council" in public


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_only_a_programme_admin_of_another_agency_with_an_office_there_begins_one(programme, clerk, writer, council):
    stranger = make_admin(make_agency("far-council"))
    make_office(stranger.agency, local_authorities=["leeds"])
    everywhere = make_admin(make_agency("everywhere-service"))
    make_office(everywhere.agency, local_authorities=[])
    for membership in (stranger, everywhere):
        with pytest.raises(programmes.NotReady, match="no office for Hackney"):
            begun(programme, membership)
    for membership in (writer, make_admin(council, "caseworker"), make_admin(council, "auditor")):
        with pytest.raises(Refused):
            begun(programme, membership)
    with acting_as(actor_of(writer)):
        proposals.allow_local_rules(by=actor_of(writer), programme=programme, allowed=False)
    programme.refresh_from_db()
    with pytest.raises(Refused):
        begun(programme, clerk)
    assert not LocalProposal.objects.exists()


def test_only_the_programmes_agency_lets_others_propose(client, programme, clerk, writer):
    with pytest.raises(Refused), acting_as(actor_of(clerk)):
        proposals.allow_local_rules(by=actor_of(clerk), programme=programme, allowed=False)
    sign_in(client, writer)
    address = reverse("eligibility:admin_local_rules", args=["heating_help"])
    for what, expected in (("stop", False), ("allow", True)):
        assert client.post(address, {"do": what}).status_code == 302
        programme.refresh_from_db()
        assert programme.takes_local_rules is expected
    sign_in(client, clerk)
    assert client.post(address, {"do": "stop"}).status_code == 403


def test_a_third_agency_sees_nothing_and_the_programmes_agency_only_what_was_sent(client, proposal, writer, clerk):
    third = make_admin(make_agency("third-council"))
    for membership in (third, writer):
        sign_in(client, membership)
        assert client.get(url(proposal)).status_code == 404
        assert client.get(url(proposal, "admin_limit_proposed", "rate")).status_code == 404
        assert client.post(url(proposal, "admin_proposal_step"), {"do": "send", "lock_version": 0}).status_code == 404
    written(proposal, clerk, limits=limit_of("5000"))
    step("send", proposal, clerk, note="")
    sign_in(client, writer)
    assert client.get(url(proposal)).status_code == 200
    assert client.get(url(proposal, "admin_limit_proposed", "rate")).status_code == 403
    change = client.post(url(proposal, "admin_variant_change_proposed"), {"do": "leave_out savings", "lock_version": 2})
    assert (
        change.status_code == 403
        and client.post(url(proposal, "admin_proposal_step"), {"do": "withdraw", "lock_version": 2}).status_code == 403
    )
    sign_in(client, clerk)
    assert client.post(url(proposal, "admin_proposal_answer"), {"do": "take_over", "lock_version": 2}).status_code == 403
    assert fresh(proposal, clerk).state == SENT and not ProgrammeVersion.objects.filter(number=2).exists()


def test_an_agency_writes_for_its_own_councils_alone(client, proposal, clerk):
    with pytest.raises(programmes.NotReady, match="no office for Newham"):
        written(proposal, clerk, about={"local_authorities": ["hackney", "newham"]})
    sign_in(client, clerk)
    page = client.get(url(proposal, "admin_variant_details_proposed"))
    assert [code for code, _words in page.context["form"].fields["councils"].choices] == ["hackney"]
    sent_in = {"name": "x", "law": "y", "councils": ["newham"], "others": "Newham", "lock_version": 0}
    assert client.post(url(proposal, "admin_variant_details_proposed"), sent_in).status_code == 200
    assert fresh(proposal, clerk).variant["local_authorities"] == ["hackney"]


def test_nothing_but_the_local_rule_and_its_examples_is_kept(programme, proposal, clerk):
    base = fresh(proposal, clerk).base.definition
    mine = {**fresh(proposal, clerk).variant, "leaves_out": ["savings"], "agency": "heat-office"}
    other = {"id": "leeds", "name": "Leeds", "local_authorities": ["leeds"], "law": "x", "leaves_out": ["age"]}
    data = {**base, "variants": [mine, other], "criteria": base["criteria"][:1], "floor": {"result": True}, "amount": None}
    saved_as(proposal, clerk, data)
    found = fresh(proposal, clerk)
    assert set(found.variant) == {"id", "name", "law", "local_authorities", "leaves_out"}
    made, place = queries.read_upon(found, found.base)
    assert [item["id"] for item in made.definition["variants"]] == [place] and not found.cases
    assert {name: value for name, value in made.definition.items() if name != "variants"} == base


def test_the_local_rule_of_another_council_stays_though_it_was_one_with_this(programme, writer, second, clerk):
    both = {
        "id": "east",
        "name": "East",
        "local_authorities": ["hackney", "newham"],
        "law": "East scheme",
        "limits": limit_of("4000"),
    }
    published(drafted(programme, writer, variants=[both]), writer, second)
    found = begun(programme, clerk)
    assert found.variant["limits"] == both["limits"] and found.place == "hackney"  # it begins with what holds there
    step("send", written(found, clerk, leaves_out=["age"]), clerk, note="")
    _proposal, draft = step("take_over", found, writer, into=None)
    east, hackney = draft.definition["variants"]
    assert east == {**both, "local_authorities": ["newham"]}
    assert (hackney["local_authorities"], hackney["agency"]) == (["hackney"], "hackney-council")


def test_examples_of_other_places_cannot_be_touched(proposal, clerk):
    for wrong in (
        {**RICH, "household": {"savings": "6000.00", "local_authority": "newham"}, "expect": {"outcome": "likely"}},
        {**RICH, "household": {"savings": "6000.00"}, "expect": {"outcome": "likely"}},
    ):
        with pytest.raises(RuleError, match="households that live here"):
            written(proposal, clerk, cases=[wrong])
    base = fresh(proposal, clerk).base.definition
    gone = {**base, "variants": [fresh(proposal, clerk).variant], "cases": {**base["cases"], "case": base["cases"]["case"][1:]}}
    with pytest.raises(RuleError, match="households that live here"):
        saved_as(proposal, clerk, gone)
    moved = [{**base["cases"]["case"][0], "household": {"local_authority": "hackney"}}, *base["cases"]["case"][1:]]
    with pytest.raises(RuleError, match="households that live here"):
        saved_as(proposal, clerk, {**gone, "cases": {**base["cases"], "case": moved}})
    written(proposal, clerk, cases=[{**RICH, "expect": {"outcome": "likely"}}])
    assert [case["id"] for case in fresh(proposal, clerk).cases["case"]] == ["rich_here"]


# --- two at once, and twice -------------------------------------------------------------------------------------------


def test_two_tabs_do_not_overwrite_each_other(client, proposal, clerk):
    sign_in(client, clerk)
    values = {"starts_on": "2026-12-01", "law": "para 2", "lock_version": 0}
    address = url(proposal, "admin_limit_proposed", "savings_limit")
    assert client.post(address, {**values, "value_0": "5000"}).status_code == 302
    second_tab = client.post(address, {**values, "starts_on": "2026-12-02", "value_0": "4000"})
    assert second_tab.status_code == 200 and "Somebody else saved this draft" in second_tab.content.decode()
    assert 'value="4000"' in second_tab.content.decode()
    assert len(fresh(proposal, clerk).variant["limits"]["savings_limit"]["rows"]) == 2
    stale = client.post(url(proposal, "admin_proposal_step"), {"do": "send", "lock_version": 0, "note": "x"})
    assert stale.status_code == 200 and fresh(proposal, clerk).state == DRAFT


def test_it_is_taken_over_once(client, sent, writer, second):
    read = fresh(sent, writer).lock_version
    step("take_over", sent, writer, into=None)
    with pytest.raises(programmes.NotReady, match="It changed after you opened it"):
        step("take_over", sent, second, lock_version=read, into=None)
    with pytest.raises(MoveRefused):
        step("take_over", sent, second, into=None)
    with pytest.raises(MoveRefused):
        step("send_back", sent, second, answer="No")
    assert ProgrammeVersion.objects.filter(programme=sent.programme).count() == 2


def test_what_was_read_is_what_is_taken_over(sent, clerk, writer):
    read = fresh(sent, writer).lock_version
    step("take_back", sent, clerk)
    written(sent, clerk, limits=limit_of("1"))
    step("send", sent, clerk, note="")
    with pytest.raises(programmes.NotReady, match="It changed after you opened it"):
        step("take_over", sent, writer, lock_version=read, into=None)


def test_one_council_has_one_open_proposal(programme, proposal, clerk):
    with pytest.raises(programmes.NotReady, match="writes a local rule for this council already"):
        begun(programme, clerk, {**ABOUT, "name": "Another"})
    step("withdraw", proposal, clerk)
    assert begun(programme, clerk).state == DRAFT


# --- the steps --------------------------------------------------------------------------------------------------------


def test_it_comes_back_with_words_and_goes_again(client, sent, clerk, writer):
    with pytest.raises(programmes.NotReady):
        step("send_back", sent, writer, answer="  ")
    sign_in(client, writer)
    values = {"do": "send_back", "lock_version": fresh(sent, writer).lock_version}
    assert "Say what should be different" in client.post(url(sent, "admin_proposal_answer"), values).content.decode()
    assert client.post(url(sent, "admin_proposal_answer"), {**values, "answer": "Paragraph 2 was repealed"}).status_code == 302
    assert client.get(url(sent)).status_code == 403  # while it is written again it is the council's
    sign_in(client, clerk)
    page = client.get(url(sent))
    assert "Paragraph 2 was repealed" in page.content.decode() and page.context["may_change"]
    assert kinds_of(clerk) == ["local_rule_sent_back"]
    written(sent, clerk, limits=limit_of("4000"))
    step("send", sent, clerk, note="Now by paragraph 3")
    assert fresh(sent, clerk).answer == "" and kinds_of(writer) == ["local_rule_proposed", "local_rule_proposed"]


def test_what_was_withdrawn_stays_so(client, sent, clerk, writer):
    step("withdraw", sent, clerk)
    assert kinds_of(writer) == ["local_rule_proposed", "local_rule_taken_back"]
    for action, membership, more in (
        ("send", clerk, {"note": ""}), ("take_back", clerk, {}), ("take_over", writer, {"into": None}), ("send_back", writer, {"answer": "x"}),
    ):  # fmt: skip
        with pytest.raises(MoveRefused):
            step(action, sent, membership, **more)
    with pytest.raises(programmes.NotReady):
        written(sent, clerk, limits=limit_of("1"))
    sign_in(client, clerk)
    page = client.get(url(sent)).content.decode()
    assert "It was given up" in page and "Withdraw it for good" not in page


def test_a_proposal_that_was_sent_cannot_be_changed_until_it_is_taken_back(sent, clerk):
    with pytest.raises(programmes.NotReady, match="Take it back first"):
        written(sent, clerk, limits=limit_of("1"))
    step("take_back", sent, clerk)
    assert written(sent, clerk, limits=limit_of("1")).variant["limits"]["savings_limit"]["rows"][1]["value"] == "1"


def test_nothing_and_a_failing_example_are_not_sent(client, proposal, clerk):
    with pytest.raises(programmes.NotReady, match="Nothing is different here yet"):
        step("send", proposal, clerk, note="")
    written(proposal, clerk, limits=limit_of("5000"), cases=[{**RICH, "expect": {"outcome": "likely"}}])
    with pytest.raises(programmes.NotReady, match="A worked example from here fails"):
        step("send", proposal, clerk, note="")
    sign_in(client, clerk)
    page = client.get(url(proposal))
    assert page.context["fails_here"] and "expected you may get it, but it is does not fit" in page.content.decode()


def test_below_the_floor_it_is_refused_with_a_household(client, programme, writer, second, clerk):
    published(drafted(programme, writer, floor={"limits": ["savings_limit"]}), writer, second)
    found = begun(programme, clerk)
    sign_in(client, clerk)
    values = {"starts_on": "2026-11-01", "value_0": "5000", "law": "para 2", "lock_version": 0}
    refused = client.post(url(found, "admin_limit_proposed", "savings_limit"), values)
    page = refused.content.decode()
    assert refused.status_code == 200 and "This goes below the floor" in page and "Savings" in page and 'value="5000"' in page
    assert "limits" not in fresh(found, clerk).variant
    assert client.post(url(found, "admin_limit_proposed", "savings_limit"), {**values, "value_0": "15000"}).status_code == 302


def test_an_agency_that_gave_up_its_office_there_can_neither_send_nor_count(client, proposal, clerk, council, sent, writer):
    for _number in range(40):
        make_record({"me.born_on": "1950-04-02", "household.savings": "400.00", "household.local_authority": "hackney"})
    sign_in(client, clerk)
    count = client.get(f"{url(proposal)}?count=1").context["count"]
    assert 25 <= count.size.number <= 55
    Office.objects.filter(agency=council).update(local_authorities=["leeds"])
    assert "count" not in client.get(f"{url(proposal)}?count=1").context
    with pytest.raises(programmes.NotReady, match="no office for all of these councils"):
        step("take_over", sent, writer, into=None)
    step("take_back", sent, clerk)
    with pytest.raises(programmes.NotReady, match="no office for Hackney"):
        step("send", proposal, clerk, note="")


def test_every_step_of_the_table_is_made_by_an_action_here():
    assert PROPOSAL_FLOW.ends == {IN_FORCE, WITHDRAWN}
    assert set(OPEN) == set(PROPOSAL_FLOW.labels) - PROPOSAL_FLOW.ends


def test_each_rule_that_is_counted_is_written_down_and_ends_where_the_budget_does(client, proposal, clerk, settings):
    settings.PREVIEW_RULES_A_DAY = 1
    sign_in(client, clerk)
    written(proposal, clerk, limits=limit_of("5000"))
    for _again in range(2):
        assert client.get(f"{url(proposal)}?count=1").status_code == 200
    with acting_as(actor_of(clerk)):
        asked = PreviewAsked.objects.get()
    assert (asked.agency_id, asked.programme, asked.is_changed) == (clerk.agency_id, "heating_help", True)
    assert asked.groups == {"household-local_authority": "hackney"}
    written(proposal, clerk, limits=limit_of("4000"))
    refused = client.get(f"{url(proposal)}?count=1")
    assert refused.status_code == 429 and "as many as one day allows" in refused.content.decode()
    assert "count" not in refused.context and "preview_more" not in refused.content.decode()
