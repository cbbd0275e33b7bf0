"""Forms of the catalogue and of the programme editor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from eligibility.models.programme import AREAS
from portal.rendering import present


class CatalogueFilter(forms.Form):
    """Narrows the catalogue; every field may stay empty, and what cannot be is simply not narrowed by."""

    q = present(forms.CharField(label=_("Search"), required=False, max_length=100), show_optional=False)
    area = present(
        forms.ChoiceField(label=_("Area"), required=False, choices=[("", _("All areas")), *AREAS.items()]), show_optional=False
    )
    life = present(forms.ChoiceField(label=_("Your situation"), required=False), show_optional=False)

    def __init__(self, *args, life_events, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["life"].choices = [("", _("Any situation")), *life_events]

    def chosen(self) -> dict[str, str]:
        """What to narrow by."""
        if not self.is_bound:
            return {}
        self.is_valid()
        values = self.cleaned_data
        return {"text": values.get("q", ""), "area": values.get("area", ""), "life_event": values.get("life", "")}
