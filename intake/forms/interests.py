"""What the person wants to find out about: everything, or what they tick."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consent.needs import Offer
from intake.definition import Form
from portal.rendering import present

EVERYTHING, CHOSEN = "everything", "chosen"


class InterestForm(forms.Form):
    """What happened, and everything or only some topics and programmes."""

    def __init__(
        self, *args: Any, form: Form, offers: Sequence[Offer], event: str = "", programmes: Collection[str] = (), **options: Any
    ) -> None:
        self._offers = offers
        initial: dict[str, Any] = {"event": event, "what": CHOSEN if programmes else EVERYTHING}
        for number, (_area, found) in enumerate(_by_area(offers)):
            initial[f"area_{number}"] = [offer.code for offer in found if offer.code in programmes]
        options["initial"] = initial
        super().__init__(*args, **options)
        language = get_language() or "en"
        events = [(one.code, one.life_event.words(language)) for one in form.events]
        self.fields["event"] = forms.ChoiceField(
            label=_("What happened?"),
            help_text=_("We then ask about this first."),
            choices=[("", _("None of these")), *events],
            widget=forms.RadioSelect,
            required=False,
        )
        present(self.fields["event"], show_optional=False)
        self.fields["what"] = forms.ChoiceField(
            label=_("What do you want to find out about?"),
            choices=[(EVERYTHING, _("Everything I may get")), (CHOSEN, _("Only what I tick below"))],
            widget=forms.RadioSelect,
            error_messages={"required": _("Select everything, or only what you tick")},
        )
        for number, (area, found) in enumerate(_by_area(offers)):
            self.fields[f"area_{number}"] = forms.MultipleChoiceField(
                label=area,
                choices=[(offer.code, offer.name) for offer in found],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
            present(self.fields[f"area_{number}"], show_optional=False)

    def clean(self) -> dict[str, Any]:
        """Something must be ticked where only what is ticked counts."""
        cleaned = super().clean() or {}
        if cleaned.get("what") == CHOSEN and not self._ticked(cleaned):
            self.add_error("what", _("Tick at least one programme below, or select everything"))
        return cleaned

    def programmes(self) -> list[str]:
        """The codes that were chosen; empty for everything."""
        return self._ticked(self.cleaned_data) if self.cleaned_data["what"] == CHOSEN else []

    def _ticked(self, cleaned: dict[str, Any]) -> list[str]:
        return [code for name, codes in cleaned.items() if name.startswith("area_") for code in codes]


def _by_area(offers: Sequence[Offer]) -> list[tuple[str, list[Offer]]]:
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        found.setdefault(offer.area, []).append(offer)
    return list(found.items())
