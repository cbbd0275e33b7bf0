"""Each agency's own pseudonym for a person."""

import hashlib
import hmac
from uuid import UUID

from django.conf import settings
from django.db import transaction

from consent.models import SectorIdentifier
from portal.kit.actor import Actor


@transaction.atomic
def sector_identifier(*, by: Actor, person_id: UUID, agency_id: UUID) -> str:
    """The agency's pseudonym for the person, made once: HMAC-SHA-256 under a key derived for that agency (hex, 64 characters)."""
    key = hmac.new(settings.PSEUDONYM_KEY.encode(), agency_id.bytes, hashlib.sha256).digest()
    value = hmac.new(key, person_id.bytes, hashlib.sha256).hexdigest()
    SectorIdentifier.objects.bulk_create(
        [SectorIdentifier(person_id=person_id, agency_id=agency_id, value=value)], ignore_conflicts=True
    )
    return value
