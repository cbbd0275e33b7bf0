"""Where a page of the access log goes on: the address names the last entry of the page before."""

import datetime as dt
from uuid import UUID

from consent.models import AccessLog
from portal.kit.clocks import moment_of
from portal.kit.http import PortalRequest


def cursor_of(request: PortalRequest) -> tuple[dt.datetime, UUID] | None:
    """Moment and id of the entry after which to go on; None on the first page, and for an address that says nothing sensible."""
    try:
        at, last = request.GET["before"].rsplit("_", 1)
        return moment_of(at), UUID(last)
    except (KeyError, ValueError):
        return None


def cursor_to(last: AccessLog) -> str:
    """What `cursor_of` reads, for the last entry of a page."""
    return f"{last.at.isoformat().replace('+00:00', 'Z')}_{last.pk}"
