"""Which records need screening."""

import datetime as dt
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from consent.models import CaseRecord
from eligibility.models import Screening
from eligibility.queries.catalogue import bare_in_force, rules_digest
from portal.models import Agency


class NoOperator(RuntimeError):
    """No agency of the kind "operator" exists: nobody could answer for the screening."""


def operator() -> Agency:
    """The agency that runs this portal and screens on its behalf. Raises NoOperator."""
    agency = Agency.objects.filter(kind=Agency.OPERATOR).order_by("slug").first()
    if agency is None:
        raise NoOperator("Screening needs an agency that runs this portal: create one of the kind “operator”.")
    return agency


def due(*, on: dt.date, after: UUID | None = None, most: int = 200) -> list[UUID]:
    """Ids of up to `most` records, in order of id after `after`, whose results are missing or do not hold on `on`.

    Missing: never screened, or changed since. Old: other rules are in force, or a day has come on which a result may change.
    """
    digest = rules_on(on)
    fresh = Screening.objects.filter(
        Q(next_on=None) | Q(next_on__gt=on), record=OuterRef("pk"), record_version=OuterRef("version"), rules=digest
    )
    records = CaseRecord.objects.filter(~Exists(fresh), version__gt=0)
    if after is not None:
        records = records.filter(pk__gt=after)
    return list(records.order_by("pk").values_list("pk", flat=True)[:most])


def rules_on(day: dt.date) -> str:
    """The digest of the rules that hold on a day."""
    return rules_digest(bare_in_force(day))


def is_fresh(screening: Screening, *, record_version: int, rules: str, on: dt.date) -> bool:
    """Whether the results of a screening still hold on `on`."""
    return (
        screening.record_version == record_version
        and screening.rules == rules
        and (screening.next_on is None or screening.next_on > on)
    )
