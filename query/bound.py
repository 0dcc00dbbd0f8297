"""The price of a question, and the measurement that answers it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from policies.datasets import DatasetPolicy
from policies.decisions import Obligation
from policies.errors import UnsupportedQueryError
from policies.privacy import Measure, PrivacyLoss
from query.answers import Accuracy as WantedAccuracy
from query.drafts import Asked, drafted
from query.mechanisms import (
    Accuracy,
    BuiltKeyed,
    BuiltMeasurement,
    KeyedStatistic,
    build,
    build_with_selection,
    loss_within,
)
from query.plan import Part, Plan
from query.question import LINEAR, Question

__all__ = ["Asked", "Measurement", "bound", "cells_of", "price_asked", "with_keys_delta"]

Measurement: TypeAlias = BuiltMeasurement | BuiltKeyed
"""What releases a plan."""

MAX_PRICE = 1_000_000
"""No policy can allow more for one query."""


def price_asked(dataset: DatasetPolicy, loss: Decimal | None) -> PrivacyLoss:
    """Return the price that a request asks for, or the policy's default.

    Raises:
        UnsupportedQueryError: If it is below the policy's least, or no price at all.
    """
    rules = dataset.spec.queries
    asked = rules.default_loss if loss is None else loss
    if not (asked.is_finite() and rules.min_loss_per_query <= asked <= MAX_PRICE):
        least, most = rules.min_loss_per_query.normalize(), rules.max_loss_per_query.normalize()
        raise UnsupportedQueryError(
            f"the price asked for is not a number from {least:f} to {most:f}",
            code="SQL-PRICE",
            remedy="give one of that range, or leave it out",
        )
    loss_asked = PrivacyLoss.of_budget(dataset.measure, asked)
    return replace(loss_asked, amount=max(loss_asked.amount, 1))  # of units, the least are 1


def _least_price(dataset: DatasetPolicy) -> int:
    """Return the least amount that a question costs, whatever accuracy is enough."""
    least = PrivacyLoss.of_budget(dataset.measure, dataset.spec.queries.min_loss_per_query)
    return max(least.amount, 1)


def cells_of(question: Question) -> int:
    """Cells of all grouping sets of all questions: 1 without keys, 0 if a domain is unknown."""
    cells = [one.cells for one in question.questions]
    return sum(cells) if all(cells) else 0


def with_keys_delta(
    loss: PrivacyLoss, question: Question, dataset: DatasetPolicy, asked: Decimal | None
) -> PrivacyLoss:
    """Return a price with the delta that the threshold of private keys may use up.

    Args:
        loss: The price asked for.
        question: What is asked.
        dataset: What the policy gives one query, by default.
        asked: The delta that the request names; None for none.

    Raises:
        UnsupportedQueryError: If it is outside its range.
    """
    if not any(one.private_keys for one in question.questions):
        return loss
    allowed = dataset.spec.queries.keys_delta_per_query
    delta = allowed if asked is None else asked
    if not (delta.is_finite() and 0 <= delta < 1):
        raise _bad_delta(dataset)
    return replace(loss, delta=PrivacyLoss.of_budget(loss.measure, Decimal(0), delta).delta)


def _bad_delta(dataset: DatasetPolicy) -> UnsupportedQueryError:
    allowed = dataset.spec.queries.keys_delta_per_query
    return UnsupportedQueryError(
        "no threshold of private keys keeps this delta",
        code="SQL-DELTA",
        remedy=f"give a larger delta, of at most {allowed.normalize():f}, or leave it out",
    )


def bound(
    question: Question,
    dataset: DatasetPolicy,
    duties: tuple[Obligation, ...],
    loss: PrivacyLoss,
    asked: Asked,
) -> tuple[Plan, Measurement]:
    """Return the plan and the measurement that will release it, for at most ``loss``.

    Raises:
        UnsupportedQueryError: If a key has no public domain, or the request asks for wider bounds
            than the policy's.
    """
    plan, weights = drafted(question, dataset, duties, asked)
    if asked.accuracy is not None:
        amount = _loss_within(plan, dataset.measure, asked.accuracy, weights).amount
        loss = replace(loss, amount=max(amount, _least_price(dataset)))
    if plan.is_keyed:
        return _keyed(plan, dataset, loss, weights)
    lengths = [part.cells * one.entries for part in plan.parts for one in part.statistics]
    measurement = build(dataset.measure, plan.sensitivities, lengths, loss, weights)
    return plan.with_noises(measurement.noises), measurement


def _keyed(
    plan: Plan, dataset: DatasetPolicy, loss: PrivacyLoss, weights: Sequence[float]
) -> tuple[Plan, BuiltKeyed]:
    """Return a plan whose first statistic selects its keys, and what releases it."""
    (part,) = plan.parts
    others = [
        KeyedStatistic(sensitivity=part.bounds.sensitivity(one), width=one.entries)
        for one in part.statistics[1:]
    ]
    groups = part.bounds.max_groups
    try:
        built = build_with_selection(dataset.measure, groups, others, loss, weights)
    except ValueError:
        raise _bad_delta(dataset) from None
    threshold = built.selection.threshold + part.least - 1
    noises = (built.selection.noise, *built.noises)
    return plan.with_noises(noises).with_threshold(threshold), built


def _loss_within(
    plan: Plan, measure: Measure, wanted: WantedAccuracy, weights: Sequence[float]
) -> PrivacyLoss:
    """Return the smallest loss at which all counts and sums are as exact as wanted."""
    losses: list[PrivacyLoss] = []
    places = ((part, place) for part in plan.parts for place in range(len(part.statistics)))
    linear = {place for part in plan.parts for place in _linear(plan, part)}
    for place, (part, local) in enumerate(places):
        if place not in linear:
            continue
        half_width = float(Fraction(wanted.within) / part.statistics[local].step)
        accuracy = Accuracy(statistic=place, half_width=half_width, confidence=wanted.confidence)
        try:
            losses.append(loss_within(measure, plan.sensitivities, accuracy, weights))
        except ValueError:
            raise UnsupportedQueryError(
                "no price is enough for this accuracy",
                code="SQL-ACCURACY",
                remedy="ask for a wider interval",
            ) from None
    if not losses:
        raise UnsupportedQueryError(
            "an accuracy is wanted of a question without counts and sums",
            code="SQL-ACCURACY",
            remedy="name a price; the errors of means and quantiles depend on the data",
        )
    return max(losses, key=lambda one: one.amount)


def _linear(plan: Plan, part: Part) -> Iterator[int]:
    """Yield the places of the statistics that are released as they are."""
    first = plan.first_statistic(part)
    calls = plan.question_of(part).aggregates
    for call, components in zip(calls, part.components, strict=True):
        if call.function in LINEAR:
            yield first + components[0]
