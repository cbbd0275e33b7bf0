"""What is left of pay, against sums done by hand from the Acts."""

from decimal import Decimal

import pytest

from eligibility.take_home import pay_from


@pytest.mark.parametrize(
    ("gross", "tax", "insurance"),
    [
        ("12570", "0", "0"),
        ("12570.05", "0.01", "0.00"),  # 20% of 5p; 8% of 5p is less than half a penny
        ("12571", "0.20", "0.08"),
        ("30000", "3486", "1394.40"),  # 20% and 8% of 17,430
        ("50270", "7540", "3016"),  # 20% and 8% of 37,700
        ("50271", "7540.40", "3016.02"),  # 40% and 2% of the pound above
        ("100000", "27432", "4010.60"),  # 7,540 + 40% of 49,730; 3,016 + 2% of 49,730
        ("100001", "27432.40", "4010.62"),  # the half pound of allowance that is lost is rounded away (s.35(4))
        ("100002", "27433.20", "4010.64"),  # one pound of allowance is lost
        ("125140", "42516", "4513.40"),  # no allowance is left: 7,540 + 40% of 87,440
        ("130000", "44703", "4610.60"),  # and 45% of 4,860
    ],
)
def test_tax_and_insurance_of_a_year(gross, tax, insurance):
    pay = pay_from(Decimal(gross))
    assert (pay.tax, pay.insurance) == (Decimal(tax), Decimal(insurance))
    assert pay.net == Decimal(gross) - Decimal(tax) - Decimal(insurance)


def test_less_than_nothing_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        pay_from(Decimal("-0.01"))
