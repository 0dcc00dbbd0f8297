"""The selection of private keys by itself, as it stands in the measurement of a question."""

from __future__ import annotations

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms import Noise, Sensitivity
from query.mechanisms.measurements import fitting
from query.mechanisms.selection import BuiltSelection, selection_of

__all__ = ["build_selection"]


def build_selection(measure: Measure, groups: int, loss: PrivacyLoss) -> BuiltSelection:
    """Build the selection of keys, ``groups`` of one unit, whose price is at most ``loss``.

    Raises:
        ValueError: If the loss has no delta, or one that no threshold keeps.
    """
    one = Sensitivity(groups=groups, per_group=1)
    return fitting(loss, lambda aim: selection_of(one, Noise.worth(measure, one, aim), loss.delta))
