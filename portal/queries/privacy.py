"""What the privacy notice lists, taken from the register of processing activities itself."""

from datetime import date
from typing import Any

from django.apps import apps
from django.conf import settings


def activities_in_force(day: date) -> list[Any]:
    """The published processing activities on `day`, with their agency, by agency and purpose."""
    register = apps.get_model(settings.PROCESSING_REGISTER)
    return list(register._default_manager.in_force(day).select_related("agency").order_by("agency__name", "purpose", "programme"))
