"""The form contract: every error leads to a control, every hint and error has its id, hostile words stay text."""

from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django import forms
from django.utils import translation

from portal.fields import (
    DatePartsField,
    EmailAddressField,
    MoneyField,
    PeriodAmount,
    PeriodAmountField,
    PhoneField,
    YesNoField,
)
from portal.rendering import ErrorSummary, PortalRenderer, present

HOSTILE = '<img src=x onerror="alert(1)">'


class EveryKind(forms.Form):
    """One field of each kind, each with a hint."""

    default_renderer = PortalRenderer

    name = forms.CharField(label="Name", help_text="As in your passport")
    who = forms.ChoiceField(label="Who?", help_text="One", widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")])
    bills = forms.MultipleChoiceField(
        label="Bills", help_text="Any", widget=forms.CheckboxSelectMultiple, choices=[("p", "Power"), ("g", "Gas")]
    )
    home = forms.ChoiceField(label="Home", help_text="One", choices=[("", ""), ("rent", "Rent")])
    born = DatePartsField(label="Born", name="Date of birth", help_text="27 3 1988")
    rent = PeriodAmountField(label="Rent", name="Rent", help_text="A guess is fine")
    savings = MoneyField(label="Savings", name="Savings", help_text="All of it")
    phone = PhoneField(label="Phone", help_text="We call rarely")
    email = EmailAddressField(label="Email", help_text="We write rarely")
    partner = YesNoField(label="Partner?", help_text="Yes or no")
    note = forms.CharField(label="Note", help_text="Short", widget=forms.Textarea)
    proof = forms.FileField(label="Proof", help_text="A photo")
    agree = forms.BooleanField(label="I agree", help_text="Read it first")


class Page(HTMLParser):
    """Ids, controls, references and element names of a rendered piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.controls: dict[str, dict[str, str | None]] = {}
        self.references: set[str] = set()
        self.labels: set[str] = set()
        self.names: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what the tests ask about."""
        found = dict(attrs)
        self.names.append(tag)
        if found.get("id"):
            self.ids.append(found["id"])
        if tag in {"input", "select", "textarea"} and found.get("type") != "hidden":
            self.controls[found.get("id") or ""] = found
        for name in ("aria-describedby", "aria-labelledby"):
            self.references.update((found.get(name) or "").split())
        if tag == "label":
            self.labels.add(found.get("for") or "")


def test_every_error_leads_to_a_control() -> None:
    form = EveryKind({})
    page = Page(str(form))
    lines = list(ErrorSummary(form))
    assert len(lines) == len(form.fields)
    assert {line.target for line in lines} <= set(page.controls)
    assert len({line.target for line in lines}) == len(lines)


def test_hints_and_errors_have_ids_that_fields_name() -> None:
    page = Page(str(EveryKind({})))
    for name in EveryKind.base_fields:
        assert f"id_{name}_helptext" in page.ids
        assert f"id_{name}_error" in page.ids
        assert {f"id_{name}_helptext", f"id_{name}_error"} <= page.references
    assert page.references <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_every_control_has_a_label() -> None:
    page = Page(str(EveryKind({})))
    assert set(page.controls) == page.labels


def test_two_forms_with_prefixes_keep_their_targets_apart() -> None:
    first, second = EveryKind({}, prefix="one"), EveryKind({}, prefix="two")
    page = Page(f"{first}{second}")
    targets = [line.target for line in ErrorSummary(first, second)]
    assert set(targets) <= set(page.controls)
    assert len(targets) == len(set(targets))


def test_a_formset_gives_its_forms_errors_and_its_own() -> None:
    children = forms.formset_factory(EveryKind, min_num=1, validate_min=True, extra=0)
    formset = children({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-MIN_NUM_FORMS": "1", "form-0-name": "A"})
    page = Page(str(formset))
    lines = list(ErrorSummary(formset))
    assert lines
    assert {line.target for line in lines} <= set(page.controls)


def test_an_error_of_the_whole_form_leads_to_its_first_control() -> None:
    class Pair(forms.Form):
        default_renderer = PortalRenderer
        who = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "A")])

        def clean(self) -> None:
            raise forms.ValidationError("These answers do not fit together")

    form = Pair({"who": "a"})
    line = next(iter(ErrorSummary(form)))
    assert (line.text, line.target) == ("These answers do not fit together", "id_who_0")
    assert line.target in Page(str(form)).controls


def test_an_unbound_form_has_no_errors() -> None:
    assert len(ErrorSummary(EveryKind())) == 0


def test_hostile_labels_hints_choices_and_errors_stay_text() -> None:
    class Hostile(forms.Form):
        default_renderer = PortalRenderer
        text = present(
            forms.CharField(label=HOSTILE, help_text=HOSTILE, error_messages={"required": HOSTILE}),
            heading=True,
            prefix=HOSTILE,
            suffix=HOSTILE,
        )
        pick = present(
            forms.ChoiceField(label=HOSTILE, widget=forms.RadioSelect, choices=[(HOSTILE, HOSTILE)]),
            choice_hints={HOSTILE: HOSTILE},
        )
        many = forms.MultipleChoiceField(label=HOSTILE, widget=forms.CheckboxSelectMultiple, choices=[("a", HOSTILE)])
        drop = forms.ChoiceField(label=HOSTILE, choices=[(HOSTILE, HOSTILE)])
        born = DatePartsField(label=HOSTILE, name=HOSTILE)
        tick = forms.BooleanField(label=HOSTILE, help_text=HOSTILE)

    page = Page(str(Hostile({"text": "", "born_day": "1", "drop": HOSTILE})))
    assert "img" not in page.names
    assert "script" not in page.names


def test_a_field_can_be_the_heading_of_its_page() -> None:
    class OneQuestion(forms.Form):
        default_renderer = PortalRenderer
        who = present(forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "A")]), heading=True)

    html = str(OneQuestion())
    assert "<h1" in html
    assert html.index("<legend") < html.index("<h1") < html.index("</legend>")


def test_optional_fields_say_so_and_required_ones_do_not() -> None:
    class Some(forms.Form):
        default_renderer = PortalRenderer
        must = forms.CharField(label="Must")
        may = forms.CharField(label="May", required=False)
        quiet = present(forms.CharField(label="Quiet", required=False), show_optional=False)

    html = str(Some())
    assert "May (optional)" in html
    assert "Must (optional)" not in html
    assert "Quiet (optional)" not in html


def answer(field: forms.Field, **data: str) -> forms.Form:
    """A bound form with one field called `it`."""
    form = type("One", (forms.Form,), {"default_renderer": PortalRenderer, "it": field})(data)
    form.is_valid()
    return form


@pytest.mark.parametrize(
    ("day", "month", "year", "message", "target"),
    [
        ("", "", "", "Enter your date of birth", "id_it_0"),
        ("27", "3", "", "Date of birth must include a year", "id_it_2"),
        ("27", "", "", "Date of birth must include a month and a year", "id_it_1"),
        ("31", "2", "1988", "Date of birth must be a real date", "id_it_0"),
        ("3", "27", "1988", "Date of birth must be a real date", "id_it_1"),
        ("27", "3", "88", "Date of birth must include a year with 4 numbers, for example 1988", "id_it_2"),
        ("27", "march", "1988", "Date of birth must be numbers, for example 27 3 1988", "id_it_1"),
        ("27", "3", "9" * 6000, "Date of birth must be numbers, for example 27 3 1988", "id_it_2"),
        ("15", "6", "2026", "Date of birth must be on or before 14 June 2026", "id_it_0"),
    ],
)
def test_date_messages_say_how_to_mend_and_lead_to_the_part(day: str, month: str, year: str, message: str, target: str) -> None:
    field = DatePartsField(
        name="Date of birth", latest=date(2026, 6, 14), error_messages={"required": "Enter your date of birth"}
    )
    form = answer(field, it_day=day, it_month=month, it_year=year)
    line = next(iter(ErrorSummary(form)))
    assert (line.text, line.target) == (message, target)
    html = str(form)
    for typed in filter(None, (day, month, year)):
        assert f'value="{typed}"' in html


def test_only_the_part_in_error_is_marked() -> None:
    html = str(answer(DatePartsField(name="Date"), it_day="27", it_month="3"))
    assert html.count('aria-invalid="true"') == 1
    assert html.index("id_it_1") < html.index('aria-invalid="true"') < html.index('id="id_it_2"')


@pytest.mark.parametrize(("day", "expected"), [("27", date(1988, 3, 27)), (" 27 ", date(1988, 3, 27)), ("٢٧", date(1988, 3, 27))])
def test_dates_are_read_as_people_type_them(day: str, expected: date) -> None:
    assert answer(DatePartsField(name="Date"), it_day=day, it_month="03", it_year="1988").cleaned_data["it"] == expected


def test_an_empty_optional_date_is_none() -> None:
    assert answer(DatePartsField(name="Date", required=False)).cleaned_data["it"] is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1250", "1250.00"),
        ("£1,250.50", "1250.50"),
        (" 1 250 ", "1250.00"),
        ("0", "0.00"),
        ("12.5", "12.50"),
        ("١٢٥٠", "1250.00"),
    ],
)
def test_money_is_read_as_people_type_it(typed: str, expected: str) -> None:
    assert answer(MoneyField(name="Pay"), it=typed).cleaned_data["it"] == Decimal(expected)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter an amount, or 0 if there is none"),
        ("some", "Pay must be an amount of money, like 1250 or 1250.50"),
        ("1e9", "Pay must be an amount of money, like 1250 or 1250.50"),
        ("12.345", "Pay must be an amount of money, like 1250 or 1250.50"),
        ("NaN", "Pay must be an amount of money, like 1250 or 1250.50"),
        ("-3", "Pay must be 0 or more"),
        ("10000000", "Pay must be less than 10 million"),
    ],
)
def test_money_messages(typed: str, message: str) -> None:
    assert answer(MoneyField(name="Pay"), it=typed).errors["it"] == [message]


def test_money_with_its_period() -> None:
    form = answer(PeriodAmountField(name="Rent"), it_amount="£126.50", it_per="week")
    assert form.cleaned_data["it"] == PeriodAmount(Decimal("126.50"), "week")
    assert form.cleaned_data["it"].as_fact() == {"amount": "126.50", "per": "week"}


def test_a_period_beside_an_empty_amount_counts_as_empty() -> None:
    assert answer(PeriodAmountField(name="Rent", required=False), it_amount="", it_per="week").cleaned_data["it"] is None
    line = next(iter(ErrorSummary(answer(PeriodAmountField(name="Rent"), it_amount="", it_per="week"))))
    assert line.target == "id_it_0"


def test_an_unknown_period_is_refused() -> None:
    assert not answer(PeriodAmountField(name="Rent"), it_amount="1", it_per="fortnight").is_valid()


def test_a_stored_amount_fills_the_form_again() -> None:
    form = type("One", (forms.Form,), {"default_renderer": PortalRenderer, "it": PeriodAmountField(name="Rent")})(
        initial={"it": {"amount": "126.50", "per": "month"}}
    )
    html = str(form)
    assert 'value="126.50"' in html
    assert 'value="month" selected' in html


@pytest.mark.parametrize(("typed", "kept"), [("0113 496 0000", "01134960000"), ("+44 (0)7700-900982", "+447700900982")])
def test_phone_numbers_lose_their_spaces(typed: str, kept: str) -> None:
    assert answer(PhoneField(), it=typed).cleaned_data["it"] == kept


@pytest.mark.parametrize("typed", ["12", "call me", "1" * 16])
def test_wrong_phone_numbers_are_explained(typed: str) -> None:
    assert answer(PhoneField(), it=typed).errors["it"] == ["Enter a phone number, like 0113 496 0000 or +44 7700 900 982"]


def test_wrong_email_addresses_are_explained() -> None:
    assert answer(EmailAddressField(), it="amina").errors["it"] == ["Enter an email address in this form: name@example.com"]


@pytest.mark.parametrize(("typed", "expected"), [("yes", True), ("no", False), ("not_sure", None)])
def test_yes_no_not_sure(typed: str, expected: bool | None) -> None:
    assert answer(YesNoField(not_sure=True), it=typed).cleaned_data["it"] is expected


def test_a_stored_no_is_shown_as_no() -> None:
    form = type("One", (forms.Form,), {"default_renderer": PortalRenderer, "it": YesNoField()})(initial={"it": False})
    assert 'value="no" id="id_it_1" checked' in str(form)


def test_labels_follow_the_language_of_the_reader() -> None:
    form = type("One", (forms.Form,), {"default_renderer": PortalRenderer, "it": YesNoField()})()
    with translation.override("ar"):
        assert "نعم" in str(form)
