from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import DeclarationError
from policies.privacy import DELTA_UNITS, Measure, PrivacyLoss

LOSSES = st.builds(
    PrivacyLoss,
    measure=st.just(Measure.PURE),
    amount=st.integers(0, 10**12),
    delta=st.integers(0, DELTA_UNITS // 4),
)


@pytest.mark.parametrize(
    ("amount", "delta"), [(-1, 0), (0, -1), (0, DELTA_UNITS), (0, 2 * DELTA_UNITS)]
)
def test_refuses_a_loss_outside_its_range(amount: int, delta: int) -> None:
    with pytest.raises(DeclarationError):
        PrivacyLoss(measure=Measure.PURE, amount=amount, delta=delta)


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_refuses_a_loss_that_is_not_finite(number: str) -> None:
    with pytest.raises(DeclarationError):
        PrivacyLoss.of_budget(Measure.PURE, Decimal(number))


def test_refuses_to_add_two_measures() -> None:
    with pytest.raises(DeclarationError):
        PrivacyLoss(measure=Measure.PURE, amount=1) + PrivacyLoss(measure=Measure.ZCDP, amount=1)


@given(LOSSES, LOSSES)
def test_addition_is_exact_and_symmetric(one: PrivacyLoss, other: PrivacyLoss) -> None:
    assert (one + other).amount == one.amount + other.amount
    assert (one + other).delta == one.delta + other.delta
    assert one + other == other + one


@given(st.floats(0, 100), st.sampled_from(Measure))
def test_a_price_is_never_rounded_down_nor_a_budget_up(number: float, measure: Measure) -> None:
    price = PrivacyLoss.of_price(measure, number)
    budget = PrivacyLoss.of_budget(measure, Decimal(number))

    assert price.parameter >= Decimal(number) >= budget.parameter
    assert price.amount - budget.amount in {0, 1}


def test_units_and_symbols() -> None:
    assert PrivacyLoss.of_budget(Measure.PURE, Decimal("0.2")).amount == 200_000
    assert PrivacyLoss.of_budget(Measure.ZCDP, Decimal("0.2")).amount == 200_000_000
    assert PrivacyLoss.of_budget(Measure.ZCDP, Decimal(0), Decimal("1e-9")).delta == 10**9
    assert [measure.symbol for measure in Measure] == ["epsilon", "rho"]
    assert PrivacyLoss(measure=Measure.PURE, amount=200_000).parameter == Decimal("0.2")
