"""How often intervals hold the bounded truth: what the same plan says without noise.

The world has cells of many and of few patients, so that what is only true of large counts shows.
Exact vectors are computed once; releases are drawn from the plan's own measurement.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate
from typing import Any

from policies.privacy import Measure, PrivacyLoss
from query.answers import Accuracy, Estimate, Value
from query.bound import Asked, bound, price_asked
from query.kept import Kept, NoisyVectors, combine_noises, combine_vectors
from query.mechanisms import BuiltMeasurement
from query.parse import parse
from query.plan import Plan
from query.question import Function
from query.release import Vectors, released_rows
from tests.attacks.hospital import Estate, Site, make_hospital
from tests.attacks.observations import exact_vectors_of
from tests.wards import make_rows

__all__ = ["ASKED", "EVEN", "LIMITS", "UNEVEN", "Asking", "Coverage", "looking", "make_site"]

LIMITS = {
    "number": (0.935, 0.965),
    "sum of numbers": (0.935, 0.965),
    "window": (0.92, 0.98),
    "mean": (0.935, 0.965),
    "mean at a bound": (0.935, 0.985),
    "ratio": (0.935, 0.965),
    "spread": (0.935, 0.965),
    "drowned spread": (0.935, 0.98),
    "moment": (0.935, 0.965),
    "first order": (0.92, 0.98),
    "correlation at a bound": (0.935, 0.99),
    "quantile": (0.935, 1.0),
    "extreme": (0.95, 1.0),
}
"""Share of the 95 % intervals that hold, over cells of many patients.

Windows over the same counts err together. What lies at the edge of its range can be missed to one
side only: 97.5 %. Quantiles have steps, and their ends are values of the column.
"""

EVEN = (1.0, 1.0, 1.0)
UNEVEN = (0.9, 0.08, 0.02)
"""Weights of the classes of visits; half of each is urgent."""
CLASSES = ("ambulatory", "emergency", "inpatient")


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One aggregate whose intervals are looked at.

    Attributes:
        name: Of the family whose intervals are made in the same way.
        sql: The aggregate, or expression over aggregates.
        keys: What stands in place of the plain ``GROUP BY``.
        prices: Epsilon of a pure pool, rho of one of zCDP.
        within: Accuracy that is asked for in place of a price.
        topped_up: Whether the answer is paid for in two steps.
        shift: What is added to the quantile.
    """

    name: str
    sql: str
    keys: str = "class, urgent"
    prices: tuple[str, str] = ("0.2", "0.01")
    within: str | None = None
    topped_up: bool = False
    shift: float = 0.0

    def question(self) -> str:
        """Return the whole SELECT; the number that is looked at is its last columns."""
        return (
            f"SELECT class, urgent, {self.sql} AS x FROM visits WHERE class IS NOT NULL "
            f"AND urgent IS NOT NULL GROUP BY {self.keys}"
        )


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What was seen of one number over many releases.

    Attributes:
        truth: What the plan says without noise.
        held: Intervals that hold the truth.
        shown: Releases that have an interval.
        releases: All of them.
        width: Mean width of the finite intervals.
    """

    truth: float | None
    held: int
    shown: int
    releases: int
    width: float

    @property
    def rate(self) -> float:
        """Share of the intervals that hold the truth."""
        return self.held / self.shown if self.shown else 1.0

    @property
    def right(self) -> float:
        """Share of the releases that claim nothing wrong: without an interval, nothing is."""
        return (self.held + self.releases - self.shown) / self.releases


def make_site(
    built: Estate, measure: str, *, weights: Sequence[float] = EVEN, patients: int = 3000
) -> Site:
    """Return the world behind the service: skewed costs, 1 to 9 visits a patient."""
    dataset = make_hospital(max_groups=2, max_rows_per_group=3, queries={"measure": measure})
    rows = make_rows(4, [(1 + number % 9, 0, 0, 0) for number in range(patients)])
    drawn = random.Random(5)  # noqa: S311  made-up data
    for row in rows["visits"]:
        assert isinstance(row, dict)
        row["cost"] = min(int(20_000 * drawn.lognormvariate(0, 0.6)), 100_000)
        if weights is not EVEN:
            row["class"] = drawn.choices(CLASSES, weights)[0]
    return built.site(rows, dataset)


def looking(site: Site, asking: Asking) -> Callable[[int], tuple[Coverage, ...]]:
    """Return what draws so many more releases, and tells the coverage of each number of these."""
    price = Decimal(asking.prices[site.dataset.measure is Measure.ZCDP])
    loss = price_asked(site.dataset, price)
    _, exact = exact_vectors_of(asking.question(), site.dataset, site.engine)
    plan, draw = _drawing(site, asking, loss, exact)
    truth = [one.value for one in _numbers(released_rows(plan, exact, 0.95).rows)]
    if plan.statistics[0].tree is not None:
        truth = [value + asking.shift for value in _ordered(plan, exact)]

    def look(releases: int) -> tuple[Coverage, ...]:
        seen = [_numbers(released_rows(plan, draw(), 0.95).rows) for _ in range(releases)]
        numbers = zip(truth, zip(*seen, strict=True), strict=True)
        return tuple(_coverage(true, each) for true, each in numbers)

    return look


def _drawing(
    site: Site, asking: Asking, loss: PrivacyLoss, exact: Vectors
) -> tuple[Plan, Callable[[], NoisyVectors]]:
    """Return the plan, and what draws its noisy vectors: at once, or two thirds and a third."""
    within = asking.within
    wanted = None if within is None else Accuracy(within=Decimal(within), confidence=0.95)
    question = parse(asking.question(), site.dataset)

    def built(loss: PrivacyLoss) -> tuple[Plan, BuiltMeasurement]:
        plan, measurement = bound(question, site.dataset, (), loss, Asked(accuracy=wanted))
        assert isinstance(measurement, BuiltMeasurement)
        return plan, measurement

    if not asking.topped_up:
        plan, whole = built(loss)
        return plan, lambda: whole.release(exact)
    rest = replace(loss, amount=loss.amount // 3)
    spent = replace(loss, amount=loss.amount - rest.amount)
    plan, one = built(spent)
    _, two = built(rest)

    def draw() -> NoisyVectors:
        noisy = one.release(exact)
        kept = Kept(query_id="", noisy=noisy, noises=one.noises, spent=spent, covers=spent)
        return combine_vectors(kept, two.release(exact), two.noises)

    return plan.with_noises(combine_noises(one.noises, two.noises)), draw


def _ordered(plan: Plan, exact: Vectors) -> Iterator[float]:
    """Yield the quantiles and extremes of each cell, by the exact count of each value."""
    (part,), (vector, *_) = plan.parts, exact
    (statistic, *_) = part.statistics
    for cell in range(part.cells):
        end = (cell + 1) * statistic.entries
        below = list(accumulate(vector[end - statistic.buckets : end]))
        for call in plan.question.aggregates:
            if call.function is Function.MAX:
                place = bisect_left(below, below[-1])
            else:  # a single step of a row is more than none
                place = bisect_left(below, max(float(call.level or 0) * below[-1], 1))
            yield float(statistic.origin + place * statistic.width)


def _numbers(rows: Sequence[Sequence[Value]]) -> list[Estimate]:
    return [value for row in rows for value in row if isinstance(value, Estimate)]


def _coverage(truth: float | None, seen: Sequence[Estimate]) -> Coverage:
    intervals = [
        (one.lower, one.upper) for one in seen if one.lower is not None and one.upper is not None
    ]
    held = sum(truth is not None and low <= truth <= high for low, high in intervals)
    widths = [high - low for low, high in intervals if high - low < float("inf")]
    return Coverage(
        truth=truth,
        held=held,
        shown=len(intervals),
        releases=len(seen),
        width=sum(widths) / len(widths) if widths else 0.0,
    )


_DEAR = ("10", "1")
"""Second moments say something only where the noise is small beside the spread."""


def _asked(name: str, *sql: str, **options: Any) -> tuple[Asking, ...]:  # noqa: ANN401
    return tuple(Asking(name=name, sql=one, **options) for one in sql)


_SPREADS = (
    "VAR_SAMP(cost)",
    "VAR_POP(CLAMP(cost, 0, 300))",
    "STDDEV(cost)",
    "STDDEV_POP(cost)",
)
ASKED = (
    *_asked(
        "number",
        "COUNT(*)",
        "COUNT(cost)",
        "COUNT_IF(cost > 300)",
        "COUNT(*) FILTER (WHERE cost > 300)",
        "COUNT(DISTINCT patient_id)",
        "COUNT(DISTINCT FLOOR(cost))",
        "SUM(cost)",
        "SUM(CLAMP(cost / 3, 0, 100))",
        "HISTOGRAM(cost, [100, 250, 500])",
    ),
    *_asked("number", "COUNT(*)", "SUM(cost)", keys="ROLLUP (class, urgent)"),
    *_asked("number", "COUNT(*)", within="150"),
    *_asked("number", "COUNT(*)", "SUM(cost)", topped_up=True),
    *_asked("sum of numbers", "SUM(cost), COUNT(cost)", "SUM(cost) AS s, AVG(cost)"),
    *_asked(
        "sum of numbers",
        "COUNT(*) - COUNT(DISTINCT patient_id)",
        "3 * SUM(cost) + 100 * COUNT(*)",
    ),
    *_asked(
        "window",
        "SUM(COUNT(*)) OVER ()",
        "SUM(COUNT(*)) OVER (ORDER BY class, urgent)",
        "COUNT(*) - LAG(COUNT(*)) OVER (ORDER BY class, urgent)",
    ),
    *_asked("mean", "AVG(cost)", "AVG(CLAMP(cost, 0, 300))"),
    *_asked("mean", "AVG(cost)", topped_up=True, prices=("0.6", "0.03")),
    *_asked("mean at a bound", "AVG(CLAMP(cost, 0, 10))", "AVG(CLAMP(cost, 0, 5) * 100)"),
    *_asked("mean", "AVG(cost)", keys="ROLLUP (class, urgent)", prices=("0.6", "0.03")),
    *_asked(
        "ratio",
        "SUM(cost) / COUNT(*)",
        "100.0 * COUNT(*) FILTER (WHERE cost > 300) / COUNT(*)",
        "100.0 * COUNT(*) / SUM(COUNT(*)) OVER ()",
        "COUNT(*) / COUNT(DISTINCT patient_id)",
    ),
    *_asked("drowned spread", *_SPREADS),
    *_asked(
        "spread",
        *_SPREADS,
        prices=_DEAR,
    ),
    *_asked(
        "moment",
        "COVAR_SAMP(cost, MONTH(day))",
        "COVAR_POP(cost, MONTH(day))",
        "CORR(cost, MONTH(day))",
        "REGR_SLOPE(cost, MONTH(day))",
        "REGR_INTERCEPT(cost, MONTH(day))",
        prices=_DEAR,
    ),
    *_asked("first order", "STDDEV(cost) / AVG(cost)", "AVG(cost) - COUNT(*) / 10", prices=_DEAR),
    *_asked(
        "correlation at a bound",
        "REGR_R2(cost, MONTH(day))",
        "CORR(cost, CLAMP(cost, 0, 300))",
        "REGR_R2(cost, CLAMP(cost, 0, 300))",
        prices=_DEAR,
    ),
    *_asked(
        "quantile",
        "MEDIAN(FLOOR(cost / 10))",
        "QUANTILE_CONT(FLOOR(cost / 10), [0.1, 0.75])",
        "QUANTILE_DISC(FLOOR(cost / 10), 0.5)",
    ),
    *_asked("quantile", "MEDIAN(FLOOR(cost / 10)) - 5", shift=-5),
    *_asked("quantile", "MEDIAN(FLOOR(cost / 10))", topped_up=True),
    *_asked("extreme", "MIN(FLOOR(cost / 10))", "MAX(FLOOR(cost / 10))"),
)
"""Whatever the engine learns to aggregate is added here."""
