"""Keys selected by a threshold first, then statistics measured over the keys that were released.

How long the second vectors are depends on what the first measurement released, so the two are
composed adaptively: OpenDP's compositor is told beforehand what each may cost, and refuses what
costs more.

Source: Lyu (2022), "Composition Theorems for Interactive Differential Privacy".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import opendp.prelude as dp

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms.measurements import (
    fitting,
    map_at,
    measured_vector,
    price_of,
    thread_kept,
    units,
)
from query.mechanisms.noise import Noise, Sensitivity
from query.mechanisms.selection import BuiltSelection, Counted, Key, encoded, selection_of
from query.mechanisms.shares import shares
from query.mechanisms.vectors import ExactVectors

__all__ = ["BuiltKeyed", "KeyedStatistic", "build_with_selection"]

ByKey: TypeAlias = Mapping[Key, ExactVectors]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedStatistic:
    """A statistic that has the same number of entries for each key.

    Attributes:
        sensitivity: How far one privacy unit can move the vector over all keys.
        width: Entries for each key: 1 for a count or sum, the nodes of a tree of counts.
    """

    sensitivity: Sensitivity
    width: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltKeyed:
    """A selection of keys and the statistics of those that it releases, composed.

    Attributes:
        loss: The price of all of it, by OpenDP's composition; does not depend on the keys.
        selection: Of the keys.
        noises: One for each statistic.
    """

    loss: PrivacyLoss
    selection: BuiltSelection
    noises: tuple[Noise, ...]
    _statistics: tuple[KeyedStatistic, ...]
    _compositor: Any

    def release(
        self, counts: Mapping[Key, int], vectors: ByKey, max_keys: int | None = None
    ) -> tuple[dict[Key, int], ExactVectors]:
        """Draw all noise, once.

        Args:
            counts: Privacy units of each key that occurs; those of 0 are left out.
            vectors: For each of these keys, one vector for each statistic, of its width. Only
                those of released keys are looked at.
            max_keys: Most keys that are released: those with the largest noisy counts, of equal
                ones the first; None for all above the threshold.

        Returns:
            Noisy counts of the keys that are released, in an order that depends on the keys only;
            and one noisy vector for each statistic: the keys' entries in that order, laid end to
            end.

        Raises:
            TypeError: If a key holds anything but texts, integers, booleans and None.
        """
        session = self._compositor(_Exact(counts=encoded(counts), vectors=vectors))
        released = self.selection.kept(session(self.selection.measurement))
        largest = set(sorted(released, key=lambda key: -released[key])[:max_keys])
        released = {key: count for key, count in released.items() if key in largest}
        if not released:
            return released, tuple(() for _ in self._statistics)
        keys = tuple(released)
        each = enumerate(zip(self._statistics, self.noises, strict=True))
        noisy = (session(_measured(place, one, noise, keys)) for place, (one, noise) in each)
        return released, tuple(tuple(vector) for vector in noisy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exact(Counted):
    """What the compositor holds: exact counts, and exact vectors by key."""

    vectors: ByKey


def build_with_selection(
    measure: Measure,
    groups: int,
    statistics: Sequence[KeyedStatistic],
    loss: PrivacyLoss,
    weights: Sequence[float] | None = None,
) -> BuiltKeyed:
    """Build a selection of keys and the measurement of their statistics, for at most ``loss``.

    What was built is kept: asking again for the same costs next to nothing.

    Args:
        measure: Of the pool.
        groups: Keys that one privacy unit can have (L0); it adds at most 1 to the count of each.
        statistics: To be measured for each released key.
        loss: What may be charged; all of its delta goes to the threshold.
        weights: Say how the selection, which is first, and the statistics share the amount, see
            ``shares``; None for evenly.

    Raises:
        ValueError: If there is not one weight more than there are statistics, or the loss has no
            delta, or one that no threshold keeps.
    """
    weighed = (1.0,) * (len(statistics) + 1) if weights is None else tuple(weights)
    if len(weighed) != len(statistics) + 1:
        raise ValueError("weights do not match; give one for the keys, then one a statistic")
    built: BuiltKeyed = _built(measure, groups, tuple(statistics), loss, weighed)
    return built


@thread_kept
def _built(
    measure: Measure,
    groups: int,
    statistics: tuple[KeyedStatistic, ...],
    loss: PrivacyLoss,
    weights: tuple[float, ...],
) -> BuiltKeyed:
    parts = shares(measure, weights)
    counted = Sensitivity(groups=groups, per_group=1)

    def made(parameter: float) -> BuiltKeyed:
        first = Noise.worth(measure, counted, parameter * parts[0])
        selection = selection_of(counted, first, loss.delta)
        each = zip(statistics, parts[1:], strict=True)
        noises = tuple(
            Noise.worth(measure, one.sensitivity, parameter * part) for one, part in each
        )
        compositor = _compositor(selection, statistics, noises)
        return BuiltKeyed(
            loss=price_of(measure, compositor),
            selection=selection,
            noises=noises,
            _statistics=statistics,
            _compositor=compositor,
        )

    return fitting(loss, made)


def _compositor(
    selection: BuiltSelection, statistics: Sequence[KeyedStatistic], noises: Sequence[Noise]
) -> Any:  # noqa: ANN401  untyped
    """OpenDP's adaptive compositor, which will admit exactly these measurements in this order."""
    pairs = enumerate(zip(statistics, noises, strict=True))
    # the price of a vector does not depend on its length, so that of no key stands for all
    costs = [map_at(_measured(place, one, noise, ((),)), 1) for place, (one, noise) in pairs]
    exact, moved = units()
    return dp.c.make_adaptive_composition(
        exact,
        moved,
        selection.measurement.output_measure,
        1,
        [map_at(selection.measurement, 1), *costs],
    )


def _measured(place: int, statistic: KeyedStatistic, noise: Noise, keys: tuple[Key, ...]) -> Any:  # noqa: ANN401  untyped
    """One statistic over the released keys, in the approximate measure that deltas need."""
    return dp.c.make_approximate(
        measured_vector(
            _entries(place, keys), statistic.width * len(keys), statistic.sensitivity, noise
        )
    )


def _entries(place: int, keys: tuple[Key, ...]) -> Callable[[_Exact], list[int]]:
    return lambda exact: [entry for key in keys for entry in exact.vectors[key][place]]
