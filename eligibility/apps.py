"""Registers eligibility with Django."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EligibilityConfig(AppConfig):
    """Programmes, their rules and what they say about a record."""

    name = "eligibility"

    def ready(self) -> None:
        from consent import needs
        from eligibility.queries.asking import Asking

        for name in ("checks", "listeners"):  # each registers itself
            import_module(f"eligibility.{name}")
        needs.register(Asking())

        from portal import notices

        notices.register(
            "programme_opens",
            subject=_("A programme is open now"),
            sentence=_("You can apply for %(programme)s now. You asked us to tell you."),
        )
        _register_local_rules()
        notices.register(
            "previews_used_up",
            subject=_("More previews"),
            sentence=_("%(colleague)s asks you to allow more previews of %(programme)s today."),
        )
        notices.register(
            "results_changed",
            subject=_("Your results changed"),
            sentence=_("Your answers are the same. The rules changed, or a date came. See what may fit you now."),
        )


def _register_local_rules() -> None:
    """What two agencies tell each other about a local rule that one proposes to the other."""
    from portal import notices

    for code, subject, sentence in (
        ("proposed", _("A local rule for you"), _("%(agency)s proposes a local rule of %(programme)s for %(place)s.")),
        (
            "taken_back",
            _("A local rule was taken back"),
            _("%(agency)s took its local rule of %(programme)s for %(place)s back."),
        ),
        ("sent_back", _("A local rule came back"), _("Your local rule of %(programme)s for %(place)s was sent back. Read why.")),
        (
            "taken_over",
            _("A local rule was taken over"),
            _("Your local rule of %(programme)s for %(place)s is in a draft now, which two people publish."),
        ),
        (
            "waits_again",
            _("A local rule waits again"),
            _(
                "The draft with your local rule of %(programme)s for %(place)s did not come into force. It waits for an answer again."
            ),
        ),
        (
            "published",
            _("A local rule is published"),
            _("Your local rule of %(programme)s for %(place)s holds from %(day)s."),
        ),
    ):
        notices.register(f"local_rule_{code}", subject=subject, sentence=sentence)
