"""What answers show of the privacy loss: a lower bound, from outside, through the whole service.

The same question is asked of two neighboring databases many times. On a part of the answers, the
direction in which they differ most and the threshold that tells them best apart are chosen; on the
rest, how often either database is beyond it is counted. What fits these rates, but with a small
probability, is at most the loss.

Sources: Ding, Wang, Wang, Zhang and Kifer (2018), Detecting Violations of Differential Privacy;
Bichsel, Steffen, Bogunovic and Vechev (2021), DP-Sniper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from operator import mul
from statistics import fmean, pstdev

from policies.privacy import Measure
from query.answers import Answer, Estimate
from tests.attacks.hospital import BYSTANDERS, Estate, Site, make_hospital, with_victim
from tests.attacks.rates import rate_above, rate_below
from tests.fakes import StoredRows

__all__ = ["ATTACKED", "MISS", "PRICES", "Attacked", "Shown", "loss_shown", "make_pair", "shown_of"]

MISS = 1e-5
"""Of each of the two rates."""
PRICES = {Measure.PURE: Decimal(2), Measure.ZCDP: Decimal(1)}
"""At which half as much noise as there should be is told from enough with 900 releases."""
_LEARNED = 1 / 3
_ORDERS = (1.0, 1.25, 1.5, 2.0, 3.0, 5.0)


@dataclass(frozen=True, kw_only=True)
class Attacked:
    """A question that tells whether the victim is there.

    Attributes:
        name: In words.
        sql: The question.
        steps: Parts of the price that are paid one after another, each seen by the attacker.
    """

    name: str
    sql: str
    steps: tuple[Decimal, ...] = (Decimal(1),)


_HALVES = (Decimal("0.5"), Decimal("0.5"))
ATTACKED = tuple(
    Attacked(name=name, sql=f"SELECT {what} FROM visits{rest}", steps=steps)
    for name, what, rest, steps in (
        ("count", "COUNT(*)", "", (Decimal(1),)),
        ("count by group", "class, COUNT(*)", " GROUP BY class", (Decimal(1),)),
        ("sum", "SUM(cost)", "", (Decimal(1),)),
        ("sum and count", "SUM(cost), COUNT(*)", "", (Decimal(1),)),
        ("mean", "AVG(cost)", "", (Decimal(1),)),
        ("patients", "COUNT(DISTINCT patient_id)", "", (Decimal(1),)),
        ("different values", "COUNT(DISTINCT FLOOR(cost))", "", (Decimal(1),)),
        ("median", "MEDIAN(FLOOR(cost / 100))", "", (Decimal(1),)),
        ("largest", "MAX(FLOOR(cost / 100))", "", (Decimal(1),)),
        ("histogram", "HISTOGRAM(cost, [250, 500, 1000])", "", (Decimal(1),)),
        ("variance", "VAR_POP(cost)", "", (Decimal(1),)),
        ("count, topped up", "COUNT(*)", "", _HALVES),
        ("sum, topped up twice", "SUM(cost)", "", (Decimal("0.25"), Decimal("0.25"), *_HALVES[1:])),
        ("median, topped up", "MEDIAN(FLOOR(cost / 100))", "", _HALVES),
    )
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What an attack shows.

    Attributes:
        price: What the ledger was charged on each database, epsilon or rho.
        bound: The loss is at least that, but with a probability of 2 * MISS.
        rates: How often each database was beyond the threshold.
    """

    price: float
    bound: float
    rates: tuple[float, float]


def make_pair(built: Estate, measure: Measure) -> tuple[Site, Site]:
    """Return the site with the victim, who weighs as much as a patient can, and that without."""
    rows = with_victim((30, 8, 3, 1))
    victim = len(BYSTANDERS)
    visits: list[dict[str, object]] = []
    for number, row in enumerate(rows["visits"]):
        own = row["patient_id"] == victim
        changed = {"cost": 100_000 - 100 * (number % 30) if own else 0, "class": "emergency"}
        visits.append({**row, **changed})
    stored: StoredRows = {**rows, "visits": visits}
    dataset = make_hospital(queries={"measure": measure.value})
    here, there = built.neighbors(stored, dataset=dataset)
    return here.remembering(), there.remembering()


def shown_of(pair: tuple[Site, Site], attacked: Attacked, price: Decimal, releases: int) -> Shown:
    """Attack one question; ``releases`` answers of each database, each with a fresh ledger."""
    measure = pair[0].dataset.measure
    seen = [[_view(site.refilled(), attacked, price) for _ in range(releases)] for site in pair]
    learned = round(releases * _LEARNED)
    scores = _scores([views[:learned] for views in seen], seen)
    threshold = _threshold(measure, *(each[:learned] for each in scores))
    hits = [sum(one >= threshold for one in each[learned:]) for each in scores]
    trials = releases - learned
    likely, unlikely = rate_above(hits[0], trials, MISS), rate_below(hits[1], trials, MISS)
    return Shown(
        price=float(price),
        bound=loss_shown(measure, likely, unlikely),
        rates=(hits[0] / trials, hits[1] / trials),
    )


def loss_shown(measure: Measure, likely: float, unlikely: float) -> float:
    """Return the least price that fits the two rates of an event.

    Pure: the logarithm of their ratio. zCDP: the Renyi divergence of any order a is at most a times
    rho, and that of the event is at most that of the answers (data processing).
    """
    if likely <= unlikely:
        return 0.0
    if measure is Measure.PURE:
        return math.log(likely / unlikely)
    return max(_divergence(order, likely, unlikely) / order for order in _ORDERS)


def _divergence(order: float, p: float, q: float) -> float:
    """Renyi divergence of two coins; of order 1, that of Kullback and Leibler."""
    sides = [(a, b) for a, b in ((p, q), (1 - p, 1 - q)) if a > 0]
    if order == 1:
        return sum(a * math.log(a / b) for a, b in sides)
    return math.log(sum(a**order * b ** (1 - order) for a, b in sides)) / (order - 1)


def _view(site: Site, attacked: Attacked, price: Decimal) -> list[float]:
    """All noisy numbers that the attacker sees for the price, in the order in which she does."""
    numbers: list[float] = []
    paid = Decimal(0)
    for step in attacked.steps:
        paid += price * step
        numbers += _numbers(site.answer(attacked.sql, str(paid)))
    measure = site.dataset.measure
    assert site.spent() <= price * measure.units
    assert numbers[-1:] == _numbers(site.answer(attacked.sql, str(paid)))[-1:], "a repeat is free"
    return numbers


def _numbers(answer: Answer) -> list[float]:
    return [
        value.value or 0.0 for row in answer.rows for value in row if isinstance(value, Estimate)
    ]


def _scores(
    learned: Sequence[Sequence[list[float]]], seen: Sequence[Sequence[list[float]]]
) -> list[list[float]]:
    """Project all answers on how far the learned ones differ, each number in its own spread."""
    columns = [list(zip(*views, strict=True)) for views in learned]
    weights = []
    for here, there in zip(*columns, strict=True):
        spread = (pstdev(here) ** 2 + pstdev(there) ** 2) / 2
        weights.append((fmean(here) - fmean(there)) / spread if spread else 0.0)
    return [[sum(map(mul, weights, view)) for view in views] for views in seen]


def _threshold(measure: Measure, here: Sequence[float], there: Sequence[float]) -> float:
    """Return the threshold that shows most on the learned answers, each rate half a hit worse."""
    found, best = 0.0, -1.0
    values = sorted({*here, *there})
    for low, high in pairwise(values[:: max(len(values) // 200, 1)]):
        middle = (low + high) / 2
        rates = [
            (sum(one >= middle for one in each) + shift) / len(each)
            for each, shift in ((here, -3), (there, 3))
        ]
        shown = loss_shown(measure, max(rates[0], 0.0), min(rates[1], 1.0))
        if shown > best:
            found, best = middle, shown
    return found
