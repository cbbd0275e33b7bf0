"""The forms of referrals: a new one, another place for one, and each answer a receiver can give."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.models.referral import HELPED, NEEDS, ONLINE, OUTCOMES, PRIORITIES, REASONS, SPOKEN
from consent.models import ProcessingActivity
from portal.fields import DatePartsField
from portal.models import Membership
from portal.rendering import present

_ASKED = [
    (ONLINE, _("Ask them on their own page, or use what they have allowed already")),
    (SPOKEN, _("They are here with me and have just allowed it")),
]
_RECEIVER_REASONS = [
    code for code, _words in REASONS if code not in ("permission_ended", "sent_by_mistake", "no_answer", "no_longer_needed")
]
_SENDER_REASONS = ("no_longer_needed", "person_declined", "sent_by_mistake", "safety", "deceased", "other")
_HOLD_REASONS = ("waiting_list", "awaiting_person", "could_not_contact", "more_information", "other")


def _chosen(codes: Iterable[str]) -> list[tuple[str, Any]]:
    words = dict(REASONS)
    return [("", _("Choose one")), *((code, words[code]) for code in codes)]


def _note(label: Any, length: int = 500) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=length, widget=forms.Textarea(attrs={"rows": 3}))


def _place_words(activity: ProcessingActivity, names: Mapping[str, str], shut: Mapping[str, str]) -> str:
    if not activity.programme:
        return activity.agency.name
    name = names.get(activity.programme, activity.programme)
    state = f" ({shut[activity.programme]})" if activity.programme in shut else ""
    return f"{activity.agency.name}: {name}{state}"


class PlaceField(forms.ChoiceField):
    """Where a referral can go: each activity in force for taking referrals is one place, as "agency id:programme code"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Where should it go?"), error_messages={"required": _("Choose where the referral should go")}, **options
        )

    def offer(self, activities: Iterable[ProcessingActivity], names: dict[str, str], shut: Mapping[str, str]) -> None:
        """Fill in the places. names: programme code -> its name; shut: code -> in words why it takes no applications now."""
        self.choices = [("", _("Choose one"))] + [
            (f"{activity.agency_id}:{activity.programme}", _place_words(activity, names, shut)) for activity in activities
        ]

    def clean(self, value: Any) -> tuple[UUID, str] | None:
        chosen = super().clean(value)
        if not chosen:
            return None
        agency_id, programme = chosen.split(":", 1)
        return UUID(agency_id), programme


class RerouteForm(forms.Form):
    """Another place for the same ask."""

    place = PlaceField()
    asked = forms.ChoiceField(
        label=_("Does the person allow it?"), choices=_ASKED, widget=forms.RadioSelect,
        error_messages={"required": _("Select how the person allows it")},
    )  # fmt: skip

    although_closed = forms.BooleanField(label=_("Send it although the programme is closed now"), required=False)

    def __init__(
        self,
        *args: Any,
        activities: Iterable[ProcessingActivity] = (),
        names: dict[str, str] | None = None,
        shut: Mapping[str, str] | None = None,
        **options: Any,
    ):
        super().__init__(*args, **options)
        place = self.fields["place"]
        assert isinstance(place, PlaceField)
        place.offer(activities, names or {}, shut or {})
        if not shut:
            del self.fields["although_closed"]


class ReferralForm(RerouteForm):
    """A new referral. `key` makes a second press of the button the same referral."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    need = forms.ChoiceField(
        label=_("What is the need?"), choices=[("", _("Choose one")), *NEEDS],
        error_messages={"required": _("Choose what the need is")},
    )  # fmt: skip
    service = present(
        forms.CharField(
            label=_("What do you ask for?"), max_length=200, help_text=_("For example: advice on rent arrears"),
            error_messages={"required": _("Enter what you ask for")},
        )
    )  # fmt: skip
    priority = forms.ChoiceField(
        label=_("How soon?"), choices=PRIORITIES, widget=forms.RadioSelect, initial="routine",
        error_messages={"required": _("Select how soon")},
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note to the receiver"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Facts of the case travel by themselves, as far as the person allows. Do not repeat them here."),
    )  # fmt: skip
    do_not_contact = forms.BooleanField(label=_("They must not contact the person themselves"), required=False)

    field_order = ["place", "although_closed", "need", "service", "priority", "note", "do_not_contact", "asked", "key"]


class AcceptForm(forms.Form):
    """Accept, and say who will help."""

    worker = forms.ChoiceField(label=_("Who will help?"), error_messages={"required": _("Choose who will help")})
    their_reference = forms.CharField(label=_("Your own reference"), required=False, max_length=100)

    def __init__(self, *args: Any, colleagues: Iterable[Membership] = (), **options: Any):
        super().__init__(*args, **options)
        worker = self.fields["worker"]
        assert isinstance(worker, forms.ChoiceField)
        worker.choices = list({str(colleague.user_id): str(colleague.user) for colleague in colleagues}.items())


class ReasonForm(forms.Form):
    """A no, with its reason."""

    reason = forms.ChoiceField(label=_("Why?"), choices=_chosen(_RECEIVER_REASONS), error_messages={"required": _("Choose why")})
    note = _note(_("More about it, for the sender and the person"))


class HoldForm(ReasonForm):
    """A pause with its reason and the day it is looked at again."""

    def __init__(self, *args: Any, today: dt.date, **options: Any):
        super().__init__(*args, **options)
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)
        reason.choices = _chosen(_HOLD_REASONS)
        self.fields["review_on"] = DatePartsField(
            label=_("When will you look at it again?"), name=_("The day"), earliest=today + dt.timedelta(days=1),
            error_messages={"required": _("Enter the day on which you look at it again")},
        )  # fmt: skip
        self.order_fields(["reason", "review_on", "note"])


class CompleteForm(forms.Form):
    """What came of it."""

    outcome = forms.ChoiceField(
        label=_("What came of it?"), choices=[("", _("Choose one")), *OUTCOMES],
        error_messages={"required": _("Choose what came of it")},
    )  # fmt: skip
    note = _note(_("More about it, for the sender and the person"))


class TakeBackForm(forms.Form):
    """The sender ends the ask."""

    reason = forms.ChoiceField(label=_("Why?"), choices=_chosen(_SENDER_REASONS), error_messages={"required": _("Choose why")})
    note = _note(_("More about it"))


class HelpedForm(forms.Form):
    """The person's own answer."""

    helped = present(
        forms.ChoiceField(
            label=_("Did you get help?"), choices=HELPED, widget=forms.RadioSelect,
            error_messages={"required": _("Select yes, partly or no")},
        ),
        inline=True,
    )  # fmt: skip
    words = forms.CharField(label=_("Anything else?"), required=False, max_length=500)
