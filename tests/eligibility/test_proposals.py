"""Local rules that another agency proposes: written for its own councils only, answered by the programme's agency, published by two people."""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from eligibility.actions import programmes, proposals
from eligibility.drafting import with_section
from eligibility.models import LocalProposal, Programme, ProgrammeVersion
from eligibility.models.proposal import DRAFT, IN_FORCE, RETURNED, SENT, TAKEN, WITHDRAWN
from eligibility.queries.local import check_floor  # noqa: F401
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from portal.kit.states import MoveRefused
from portal.models import Notification
from tests.eligibility.test_programme_admin import office, second, sign_in, versions, writer  # noqa: F401
from tests.factories.consent import make_record
from tests.factories.eligibility import actor_of, make_admin, make_agency
from tests.factories.portal import make_office

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
ABOUT = {"name": "Hackney", "law": "Hackney scheme 2026", "local_authorities": ["hackney"]}


@pytest.fixture
def programme(versions):  # noqa: F811
    found = versions[0].programme
    Programme.objects.filter(pk=found.pk).update(takes_local_rules=True)
    return Programme.objects.get(pk=found.pk)


@pytest.fixture
def council():
    found = make_agency("hackney-council", name="Hackney Council")
    make_office(found, local_authorities=["hackney"])
    return found


@pytest.fixture
def clerk(council):
    return make_admin(council)


@pytest.fixture
def proposal(programme, clerk):
    by = actor_of(clerk)
    with acting_as(by):
        return proposals.begin(by=by, programme=programme, about=ABOUT, at=NOW)


def fresh(proposal, membership):
    with acting_as(actor_of(membership)):
        return LocalProposal.objects.select_related("programme", "agency", "base", "version").get(pk=proposal.pk)


def url(proposal, name="admin_proposal", *more):
    return reverse(f"eligibility:{name}", args=[proposal.pk, *more])


def limit_of(value, day="2026-12-01", name="savings_limit"):
    return {name: {"unit": "GBP", "label": "Savings limit", "rows": [{"from": day, "value": value, "law": "Hackney scheme para 2"}]}}


def written(proposal, membership, **parts):
    """The proposal saved with these parts in its variant."""
    now = fresh(proposal, membership)
    data = {**now.base.definition, "variants": [{**now.variant, **parts}]}
    by = actor_of(membership)
    with acting_as(by):
        return proposals.save_proposal(by=by, proposal_id=now.pk, data=data, lock_version=now.lock_version, at=NOW)


def step(action, proposal, membership, **more):
    by, reader = actor_of(membership), fresh(proposal, membership)
    with acting_as(by), transaction.atomic():
        return getattr(proposals, action)(by=by, proposal_id=proposal.pk, lock_version=reader.lock_version, at=NOW, **more)


@pytest.fixture
def sent(proposal, clerk):
    written(proposal, clerk, limits=limit_of("5000"))
    return step("send", proposal, clerk, note="Our cabinet decided it")


@pytest.fixture
def taken(sent, writer):  # noqa: F811
    return step("take_over", sent, writer, into=None)


def draft_with_floor(versions, writer, second, **parts):  # noqa: F811
    """Version 2 of the programme, published, with other parts."""
    one, two = actor_of(writer), actor_of(second)
    with acting_as(one):
        draft = programmes.begin_draft(by=one, version=versions[0], at=NOW)
        data = draft.definition
        for section, value in parts.items():
            data = with_section(data, section, value)
        programmes.save_draft(by=one, version_id=draft.pk, data=data, lock_version=0, at=NOW)
        programmes.send_for_approval(by=one, version_id=draft.pk, at=NOW)
    with acting_as(two):
        return programmes.publish(by=two, version_id=draft.pk, effective_from=TODAY, at=NOW, today=TODAY)


# --- the whole way, by the pages --------------------------------------------------------------------------------------


def test_a_council_writes_sends_and_gets_its_local_rule(client, programme, clerk, writer, second):  # noqa: F811
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
    assert client.post(at("admin_variant_change_proposed"), {"lock_version": lock(), "do": "common your_band_is_a"}).status_code == 302
    example = {"says": "Rich here", "on": "2026-12-02", "applicant-born_on": "70", "household-savings": "6000", "outcome": "not_likely"}
    form = client.get(at("admin_example_new_proposed"))
    assert form.context["form"].initial["household-local_authority"] == "Hackney"
    assert client.post(at("admin_example_new_proposed"), {"lock_version": lock(), "household-local_authority": "Hackney", **example}).status_code == 302
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
