"""The form of "what if"."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from eligibility.forms.shared import offer
from eligibility.queries.what_if import AS_NOW, MOVES_IN, MOVES_OUT, Change
from portal.fields import MoneyField, PeriodAmountField


class WhatIfForm(forms.Form):
    """What could be different. Nothing here is kept."""

    earnings = PeriodAmountField(
        label=_("Pay before tax"),
        name=_("Pay"),
        required=False,
        help_text=_("Leave it empty if it stays as it is"),
    )
    rent = PeriodAmountField(label=_("Rent"), name=_("Rent"), required=False, help_text=_("Leave it empty if it stays as it is"))
    partner = forms.ChoiceField(
        label=_("Partner"),
        widget=forms.RadioSelect,
        initial=AS_NOW,
        choices=[(AS_NOW, _("As it is now")), (MOVES_IN, _("A partner moves in")), (MOVES_OUT, _("The partner moves out"))],
        error_messages={"required": _("Select what happens with a partner")},
    )
    partner_earnings = PeriodAmountField(
        label=_("The partner’s pay before tax"),
        name=_("The partner’s pay"),
        required=False,
        help_text=_("Leave it empty if it stays as it is, or if there is no partner"),
    )
    savings = MoneyField(
        label=_("Savings"),
        name=_("Savings"),
        required=False,
        help_text=_("Leave it empty if they stay as they are"),
    )
    baby = forms.BooleanField(label=_("A baby has been born"), required=False)
    on = forms.ChoiceField(label=_("Look at"), error_messages={"required": _("Select a day")})

    def __init__(self, *args, days, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "on", days)

    def change(self) -> Change:
        """What was asked for."""
        values = self.cleaned_data

        def fact(name: str) -> dict[str, str] | None:
            return values[name].as_fact() if values[name] is not None else None

        return Change(
            earnings=fact("earnings"),
            rent=fact("rent"),
            partner=values["partner"],
            partner_earnings=fact("partner_earnings"),
            savings=values["savings"],
            born_on=self.day if values["baby"] else None,
        )

    @property
    def day(self) -> dt.date:
        """The day to look at."""
        return dt.date.fromisoformat(self.cleaned_data["on"])
