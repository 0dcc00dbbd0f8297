"""Group keys that have no public domain: released only above a stability threshold.

Each key that occurs has a count of privacy units. Noise is added to the counts, and a key is
released, with its noisy count, if that is at least the threshold. A key that only one unit has is
released with a probability of at most delta. Mechanism and price are OpenDP's, with one
correction: OpenDP 0.16 releases a key whose noisy count *equals* its threshold, but states the
delta of releasing only those above it (for a count of 1, Laplace noise of scale 1 and a threshold
of 5 it says 0.0049 and releases 0.0134). Keys at OpenDP's threshold are therefore dropped here,
which is post-processing; ``threshold`` is one more than the number that OpenDP was given.

Source: Rogers (2023), "A Unifying Privacy Analysis Framework for Unknown Domain Algorithms in
Differential Privacy"; Korolova et al. (2009) for the idea.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, TypeAlias

import opendp.prelude as dp

from policies.privacy import DELTA_UNITS, Measure, PrivacyLoss
from query.mechanisms.measurements import price_of, units
from query.mechanisms.noise import Noise, Sensitivity

__all__ = ["BuiltSelection", "Counted", "Key", "encoded", "selection_of"]

Key: TypeAlias = tuple[str | int | bool | None, ...]
"""The values of a group's keys, as the engine returns them."""


HIGHEST = 2**40
"""No threshold above this is searched; there are far fewer privacy units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSelection:
    """An OpenDP measurement that releases keys and their counts.

    Attributes:
        loss: Its price: the privacy map at distance 1, epsilon or rho and delta, rounded up.
        threshold: Smallest noisy count that is released.
        noise: On each count.
        measurement: OpenDP's, from an object with ``counts`` to noisy counts by encoded key.
    """

    loss: PrivacyLoss
    threshold: int
    noise: Noise
    measurement: Any

    def release(self, counts: Mapping[Key, int]) -> dict[Key, int]:
        """Draw the noise, once.

        Args:
            counts: Privacy units of each key that occurs. Keys with a count of 0 are left out,
                as if they did not occur.

        Returns:
            Noisy counts of the keys that are released, in an order that depends on the keys only.

        Raises:
            TypeError: If a key holds anything but texts, integers, booleans and None.
        """
        return self.kept(self.measurement(Counted(counts=encoded(counts))))

    def kept(self, noisy: Mapping[str, int]) -> dict[Key, int]:
        """Return what OpenDP released, without the keys below ``threshold``, decoded."""
        return {
            tuple(json.loads(key)): count
            for key, count in sorted(noisy.items())
            if count >= self.threshold
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Exact counts by encoded key, as OpenDP's measurements take them."""

    counts: dict[str, int]


def encoded(counts: Mapping[Key, int]) -> dict[str, int]:
    """Return the counts above 0 by key as text; OpenDP's maps have keys of one type."""
    return {_text(key): count for key, count in counts.items() if count > 0}


def _text(key: Key) -> str:
    if not all(part is None or isinstance(part, str | int) for part in key):
        raise TypeError("a group key holds a value that is no text, integer, boolean or NULL")
    return json.dumps(key)


def selection_of(one: Sensitivity, noise: Noise, delta: int) -> BuiltSelection:
    """Return the selection with this noise and the smallest threshold that keeps ``delta``.

    A closed form of the tail says where to look first; OpenDP's map says what holds.

    Args:
        one: How far one privacy unit can move the counts by key.
        noise: On each count.
        delta: In units of 1e-18.

    Raises:
        ValueError: If delta is 0, or so small that OpenDP's map does not reach it: what it
            computes in floating point is never below some 1e-16 for each key of a unit.
    """

    def holds(limit: int) -> bool:
        return _selection(one, noise, limit).loss.delta <= delta

    if delta <= 0:
        raise ValueError("keys cannot be selected with a delta of 0; give a delta above 0")
    enough, step = _first_guess(one.groups, noise, delta / DELTA_UNITS), 1
    while not holds(enough):
        enough, step = enough + step, step * 2
        if enough > HIGHEST:
            raise ValueError("no threshold keeps a delta as small as this; give a larger one")
    too_low, step = enough - 1, 1
    while too_low >= 1 and holds(too_low):
        enough, too_low, step = too_low, too_low - step, step * 2
    too_low = max(too_low, 0)
    while enough - too_low > 1:
        middle = (too_low + enough) // 2
        too_low, enough = (too_low, middle) if holds(middle) else (middle, enough)
    return _selection(one, noise, enough)


def _first_guess(groups: int, noise: Noise, delta: float) -> int:
    each = min(delta / groups, 0.5)
    if noise.measure is Measure.PURE:
        tail = -math.log(each * (1 + math.exp(-1 / noise.scale)))
        return max(math.ceil(noise.scale * tail), 1)
    return max(math.ceil(1 - noise.scale * NormalDist().inv_cdf(each)), 1)


def _selection(one: Sensitivity, noise: Noise, limit: int) -> BuiltSelection:
    """The selection for which OpenDP is given that threshold; 1 or more."""
    pure = noise.measure is Measure.PURE
    # fmt: off
    metric = (
        dp.l01inf_distance(dp.absolute_distance(T="i64")) if pure
        else dp.l02inf_distance(dp.absolute_distance(T="f64"))
    )
    # fmt: on
    distances = (one.groups, one.l1, 1) if pure else (one.groups, one.l2, 1.0)
    domain = dp.map_domain(dp.atom_domain(T="String"), dp.atom_domain(T="i64"))
    exact, moved = units()
    transformation = dp.t.make_user_transformation(
        exact,
        moved,
        domain,
        metric,
        lambda counted: counted.counts,
        lambda count: tuple(count * distance for distance in distances),
    )
    mechanism = dp.m.make_laplace_threshold if pure else dp.m.make_gaussian_threshold
    measurement = transformation >> mechanism(domain, metric, noise.scale, limit)
    return BuiltSelection(
        loss=price_of(noise.measure, measurement),
        threshold=limit + 1,
        noise=noise,
        measurement=measurement,
    )
