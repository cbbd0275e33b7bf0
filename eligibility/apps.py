"""Registers eligibility with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EligibilityConfig(AppConfig):
    """Programmes, their rules and what they say about a record."""

    name = "eligibility"

    def ready(self) -> None:
        from consent import needs
        from eligibility import (
            checks,  # noqa: F401  (registers the system checks)
            listeners,  # noqa: F401  (registers what this package listens to)
        )
        from eligibility.queries.asking import Asking

        needs.register(Asking())

        from portal import notices

        notices.register(
            "programme_opens",
            subject=_("A programme is open now"),
            sentence=_("You can apply for %(programme)s now. You asked us to tell you."),
        )
        notices.register(
            "results_changed",
            subject=_("Your results changed"),
            sentence=_("Your answers are the same. The rules changed, or a date came. See what may fit you now."),
        )
