"""Households as an advice worker meets them, told in short: everything not said is nothing, none or no."""

RATES = ("pip_daily_living", "pip_mobility", "dla_care", "dla_mobility", "attendance_allowance")


def money(amount, per="week"):
    """Money that comes regularly."""
    return {"amount": f"{amount:.2f}", "per": per}


def adult(id_, role, born_on, sex="female", **facts):
    """An adult with every fact of the interchange form."""
    nothing = dict.fromkeys(
        ("earnings", "take_home_pay", "income_tax", "self_employment", "state_pension", "private_pension", "savings_interest",
         "childcare_costs", "leaving_prison_within_days")
    )  # fmt: skip
    no = dict.fromkeys(
        ("married_or_civil_partner", "cared_for_gets_disability_benefit", "limited_capability_for_work_related_activity",
         "disabled", "in_education", "pregnant"),
        False,
    )  # fmt: skip
    hours = {"hours_worked_weekly": 0, "caring_hours_weekly": 0}
    return {"id": id_, "role": role, "born_on": born_on, "sex": sex} | nothing | no | hours | dict.fromkeys(RATES, "none") | facts


def me(born_on, sex="female", **facts):
    """The applicant."""
    return adult("me", "applicant", born_on, sex, **facts)


def child(id_, born_on, **facts):
    """A child at school."""
    known = {"id": id_, "role": "child", "born_on": born_on, "sex": "female", "in_education": True, "disabled": False}
    return known | dict.fromkeys(RATES, "none") | facts


def home(*people, **facts):
    """A council flat in Newham at 115 a week with a Council Tax of 28 a week and no savings, unless said otherwise."""
    known = {
        "nation": "england", "region": "london", "local_authority": "newham", "tenure": "council_rent", "rent": money(115),
        "council_tax": money(1460, "year"), "council_tax_band": "C", "bedrooms": 2, "savings": "0.00",
        "threatened_with_homelessness_within_days": None,
    }  # fmt: skip
    return {"id": "story", "household": known | facts, "people": list(people)}


OWN_HOME = {"tenure": "owned_outright", "rent": None}
NO_HOME = {"tenure": "no_home", "rent": None, "council_tax": None}
