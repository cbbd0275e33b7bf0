"""What the person wants to find out about: everything, or what they tick."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consent.needs import Offer
from intake.definition import Form
from portal.rendering import present


class InterestForm(forms.Form):
    """What happened, and which programmes to find out about: none ticked means all."""

    def __init__(
        self, *args: Any, form: Form, offers: Sequence[Offer], event: str = "", programmes: Collection[str] = (), **options: Any
    ) -> None:
        initial: dict[str, Any] = {"event": event}
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
        for number, (area, found) in enumerate(_by_area(offers)):
            self.fields[f"area_{number}"] = forms.MultipleChoiceField(
                label=area,
                choices=[(offer.code, offer.name) for offer in found],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
            present(self.fields[f"area_{number}"], show_optional=False)

    def programmes(self) -> list[str]:
        """The codes that were ticked; none means everything."""
        return [code for name, codes in self.cleaned_data.items() if name.startswith("area_") for code in codes]


def _by_area(offers: Sequence[Offer]) -> list[tuple[str, list[Offer]]]:
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        found.setdefault(offer.area, []).append(offer)
    return list(found.items())
