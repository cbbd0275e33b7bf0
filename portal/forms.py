"""Forms of the entrance and of an agency's own pages: labels, hints and messages in our words."""

import re
from collections.abc import Sequence
from typing import Any

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter as second_factor_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.fields import DatePartsField, EmailAddressField, PhoneField
from portal.models import Office, Team, User
from portal.opening_hours import read
from portal.places import place_code
from portal.rendering import present
from portal.roles import ROLES, STAFF_CHOICES

USED_CODE_LIFE = 120  # seconds: longer than a code is good for, tolerance included


def password_field(label: Any, *, is_new: bool = False) -> forms.CharField:
    """A password input; `is_new` adds the hint and tells the browser to offer a new one."""
    field = forms.CharField(
        label=label,
        strip=False,
        widget=forms.PasswordInput,
        help_text=_("At least 12 characters. Three or four words in a row work well.") if is_new else "",
        error_messages={"required": _("Enter a password") if is_new else _("Enter your password")},
    )
    return present(field, width=20, autocomplete="new-password" if is_new else "current-password", spellcheck="false")


def _new_password(form: forms.Form, label: Any) -> forms.CharField:
    """Replace allauth's two password inputs by one, validated by the same rules."""
    validated = form.fields.pop("password1")
    form.fields.pop("password2", None)
    field = password_field(label, is_new=True)
    if hasattr(validated, "user"):
        clean = field.clean
        field.clean = lambda value: account.get_adapter().clean_password(clean(value), user=validated.user)  # type: ignore[method-assign]  # one field, its own rules
    return field


class SignInForm(account.LoginForm):
    """E-mail and password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"] = EmailAddressField(label=_("Email address"))
        self.fields["password"] = password_field(_("Password"))


class SignUpForm(account.SignupForm):
    """An account for somebody who wants to keep their record."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"] = EmailAddressField(
            label=_("Email address"), help_text=_("We send a link to it, to see that it is yours.")
        )
        self.fields["password1"] = password_field(_("Choose a password"), is_new=True)

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """As allauth, but a known address takes as long as a new one (ASVS 5.0, 6.3.8)."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ChangeEmailForm(account.AddEmailForm):
    """A new address; the old one stays until the new one is confirmed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"] = EmailAddressField(
            label=_("New email address"), help_text=_("The old address stays until you follow the link in our email.")
        )


class ChangePasswordForm(account.ChangePasswordForm):
    """The password of now, and a new one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        new = _new_password(self, _("New password"))
        self.fields["oldpassword"] = password_field(_("Password you use now"))
        self.fields["password1"] = new


class ForgottenPasswordForm(account.ResetPasswordForm):
    """Where to send the link."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"] = EmailAddressField(label=_("Email address of your account"))


class NewPasswordForm(account.ResetPasswordKeyForm):
    """A new password after following the link."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password1"] = _new_password(self, _("New password"))


class ConfirmPasswordForm(account.ReauthenticateForm):
    """The password again, before something that matters."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"] = password_field(_("Your password"))


def code_field(label: Any, hint: Any) -> forms.CharField:
    """An input for a one-time code."""
    field = forms.CharField(label=label, help_text=hint, error_messages={"required": _("Enter the code")})
    return present(field, width=10, inputmode="numeric", autocomplete="one-time-code", spellcheck="false")


class _OnceOnly:
    """Refuses a one-time code that was used before, for as long as it would be good (ASVS 5.0, 6.5.1)."""

    authenticator: Authenticator
    user: User

    def clean_code(self) -> str:
        code = super().clean_code()  # type: ignore[misc]  # of allauth's form that it is mixed into
        if self.authenticator.type == Authenticator.Type.TOTP:
            used = f"portal.code-used:{self.user.pk}:{''.join(code.split())}"
            if not cache.add(used, True, USED_CODE_LIFE):
                raise second_factor_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_OnceOnly, AuthenticateForm):
    """The second step of signing in."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"] = code_field(
            _("Code"), _("6 digits from your authenticator app. No phone at hand? Use one of your recovery codes.")
        )


class CodeAgainForm(_OnceOnly, ReauthenticateForm):
    """The second step again, before something that matters."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"] = code_field(_("Code"), _("6 digits from your authenticator app, or a recovery code."))


class FirstCodeForm(ActivateTOTPForm):
    """Proves that the app was set up."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"] = code_field(_("Code from the app"), _("The app shows 6 digits. They change every 30 seconds."))


class ProfileForm(forms.Form):
    """Name and language of an account."""

    name = present(
        forms.CharField(
            label=_("Your name"), max_length=200, required=False, help_text=_("As we should write it in messages to you.")
        ),
        width=20,
        autocomplete="name",
    )
    language = forms.ChoiceField(label=_("Language of our emails and letters"), choices=settings.LANGUAGES)


class OfficeForm(forms.Form):
    """An office: what people need to find it. Opening hours are one line a day, as people should read them."""

    name = present(
        forms.CharField(label=_("Name of the office"), max_length=200, error_messages={"required": _("Enter the name")}),
        width=20,
    )
    address = forms.CharField(
        label=_("Address"), widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": _("Enter the address")}
    )
    phone = PhoneField(label=_("Phone"))
    email = EmailAddressField(label=_("Email address"), required=False)
    hours = forms.CharField(
        label=_("Opening hours"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One line each, for example: Monday to Friday 9:00-17:00"),
    )
    local_authorities = forms.CharField(
        label=_("Councils it serves"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One in each line, for example: Tower Hamlets. Leave it empty if it serves everybody"),
    )

    def clean_local_authorities(self) -> list[str]:
        """Codes of the councils, each once."""
        lines = [line.strip() for line in self.cleaned_data["local_authorities"].splitlines() if line.strip()]
        if wrong := [line for line in lines if not re.match(r"[a-z][a-z0-9_]*\Z", place_code(line))]:
            raise forms.ValidationError(_("“%(name)s” is not the name of a council"), params={"name": wrong[0]})
        return list(dict.fromkeys(place_code(line) for line in lines))

    def clean_hours(self) -> list[dict[str, str]]:
        """Each line in its kept form."""
        return [read(line) for line in self.cleaned_data["hours"].splitlines() if line.strip()]


def choice_of(things: Sequence[Office | Team], label: Any) -> forms.TypedChoiceField:
    """A choice of one of the agency's offices or teams, or none of them; cleans to the thing itself or None."""
    by_id = {str(thing.pk): thing for thing in things}
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[("", _("None")), *((key, thing.name) for key, thing in by_id.items())],
        coerce=by_id.__getitem__,
        empty_value=None,
    )


class TeamForm(forms.Form):
    """A team and the office it sits in."""

    name = present(
        forms.CharField(label=_("Name of the team"), max_length=200, error_messages={"required": _("Enter the name")}),
        width=20,
    )

    def __init__(self, *args: Any, offices: Sequence[Office], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["office"] = choice_of(offices, _("Office"))


class SeatForm(forms.Form):
    """Where a member sits and how people reach them."""

    phone = PhoneField(label=_("Phone"), required=False, help_text=_("Shown to the people this colleague works for."))

    def __init__(self, *args: Any, teams: Sequence[Team], offices: Sequence[Office], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"] = choice_of(teams, _("Team"))
        self.fields["office"] = choice_of(offices, _("Office"))
        self.order_fields(["team", "office", "phone"])


class MemberForm(SeatForm):
    """A new membership."""

    email = EmailAddressField(
        label=_("Work email address"), help_text=_("If there is no account yet, we open one and tell you what they do next.")
    )
    name = present(
        forms.CharField(
            label=_("Full name"),
            max_length=200,
            help_text=_("Access logs show this name."),
            error_messages={"required": _("Enter the full name")},
        ),
        width=20,
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=STAFF_CHOICES, widget=forms.RadioSelect, error_messages={"required": _("Select a role")}
    )
    starts_on = DatePartsField(name=_("First day"), label=_("First day"), error_messages={"required": _("Enter the first day")})
    ends_on = DatePartsField(
        name=_("Last day"), label=_("Last day"), required=False, help_text=_("Leave it empty when there is none.")
    )

    field_order = ["email", "name", "role", "starts_on", "ends_on", "team", "office", "phone"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order_fields(self.field_order)
        present(self.fields["role"], choice_hints={code: str(ROLES[code].paragraph) for code, _label in STAFF_CHOICES})

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        cleaned = super().clean() or {}
        if cleaned.get("starts_on") and cleaned.get("ends_on") and cleaned["ends_on"] < cleaned["starts_on"]:
            self.add_error("ends_on", _("Last day must be on or after the first day"))
        return cleaned


class EndMembershipForm(forms.Form):
    """When a membership ends."""

    on = DatePartsField(name=_("Last day"), label=_("Last day"), error_messages={"required": _("Enter the last day")})
