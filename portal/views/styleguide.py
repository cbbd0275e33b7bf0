"""The living style guide: every component once, with made-up content, as citizens and as staff see it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_bidi

from portal.fields import DatePartsField, EmailAddressField, MoneyField, PeriodAmountField, PhoneField, YesNoField
from portal.kit.access import PUBLIC, needs
from portal.kit.charts import Columns, Line, column_charts, line_charts
from portal.rendering import ErrorSummary, present
from portal.templatetags.ui import money

LAYOUTS = {"citizen": "layouts/citizen.html", "staff": "layouts/staff.html"}
DAY = date(2026, 6, 14)
MOMENT = datetime(2026, 6, 14, 10, 42, tzinfo=ZoneInfo("Europe/London"))


class SampleForm(forms.Form):
    """One field of each kind."""

    who = present(
        forms.ChoiceField(
            label="Who lives with you?",
            help_text="Count everyone who usually sleeps at your address.",
            widget=forms.RadioSelect,
            choices=[("alone", "I live alone"), ("partner", "My partner and I"), ("other", "Other people")],
            error_messages={"required": "Select who lives with you"},
        ),
        choice_hints={"other": "For example parents, friends or lodgers."},
    )
    born = DatePartsField(label="When were you born?", name="Date of birth", help_text="For example, 27 3 1988", is_birth=True)
    rent = PeriodAmountField(label="How much rent do you pay?", name="Rent", help_text="A good guess is fine.")
    savings = MoneyField(label="How much do you have in savings?", name="Savings", required=False)
    bills = forms.MultipleChoiceField(
        label="Which bills do you pay?",
        widget=forms.CheckboxSelectMultiple,
        choices=[("power", "Electricity"), ("gas", "Gas"), ("water", "Water")],
        required=False,
    )
    partner = YesNoField(label="Do you have a partner?", not_sure=True, error_messages={"required": "Select yes, no or not sure"})
    phone = PhoneField(label="Phone number", help_text="We call only about this.")
    email = EmailAddressField(label="Email address", required=False)
    tenure = forms.ChoiceField(
        label="Your home", choices=[("rent", "I rent it"), ("own", "I own it"), ("other", "Something else")], required=False
    )
    note = forms.CharField(label="Anything else we should know?", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    proof = forms.FileField(label="A photo of your rent book", required=False)
    agree = forms.BooleanField(
        label="What I said is true, as far as I know", error_messages={"required": "Tick the box to say your answers are true"}
    )


class SampleFilter(forms.Form):
    """A filter as lists of staff have it."""

    q = present(forms.CharField(label="Search", required=False), show_optional=False)
    step = present(
        forms.ChoiceField(
            label="Step", required=False, choices=[("", "Any step"), ("new", "New"), ("decide", "Ready to decide")]
        ),
        show_optional=False,
    )


@needs(PUBLIC)
def styleguide(request: HttpRequest, look: str = "citizen") -> HttpResponse:
    """Draw the guide. ``look``: citizen or staff (the dense setting)."""
    if look not in LAYOUTS:
        raise Http404
    form = SampleForm(
        {"born_day": "31", "born_month": "3", "rent_amount": "about 90", "rent_per": "week", "bills": ["power"], "phone": "12"}
    )
    return render(
        request,
        "public/styleguide.html",
        {
            "layout": LAYOUTS[look],
            "look": look,
            "sample": form,
            "errors": ErrorSummary(form),
            "filter": SampleFilter(),
            "day": DAY,
            "moment": MOMENT,
            "looks": [(reverse("portal:styleguide", args=[name]), name.capitalize(), name == look, None) for name in LAYOUTS],
            **_words(),
            **_content(),
        },
    )


def _words() -> dict[str, Any]:
    return {
        "inset_text": "You can skip what you do not have.",
        "words_late": "Failed",
        "words_new": "New",
        "banner_title": "Sharing stopped.",
        "banner_text": "Home Energy Office can no longer see your data.",
        "banner_warning": "We could not reach the tax register. You can go on: we will check later, and tell you.",
        "banner_info": "The counter is closed on 26 December.",
        "empty_title": "Nothing waits for you",
        "empty_text": "New cases appear here when someone applies.",
        "empty_link": "See the cases of your team",
        "part_name": "Your home",
        "why_text": "Some programmes help only people who pay rent.",
        "code_text": "Your answers are kept for 30 days. Use this code with your phone number to come back.",
        "receipt_text": "Keep this reference. We answer by 10 July 2026.",
        "born": date(1988, 3, 27),
        "column_head": ["Month", "Share"],
        "line_head": ["Pay in a year", "Left in hand"],
    }


def _content() -> dict[str, Any]:
    is_rtl = get_language_bidi()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    shares = [91, 92, 88, 90, 84, 86, 89, 92, 93, 91, 90, 94]
    left = [(0, 9000), (6000, 13200), (9500, 15100), (9501, 14200), (16000, 18900), (24000, 23400)]
    return {
        "trail": [("/", "Home"), ("/style-guide/", "Programmes")],
        "tabs": [("#tabs", "Mine", True, 23), ("#tabs", "My team", False, 142), ("#tabs", "Nobody’s", False, 17)],
        "staff_navigation": [
            ("#a", "Worklist", True, 23),
            ("#b", "People", False, None),
            ("#c", "Referrals", False, 4),
            ("#d", "Programmes", False, None),
        ],
        "acting_membership": "J. Okoro, Harbour Council benefits",
        "memberships_to_switch_to": [("1", "Harbour Housing Office")],
        "cards": _cards(),
        "consents": _consents(),
        "tasks": [
            {"name": "You and your family", "url": "#tasks", "state": "done"},
            {"name": "Your home", "url": "#tasks", "hint": "Rent and bills", "state": "part"},
            {"name": "Money", "url": "#tasks", "state": "todo"},
            {"name": "Check your answers", "url": "", "state": "wait"},
        ],
        "bar": ["is-done", "is-now", "", "", ""],
        "events": [
            {"icon": "check", "title": "We have your application", "at": MOMENT, "is_done": True},
            {
                "icon": "file-text",
                "title": "Harbour Council asked you for a pay slip",
                "text": "Send a photo by 28 June.",
                "at": DAY,
                "url": "#thread",
                "url_text": "Send it now",
            },
            {
                "icon": "alert-triangle",
                "title": "Dr T. Ndlovu, Harbour clinic",
                "text": "Opened your contact details without your consent. Reason given: urgent care.",
                "at": MOMENT,
                "tone": "bad",
                "tag_text": "Emergency access",
                "tag_tone": "bad",
            },
            {"icon": "calendar-event", "title": "Decision", "meta": "By 10 July 2026"},
        ],
        "summary": [
            {"key": "Your name", "value": "Amina Rahal", "change_url": "#summary"},
            {"key": "Rent", "value": {"amount": "126.50", "per": "week"}, "change_url": "#summary"},
            {"key": "Born", "value": date(1988, 3, 27), "change_url": "#summary"},
            {"key": "Children", "value": ["Sami, born 2017", "Lina, born 2021"], "change_url": "#summary"},
            {"key": "Has a partner", "value": False, "change_url": "#summary", "note": "You said this on 2 June."},
        ],
        "facts": _facts(),
        "needs": [
            {"text": "Interpreter needed", "tone": "wait", "icon": "language"},
            {"text": "Prefers text messages", "tone": "info", "icon": "message"},
        ],
        "alerts": [
            {
                "title": "Income differs.",
                "text": "The person said £1,460, the tax register says £1,610 (May 2026).",
                "url": "#facts",
                "url_text": "Compare and choose",
            }
        ],
        "stages": [
            ("Draft", "done", "circle-check"),
            ("Test and preview", "now", "scale"),
            ("Second person approves", "next", "users"),
            ("In force from 1 April 2027", "next", "calendar-event"),
        ],
        "columns": [
            {"text": "Agency"},
            {"text": "In time", "is_number": True, "sort_url": "#table", "sort": "descending"},
            {"text": "Answered", "is_number": True},
        ],
        "rows": [
            {"url": "#table", "cells": ["Harbour Council", "94%", "1,204"]},
            {"url": "#table", "cells": ["Home Energy Office", "88%", "611"]},
        ],
        "figures": [
            ("84%", "answered within 20 working days in May. The goal is 90%."),
            ("13 days", "the middle waiting time. Half waited less."),
            ("4,916", "applications answered in May."),
        ],
        "contacts": {"email": "help@example.org", "url": "https://example.org"},
        "proofs": [
            {"label": "Proof of your rent", "any_of": ["Tenancy agreement", "Bank statement"], "always": True},
            {"label": "Proof that you care for somebody", "any_of": ["Letter"], "always": False},
        ],
        "office": {
            "name": "Harbour service counter",
            "agency": "Harbour Council",
            "person": "J. Okoro",
            "address_lines": ["12 Quay Street", "Harbour", "HB1 4QS"],
            "phone": "0113 496 0000",
            "email": "counter@harbour.example",
            "hours": [("Monday to Friday", "9am to 5pm"), ("Saturday", "9am to 1pm")],
            "note": "Step-free entrance. Bring no papers the first time.",
        },
        "column_charts": column_charts(Columns(months, shares, target=90, unit="%", highest=100), is_rtl),
        "column_rows": [[month, f"{share}%"] for month, share in zip(months, shares, strict=True)],
        "line_charts": line_charts(Line(left, cliffs=[9500], x_words=money, y_words=money), is_rtl),
        "line_rows": [[money(x), money(y)] for x, y in left],
        "amount": Decimal("1460.5"),
    }


def _cards() -> list[dict[str, Any]]:
    met = {"state": "met", "text": "You live in Harbour", "said": "for 3 years", "rule": "at least 12 months"}
    return [
        {
            "outcome": "likely",
            "slug": "a",
            "programme": "Child Support Grant",
            "agency": "Family Services Agency",
            "amount": "About £240 a month for 2 children",
            "reasons": [met, {"state": "met", "text": "You have children under 16", "said": "2 children", "rule": ""}],
            "steps": ["You apply and allow what the agency may see.", "It answers within 20 working days."],
            "apply_url": "#outcome",
            "rule_url": "#outcome",
        },
        {
            "outcome": "unknown",
            "slug": "b",
            "programme": "Home Energy Rebate",
            "agency": "Home Energy Office",
            "amount": "Up to £95 a year",
            "reasons": [met, {"state": "missing", "text": "How is your home heated?", "said": "", "rule": ""}],
            "answer_url": "#outcome",
            "rule_url": "#outcome",
        },
        {
            "outcome": "not_likely",
            "slug": "c",
            "programme": "Rent Assistance",
            "agency": "Housing Agency",
            "amount": "",
            "reasons": [
                met,
                {
                    "state": "not_met",
                    "text": "Your rent is below the lowest rent the programme helps with",
                    "said": "£310 a month",
                    "rule": "£350 or more",
                },
            ],
            "way_out": "It would fit if your rent went up by £40 a month. Tell us if that happens.",
            "apply_url": "#outcome",
            "rule_url": "#outcome",
        },
    ]


def _consents() -> list[dict[str, Any]]:
    base = {
        "may_see": ["Your income, last 3 months", "Children’s dates of birth"],
        "may_not_see": "Health notes, bank account, other applications",
        "only_to": "decide on your Child Support Grant",
        "until": date(2027, 6, 14),
    }
    return [
        base
        | {
            "slug": "a",
            "agency": "Family Services Agency",
            "state": "asked",
            "note": "If you do not allow it, you can still apply: bring your pay slips to a counter instead.",
        },
        base | {"slug": "b", "agency": "Home Energy Office", "state": "allowed", "looks": 3, "log_url": "#consent"},
        base
        | {
            "slug": "c",
            "agency": "Housing Agency",
            "state": "stopped",
            "until_words": "You stopped it on 2 May 2026. Nothing was looked at after that.",
        },
    ]


def _facts() -> list[dict[str, Any]]:
    return [
        {
            "slug": "address",
            "label": "Address",
            "value": "12 Quay Street",
            "source": "Population register",
            "verification": "verified",
            "as_of": DAY,
            "used_by": 4,
        },
        {
            "slug": "income",
            "label": "Monthly income",
            "value": {"amount": "1460", "per": "month"},
            "other_value": {"amount": "1610", "per": "month"},
            "source": "Two sources differ",
            "verification": "disputed",
            "as_of": DAY,
            "used_by": 3,
        },
        {
            "slug": "rent",
            "label": "Rent",
            "value": {"amount": "310", "per": "month"},
            "source": "The person said",
            "verification": "said",
            "as_of": DAY,
            "used_by": 1,
        },
        {
            "slug": "health",
            "label": "Health",
            "hidden_reason": "Hidden: the person has not allowed your agency to see it",
            "value": None,
            "used_by": 0,
        },
    ]
