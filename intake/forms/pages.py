"""The fixed pages: people of the household, name and contact, coming back, the counter."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.fields import DatePartsField, EmailAddressField, PhoneField
from portal.kit.identity import normal_code
from portal.rendering import present

NOBODY = "nobody"


class WhoElseForm(forms.Form):
    """Somebody else to add, or nobody."""

    def __init__(self, *args: Any, heading: str, hint: str, has_partner: bool, has_others: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [] if has_partner else [("partner", _("My partner"))]
        choices += [("child", _("A child")), ("other_adult", _("Another adult"))]
        choices.append((NOBODY, _("No, that is everybody") if has_others else _("No, I live alone")))
        self.fields["add"] = present(
            forms.ChoiceField(
                label=_("Does anybody else live with you?") if has_others else heading,
                help_text="" if has_others else hint,
                choices=choices,
                widget=forms.RadioSelect,
                error_messages={"required": _("Select who lives with you"), "invalid_choice": _("Select one from the list")},
            ),
            heading=not has_others,
        )


class MemberForm(forms.Form):
    """Somebody of the household, entered once."""

    role = forms.ChoiceField(
        label=_("Who is it?"),
        choices=[("partner", _("My partner")), ("child", _("A child")), ("other_adult", _("Another adult"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Select who it is")},
    )
    name = present(
        forms.CharField(
            label=_("First name or nickname"),
            help_text=_("So that you know who we ask about. Any name will do."),
            max_length=100,
            error_messages={"required": _("Enter a first name or nickname")},
        ),
        width=20,
        autocomplete="off",
        spellcheck="false",
    )

    def __init__(self, *args: Any, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["born_on"] = DatePartsField(
            label=_("Date of birth"),
            help_text=_("For example, 27 3 2015. If you do not know it, leave it empty."),
            name=_("Date of birth"),
            latest=today,
            required=False,
        )
        self.order_fields(["name", "role", "born_on"])


class NameForm(forms.Form):
    """A name as the person writes it, in any script; no title, no forced parts."""

    full = present(
        forms.CharField(
            label=_("Full name"),
            help_text=_("As it stands on your letters or papers, in any alphabet"),
            max_length=300,
            error_messages={"required": _("Enter your name")},
        ),
        autocomplete="name",
        spellcheck="false",
    )

    def values(self) -> dict[str, str]:
        """What is saved."""
        return {"full": self.cleaned_data["full"]}


class ContactForm(forms.Form):
    """Ways to reach the person, and whether a message to them is safe."""

    phone = PhoneField(label=_("Phone"), required=False)
    voicemail_ok = forms.BooleanField(label=_("You can leave a message on this phone"), required=False)
    email = EmailAddressField(label=_("Email"), required=False)
    address = present(
        forms.CharField(
            label=_("Address"),
            required=False,
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("With the postcode. If you have no address, leave it empty."),
        ),
        autocomplete="street-address",
        spellcheck="false",
    )
    safe = forms.ChoiceField(
        label=_("Is it safe to call or write to you?"),
        help_text=_("For example, nobody else who should not know reads your messages."),
        choices=[("yes", _("Yes")), ("no", _("No, do not contact me there")), ("unknown", _("I am not sure"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Select whether it is safe to call or write to you")},
    )

    def values(self) -> dict[str, Any]:
        """What is saved."""
        return dict(self.cleaned_data)


class NeedsForm(forms.Form):
    """Language and whatever helps the person talk with staff."""

    language = forms.ChoiceField(
        label=_("Which language shall we write in?"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Select a language")},
    )
    interpreter_needed = forms.BooleanField(label=_("I need an interpreter when we talk"), required=False)
    needs = present(
        forms.CharField(
            label=_("Is there anything else that helps you?"),
            required=False,
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("For example, large print, no phone calls, step-free access"),
        ),
    )

    def values(self) -> dict[str, Any]:
        """What is saved."""
        return dict(self.cleaned_data)


FixedForm = NameForm | ContactForm | NeedsForm
FIXED: Mapping[str, type[FixedForm]] = {"name": NameForm, "contact": ContactForm, "needs": NeedsForm}


class ComeBackForm(forms.Form):
    """The come-back code, and the date of birth that was given."""

    code = present(
        forms.CharField(
            label=_("Your code"),
            help_text=_("12 letters and numbers, like K7WP-3XQD-9HTB"),
            max_length=40,
            error_messages={"required": _("Enter your code")},
            widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "characters"}),
        ),
        width=20,
        autocomplete="off",
        spellcheck="false",
    )

    def __init__(self, *args: Any, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["born_on"] = DatePartsField(
            label=_("Your date of birth"),
            help_text=_("Leave it empty if you had not given it yet."),
            name=_("Date of birth"),
            latest=today,
            required=False,
            is_birth=True,
        )

    def clean_code(self) -> str:
        """The code in its stored form. Raises ValidationError when letters are missing."""
        code = normal_code(self.cleaned_data["code"])
        if len(code) != 14:
            raise forms.ValidationError(_("Enter all 12 letters and numbers of your code"))
        return code


class CounterForm(forms.Form):
    """Opening a counter session: the person is there and agrees; their code if they have one."""

    agrees = forms.BooleanField(
        label=_("The person is here. I explained what happens with the answers. They agreed aloud that I help them."),
        error_messages={"required": _("Tick the box when the person is here and has agreed. Without it we cannot go on")},
    )
    code = present(
        forms.CharField(
            label=_("Come-back code, if the person has one"),
            required=False,
            max_length=40,
            widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "characters"}),
        ),
        width=20,
        autocomplete="off",
        spellcheck="false",
        show_optional=False,
    )

    def __init__(self, *args: Any, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["born_on"] = present(
            DatePartsField(
                label=_("The person's date of birth, if there is a code"), name=_("Date of birth"), latest=today, required=False
            ),
            show_optional=False,
        )
        self.fields["allows"] = present(
            forms.BooleanField(
                label=_("They said aloud that we may see the answers they sent before, during this visit."),
                help_text=_("Ask it if they have sent answers before. On a no, leave the code empty and begin anew"),
                required=False,
            ),
            show_optional=False,
        )
