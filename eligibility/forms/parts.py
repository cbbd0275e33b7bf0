"""Forms of a programme's parts: local variants, worked-out facts, the amount, evidence, and what people read about the programme."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eligibility.builder.rows import PERIODS, SETS
from eligibility.builder.terms import said
from eligibility.forms.shared import DraftForm, offer
from eligibility.models.programme import AREAS
from portal.life_events import LIFE_EVENTS
from portal.places import place_code, place_words
from portal.rendering import present

_PERIOD_WORDS = {
    "once": gettext_lazy("once"),
    "week": gettext_lazy("a week"),
    "four_weeks": gettext_lazy("every four weeks"),
    "month": gettext_lazy("a month"),
    "year": gettext_lazy("a year"),
}
_CHANNEL_WORDS = {
    "online": gettext_lazy("Online"),
    "phone": gettext_lazy("By phone"),
    "post": gettext_lazy("By post"),
    "in_person": gettext_lazy("In person"),
}
_HOW = [
    ("sum", gettext_lazy("Add up")),
    ("count", gettext_lazy("Count the people for whom it is true")),
    ("min", gettext_lazy("The smallest of")),
    ("max", gettext_lazy("The largest of")),
    ("any", gettext_lazy("Whether it is true for anybody")),
]
MOST_LAWS = 6


def _formula(label: Any, help_text: Any = "", **more: Any) -> forms.CharField:
    box = forms.Textarea(attrs={"rows": 3, "dir": "ltr", "class": "od-code"})
    return present(forms.CharField(label=label, widget=box, help_text=help_text, max_length=4000, **more), spellcheck="false")


def lines_in(text: str) -> list[str]:
    """The lines of a text box that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class VariantForm(DraftForm):
    """What a local variant is called, where it holds and on which scheme it rests. only_known: no councils but `known`."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("For example: Newham"),
        error_messages={"required": gettext_lazy("Enter a name, for example the council’s")},
    )
    councils = present(
        forms.MultipleChoiceField(
            label=gettext_lazy("Councils where it holds"), required=False, widget=forms.CheckboxSelectMultiple
        ),
        show_optional=False,
    )
    others = present(
        forms.CharField(
            label=gettext_lazy("Other councils"),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=gettext_lazy("One in each line, as people write it: Tower Hamlets"),
        ),
        show_optional=False,
    )
    law = forms.CharField(
        label=gettext_lazy("Law or scheme"),
        max_length=300,
        help_text=gettext_lazy("For example: Newham Council Tax Reduction Scheme 2026"),
        error_messages={"required": gettext_lazy("Enter the law or scheme it rests on")},
    )

    def __init__(self, *args, known: Iterable[str], only_known: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        choices = sorted({(code, place_words(code)) for code in known}, key=lambda choice: choice[1])
        if only_known:
            del self.fields["others"]
        if choices or only_known:
            offer(self, "councils", choices)
        else:
            del self.fields["councils"]
            self.fields["others"].label = _("Councils where it holds")

    def clean(self) -> dict[str, Any]:
        """At least one council, each once."""
        values = super().clean() or {}
        codes = [*values.get("councils", ()), *(place_code(line) for line in lines_in(values.get("others", "")))]
        wrong = [line for line in lines_in(values.get("others", "")) if not re.match(r"[a-z][a-z0-9_]*\Z", place_code(line))]
        if wrong:
            self.add_error("others", _("“%(name)s” is not the name of a council") % {"name": wrong[0]})
        elif not codes:
            self.add_error("councils" if "councils" in self.fields else "others", _("Select or enter at least one council"))
        values["local_authorities"] = list(dict.fromkeys(codes))
        return values


class FloorForm(DraftForm):
    """What local variants may widen but never narrow."""

    result = forms.BooleanField(
        label=gettext_lazy("Nobody may lose it or get less anywhere than by the common rule"), required=False
    )
    criteria = forms.MultipleChoiceField(label=gettext_lazy("Conditions"), required=False, widget=forms.CheckboxSelectMultiple)
    limits = forms.MultipleChoiceField(label=gettext_lazy("Limits"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, criteria, limits, **kwargs):
        super().__init__(*args, **kwargs)
        for name, choices in (("criteria", criteria), ("limits", limits)):
            present(self.fields[name], show_optional=False)
            if choices:
                offer(self, name, choices)
            else:
                del self.fields[name]
        present(self.fields["result"], show_optional=False)

    def floor(self) -> dict[str, Any]:
        """The section as it is stored."""
        values = self.cleaned_data
        return {name: values[name] for name in ("criteria", "limits", "result") if values.get(name)}


class BeginForm(forms.Form):
    """Parts of a formula to begin with, for those who do not write one themselves."""

    how = present(forms.ChoiceField(label=gettext_lazy("What to do"), choices=_HOW, required=False), show_optional=False)
    fact = present(forms.ChoiceField(label=gettext_lazy("Of which fact"), required=False), show_optional=False)
    people = present(
        forms.ChoiceField(label=gettext_lazy("Of whom"), required=False),
        show_optional=False,
    )
    per = present(
        forms.ChoiceField(
            label=gettext_lazy("Money counted by"),
            choices=[(per, _PERIOD_WORDS[per]) for per in PERIODS],
            initial="month",
            required=False,
        ),
        show_optional=False,
    )

    def __init__(self, *args, facts, language: str, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "fact", [("", "…"), *facts])
        offer(self, "people", [(people, said(f"all {people}", language)) for people in SETS])

    def formula(self, kinds: Mapping[str, str]) -> str:
        """The formula; "" where it cannot be made, with the error at its field. kinds: {fact name: kind of its value}."""
        self.is_valid()
        values = self.cleaned_data
        name, how = values.get("fact", ""), values.get("how") or "sum"
        group, _space, who = (values.get("people") or "family").partition(" ")
        where = {"child": "p.role == 'child'", "adult": "p.role != 'child'", "other_adult": "p.role == 'other_adult'"}.get(
            who, ""
        )
        if not name:
            if how == "count":
                return f"count(p for p in {group}{f' if {where}' if where else ''})"
            self.add_error("fact", _("Select a fact"))
            return ""
        kind = kinds[name]
        if how in ("count", "any") and kind != "yes_no":
            self.add_error("fact", _("To count people, select a fact that is yes or no, or none to count them all"))
            return ""
        if (how in ("sum", "min", "max") and kind not in ("flow", "money", "number", "date")) or (
            how == "sum" and kind == "date"
        ):
            self.add_error("fact", _("Select a fact that is money or a number"))
            return ""
        read = f"per_{values.get('per') or 'month'}(p.{name})" if kind == "flow" else f"p.{name}"
        if how == "count":
            where = f"p.{name} and {where}" if where else f"p.{name}"
            return f"count(p for p in {group} if {where})"
        return f"{how}({read} for p in {group}{f' if {where}' if where else ''})"


class WorkedOutForm(DraftForm):
    """A fact that is worked out from others."""

    label = forms.CharField(
        label=gettext_lazy("What people call it"),
        max_length=200,
        help_text=gettext_lazy("It stands in the steps of the calculation, for example: Earnings of the family"),
        error_messages={"required": gettext_lazy("Enter what it is called")},
    )
    whose = forms.ChoiceField(
        label=gettext_lazy("It is worked out"),
        widget=forms.RadioSelect,
        choices=[("", gettext_lazy("Once, for the whole household")), ("person", gettext_lazy("For each person"))],
        required=False,
        initial="",
    )
    formula = _formula(
        gettext_lazy("Formula"),
        gettext_lazy("For example: sum(per_month(p.take_home_pay) for p in family). For each person: per_month(person.earnings)"),
        error_messages={"required": gettext_lazy("Enter the formula, or make one with the choices above")},
    )

    def place_of(self, where: str) -> str | None:
        return "formula" if where.startswith("worked_out.") or ".worked_out." in where else super().place_of(where)


class AmountForm(DraftForm):
    """How much somebody gets."""

    formula = _formula(
        gettext_lazy("How much"),
        gettext_lazy("For example: limits.rate, or limits.rate - 0.5 * per_week(applicant.earnings)"),
        error_messages={"required": gettext_lazy("Enter how the amount is worked out")},
    )
    per = forms.ChoiceField(label=gettext_lazy("Paid"), choices=list(_PERIOD_WORDS.items()))
    how = forms.ChoiceField(
        label=gettext_lazy("Rounded"),
        required=False,
        choices=[
            ("", gettext_lazy("to the nearest penny")),
            ("down", gettext_lazy("down to")),
            ("up", gettext_lazy("up to")),
            ("nearest", gettext_lazy("to the nearest")),
        ],
    )
    to = present(
        forms.CharField(label=gettext_lazy("Whole pounds and pence to round to"), max_length=10, initial="0.01", required=False),
        width=5,
        prefix="£",
    )
    says = forms.CharField(
        label=gettext_lazy("Sentence with the amount"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For example: You could get {amount}"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        present(self.fields["how"], show_optional=False)

    def place_of(self, where: str) -> str | None:
        last = where.rsplit(".", 1)[-1]
        return {"is": "formula", "round": "to", "per": "per", "says": "says"}.get(last)

    def amount(self) -> dict[str, Any]:
        """The section as it is stored."""
        values = self.cleaned_data
        made: dict[str, Any] = {"is": values["formula"], "per": values["per"]}
        if values["how"]:
            made["round"] = {"how": values["how"], "to": values["to"] or "0.01"}
        return made | ({"says": values["says"]} if values["says"] else {})


class AmountBegin(forms.Form):
    """What the amount is, for those who do not write a formula."""

    what = present(forms.ChoiceField(label=gettext_lazy("The amount is"), required=False), show_optional=False)

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "what", [("", "…"), *choices])

    def formula(self) -> str:
        """The formula; "" where nothing was chosen, with the error at its field."""
        self.is_valid()
        if not self.cleaned_data.get("what"):
            self.add_error("what", _("Select what the amount is"))
        return self.cleaned_data.get("what", "")


class EvidenceForm(DraftForm):
    """One thing somebody has to show, with what is good enough as proof."""

    label = forms.CharField(
        label=gettext_lazy("What has to be shown"),
        max_length=200,
        help_text=gettext_lazy("For example: Proof of your age"),
        error_messages={"required": gettext_lazy("Enter what has to be shown")},
    )
    any_of = forms.CharField(
        label=gettext_lazy("Any one of these is enough"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text=gettext_lazy("One in each line, for example: Passport"),
        error_messages={"required": gettext_lazy("Enter at least one paper that is good enough")},
    )
    when = _formula(
        gettext_lazy("Only asked where this is true"),
        gettext_lazy("Leave it empty to ask everybody. For example: applicant.age < 70"),
        required=False,
    )


class AboutForm(DraftForm):
    """What people read about the programme, the law, contacts and how long it takes."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, error_messages={"required": gettext_lazy("Enter the name")}
    )
    summary = forms.CharField(
        label=gettext_lazy("What it is, in one sentence"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Enter one sentence on what it is")},
    )
    purpose = forms.CharField(
        label=gettext_lazy("Why you need people’s facts"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Shown when people are asked to agree"),
        error_messages={"required": gettext_lazy("Enter why the facts are needed")},
    )
    next_steps = forms.CharField(
        label=gettext_lazy("What happens after people apply"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    area = forms.ChoiceField(label=gettext_lazy("Area"), choices=list(AREAS.items()))
    life_events = forms.MultipleChoiceField(
        label=gettext_lazy("Situations in which it helps"), required=False, widget=forms.CheckboxSelectMultiple
    )
    working_days = present(
        forms.IntegerField(
            label=gettext_lazy("Working days until you decide"),
            required=False,
            min_value=1,
            max_value=399,
            widget=forms.TextInput,
            error_messages={"invalid": gettext_lazy("Enter a whole number of days, like 20")},
        ),
        width=3,
    )
    standard = forms.CharField(
        label=gettext_lazy("Sentence about how long it takes"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For example: We aim to decide within 20 working days"),
    )
    phone = present(forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False), width=20)
    email = forms.EmailField(label=gettext_lazy("Email"), required=False)
    url = forms.CharField(
        label=gettext_lazy("Web address"), max_length=300, required=False, validators=[URLValidator(["http", "https"])]
    )
    address = forms.CharField(
        label=gettext_lazy("Postal address"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("How people can apply"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(_CHANNEL_WORDS.items()),
    )
    laws = forms.CharField(
        label=gettext_lazy("Laws or schemes it rests on"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One in each line. A web address may stand at the end of the line"),
        error_messages={"required": gettext_lazy("Enter the law or the scheme it rests on")},
    )
    leaves_out = forms.CharField(
        label=gettext_lazy("What the rule leaves out on purpose"),
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One sentence in each line"),
    )

    def __init__(self, *args, language: str, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "life_events", [(code, event.words(language)) for code, event in LIFE_EVENTS.items()])
        for name in ("life_events", "channels"):
            present(self.fields[name], show_optional=False)

    def clean_laws(self) -> list[dict[str, str]]:
        """[{"title", "url"?}] of the lines."""
        found = []
        for line in lines_in(self.cleaned_data["laws"]):
            title, _space, last = line.rpartition(" ")
            is_address = re.match(r"https?://\S+\Z", last) and title
            found.append({"title": title.strip(), "url": last} if is_address else {"title": line})
        if not found:
            raise forms.ValidationError(self.fields["laws"].error_messages["required"])
        return found


def keyed(lines: Iterable[str], before: Mapping[str, str], fallback: str) -> dict[str, str]:
    """{key: sentence} of lines: a sentence that was there keeps its key, one that was reworded takes the key of its place."""
    lines = list(lines)
    by_words = {words: key for key, words in before.items()}
    free = [key for key, words in before.items() if words not in lines]
    same_size = len(lines) == len(before)
    found: dict[str, str] = {}
    for place, line in enumerate(lines):
        key = by_words.get(line)
        if key is None and same_size and list(before)[place] in free:
            key = list(before)[place]
        if key is None or key in found:
            key = next(
                name
                for name in (f"{fallback}_{number}" for number in range(1, 10_000))
                if name not in found and name not in before
            )
        found[key] = line
    return found
