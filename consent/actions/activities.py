"""Defining what agencies do with facts, and the agreements between them.

Published ones never change: a change is a new revision.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from consent.facts import catalogue
from consent.models import DataSharingAgreement, ProcessingActivity
from consent.models.activities import ALLOWED_GATES
from consent.standard import ART9, CARE_AND_HOUSING, COUNTER, IDENTITY, READERS, REFERRAL, SCREENING
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.models import Agency
from portal.roles import powers_of


class UnfitActivity(ValueError):
    """The activity contradicts itself or the law; the message says what to change."""


@transaction.atomic
def define_activity(
    *,
    by: Actor,
    agency: Agency,
    purpose: str,
    legal_basis: str,
    legal_reference: str,
    release_gate: str,
    concepts: Sequence[str],
    roles: Sequence[str],
    text: Mapping[str, str],
    starts_on: dt.date,
    programme: str = "",
    triage_concepts: Sequence[str] = (),
    art9_condition: str = "",
    ends_on: dt.date | None = None,
    retention_days: int = 2190,
) -> ProcessingActivity:
    """Publish an activity; the one in force before it ends the day before `starts_on`.

    by: the agency's data-protection officer (power approve_sharing), or a machine at installation.
    Raises Refused, UnfitActivity.
    """
    if not (by.is_machine or (by.agency_id == agency.pk and "approve_sharing" in powers_of(by.role))):
        raise Refused(_("Only the agency's data-protection officer approves this."))
    _check(concepts, triage_concepts, legal_basis, legal_reference, release_gate, art9_condition)
    before = (
        ProcessingActivity.objects.select_for_update()
        .filter(agency=agency, programme=programme, purpose=purpose, state="published")
        .order_by("-revision")
        .first()
    )
    if before is not None:
        _supersede(before, starts_on)
    return ProcessingActivity.objects.create(
        agency=agency,
        programme=programme,
        purpose=purpose,
        revision=before.revision + 1 if before else 1,
        state="published",
        legal_basis=legal_basis,
        legal_reference=legal_reference,
        art9_condition=art9_condition,
        release_gate=release_gate,
        concepts=sorted(concepts),
        triage_concepts=sorted(triage_concepts),
        roles=list(roles),
        retention_days=retention_days,
        text=dict(text),
        starts_on=starts_on,
        ends_on=ends_on,
        approved_by_id=by.user_id,
    )


def _supersede(before: ProcessingActivity, starts_on: dt.date) -> None:
    if before.starts_on >= starts_on:
        before.state = "retired"
    elif before.ends_on is None or before.ends_on >= starts_on:
        before.ends_on = starts_on - dt.timedelta(days=1)
    before.save(update_fields=["state", "ends_on"])


def _check(concepts, triage_concepts, legal_basis, legal_reference, release_gate, art9_condition) -> None:
    unknown = [code for code in [*concepts, *triage_concepts] if code not in catalogue()]
    if unknown:
        raise UnfitActivity(_("The fact catalogue does not hold: %(codes)s") % {"codes": ", ".join(unknown)})
    if set(triage_concepts) - set(concepts):
        raise UnfitActivity(_("What is shown before accepting must be part of what is shown at all."))
    if release_gate not in ALLOWED_GATES.get(legal_basis, ()):
        raise UnfitActivity(_("This legal basis does not allow this way of opening facts."))
    if legal_basis in ("6-1-c", "6-1-e") and not legal_reference:
        raise UnfitActivity(_("Name the law this rests on."))
    if not art9_condition and any(catalogue()[code].sensitivity != "normal" for code in concepts):
        raise UnfitActivity(_("Health and criminal facts need a condition of article 9 or 10: name it."))


@transaction.atomic
def follow_needs(
    *, by: Actor, agency: Agency, programme: str, needs: Sequence[str], law: str, text: Mapping[str, str], starts_on: dt.date
) -> ProcessingActivity | None:
    """Keep the activity under which the agency decides on a programme in line with the facts its rule names.

    Called when a version is published from `starts_on`, by whoever may publish it. needs: concept codes of the rule. The
    basis, gate and roles of the activity before stay; a first one follows from the kind of agency: a public authority
    decides under its law on the person's request, a community organisation with consent. None when nothing changes.
    """
    concepts = sorted({*needs, *IDENTITY})
    before = (
        ProcessingActivity.objects.filter(agency=agency, programme=programme, purpose="determination", state="published")
        .order_by("-revision")
        .first()
    )
    if before is not None and before.concepts == concepts:
        return None
    is_public = agency.kind != Agency.COMMUNITY
    return define_activity(
        by=Actor.machine("publishing", agency_id=agency.pk),
        agency=agency,
        programme=programme,
        purpose="determination",
        legal_basis=before.legal_basis if before else "6-1-e" if is_public else "6-1-a",
        legal_reference=before.legal_reference if before else law if is_public else "",
        release_gate=before.release_gate if before else "explicit_request" if is_public else "consent",
        art9_condition=before.art9_condition if before else ART9,
        concepts=concepts,
        roles=before.roles if before else READERS,
        text=text,
        starts_on=starts_on,
    )


@transaction.atomic
def register_standard(*, by: Actor, agency: Agency, starts_on: dt.date) -> list[ProcessingActivity]:
    """Register what every agency does here: the operator screens, the others take referrals and help at counters.

    The data-protection officer revises them where the agency's own practice differs. Raises Refused.
    """
    if agency.kind == Agency.OPERATOR:
        wanted = [SCREENING | {"legal_basis": "6-1-e", "release_gate": "explicit_request"}]
    else:
        is_public = agency.kind == Agency.STATUTORY
        basis = {
            "legal_basis": "6-1-e" if is_public else "6-1-a",
            "legal_reference": CARE_AND_HOUSING if is_public else "",
            "release_gate": "explicit_request" if is_public else "consent",
        }
        wanted = [REFERRAL | basis, COUNTER | basis]
    return [define_activity(by=by, agency=agency, starts_on=starts_on, art9_condition=ART9, **one) for one in wanted]


@transaction.atomic
def define_agreement(
    *,
    by: Actor,
    provider: Agency,
    consumer: Agency,
    purposes: Sequence[str],
    concepts: Sequence[str],
    legal_reference: str,
    starts_on: dt.date,
    review_on: dt.date,
    ends_on: dt.date | None = None,
) -> DataSharingAgreement:
    """Put an agreement between two agencies in force.

    by: the provider's data-protection officer, or a machine at installation. Raises Refused, UnfitActivity.
    """
    if not (by.is_machine or (by.agency_id == provider.pk and "approve_sharing" in powers_of(by.role))):
        raise Refused(_("Only the providing agency's data-protection officer approves this."))
    unknown = [code for code in concepts if code not in catalogue()]
    if unknown:
        raise UnfitActivity(_("The fact catalogue does not hold: %(codes)s") % {"codes": ", ".join(unknown)})
    return DataSharingAgreement.objects.create(
        provider=provider,
        consumer=consumer,
        purposes=list(purposes),
        concepts=sorted(concepts),
        legal_reference=legal_reference,
        starts_on=starts_on,
        review_on=review_on,
        ends_on=ends_on,
    )
