"""What casework tells the floors below: the open cases of a programme a colleague may open."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse

from casework.models import ProgrammeCase
from casework.models.case import OPEN, CaseGrant
from eligibility.case_pages import CasePage
from portal.kit.actor import Actor
from portal.models import Agency
from portal.roles import powers_of

MOST = 2_000  # cases looked through


class Cases:
    """The keeper of cases, as `eligibility.case_pages` asks for it."""

    def open_cases(self, by: Actor, programme: str) -> Iterator[CasePage]:
        """The latest open cases of the actor's agency; none for a role that does not work on cases."""
        if not (by.is_staff and by.agency_id and "work_cases" in powers_of(by.role)):
            return
        group = Agency.objects.filter(pk=by.agency_id).values("group_id")[:1]
        granted = CaseGrant.objects.filter(content_object_id=OuterRef("pk"), group_id=group, permission__codename="open_case")
        found = ProgrammeCase.objects.filter(Exists(granted), agency_id=by.agency_id, programme=programme, state__in=OPEN)
        for pk, record_id, reference in found.order_by("-created_at", "-id").values_list("pk", "record_id", "reference")[:MOST]:
            yield CasePage(record_id, reference, reverse("casework:case", args=[pk]))
