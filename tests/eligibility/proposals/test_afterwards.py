"""What becomes of a proposed local rule: with the draft it was taken into, when the common rule moves on, and what the database holds."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from eligibility.actions import programmes
from eligibility.language import RuleError
from eligibility.models import LocalProposal
from eligibility.models.proposal import DRAFT, IN_FORCE, RETURNED, SENT, TAKEN
from eligibility.queries import proposals as queries
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from portal.models import Membership
from tests.eligibility.proposals.steps import (
    ABOUT,
    NOW,
    begun,
    drafted,
    fresh,
    kinds_of,
    limit_of,
    published,
    step,
    url,
    written,
)
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.eligibility import LONG_AGO, actor_of, make_admin, make_agency

pytestmark = pytest.mark.django_db

# --- what becomes of it ---------------------------------------------------------------------------------------------------


def test_it_goes_into_a_draft_that_is_there_and_keeps_what_is_written_in_it(programme, sent, writer, second):
    draft = drafted(programme, writer, leaves_out={"other": "Something else."})
    _proposal, saved = step("take_over", sent, writer, into=draft.pk)
    assert saved.pk == draft.pk and saved.definition["leaves_out"] == {"other": "Something else."}
    assert saved.definition["variants"][0]["agency"] == "hackney-council"


def test_a_draft_of_another_programme_or_one_that_is_gone_is_refused(sent, writer, clerk):
    with pytest.raises(programmes.NotReady, match="This draft is not there any more"):
        step("take_over", sent, writer, into=sent.base_id)
    assert fresh(sent, clerk).state == SENT


def test_a_draft_that_is_thrown_away_leaves_it_waiting(taken, sent, clerk, writer):
    _found, draft = taken
    with acting_as(actor_of(writer)):
        programmes.discard_draft(by=actor_of(writer), version_id=draft.pk, at=NOW)
    again = fresh(sent, clerk)
    assert (again.state, again.version) == (SENT, None) and kinds_of(clerk) == ["local_rule_taken_over", "local_rule_waits_again"]
    assert step("take_over", sent, writer, into=None)[1].definition["variants"]


def test_it_holds_when_the_version_is_published_or_one_that_was_written_on_from_it(taken, sent, clerk, writer, second):
    _found, draft = taken
    by = actor_of(writer)
    with acting_as(by):
        onward = programmes.begin_draft(by=by, version=draft, at=NOW)
    assert published(onward, writer, second).state == "published"
    again = fresh(sent, clerk)
    assert (again.state, again.version_id) == (IN_FORCE, onward.pk) and kinds_of(clerk)[-1] == "local_rule_published"


def test_published_without_it_it_waits_again(taken, sent, clerk, writer, second):
    _found, draft = taken
    by = actor_of(writer)
    with acting_as(by):
        data = {**draft.definition, "variants": []}
        programmes.save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=NOW)
    published(draft, writer, second)
    assert fresh(sent, clerk).state == SENT and kinds_of(clerk)[-1] == "local_rule_waits_again"


def test_a_rule_the_programmes_agency_changes_bears_the_councils_name_no_more(client, taken, sent, clerk, writer, second):
    _found, draft = taken
    by = actor_of(writer)
    mine = draft.definition["variants"][0]
    with acting_as(by):
        welsh = {**mine, "translations": {"cy": {"name": "x"}}}
        data = {**draft.definition, "variants": [welsh]}
        saved = programmes.save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=NOW)
        assert saved.definition["variants"][0]["agency"] == "hackney-council"  # a translation is no other rule
        data = {
            **saved.definition,
            "variants": [
                {**mine, "limits": limit_of("1")},
                {**ABOUT, "id": "leeds", "local_authorities": ["leeds"], "agency": "hackney-council"},
            ],
        }
        saved = programmes.save_draft(by=by, version_id=draft.pk, data=data, lock_version=saved.lock_version, at=NOW)
    assert not any("agency" in item for item in saved.definition["variants"])
    sign_in(client, clerk)
    assert "the agency of the programme changed it" in client.get(url(sent)).content.decode()
    published(saved, writer, second)
    assert fresh(sent, clerk).state == IN_FORCE
    client.logout()
    assert (
        "Hackney scheme 2026, set by Heat Office"
        in client.get(reverse("eligibility:programme", args=["heating_help"])).content.decode()
    )


def test_who_wrote_it_for_the_council_cannot_publish_it_for_the_programme(taken, clerk, writer, office):
    _found, draft = taken
    both = Membership.objects.create(user=clerk.user, agency=office, role="programme_admin", starts_on=LONG_AGO)
    with pytest.raises(Refused, match="A second person must publish"):
        published(draft, writer, both)


# --- the common rule moves on -------------------------------------------------------------------------------------------


def test_when_the_common_rule_changed_it_says_which_parts_to_look_at_and_loses_nothing(
    client, programme, proposal, clerk, writer, second
):
    older = {"id": "age", "when": "applicant.age >= 50", "says": "You are 50", "says_not": "You are not", "law": "x"}
    kept = written(proposal, clerk, limits=limit_of("5000"), criteria=[older], leaves_out=["savings"])
    step("send", proposal, clerk, note="")
    first = programme.versions.get(number=1).definition
    criteria = [{**first["criteria"][0], "says": "You are old enough"}]
    limits = {name: item for name, item in first["limits"].items() if name != "savings_limit"}
    cases = {**first["cases"], "case": first["cases"]["case"][:2]}
    published(drafted(programme, writer, criteria=criteria, limits=limits, cases=cases), writer, second)
    sign_in(client, clerk)
    page = client.get(url(proposal))
    text = page.content.decode()
    assert "Version 2 of the common rule is published since" in text and "There is no" in text
    assert [item["stops"] for item in page.context["misfits"]] == [True]
    assert fresh(proposal, clerk).variant == kept.variant
    with pytest.raises(RuleError):
        step("take_over", proposal, writer, into=None)
    assert fresh(proposal, clerk).state == SENT
    step("take_back", proposal, clerk)
    with pytest.raises(programmes.NotReady, match="does not fit any more"):
        step("send", proposal, clerk, note="")
    mended = client.post(
        url(proposal, "admin_variant_change_proposed"),
        {"do": "common savings", "lock_version": fresh(proposal, clerk).lock_version},
    )
    assert mended.status_code == 302
    found = fresh(proposal, clerk)
    assert "leaves_out" not in found.variant and found.variant["criteria"] and found.base.number == 2
    step("send", proposal, clerk, note="")


def test_one_of_two_mistakes_can_be_mended_after_the_other(programme, proposal, clerk, writer, second):
    criteria = [
        {"id": name, "when": f"household.savings <= limits.{name}", "says": "a", "says_not": "b", "law": "x"}
        for name in ("rate_cap", "savings_cap")
    ]
    first = programme.versions.get(number=1).definition
    caps = {name: {**first["limits"]["savings_limit"], "label": name} for name in ("rate_cap", "savings_cap")}
    published(drafted(programme, writer, limits={**first["limits"], **caps}), writer, second)
    step("withdraw", proposal, clerk)
    found = begun(programme, clerk)
    written(found, clerk, criteria=criteria)
    published(drafted(programme, writer, limits=first["limits"]), writer, second)
    now = queries.common_of(programme)
    assert len(queries.misfits(fresh(found, clerk), now, NOW.date())) == 2
    written(found, clerk, criteria=criteria[1:])
    assert len(queries.misfits(fresh(found, clerk), now, NOW.date())) == 1
    with pytest.raises(RuleError):
        written(found, clerk, criteria=[*criteria[1:], {**criteria[1], "id": "new", "when": "limits.nowhere"}])
    written(found, clerk, criteria=[])
    assert not queries.misfits(fresh(found, clerk), now, NOW.date())


def test_a_changed_common_part_below_is_named_and_stops_nothing(client, programme, proposal, clerk, writer, second):
    written(proposal, clerk, limits=limit_of("5000"))
    first = programme.versions.get(number=1).definition
    higher = {
        **first["limits"]["savings_limit"],
        "rows": [*first["limits"]["savings_limit"]["rows"], {"from": "2027-01-01", "value": "20000", "law": "x"}],
    }
    published(drafted(programme, writer, limits={**first["limits"], "savings_limit": higher}), writer, second)
    sign_in(client, clerk)
    page = client.get(url(proposal))
    assert [(item["stops"], "savings limit" in item["place"]) for item in page.context["misfits"]] == [(False, True)]
    assert "The common rule changed it" in page.content.decode()
    assert step("send", proposal, clerk, note="").base.number == 2
    assert not client.get(url(proposal)).context["misfits"]


# --- the database's own walls -------------------------------------------------------------------------------------------


def refused_by_the_database(change, membership, match):
    with pytest.raises(DatabaseError, match=match), acting_as(actor_of(membership)), transaction.atomic():
        change()


def test_the_database_keeps_what_was_sent_and_how_it_ended(sent, clerk, writer):
    rows = LocalProposal.objects.filter(pk=sent.pk)
    refused_by_the_database(lambda: rows.update(variant={**sent.variant, "law": "Another"}), clerk, "as it was sent")
    refused_by_the_database(lambda: rows.update(writers=[]), writer, "as it was sent")
    refused_by_the_database(lambda: rows.update(agency=writer.agency), writer, "kept as it ended")
    refused_by_the_database(lambda: rows.update(state=RETURNED), writer, "local_proposal_has_an_answer")
    refused_by_the_database(lambda: rows.update(state=TAKEN), writer, "local_proposal_taken_into")
    with acting_as(actor_of(clerk)), transaction.atomic():
        assert rows.delete()[0] == 0
    step("withdraw", sent, clerk)
    refused_by_the_database(lambda: rows.update(state=DRAFT), clerk, "kept as it ended")


def test_the_database_shows_a_proposal_to_the_two_agencies_alone(proposal, clerk, writer):
    third = make_admin(make_agency("third-council"))

    def seen(membership):
        with acting_as(actor_of(membership)), transaction.atomic():
            return LocalProposal.objects.filter(pk=proposal.pk).count()

    assert [seen(clerk), seen(writer), seen(third)] == [1, 0, 0]
    written(proposal, clerk, limits=limit_of("5000"))
    step("send", proposal, clerk, note="")
    assert [seen(clerk), seen(writer), seen(third)] == [1, 1, 0]
    with acting_as(None), transaction.atomic():
        assert not LocalProposal.objects.exists()
    with acting_as(actor_of(third)), transaction.atomic():
        assert LocalProposal.objects.filter(pk=proposal.pk).update(answer="x") == 0


def test_the_database_takes_no_proposal_of_the_programmes_own_agency_or_in_anothers_name(
    programme, proposal, clerk, writer, second
):
    def copy(agency, membership):
        base = programme.versions.get(number=1)
        return lambda: LocalProposal.objects.create(
            programme=programme,
            agency=agency,
            place="x",
            variant={},
            base=base,
            author=membership.user,
            created_at=NOW,
            changed_at=NOW,
        )

    refused_by_the_database(copy(writer.agency, writer), writer, "in their versions")
    refused_by_the_database(copy(clerk.agency, writer), writer, "row-level security")
    with pytest.raises(IntegrityError, match="local_proposal_open_once"), acting_as(actor_of(clerk)), transaction.atomic():
        same = copy(clerk.agency, clerk)()
        LocalProposal.objects.filter(pk=same.pk).update(place=proposal.place)
