"""The workload written directly as Polars expressions, from the text of the rules and for one day. Polars' and, or and not are
three-valued by themselves; sums that are over a limit already, though one part is missing, have to be thought of."""

from functools import reduce
from operator import and_

import numpy as np
import polars as pl

from tests.bench.engines.workload import Facts

INCOME = [162_000, 238_000, 281_000, 324_000, 368_000, 411_000]
LOW_INCOME = [97_500, 146_000, 173_000, 200_000, 227_000, 254_000]
SAVINGS = [350_000, 650_000, 750_000, 850_000, 950_000, 1_050_000]
RENT = [77_000, 93_500, 110_000, 126_500, 143_000, 159_500]
TAX = [13_200, 16_500, 18_200, 19_800, 21_500, 23_100]


def frame(facts: Facts) -> pl.DataFrame:
    """The households with nulls for missing facts; codes as small numbers, which is the quickest form."""
    columns = {name: pl.Series(name, column) for name, column in facts.values.items()}
    masks = {name: pl.Series(name, mask) for name, mask in facts.missing.items()}
    return pl.select(pl.when(~masks[name]).then(column).alias(name) for name, column in columns.items()).rechunk()


def _by_size(values: list[int]) -> pl.Expr:
    size = pl.col("size")
    chain = pl.when(size == 1).then(pl.lit(values[0], pl.Int32))
    for number, value in enumerate(values[1:-1], 2):
        chain = chain.when(size == number).then(pl.lit(value, pl.Int32))
    return chain.when(size >= len(values)).then(pl.lit(values[-1], pl.Int32))


def expressions() -> list[pl.Expr]:
    """One expression for each programme: true, false or null."""
    c = pl.col
    nation, region, tenure, band, work, status = (c(name) for name in ("nation", "region", "tenure", "band", "work", "status"))
    age, size, hours, savings, rent, months = (c(name) for name in ("age", "size", "hours", "savings", "rent", "months_here"))
    disabled, carer, pregnant, student, settled = (c(n) for n in ("disabled", "carer", "pregnant", "student", "settled"))
    arrears, veteran = c("in_arrears"), c("veteran")
    covered, dear, alone = nation <= 2, (region >= 5) & (region <= 7), status != 1
    idle, homeless, low_band = work >= 2, tenure == 5, band <= 3
    adult, older = age >= 18, age >= 66
    working_age = (age >= 18) & (age < 66)
    parent = c("children") > 0
    income = c("pay") + c("pension") + c("other_income")
    least_income = c("pay").fill_null(0) + c("pension").fill_null(0) + c("other_income").fill_null(0)
    other = c("pension") + c("other_income")
    least_other = c("pension").fill_null(0) + c("other_income").fill_null(0)
    income_limit, low_limit, savings_limit, rent_limit, tax_limit = map(_by_size, (INCOME, LOW_INCOME, SAVINGS, RENT, TAX))
    small_income = (income <= income_limit) & (least_income <= income_limit)
    low_income = (income <= low_limit) & (least_income <= low_limit)
    heavy = pl.when(rent > 20_000).then(rent - 20_000).when(rent <= 20_000).then(0)
    modest_rent = rent <= rent_limit
    rules = {
        "rent_help": [
            covered, settled | (months >= 24), adult, tenure <= 2, modest_rent, savings <= 1_600_000,
            small_income | (disabled & ~student), c("bedrooms") <= size + 1, ~student | parent | disabled,
            ((income < rent * 3) & (least_income < rent * 3)) | arrears,
        ],
        "heating_help": [
            covered, older | disabled | (parent & pregnant), ~homeless,
            ((income <= 160_000) & (least_income <= 160_000)) | (small_income & (size >= 5)), savings <= savings_limit,
            low_band | dear, idle | (hours < 30), ~(student & alone), settled | (months >= 3),
        ],
        "council_tax_help": [
            c("council_tax") >= 6_000, (c("council_tax") <= tax_limit) | disabled, band < 6, adult,
            (savings <= 600_000) | ((savings <= 1_600_000) & older), low_income | (carer & (c("pay") <= 85_000)),
            ~student | (status == 1), months >= 3, (region != 6) | arrears,
        ],
        "child_grant": [
            parent | pregnant, (c("children") <= 2) | veteran, low_income, savings <= savings_limit, covered, settled,
            (hours >= 16) | carer | pregnant, (age < 66) & (work != 3),
        ],
        "carer_support": [
            carer, working_age, c("pay") <= 85_000, hours < 35, ~student, settled & (months >= 3), savings <= 1_600_000, nation != 3,
            ((other <= 110_000) & (least_other <= 110_000)) | (size > 5),
        ],
        "work_bridge": [
            idle | (hours < 16), (work != 4) | veteran, working_age, (age < 25) | (months >= 24) | disabled, ~student,
            (savings <= savings_limit) | (savings <= 600_000), small_income, ~dear | (heavy >= 160_000), settled | (veteran & covered),
        ],
        "pension_top_up": [
            older, c("pension") <= 110_000, low_income | (disabled & small_income), (savings <= 1_600_000) | (status == 2),
            (work > 1) | (hours < 16), nation <= 3, (months >= 3) | settled, alone | (size < 5),
        ],
        "hardship_fund": [
            savings <= 50_000, arrears | homeless | (pregnant & alone), low_income | (~modest_rent & small_income),
            ((income < heavy * 3) & (least_income < heavy * 3)) | disabled, adult, covered, low_band | homeless,
            parent | disabled | older, ~(student & ~parent), ~((work == 0) & (hours >= 35)),
        ],
    }  # fmt: skip
    return [reduce(and_, criteria).alias(code) for code, criteria in rules.items()]


def statuses(found: pl.DataFrame) -> dict[str, np.ndarray]:
    """True, false and null as 1, 0 and -1."""
    return {name: found[name].cast(pl.Int8).fill_null(-1).to_numpy() for name in found.columns}
