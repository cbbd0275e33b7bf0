"""Partner systems and their tokens."""

import datetime as dt
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from portal.api.authentication import digest_of
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.models import Agency, MachineClient
from portal.roles import powers_of

TOKEN_BYTES = 32  # 256 random bits (OWASP ASVS 5.0 11.5.1 asks for 128)


@transaction.atomic
def register_client(*, by: Actor, agency: Agency, name: str, at: dt.datetime) -> tuple[MachineClient, str]:
    """Give an agency's system a token; returns it with the client. The token is shown this once: only its digest is stored.

    by: the agency's admin (power manage_agency), or the command line. Raises Refused.
    """
    _require_admin(by, agency)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    client = MachineClient.objects.create(agency=agency, name=name, token_digest=digest_of(token), created_at=at)
    return client, token


@transaction.atomic
def end_client(*, by: Actor, client: MachineClient) -> None:
    """End a system's token at once. Raises Refused."""
    _require_admin(by, client.agency)
    client.is_active = False
    client.save(update_fields=["is_active"])


def _require_admin(by: Actor, agency: Agency) -> None:
    if not (by.is_machine and by.agency_id is None) and not (by.agency_id == agency.pk and "manage_agency" in powers_of(by.role)):
        raise Refused(_("Only an admin of the agency may give or end tokens."))
