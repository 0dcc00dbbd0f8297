from __future__ import annotations

from dataclasses import dataclass

import pytest

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms import Sensitivity, build
from query.mechanisms.measurements import fitting

ASKED = PrivacyLoss(measure=Measure.PURE, amount=1000, delta=5)


@dataclass(frozen=True)
class Made:
    loss: PrivacyLoss


def test_aims_lower_until_the_price_is_kept() -> None:
    aims = []

    def make(aim: float) -> Made:
        aims.append(aim)
        over = max(3 - len(aims), 0)
        return Made(loss=PrivacyLoss(measure=Measure.PURE, amount=1000 + over, delta=5))

    assert fitting(ASKED, make).loss == ASKED
    assert len(aims) == 3
    assert 0.001 > aims[0] > aims[1] > aims[2] > 0.001 * (1 - 1e-12)


@pytest.mark.parametrize(("amount", "delta"), [(1001, 5), (1000, 6)])
def test_gives_up_rather_than_charge_more(amount: int, delta: int) -> None:
    dear = Made(loss=PrivacyLoss(measure=Measure.PURE, amount=amount, delta=delta))

    with pytest.raises(ArithmeticError, match="no noise was found"):
        fitting(ASKED, lambda _: dear)


@pytest.mark.parametrize("measure", list(Measure))
def test_refuses_a_loss_of_nothing(measure: Measure) -> None:
    nothing = PrivacyLoss(measure=measure, amount=0)

    with pytest.raises(ValueError, match="buys nothing"):
        build(measure, [Sensitivity(groups=1, per_group=1)], 1, nothing)
