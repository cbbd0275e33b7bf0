"""Registers casework with Django."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CaseworkConfig(AppConfig):
    """The app: what it listens to and the sentences of its notifications."""

    name = "casework"

    def ready(self) -> None:
        """Register listeners and notices."""
        from casework.queries.case_pages import Cases
        from eligibility import case_pages
        from portal import notices

        import_module("casework.listeners")  # registers what this package listens to
        case_pages.register(Cases())

        # cases
        notices.register(
            "application_received",
            subject=_("We have received your application"),
            sentence=_("%(agency)s has received your application. Your reference is %(reference)s."),
        )
        notices.register(
            "asked",
            subject=_("There is a question for you"),
            sentence=_("%(agency)s asks you something about your application %(reference)s."),
        )
        notices.register(
            "answered",
            subject=_("An answer has come in"),
            sentence=_("The person has answered your question on case %(reference)s."),
        )
        notices.register(
            "decided",
            subject=_("A decision is ready for you to read"),
            sentence=_("%(agency)s has decided on your application %(reference)s."),
        )
        # referrals
        notices.register(
            "referral_question",
            subject=_("There is a question for you"),
            sentence=_("May we pass you on to %(agency)s? Nothing is sent before you answer."),
        )
        notices.register(
            "referral_sent",
            subject=_("A referral was sent"),
            sentence=_("A referral was sent to %(agency)s."),
        )
        notices.register(
            "referral_outcome",
            subject=_("There is news on a referral"),
            sentence=_("There is news on the referral to %(agency)s."),
        )
        notices.register(
            "referral_stopped",
            subject=_("A referral was stopped"),
            sentence=_("The referral to %(agency)s was stopped, because the sharing has ended."),
        )
        notices.register(
            "referral_late",
            subject=_("A referral waits for you"),
            sentence=_("A referral from %(agency)s waits for an answer."),
        )
