from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.domains import Domain, Kind
from query.expressions import Call, ColumnRef
from query.functions.building import EXACT_LIMIT
from query.steps import REAL_STEPS, constant, in_steps, in_whole_steps, real_step, steps_of


def column(kind: Kind, low: Fraction | None, high: Fraction | None, **more: object) -> ColumnRef:
    domain = Domain(kind=kind, lower=low, upper=high, **more)  # type: ignore[arg-type]
    return ColumnRef(alias="t0", table="labs", column="x", domain=domain)


@given(st.fractions(-1000, 1000), st.fractions(Fraction(1, 10**9), 10**9))
def test_a_real_has_about_a_million_steps(low: Fraction, width: Fraction) -> None:
    step = real_step((low, low + width))

    nearly = 1 + Fraction(1, 10**9)  # the logarithm is that of a double
    assert REAL_STEPS / nearly <= width / step <= 10 * REAL_STEPS * nearly


@pytest.mark.parametrize("end", [0, 7, -3])
def test_a_real_that_is_one_value_has_steps_too(end: int) -> None:
    assert real_step((Fraction(end), Fraction(end))) == Fraction(1, REAL_STEPS)


def test_a_count_of_steps_is_a_bigint_however_far_from_0() -> None:
    step = real_step((Fraction(10**16), Fraction(10**16) + 1))

    assert EXACT_LIMIT / 10 <= 10**16 / step < EXACT_LIMIT


@given(st.fractions(-100, 100), st.fractions(Fraction(1, 100), 100))
def test_values_are_counted_to_the_nearest_step(value: Fraction, step: Fraction) -> None:
    assert abs(steps_of(value, step) * step - value) <= step / 2


def test_halves_are_rounded_up_as_the_engine_does() -> None:
    assert [steps_of(Fraction(half, 2), Fraction(1)) for half in (-3, -1, 1, 3)] == [-1, 0, 1, 2]


def test_exact_numbers_and_unbounded_reals_stay_what_they_are() -> None:
    exact = column(Kind.NUMBER, Fraction(0), Fraction(9))
    endless = column(Kind.REAL, Fraction(0), None)

    assert in_whole_steps(exact) is exact
    assert in_steps(exact, Fraction(1)) is exact
    assert in_whole_steps(endless) is endless


def test_a_bounded_real_is_held_and_counted_in_its_row() -> None:
    counted = in_whole_steps(
        column(Kind.REAL, Fraction(0), Fraction(3), nullable=False, unit_constant=True)
    )

    assert isinstance(counted, Call)
    assert counted.domain.kind is Kind.NUMBER
    assert counted.domain.step == Fraction(1, 10**6)
    assert counted.domain.bounds == (Fraction(0), Fraction(3))
    assert not counted.domain.nullable
    assert counted.domain.unit_constant


@pytest.mark.parametrize("value", [Fraction(0), Fraction(-5), Fraction(7, 100)])
def test_a_constant_is_one_step_of_itself(value: Fraction) -> None:
    domain = constant(value).domain

    assert domain.bounds == (value, value)
    assert (value / domain.step).denominator == 1
    assert domain.step > 0
