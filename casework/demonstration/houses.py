"""Act one: the agencies move in, with offices, teams, staff, programmes and the terms of sharing."""

import datetime as dt
from typing import Any

from casework.demonstration.cast import agencies, staff_email
from consent.actions.activities import define_activity
from consent.facts import catalogue
from eligibility.queries.catalogue import definition_of, in_force, needs_of_version
from portal.actions.agencies import add_member, found_agency, save_office, save_team
from portal.actions.demonstration import open_sign_in
from portal.kit.actor import Actor
from portal.models import Agency

IDENTITY = ("identity.name", "identity.contact", "identity.language_and_needs")
READERS = ("caseworker", "decision_maker")
TRIAGE = ("household.local_authority", "household.region", "household.tenure", "person.role", "person.born_on",
          "household.threatened_with_homelessness_within_days", "identity.language_and_needs")  # fmt: skip
REFERRAL = (*TRIAGE, "identity.name", "identity.contact", "household.rent", "household.savings", "person.earnings",
            "person.leaving_prison_within_days")  # fmt: skip
COUNTER = tuple(code for code, kind in catalogue().items() if kind.sensitivity == "normal")


def move_in(by: Actor, at: dt.datetime, since: dt.date) -> None:
    """Found the agencies with offices, teams and staff who can sign in."""
    for raw in agencies():
        details = {key: raw[key] for key in ("email", "phone", "website") if key in raw}
        agency = found_agency(by=by, slug=raw["slug"], name=raw["name"], kind=raw["kind"], **details)
        offices = {
            one["name"]: save_office(by=by, agency=agency, on=at.date(), details=one) for one in raw.get("offices", [])
        }
        home = next(iter(offices.values()), None)
        teams = {name: save_team(by=by, agency=agency, name=name, office=home) for name in raw.get("teams", [])}
        for colleague in raw["staff"]:
            _seat(by, agency, colleague, offices, teams, at, since)


def _seat(by: Actor, agency: Agency, raw: dict[str, Any], offices, teams, at: dt.datetime, since: dt.date) -> None:
    email = staff_email(raw["name"], agency.slug)
    open_sign_in(by=by, email=email, name=raw["name"], is_staff=True)
    add_member(
        by=by,
        agency=agency,
        email=email,
        name=raw["name"],
        role=raw["role"],
        starts_on=since,
        at=at,
        team=teams.get(raw.get("team", "")),
        office=offices.get(raw.get("office", "")),
        phone=raw.get("phone", ""),
    )


def agree_terms(by: Actor, today: dt.date, since: dt.date) -> None:
    """Register what each agency does with facts: screening, deciding per programme, referrals, counters."""
    operator = Agency.objects.get(kind=Agency.OPERATOR)
    facts = [code for code, kind in catalogue().items() if kind.type != "identity"]
    define_activity(
        by=by, agency=operator, purpose="screening", legal_basis="6-1-e", release_gate="explicit_request",
        legal_reference="Localism Act 2011 s.1", art9_condition="UK GDPR art. 9(2)(g); Data Protection Act 2018 Sch. 1 para. 6",
        concepts=facts, roles=["machine"], starts_on=since,
        text={"en": "show you what support you may get", "ar": "إظهار الدعم الذي قد تحصل عليه", "cy": "dangos pa gymorth y gallech ei gael"},
    )  # fmt: skip
    for version in in_force(today):
        definition = definition_of(version)
        agency = version.programme.agency
        is_public = agency.kind == Agency.STATUTORY
        define_activity(
            by=by, agency=agency, programme=definition.code, purpose="determination",
            legal_basis="6-1-e" if is_public else "6-1-a", release_gate="explicit_request" if is_public else "consent",
            legal_reference=definition.law[0]["title"] if is_public else "",
            art9_condition="UK GDPR art. 9(2)(h)", concepts=sorted({*needs_of_version(version), *IDENTITY}), roles=READERS,
            text={code: definition.text("purpose", code) for code in ("en", "ar", "cy")}, starts_on=since,
        )  # fmt: skip
    for agency in Agency.objects.exclude(kind=Agency.OPERATOR):
        is_public = agency.kind == Agency.STATUTORY
        shared = {
            "by": by, "agency": agency, "starts_on": since, "legal_basis": "6-1-e" if is_public else "6-1-a",
            "legal_reference": "Care Act 2014 s.3; Housing Act 1996 s.213B" if is_public else "",
            "release_gate": "explicit_request" if is_public else "consent", "art9_condition": "UK GDPR art. 9(2)(h)",
        }  # fmt: skip
        define_activity(
            **shared, purpose="referral", concepts=REFERRAL, triage_concepts=TRIAGE, roles=[*READERS, "machine"],
            text={"en": "help you after somebody passed you on", "ar": "مساعدتك بعد تحويلك إليها", "cy": "eich helpu ar ôl cael eich cyfeirio"},
        )  # fmt: skip
        define_activity(
            **shared, purpose="counter", concepts=COUNTER, roles=["counter_officer", *READERS],
            text={"en": "help you at the counter", "ar": "مساعدتك عند الشباك", "cy": "eich helpu wrth y cownter"},
        )  # fmt: skip
