"""Forms of the catalogue and of the programme editor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from eligibility.forms.shared import DayField, DraftForm, offer
from eligibility.models.programme import AREAS
from eligibility.queries.comparison import text_words
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
        offer(self, "life", [("", _("Any situation")), *life_events])

    def chosen(self) -> dict[str, str]:
        """What to narrow by."""
        if not self.is_bound:
            return {}
        self.is_valid()
        values = self.cleaned_data
        return {"text": values.get("q", ""), "area": values.get("area", ""), "life_event": values.get("life", "")}


class CriterionForm(DraftForm):
    """One condition: its formula and its sentences."""

    id = present(
        forms.RegexField(
            r"^(?!new$)[a-z][a-z0-9_]{0,40}$",
            label=_("Short name"),
            required=False,
            help_text=_("For lists and formulas: small letters, digits and _. Leave it empty and one is made from the sentence"),
            error_messages={
                "invalid": _("Use small letters, digits and _ only, beginning with a letter"),
            },
        ),
        width=20,
        spellcheck="false",
    )
    when = present(
        forms.CharField(
            label=_("Condition"),
            widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "class": "od-code"}),
            help_text=_("For example: household.savings <= limits.savings_limit"),
            error_messages={"required": _("Enter the condition")},
        ),
        spellcheck="false",
    )
    says = forms.CharField(
        label=_("Sentence when it is met"),
        max_length=300,
        help_text=_("Values go in braces: {limits.savings_limit}"),
        error_messages={"required": _("Enter the sentence people read when it is met")},
    )
    says_not = forms.CharField(
        label=_("Sentence when it is not met"),
        max_length=300,
        error_messages={"required": _("Enter the sentence people read when it is not met")},
    )
    says_unknown = forms.CharField(label=_("Sentence when it is not known yet"), max_length=300, required=False)
    law = forms.CharField(label=_("Law"), max_length=300, error_messages={"required": _("Enter the law it rests on")})
    group = present(
        forms.RegexField(
            r"^[a-z][a-z0-9_]{0,40}$",
            label=_("Group of alternatives"),
            required=False,
            help_text=_("Conditions of one group are alternatives: one of them is enough"),
        ),
        width=20,
    )

    def __init__(self, *args, is_new: bool, has_formula: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["id"]
        if not has_formula:
            del self.fields["when"]


class TextsForm(DraftForm):
    """Every text of a programme in one language. English must stay; a translation may be empty."""

    def __init__(self, *args, texts, language: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.paths = {}
        for number, (path, english, words) in enumerate(texts):
            name = f"text_{number}"
            self.paths[name] = path
            is_long = len(english) > 45
            self.fields[name] = present(
                forms.CharField(
                    label=text_words(path),
                    initial=words,
                    required=language == "en" and path in ("name", "summary", "purpose"),
                    max_length=2000,
                    help_text="" if language == "en" else english,
                    widget=forms.Textarea(attrs={"rows": 2}) if is_long else forms.TextInput(),
                    error_messages={"required": _("This text cannot be empty")},
                ),
                show_optional=False,
            )

    def texts(self) -> dict[str, str]:
        """{path: words} as sent."""
        return {path: self.cleaned_data[name].strip() for name, path in self.paths.items()}


class FilesForm(DraftForm):
    """The whole version as the text of its two files."""

    programme = present(
        forms.CharField(
            label=_("Rule (programme.toml)"),
            widget=forms.Textarea(attrs={"rows": 30, "dir": "ltr", "class": "od-code"}),
            strip=False,
            error_messages={"required": _("Enter the rule")},
        ),
        spellcheck="false",
    )
    cases = present(
        forms.CharField(
            label=_("Worked examples (cases.toml)"),
            widget=forms.Textarea(attrs={"rows": 24, "dir": "ltr", "class": "od-code"}),
            strip=False,
            required=False,
        ),
        spellcheck="false",
        show_optional=False,
    )


class NewProgrammeForm(forms.Form):
    """A new programme: from nothing, or as a copy of another one."""

    code = present(
        forms.RegexField(
            r"^(?!(new|shared|uprating|import)$)[a-z][a-z0-9_]{2,59}$",
            label=_("Code"),
            help_text=_("It never changes. Small letters, digits and _, for example rent_help"),
            error_messages={
                "required": _("Enter a code"),
                "invalid": _("Use 3 to 60 small letters, digits and _, beginning with a letter"),
            },
        ),
        width=20,
        spellcheck="false",
    )
    name = forms.CharField(label=_("Name"), max_length=120, error_messages={"required": _("Enter the name people will read")})
    area = forms.ChoiceField(label=_("Area"), choices=list(AREAS.items()))
    source = forms.ChoiceField(label=_("Begin with"), required=False)

    def __init__(self, *args, sources, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "source", [("", _("A simple first rule")), *sources])


class PublishForm(forms.Form):
    """From which day a version holds."""

    effective_from = DayField(
        label=_("In force from"),
        error_messages={"required": _("Enter the first day"), "invalid": _("The first day must be a real date")},
    )


class NoteForm(forms.Form):
    """What a new draft is for."""

    note = forms.CharField(label=_("What this version changes"), max_length=500, required=False)
