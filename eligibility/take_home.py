"""What is left of pay after Income Tax and National Insurance: an estimate for "what if", never for a result.

England, Wales and Northern Ireland, below State Pension age, one job with the same pay all year, no other income, no pension
contributions. Pure.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

PENNY = Decimal("0.01")
# Income Tax Act 2007 s.35 (SI 2021/111 art.3: 12,570 a year), s.35(2) (it falls by 1 for each 2 above 100,000) and s.35(4)
# (what remains is rounded up to a pound).
# To be confirmed: Income Tax Act 2007 ss.6 and 10 (20, 40 and 45 per cent; basic rate limit 37,700; higher rate limit 125,140).
ALLOWANCE, TAPER_FROM = Decimal(12570), Decimal(100000)
BASIC_LIMIT, HIGHER_LIMIT = Decimal(37700), Decimal(125140)
BASIC, HIGHER, ADDITIONAL = Decimal("0.20"), Decimal("0.40"), Decimal("0.45")
# To be confirmed: Social Security Contributions and Benefits Act 1992 s.8; Social Security (Contributions) Regulations 2001
# (SI 2001/1004) reg 10: 8 per cent between 12,570 and 50,270 a year, 2 per cent above.
PRIMARY_THRESHOLD, UPPER_LIMIT = Decimal(12570), Decimal(50270)
MAIN_RATE, UPPER_RATE = Decimal("0.08"), Decimal("0.02")


@dataclass(frozen=True)
class Pay:
    """Pounds a year. gross: before deductions; tax: Income Tax; insurance: National Insurance; net: what is left."""

    gross: Decimal
    tax: Decimal
    insurance: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.tax - self.insurance


def pay_from(gross: Decimal) -> Pay:
    """The Pay of `gross` pounds a year, 0 or more. Raises ValueError for less."""
    if gross < 0:
        raise ValueError("pay is 0 or more")
    lost = max(Decimal(0), gross - TAPER_FROM) / 2
    allowance = max(Decimal(0), ALLOWANCE - lost).to_integral_value(ROUND_CEILING)
    taxable = max(Decimal(0), gross - allowance)
    tax = (
        min(taxable, BASIC_LIMIT) * BASIC
        + max(Decimal(0), min(taxable, HIGHER_LIMIT) - BASIC_LIMIT) * HIGHER
        + max(Decimal(0), taxable - HIGHER_LIMIT) * ADDITIONAL
    )
    insurance = (
        max(Decimal(0), min(gross, UPPER_LIMIT) - PRIMARY_THRESHOLD) * MAIN_RATE
        + max(Decimal(0), gross - UPPER_LIMIT) * UPPER_RATE
    )
    return Pay(gross, _pence(tax), _pence(insurance))


def _pence(amount: Decimal) -> Decimal:
    return amount.quantize(PENNY, ROUND_HALF_UP)
