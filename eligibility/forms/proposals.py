"""Forms of a proposed local rule: sending it with a reason, sending it back with an answer, taking it into a draft."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from eligibility.forms.shared import DraftForm, offer
from eligibility.models import ProgrammeVersion
from portal.rendering import present


class SendForm(DraftForm):
    """Why the council wants it otherwise."""

    note = present(
        forms.CharField(
            label=gettext_lazy("What you want to change there and why"),
            max_length=500,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=gettext_lazy(
                "The agency of the programme reads it, for example: our cabinet decided the scheme on 3 March"
            ),
        )
    )


class SendBackForm(DraftForm):
    """What should be otherwise."""

    answer = forms.CharField(
        label=gettext_lazy("What should be different"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say what should be different, so that the agency can mend it")},
    )


class TakeOverForm(DraftForm):
    """The draft it goes into. drafts: those of the programme; number: of the version a new one begins from."""

    into = present(forms.ChoiceField(label=gettext_lazy("Put it into"), required=False), show_optional=False)

    def __init__(self, *args: Any, drafts: Iterable[ProgrammeVersion], number: int, **kwargs: Any):
        super().__init__(*args, **kwargs)
        new = gettext_lazy("A new draft from version %(number)s") % {"number": number}
        known = [(str(item.pk), gettext_lazy("Version %(number)s, a draft") % {"number": item.number}) for item in drafts]
        offer(self, "into", [("", new), *known])

    def chosen(self) -> UUID | None:
        """The draft; None for a new one."""
        into = self.cleaned_data["into"]
        return UUID(into) if into else None
