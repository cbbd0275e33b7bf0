"""What the product says of a household beside what the working-age reference says."""

import json
from fractions import Fraction

from eligibility.interchange import determine_lines
from tests.eligibility.reference import working_age as law
from tests.eligibility.reference.working_age_people import Home, to_the_penny


def determined(rulebook, raw, on):
    """What `manage.py determine` writes for a household: {programme: entry}."""
    (result,) = determine_lines([json.dumps(raw)], rulebook, on, [*law.PROGRAMMES, "pension_credit"])
    assert "errors" not in result, result
    return result["programmes"]


def differences(rulebook, raw, on):
    """Where the product and the reference differ, in words."""
    found = determined(rulebook, raw, on)
    home = Home(raw, on, found["pension_credit"]["outcome"] == "likely")
    told = []
    for code, function in law.PROGRAMMES.items():
        expected, entry = function(home), found[code]
        if entry["outcome"] != ("likely" if expected.likely else "not_likely"):
            told.append(f"{code}: the law says likely={expected.likely}, found {entry['outcome']}: {entry['criteria']}")
        elif entry["outcome"] == "likely" and Fraction(entry.get("amount", {"amount": 1})["amount"]) <= 0:
            told.append(f"{code}: it is likely, and nothing comes of it: {entry['amount']}")
        elif expected.likely and expected.amount is not None:
            want = to_the_penny(expected.amount)
            amount = entry.get("amount", {"amount": "nan", "per": "never"})
            if amount["per"] != expected.per or Fraction(amount["amount"]) != want:
                told.append(f"{code}: the law gives {float(want)} a {expected.per}, found {amount}")
        elif expected.likely and "amount" in entry:
            told.append(f"{code}: no amount is to be stated, found {entry['amount']}")
    return told
