"""OpenDP's objects, as this package uses them.

OpenDP is not typed, hence the ``Any``. Objects are kept and used by the thread that made them:
nothing says that its reference counts are safe across threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, Protocol, TypeVar

import opendp.prelude as dp

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms.noise import Noise, Sensitivity

__all__ = [
    "WIDEN",
    "fitting",
    "map_at",
    "measured_vector",
    "metric_of",
    "price_of",
    "thread_kept",
    "units",
    "vector_domain",
]

dp.enable_features("contrib", "honest-but-curious")

WIDEN = 1 + 1e-13
"""Noise is made for a price this much smaller from the start, and again until the map fits: it
rounds up in floating point, so that a scale computed for a price maps to a trifle more."""
ATTEMPTS = 100
"""How often; one to three times is enough."""

KEPT = 256
"""Objects of one kind that one thread keeps."""


def thread_kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep what a pure function made of hashable arguments, for each thread apart."""

    class Kept(threading.local):
        def __init__(self) -> None:
            self.call = lru_cache(maxsize=KEPT)(function)

    kept = Kept()

    @wraps(function)
    def call(*arguments: Hashable) -> Any:  # noqa: ANN401  what the function returns
        return kept.call(*arguments)  # looked up anew: it differs between threads

    return call


@thread_kept
def vector_domain(length: int) -> Any:  # noqa: ANN401  untyped
    """Vectors of that many 64-bit integers."""
    return dp.vector_domain(dp.atom_domain(T="i64"), size=length)


@thread_kept
def metric_of(measure: Measure) -> Any:  # noqa: ANN401  untyped
    """L1 for Laplace, L2 for Gauss."""
    return dp.l1_distance(T="i64") if measure is Measure.PURE else dp.l2_distance(T="f64")


@thread_kept
def units() -> tuple[Any, Any]:
    """Return the domain and metric of every plan: exact statistics, distances in privacy units."""
    domain = dp.user_domain("exact statistics of a database", lambda _: True)
    return domain, dp.user_distance("privacy units")


def map_at(measurement: Any, distance: Any) -> Any:  # noqa: ANN401  untyped
    """Return what a measurement costs at a distance."""
    return measurement.map(distance)


def price_of(measure: Measure, measurement: Any) -> PrivacyLoss:  # noqa: ANN401  untyped
    """Return what a measurement costs one privacy unit, rounded up to whole units of loss."""
    price = map_at(measurement, 1)
    amount, delta = price if isinstance(price, tuple) else (price, 0.0)
    return PrivacyLoss.of_price(measure, float(amount), float(delta))


class Priced(Protocol):
    """What has a price."""

    @property
    def loss(self) -> PrivacyLoss:
        """The price."""
        ...


Made = TypeVar("Made", bound=Priced)


def fitting(loss: PrivacyLoss, make: Callable[[float], Made]) -> Made:
    """Return what is made for at most a loss.

    Args:
        loss: What may be charged.
        make: Takes the epsilon or rho to aim at, which is a trifle smaller each time.

    Raises:
        ValueError: If the loss is 0: no noise is that wide.
        ArithmeticError: If nothing fits, although it should.
    """
    if loss.amount == 0:
        raise ValueError(f"{loss.measure.symbol} is 0, which buys nothing; give more")
    aim = float(loss.parameter)
    for _ in range(ATTEMPTS):
        aim /= WIDEN
        made = make(aim)
        if made.loss.amount <= loss.amount and made.loss.delta <= loss.delta:
            return made
    raise ArithmeticError("no noise was found that keeps the price; this is a fault of ours")


def measured_vector(
    read: Callable[[Any], list[int]], length: int, sensitivity: Sensitivity, noise: Noise
) -> Any:  # noqa: ANN401  untyped
    """Return one statistic's measurement: exact statistics in, its noisy vector out.

    Args:
        read: Finds the statistic's exact vector; must give ``length`` integers of 64 bits.
        length: Entries of the vector.
        sensitivity: How far one privacy unit can move the vector, as the planner proved.
        noise: To add to each entry.
    """
    domain, metric = vector_domain(length), metric_of(noise.measure)
    pure = noise.measure is Measure.PURE
    distance: float = sensitivity.l1 if pure else sensitivity.l2
    exact, moved = units()
    transformation = dp.t.make_user_transformation(
        exact, moved, domain, metric, read, lambda count: count * distance
    )
    mechanism = dp.m.make_laplace if pure else dp.m.make_gaussian
    return transformation >> mechanism(domain, metric, noise.scale)
