"""Keeping the worklist's rows true: the one function that writes `CaseGrant`."""

from django.contrib.auth.models import Permission

from casework.models import CaseGrant, ProgrammeCase
from casework.models.case import OPEN


def keep(case: ProgrammeCase) -> None:
    """Write what the list filters, sorts and shows into every grant on `case`; the agency's own grant is made when missing.

    Called in the transaction that changed the case.
    """
    shown = {
        "is_open": case.state in OPEN,
        "due_on": case.due_on,
        "programme": case.programme,
        "state": case.state,
        "team_id": case.team_id,
        "assignee_id": case.assignee_id,
        "reference": case.reference,
        "next_step": case.next_step,
        "received_on": case.received_on,
        "clock_from": case.clock_from,
        "standard_days": case.standard_days,
        "paused_on": case.paused_on,
        "lock_version": case.lock_version,
    }
    if CaseGrant.objects.filter(content_object=case).update(**shown) == 0:
        CaseGrant(
            permission=Permission.objects.get_by_natural_key("open_case", "casework", "programmecase"),
            group_id=case.agency.group_id, content_object=case, agency_id=case.agency_id, **shown,
        ).save(force_insert=True)  # fmt: skip
