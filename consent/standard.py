"""What is usual: the activities every agency begins with, before its data-protection officer revises them. Pure data."""

from typing import Any

from consent.facts import catalogue

IDENTITY = ("identity.name", "identity.contact", "identity.language_and_needs")
READERS = ("caseworker", "decision_maker")
ART9 = "UK GDPR art. 9(2)(h); Data Protection Act 2018 Sch. 1 paras 2 and 6"
CARE_AND_HOUSING = "Care Act 2014 s.3; Housing Act 1996 s.213B"

# What a receiver of a referral sees before it accepts: who needs what kind of help, and where; no name, no way to reach them.
TRIAGE = (
    "household.local_authority",
    "household.region",
    "household.tenure",
    "household.threatened_with_homelessness_within_days",
    "person.role",
    "person.born_on",
    "identity.language_and_needs",
)
SCREENING: dict[str, Any] = {
    "purpose": "screening",
    "legal_reference": "Localism Act 2011 s.1",
    "concepts": [code for code, kind in catalogue().items() if kind.type != "identity"],
    "roles": ["machine"],
    "text": {
        "en": "show you what support you may get",
        "ar": "إظهار الدعم الذي قد تحصل عليه",
        "cy": "dangos pa gymorth y gallech ei gael",
    },
}
REFERRAL: dict[str, Any] = {
    "purpose": "referral",
    "concepts": [
        *TRIAGE,
        "identity.name",
        "identity.contact",
        "household.rent",
        "household.savings",
        "person.earnings",
        "person.leaving_prison_within_days",
    ],
    "triage_concepts": list(TRIAGE),
    "roles": [*READERS, "machine"],
    "text": {
        "en": "help you after somebody passed you on",
        "ar": "مساعدتك بعد تحويلك إليها",
        "cy": "eich helpu ar ôl cael eich cyfeirio",
    },
}
COUNTER: dict[str, Any] = {
    "purpose": "counter",
    "concepts": [code for code, kind in catalogue().items() if kind.type != "identity"],
    "roles": ["counter_officer", *READERS],
    "text": {"en": "help you at the counter", "ar": "مساعدتك عند الشباك", "cy": "eich helpu wrth y cownter"},
}
