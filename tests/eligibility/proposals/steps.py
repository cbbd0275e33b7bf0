"""The steps of a proposed local rule as either agency takes them, for tests."""

import datetime as dt

from django.db import transaction
from django.urls import reverse

from eligibility.actions import programmes, proposals
from eligibility.drafting import with_section
from eligibility.models import LocalProposal
from portal.kit.actor import acting_as
from portal.models import Notification
from tests.factories.eligibility import actor_of

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
ABOUT = {"name": "Hackney", "law": "Hackney scheme 2026", "local_authorities": ["hackney"]}
RICH = {
    "id": "rich_here",
    "on": "2026-12-02",
    "applicant": {"age": 70},
    "household": {"savings": "6000.00", "local_authority": "hackney"},
}


def begun(programme, membership, about=None):
    by = actor_of(membership)
    with acting_as(by), transaction.atomic():
        return proposals.begin(by=by, programme=programme, about=about or ABOUT, at=NOW)


def fresh(proposal, membership):
    """The proposal as it stands now, read by a colleague."""
    with acting_as(actor_of(membership)):
        return LocalProposal.objects.select_related("programme", "agency", "base", "version").get(pk=proposal.pk)


def url(proposal, name="admin_proposal", *more):
    return reverse(f"eligibility:{name}", args=[proposal.pk, *more])


def limit_of(value, day="2026-12-01", name="savings_limit"):
    """The limits of a variant: one with the common value, and another one from a day on."""
    before = {"from": "2020-01-01", "value": "10000", "law": "Heating Act s.2"}
    row = {"from": day, "value": value, "law": "Hackney scheme para 2"}
    return {name: {"unit": "GBP", "label": "Savings limit", "rows": [before, row]}}


def written(proposal, membership, *, cases=None, about=None, **parts):
    """The proposal saved with these parts in its variant. cases: examples added; about: other particulars."""
    now = fresh(proposal, membership)
    data = {**now.base.definition, "variants": [{**now.variant, **(about or {}), **parts}]}
    if cases:
        data["cases"] = {**data["cases"], "case": [*data["cases"]["case"], *cases]}
    return saved_as(proposal, membership, data)


def saved_as(proposal, membership, data, lock_version=None):
    """The proposal saved from a whole stored form, as its pages do it."""
    by, now = actor_of(membership), fresh(proposal, membership)
    lock_version = now.lock_version if lock_version is None else lock_version
    with acting_as(by), transaction.atomic():
        return proposals.save_proposal(by=by, proposal_id=now.pk, data=data, lock_version=lock_version, at=NOW)


def step(action, proposal, membership, lock_version=None, **more):
    """A step of either agency, with the proposal as it stands now."""
    by = actor_of(membership)
    if lock_version is None:
        lock_version = fresh(proposal, membership).lock_version
    with acting_as(by), transaction.atomic():
        return getattr(proposals, action)(by=by, proposal_id=proposal.pk, lock_version=lock_version, at=NOW, **more)


def drafted(programme, membership, **parts):
    """A draft of the programme from what is published last, with other sections."""
    by = actor_of(membership)
    with acting_as(by), transaction.atomic():
        newest = programme.versions.order_by("-number").filter(published_at__isnull=False).first()
        draft = programmes.begin_draft(by=by, version=newest, at=NOW)
        data = draft.definition
        for section, value in parts.items():
            data = with_section(data, section, value)
        return programmes.save_draft(by=by, version_id=draft.pk, data=data, lock_version=0, at=NOW)


def published(version, one, two):
    """The draft sent by one colleague and published today by another."""
    with acting_as(actor_of(one)), transaction.atomic():
        programmes.send_for_approval(by=actor_of(one), version_id=version.pk, at=NOW)
    with acting_as(actor_of(two)), transaction.atomic():
        return programmes.publish(by=actor_of(two), version_id=version.pk, effective_from=TODAY, at=NOW, today=TODAY)


def kinds_of(membership):
    return list(
        Notification.objects.filter(user_id=membership.user_id).order_by("created_at", "id").values_list("kind", flat=True)
    )
