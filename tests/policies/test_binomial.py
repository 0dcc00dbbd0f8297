from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.binomial import upper_limit

STEP = Fraction(1, 2**17)


# Closed forms: without hits 1 - 0.05 ** (1 / n); with n - 1 hits 0.95 ** (1 / n). The third row is
# qbeta(0.95, 6, 95) in R.
@pytest.mark.parametrize(
    ("hits", "trials", "limit"),
    [
        (0, 1, 0.95),
        (0, 10, 0.2588656),
        (5, 100, 0.1022534),
        (9, 10, 0.9948838),
        (0, 5000, 0.00059897),
    ],
)
def test_limits_are_the_published_ones(hits: int, trials: int, limit: float) -> None:
    found = float(upper_limit(hits, trials))

    assert limit - 1e-7 <= found <= limit + 1e-5


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_at_the_limit_so_few_hits_are_just_too_unlikely(case: tuple[int, int]) -> None:
    hits, trials = case

    def chance(share: Fraction) -> Fraction:
        return sum(
            (
                comb(trials, many) * share**many * (1 - share) ** (trials - many)
                for many in range(hits + 1)
            ),
            Fraction(0),
        )

    limit = upper_limit(hits, trials)

    assert chance(limit) <= Fraction(5, 100)
    assert chance(limit - STEP) > Fraction(5, 100)


def test_all_hits_or_no_trials_leave_nothing_to_say() -> None:
    assert upper_limit(0, 0) == upper_limit(7, 7) == 1
