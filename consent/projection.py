"""The typed projection of a record: what caseload runs and previews read. Pure."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from consent.packing import pack

# A year has 52 weeks, 13 times four weeks, 12 months: the convention UK benefit rules use for annual figures.
PER_YEAR = {"week": Decimal(52), "four_weeks": Decimal(13), "month": Decimal(12), "year": Decimal(1), "once": Decimal(1)}


def typed_columns(values: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The columns of `TypedFacts` for these values. people: [{"id", "role"}]; persons appear as p1, p2, ... in that order."""
    household = {key.split(".", 1)[1]: value for key, value in values.items() if key.startswith("household.")}
    rows: list[dict[str, Any]] = []
    for number, person in enumerate(people, start=1):
        prefix = f"{person['id']}."
        facts = {key[len(prefix) :]: value for key, value in values.items() if key.startswith(prefix)}
        rows.append(facts | {"id": f"p{number}", "role": person["role"]})
    couple = [row for row in rows if row["role"] in ("applicant", "partner")]
    known = all("earnings" in row for row in couple)
    return {
        "household": household,
        "people": rows,
        "packed": pack(household, rows),
        "people_count": len(rows),
        "nation": household.get("nation"),
        "region": household.get("region"),
        "local_authority": household.get("local_authority"),
        "tenure": household.get("tenure"),
        "savings_pence": _pence(household.get("savings")),
        "rent_month_pence": _per_year_pence(household.get("rent"), 12),
        "earnings_year_pence": sum(_per_year_pence(row["earnings"]) or 0 for row in couple) if known else None,
    }


def _pence(amount: str | None) -> int | None:
    return None if amount is None else int(Decimal(amount) * 100)


def _per_year_pence(money: Mapping[str, str] | None, divide_by: int = 1) -> int | None:
    if money is None:
        return None
    yearly = Decimal(money["amount"]) * 100 * PER_YEAR[money["per"]] / divide_by
    return int(yearly.quantize(Decimal(1), rounding=ROUND_HALF_UP))
