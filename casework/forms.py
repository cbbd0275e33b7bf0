"""Forms of cases: applying, answering, working, deciding."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from casework.actions.applications import ALLOW, DO_NOT_ALLOW
from casework.models.case import CASE_FLOW, OPEN
from casework.models.decision import ADVERSE, OUTCOMES, PERIODS
from consent.facts import FactKind
from intake.forms.questions import NumberField, PlaceField, to_value
from portal.fields import DatePartsField, EmailAddressField, MoneyField, PeriodAmountField, PhoneField, YesNoField
from portal.rendering import present

# --- applying


class WhoForm(forms.Form):
    """Name and a safe way to be reached, asked only where the record lacks them."""

    name = present(
        forms.CharField(
            label=_("Your name"), max_length=300, help_text=_("As you write it, in any alphabet."),
            error_messages={"required": _("Enter your name")},
        ),
        width=20, autocomplete="name", spellcheck="false",
    )  # fmt: skip
    phone = PhoneField(label=_("Your phone number"), required=False)
    email = EmailAddressField(label=_("Your email address"), required=False)
    safe = present(
        forms.ChoiceField(
            label=_("Is it safe to reach you there?"), widget=forms.RadioSelect,
            help_text=_("Say no if somebody who must not know could answer or read it."),
            choices=[("yes", _("Yes")), ("no", _("No")), ("unknown", _("I am not sure"))],
            error_messages={"required": _("Select whether it is safe to reach you there")},
        ),
        inline=True,
    )  # fmt: skip

    def __init__(self, *args: Any, needs_name: bool, needs_contact: bool, **options: Any) -> None:
        super().__init__(*args, **{"prefix": "who"} | options)
        if not needs_name:
            del self.fields["name"]
        if not needs_contact:
            for name in ("phone", "email", "safe"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """At least one way to be reached, where one is asked for."""
        cleaned = super().clean() or {}
        if "phone" in self.fields and not (self.errors or cleaned.get("phone") or cleaned.get("email")):
            self.add_error("phone", _("Enter a phone number or an email address, so that the office can reach you"))
        return cleaned

    @property
    def contacts(self) -> dict[str, str]:
        """{kind: value} of what was given."""
        return {kind: self.cleaned_data[kind] for kind in ("phone", "email") if self.cleaned_data.get(kind)}


class AllowForm(forms.Form):
    """Allow or do not allow: one question, two equal answers, nothing chosen beforehand."""

    answer = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, agency: str, until: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["answer"]
        field.label = _("Do you allow %(agency)s to see this?") % {"agency": agency}
        field.error_messages["required"] = _("Select whether you allow %(agency)s to see this") % {"agency": agency}
        field.choices = [
            (ALLOW, _("Allow until %(day)s") % {"day": date_format(until, "j F Y")}),
            (DO_NOT_ALLOW, _("Do not allow")),
        ]
        present(field, inline=False)


# --- answering


def fact_field(kind: FactKind) -> forms.Field:
    """The form field for a fact of the catalogue; `intake.forms.questions.to_value` turns what it cleans into the fact."""
    label = kind.words()
    if kind.type == "money":
        return PeriodAmountField(label=label, name=label)
    if kind.type == "amount":
        return MoneyField(label=label, name=label)
    if kind.type == "date":
        return DatePartsField(label=label, name=label)
    if kind.type == "boolean":
        return YesNoField(label=label, error_messages={"required": _("Select yes or no")})
    if kind.type == "choice":
        choices = [(choice, kind.choice_words(choice)) for choice in kind.choices]
        return forms.ChoiceField(
            label=label, choices=choices, widget=forms.RadioSelect, error_messages={"required": _("Select one answer")}
        )
    if kind.type in ("integer", "decimal"):
        places = 0 if kind.type == "integer" else 2
        number = NumberField(kind=kind, places=places, label=label, error_messages={"required": _("Write your answer")})
        return present(number, width=5, inputmode="decimal" if places else "numeric")
    place = PlaceField(label=label, max_length=100, error_messages={"required": _("Enter the name of the council")})
    return present(place, width=20, spellcheck="false")


class AnswerForm(forms.Form):
    """The person's answer: words, or the fact that was asked for with words beside it."""

    words = forms.CharField(
        label=_("Your answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write your answer")},
    )

    def __init__(self, *args: Any, kind: FactKind | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        if kind is not None:
            self.fields["fact"] = fact_field(kind)
            self.fields["words"].label = _("Anything else we should know")
            self.fields["words"].required = False
            self.order_fields(["fact", "words"])

    @property
    def value(self) -> Any:
        """The fact in its stored form; None when words were asked for."""
        if self.kind is None:
            return None
        return to_value(self.kind, self.cleaned_data["fact"])


# --- working


class WorklistFilter(forms.Form):
    """What the worklist can be narrowed to. Each combination has an index."""

    programme = forms.ChoiceField(label=_("Programme"), required=False)
    state = forms.ChoiceField(label=_("Step"), required=False)
    queue = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, programmes: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["programme"].choices = [("", _("All programmes")), *programmes.items()]
        fields["state"].choices = [("", _("All steps")), *((code, CASE_FLOW.labels[code]) for code in OPEN)]
        for name in ("programme", "state"):
            present(self.fields[name], show_optional=False)


class AskForm(forms.Form):
    """A question to the person."""

    what = present(
        forms.CharField(
            label=_("What do you need?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("In plain words, as you would say it. The person reads this."),
            error_messages={"required": _("Write what you need")},
        ),
    )  # fmt: skip
    why = forms.CharField(
        label=_("Why do you need it?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why you need it")},
    )
    fact = present(
        forms.ChoiceField(
            label=_("Which fact does the answer fill in?"), required=False,
            help_text=_("The person then gets the right kind of field, and the fact is on the case at once."),
        ),
        show_optional=False,
    )  # fmt: skip
    answer_by = DatePartsField(
        label=_("Answer needed by"), name=_("The day"), error_messages={"required": _("Enter the day by which you need it")}
    )
    stops_clock = forms.BooleanField(
        label=_("Stop our clock until the answer is here"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, facts: Iterable[FactKind], today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["fact"].choices = [("", _("None: an answer in words")), *((kind.code, kind.words()) for kind in facts)]
        fields["answer_by"].earliest = today + dt.timedelta(days=1)


class ReasonToCitizenForm(forms.Form):
    """Words for the person when a case ends without a decision, or is opened again."""

    text = forms.CharField(
        label=_("What do you tell the person?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what you tell the person: they read it word for word")},
    )


class NoteForm(forms.Form):
    """A note for the agency itself."""

    text = present(
        forms.CharField(
            label=_("Note for your agency"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("No other agency sees it. The person can ask to read it."),
            error_messages={"required": _("Write the note first")},
        ),
    )  # fmt: skip


class AssignForm(forms.Form):
    """Who works on it."""

    user = present(forms.ChoiceField(label=_("Responsible"), required=False), show_optional=False)

    def __init__(self, *args: Any, colleagues: Iterable[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        names = [(str(membership.user_id), str(membership.user)) for membership in colleagues]
        fields: dict[str, Any] = self.fields
        fields["user"].choices = [("", _("Nobody yet: back to the team")), *names]


# --- deciding


class DecisionForm(forms.Form):
    """Outcome, amount and period. Reasons are a formset beside it."""

    outcome = present(
        forms.ChoiceField(
            label=_("What do you decide?"), choices=OUTCOMES, widget=forms.RadioSelect,
            error_messages={"required": _("Select what you decide")},
        ),
        inline=True,
    )  # fmt: skip
    amount = PeriodAmountField(
        label=_("How much?"), name=_("The amount"), periods=[code for code, _words in PERIODS], required=False
    )
    effective_from = DatePartsField(label=_("From which day?"), name=_("The first day"), required=False)
    effective_to = DatePartsField(
        label=_("Until which day?"), name=_("The last day"), required=False, help_text=_("Leave it empty if it runs on.")
    )

    def clean(self) -> dict[str, Any]:
        """A grant has a first day, and a period runs forward."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("effective_from"), cleaned.get("effective_to")
        if cleaned.get("outcome") in ("granted", "partly") and not first and "effective_from" not in self.errors:
            self.add_error("effective_from", _("Enter the day from which the person gets it"))
        if first and last and last < first:
            self.add_error("effective_to", _("The last day must be on or after the first day"))
        return cleaned

    @property
    def is_adverse(self) -> bool:
        """Whether the outcome is not all that the person asked for."""
        return self.cleaned_data.get("outcome") in ADVERSE

    @property
    def terms(self) -> dict[str, Any]:
        """amount_pence (whole pence), per, effective_from and effective_to of a grant; nothing for a refusal."""
        if self.cleaned_data["outcome"] == "refused":
            return {}
        terms = {name: self.cleaned_data[name] for name in ("effective_from", "effective_to")}
        if amount := self.cleaned_data.get("amount"):
            terms |= {"amount_pence": int(amount.amount * 100), "per": amount.per}
        return terms


class ReasonForm(forms.Form):
    """One reason: condition, fact and law belong to it, and the sentence the person reads."""

    use = forms.BooleanField(label=_("Use this reason in the letter"), required=False)
    text = forms.CharField(
        label=_("Sentence for the person"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    law = present(forms.CharField(label=_("Law"), required=False, max_length=300), width=20, show_optional=False)
    criterion = present(forms.CharField(label=_("Condition"), required=False, max_length=200), width=20, show_optional=False)
    fact_words = present(
        forms.CharField(label=_("Fact it rests on"), required=False, max_length=500), width=20, show_optional=False
    )
    fact = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        present(self.fields["text"], show_optional=False)

    def clean(self) -> dict[str, Any]:
        """A reason that is used is complete."""
        cleaned = super().clean() or {}
        if not cleaned.get("use"):
            return cleaned
        missing = {
            "text": _("Write the sentence for the person"),
            "law": _("Name the law"),
            "criterion": _("Name the condition"),
            "fact_words": _("Name the fact it rests on"),
        }
        for name, words in missing.items():
            if not cleaned.get(name):
                self.add_error(name, words)
        cleaned["fact"] = cleaned.get("fact") or cleaned.get("fact_words", "")
        return cleaned

    @property
    def reason(self) -> dict[str, str]:
        """The reason as a decision keeps it."""
        return {name: self.cleaned_data[name] for name in ("criterion", "fact", "fact_words", "law", "text")}


class BaseReasonSet(forms.BaseFormSet):
    """The reasons of a decision."""

    @property
    def reasons(self) -> list[dict[str, str]]:
        """Those that are used."""
        return [form.reason for form in self.forms if form.cleaned_data.get("use")]


ReasonSet = forms.formset_factory(ReasonForm, formset=BaseReasonSet, extra=1, max_num=40, absolute_max=60)
