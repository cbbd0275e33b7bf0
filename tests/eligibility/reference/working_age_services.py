"""What help from councils, the health service and trusts asks for: the law's gateway, or the terms they state."""

from datetime import date
from fractions import Fraction

from tests.eligibility.reference.working_age_people import Answer


def homelessness_prevention(home):
    """Housing Act 1996 ss.175(4), 189B, 195, 213B: no home, or likely to lose it within 56 days, or leaving prison by then."""
    days, leaving = home.facts["threatened_with_homelessness_within_days"], home.applicant.raw["leaving_prison_within_days"]
    soon = any(item is not None and item <= 56 for item in (days, leaving))
    return Answer(home.nation_in("england") and (soon or home.facts["tenure"] == "no_home"))


def care_needs_assessment(home):
    """Care Act 2014 s.9: an adult who seems to need care."""
    person = home.applicant
    seems = person.is_true("disabled") or person.needs_daily_help or person.raw["dla_care"] == "lower"
    return Answer(home.nation_in("england") and person.age >= 18 and seems)


def carers_assessment(home):
    """Care Act 2014 s.10: an adult who cares for somebody."""
    person = home.applicant
    return Answer(home.nation_in("england") and person.age >= 18 and person.number("caring_hours_weekly") > 0)


def employment_support(home):
    """The trust's terms: London, working age, under 16 hours of paid work, not in education."""
    person = home.applicant
    least = 16 if home.on >= date(2026, 4, 1) else 18
    return Answer(
        home.facts["region"] == "london"
        and person.age >= least
        and not person.over_pension_age
        and person.number("hours_worked_weekly") < 16
        and not person.is_true("in_education")
    )


def resettlement_support(home):
    """The trust's terms: an adult who leaves prison soon for a region where it works."""
    days = home.applicant.raw["leaving_prison_within_days"]
    ahead = 84 if home.on >= date(2026, 4, 1) else 56
    regions = ("london", "east_of_england")
    return Answer(days is not None and days <= ahead and home.applicant.age >= 18 and home.facts["region"] in regions)


def debt_advice(home):
    """The service's terms: an adult of its councils, with little saved or about to lose the home."""
    now = home.on >= date(2026, 4, 1)
    councils = ("newham", "tower_hamlets", "barking_and_dagenham") if now else ("newham",)
    days = home.facts["threatened_with_homelessness_within_days"]
    needs = Fraction(home.facts["savings"]) <= (5000 if now else 3000) or (days is not None and days <= 56)
    return Answer(home.facts["local_authority"] in councils and home.applicant.age >= 18 and needs)


def social_prescribing(home):
    """The service's description: an adult of its councils who is ill, cares, or is old and the only adult at home."""
    councils = ("newham", "tower_hamlets") + (("hackney", "waltham_forest") if home.on >= date(2026, 4, 1) else ())
    person = home.applicant
    alone = person.age >= 65 and home.partner is None and not home.others
    reason = person.is_true("disabled") or person.number("caring_hours_weekly") > 0 or alone
    return Answer(home.facts["local_authority"] in councils and person.age >= 18 and reason)
