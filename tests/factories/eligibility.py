"""Programmes, versions and the people who write them, for tests."""

import datetime as dt
import tomllib
from decimal import Decimal
from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone

from consent.actions.activities import define_activity
from eligibility.actions.programmes import load_definition
from eligibility.definition import Definition, plain_data
from eligibility.models import Programme, ProgrammeVersion
from eligibility.models.programme import CLOSED, PUBLISHED
from portal.kit.actor import Actor, acting_as
from portal.models import Agency, Membership, User

_number = count(1)
LONG_AGO = dt.date(2020, 1, 1)


def make_agency(slug: str = "", kind: str = Agency.STATUTORY, **fields) -> Agency:
    """An agency, the one with this slug if it is there."""
    slug = slug or f"agency-{next(_number)}"
    found = Agency.objects.filter(slug=slug).first()
    if found:
        return found
    group = Group.objects.create(name=f"agency:{slug}")
    return Agency.objects.create(
        slug=slug, name=fields.pop("name", slug.replace("-", " ").title()), kind=kind, group=group, **fields
    )


def make_admin(agency: Agency, role: str = "programme_admin") -> Membership:
    """A new colleague at `agency`."""
    user = User.objects.create_user(
        f"colleague{next(_number)}@example.org", "correct horse battery", name=f"Colleague {next(_number)}"
    )
    return Membership.objects.create(user=user, agency=agency, role=role, starts_on=LONG_AGO)


def actor_of(membership: Membership) -> Actor:
    """The membership's actor."""
    return Actor(
        "staff",
        user_id=membership.user_id,
        agency_id=membership.agency_id,
        membership_id=membership.pk,
        role=membership.role,
        name=membership.user.name,
    )


def make_programme(code: str = "", agency: Agency | None = None, **fields) -> Programme:
    """A programme without versions."""
    return Programme.objects.create(
        code=code or f"programme_{next(_number)}",
        agency=agency or make_agency(),
        area=fields.pop("area", "income"),
        created_at=timezone.now(),
        **fields,
    )


def make_version(programme: Programme, **fields) -> ProgrammeVersion:
    """A version as a bare row (a draft from the folder unless told otherwise); its definition need not be a working rule."""
    now = timezone.now()
    state = fields.get("state", "draft")
    fields.setdefault("origin", "folder" if "author" not in fields else "portal")
    if state in (PUBLISHED, CLOSED):
        fields.setdefault("published_at", now)
    return ProgrammeVersion.objects.create(
        programme=programme,
        number=fields.pop("number", programme.versions.count() + 1),
        definition=fields.pop("definition", {"programme": {"code": programme.code}}),
        sha256=fields.pop("sha256", "a" * 64),
        created_at=now,
        changed_at=now,
        **fields,
    )


HEATING = """
[programme]
code = "heating_help"
agency = "heat-office"
area = "income"
life_events = ["growing_older"]
name = "Heating help"
summary = "Money for heating."
purpose = "To see whether you can get Heating help, we need your age and your savings."
next_steps = "We write to you."

[[law]]
title = "Heating Act 2020"
url = "https://www.legislation.gov.uk/example"

[limits.least_age]
label = "Age from which it is given"
unit = "years"
rows = [{ from = 2020-01-01, value = 60, law = "Heating Act s.1" }]

[limits.savings_limit]
label = "Savings limit"
unit = "GBP"
rows = [{ from = 2020-01-01, value = 10000, law = "Heating Act s.2" }]

[limits.rate]
label = "Yearly payment"
unit = "GBP/year"
rows = [{ from = 2020-01-01, value = 240, law = "Heating Act s.3" }]

[[criteria]]
id = "age"
when = "applicant.age >= limits.least_age"
says = "You are {limits.least_age} or over"
says_not = "You are under {limits.least_age}"
says_unknown = "We need your date of birth"
law = "Heating Act s.1"

[[criteria]]
id = "savings"
when = "household.savings <= limits.savings_limit"
says = "Your savings of {household.savings} are not above {limits.savings_limit}"
says_not = "Your savings of {household.savings} are above {limits.savings_limit}"
law = "Heating Act s.2"

[amount]
is = "limits.rate"
per = "year"
says = "You could get {amount}"

[[evidence]]
id = "savings"
label = "Proof of your savings"
any_of = { statement = "Bank statement", book = "Savings book" }

[service_standard]
working_days = 10
says = "We decide within 10 working days."

[contacts]
phone = "0800 000 0000"
channels = ["online", "phone"]

[leaves_out]
hospital = "People in hospital are under rules of their own."

[translations.cy]
"name" = "Cymorth Gwresogi"
"""
HEATING_CASES = """
[given]
household = { savings = "100.00" }
[[case]]
id = "sixty"
on = 2026-11-21
applicant = { age = 60 }
expect = { outcome = "likely", amount = "240.00" }
[[case]]
id = "fifty_nine"
on = 2026-11-21
applicant = { age = 59 }
expect = { outcome = "not_likely" }
[[case]]
id = "rich"
on = 2026-10-01
applicant = { age = 60 }
household = { savings = "10000.01" }
expect = { outcome = "not_likely", criteria = { savings = "not_met" } }
"""
BLANKET = """
[programme]
code = "blanket_help"
agency = "heat-office"
area = "health_care"
name = "Blanket help"
summary = "A warm blanket for people who get Heating help."
purpose = "To see whether you can get a blanket, we need to know whether you get Heating help."

[[law]]
title = "Blanket scheme 2021"

[[criteria]]
id = "passport"
when = "programmes.heating_help.likely"
says = "You may get Heating help"
says_not = "It is for people who get Heating help"
law = "scheme para 1"
"""
BLANKET_CASES = """
[[case]]
id = "with"
on = 2026-11-21
programmes = { heating_help = "likely" }
expect = { outcome = "likely" }
[[case]]
id = "without"
on = 2026-11-21
programmes = { heating_help = "not_likely" }
expect = { outcome = "not_likely" }
"""
INSTALLER = Actor.machine("installation")
SCREENED = ("household.savings", "person.born_on")


def read_definition(programme: str = HEATING, cases: str = HEATING_CASES) -> Definition:
    """A definition from the text of its two files."""
    data = tomllib.loads(programme, parse_float=Decimal)
    return Definition.from_dict({**data, "cases": plain_data(tomllib.loads(cases, parse_float=Decimal))})


def load(*definitions: Definition, on: dt.date = LONG_AGO) -> list[ProgrammeVersion]:
    """Load definitions as at installation; their agencies are made."""
    versions = []
    for definition in definitions:
        make_agency(definition.agency)
        with acting_as(INSTALLER):
            versions.append(load_definition(by=INSTALLER, definition=definition, effective_from=on, at=timezone.now()))
    return versions


def allow_screening(concepts=SCREENED, art9_condition: str = "") -> Agency:
    """The operator of the portal, allowed to screen with the facts `concepts`. art9_condition: for facts about health."""
    operator = make_agency("onedoor", kind=Agency.OPERATOR)
    with acting_as(INSTALLER):
        define_activity(
            by=INSTALLER,
            agency=operator,
            purpose="screening",
            legal_basis="6-1-e",
            legal_reference="Example Act 2020 s.1",
            release_gate="notice",
            art9_condition=art9_condition,
            concepts=list(concepts),
            roles=["machine"],
            text={"en": "show what you may get"},
            starts_on=LONG_AGO,
        )
    return operator
