"""Small numbers stay hidden, whatever is subtracted from whatever: the attacks of somebody who may ask for every group there is."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility.queries.preview.disclosure import BASE, FEWEST, Count, Shield, Sum, household_keys, rounded

SECRETS = [bytes([number]) * 4 for number in range(200)]


def keys(number, secret=b"secret"):
    rows = np.zeros((number, 16), dtype=np.uint8)
    rows[:, :8] = np.arange(number, dtype=">u8").view(np.uint8).reshape(-1, 8)
    return household_keys(rows, secret)


def shown(secret, masks):
    """What is shown of each of the sets, under one secret."""
    shield = Shield(keys(len(masks[0]), secret))
    return tuple(shield.count(mask).number for mask in masks)


# --- one number ---------------------------------------------------------------------------------------------------------


@given(true=st.integers(0, 400), secret=st.binary(min_size=1, max_size=8))
def test_a_number_is_hidden_or_a_multiple_of_five_near_the_true_one(true, secret):
    count = Shield(keys(max(true, 1), secret)).count(np.arange(max(true, 1)) < true)
    if true < FEWEST:
        assert count.is_hidden
    elif not count.is_hidden:
        assert count.number >= FEWEST and count.number % BASE == 0
        assert abs(count.number - true) < 70  # unbounded in principle; one in 2**66 is further off


@given(true=st.integers(0, 9))
def test_nobody_and_a_few_look_the_same(true):
    """Else a rule that turns on one person tells whether they are as it says."""
    assert Shield(keys(50)).count(np.arange(50) < true) == Count(None)


def test_noise_is_right_on_average_and_two_off_as_a_rule():
    found = [Shield(keys(500, secret)).count(np.ones(500, dtype=bool)).number - 500 for secret in SECRETS]
    assert abs(np.mean(found)) < 1 and 1.5 < np.std(found) < 4


def test_the_same_people_have_the_same_number_however_they_are_described():
    shield, half = Shield(keys(90)), np.arange(90) % 2 == 0
    whole = shield.count(half)
    assert all(shield.count(np.flip(np.flip(half))) == whole for _again in range(20))
    assert shield.of(half).count(np.ones(45, dtype=bool)) == whole


# --- attacks ------------------------------------------------------------------------------------------------------------


def differences(numbers):
    """What is left of each number after each other, and of the first after all the others: complements and previews side by side."""
    known = [0 if number is None else number for number in numbers]
    return (*(one - two for one, two in itertools.permutations(known, 2)), known[0] - sum(known[1:]))


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(12, 60), min_size=1, max_size=4),
    small=st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda pair: pair[0] != pair[1]),
)
def test_no_difference_of_what_is_offered_tells_one_small_number_from_another(sizes, small):
    """All but one cell of a split are large; the total, the parts, the rest: every number there is, subtracted in every way.

    Under the many secrets there could be, what an attacker works out for a hidden cell of n households is also worked out for one of m.
    """
    outcomes = []
    for hidden in small:
        cell = np.repeat(np.arange(len(sizes) + 1), [hidden, *sizes])
        masks = [np.ones(len(cell), dtype=bool), cell != 0, *(cell == place for place in range(len(sizes) + 1))]
        outcomes.append([differences(shown(secret, masks)) for secret in SECRETS])
    for one, two in zip(zip(*outcomes[0], strict=True), zip(*outcomes[1], strict=True), strict=True):
        assert set(one) & set(two), "this difference is never the same for both"
        often = Counter(one).most_common(1)[0][1]
        assert often < len(SECRETS) * 0.95 or set(one) == set(two), "this difference is (nearly) always the same for one of them"


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=4), min_size=2, max_size=4).filter(
        lambda rows: len({len(row) for row in rows}) == 1 and any(0 < cell < FEWEST for row in rows for cell in row)
    ),
)
def test_two_splits_and_their_crossing_never_pin_a_small_cell(rows):
    """The attacker takes every way to come from shown numbers to a hidden cell: row less the others, column less the others, total less all.

    With plain rounding two of these meet in one value now and then; here no way is right for the true number under all secrets.
    """
    places = [(row, column) for row, line in enumerate(rows) for column, cell in enumerate(line) for _one in range(cell)]
    in_row, in_column = (np.array([place[axis] for place in places]) for axis in range(2))
    row, column = next((r, c) for r, line in enumerate(rows) for c, cell in enumerate(line) if 0 < cell < FEWEST)
    others_in_row = [in_row == row, *((in_row == row) & (in_column == other) for other in range(len(rows[0])) if other != column)]
    others_in_column = [
        in_column == column,
        *((in_column == column) & (in_row == other) for other in range(len(rows)) if other != row),
    ]
    true = rows[row][column]
    for way in (others_in_row, others_in_column):
        if int(np.count_nonzero(way[0])) < 2 * FEWEST:
            continue
        right = [differences(shown(secret, way))[-1] == true for secret in SECRETS]
        assert sum(right) < len(SECRETS) * 0.9


def test_the_attack_works_on_true_numbers_so_it_is_one():
    """The control: without noise and rounding the same subtraction gives the small number away at once."""
    masks = [np.arange(43) < 43, np.arange(43) >= 3]
    assert np.count_nonzero(masks[0]) - np.count_nonzero(masks[1]) == 3
    found = {differences(shown(secret, masks))[-1] for secret in SECRETS}
    assert len(found) >= 3


# --- sums ---------------------------------------------------------------------------------------------------------------


def test_a_sum_that_one_household_rules_is_hidden():
    pence = np.array([1_000_000, *([1_000] * 40)], dtype=np.int64)
    everybody = np.ones(41, dtype=bool)
    assert Shield(keys(41)).total(pence, everybody) == Sum(None)
    assert not Shield(keys(41)).total(pence, np.arange(41) > 0).is_hidden


@pytest.mark.parametrize("number", range(1, FEWEST))
def test_a_sum_over_few_is_hidden(number):
    assert Shield(keys(50)).total(np.full(50, 24_000), np.arange(50) < number).is_hidden


def test_sums_that_differ_by_one_household_do_not_tell_its_amount():
    """The difference of two sums is that household's amount less often than it is something else."""
    pence = np.array([24_000] * 40 + [31_700], dtype=np.int64)
    everybody, without = np.ones(41, dtype=bool), np.arange(41) < 40
    found = []
    for secret in SECRETS:
        shield = Shield(keys(41, secret))
        found.append(shield.total(pence, everybody).pounds - shield.total(pence, without).pounds)
    assert len(set(found)) > 10 and sum(200 < value < 400 for value in found) < len(SECRETS) / 2


def test_a_change_of_one_amount_alters_the_noise():
    shield, everybody = Shield(keys(41)), np.ones(41, dtype=bool)
    one = np.full(41, 24_000, dtype=np.int64)
    found = {shield.total(one + 1_000 * (np.arange(41) == place), everybody).pounds for place in range(41)}
    assert len(found) > 3


@given(st.integers(-(10**9), 10**9), st.integers(1, 4))
def test_rounding_keeps_the_first_digits(value, digits):
    found = rounded(value, digits)
    assert abs(found - value) * 2 <= max(1, 10 ** (len(str(abs(value))) - digits))
