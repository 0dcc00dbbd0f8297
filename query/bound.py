"""Contribution bounds: what is proved costs nothing, what is not proved is enforced."""

from __future__ import annotations

import math
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
from query.domains import Kind
from query.drafts import Asked, Asking
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
from query.question import LINEAR, GroupKey, Question

__all__ = ["Asked", "Measurement", "bound", "cells_of", "price_asked", "with_keys_delta"]

Measurement: TypeAlias = BuiltMeasurement | BuiltKeyed
"""What releases a plan."""

MAX_PRICE = 1_000_000
"""No policy can allow more for one query."""


def price_asked(dataset: DatasetPolicy, loss: Decimal | None) -> PrivacyLoss:
    """Return the price that a request asks for, or the policy's default.

    Raises:
        UnsupportedQueryError: If it is not above 0.
    """
    asked = dataset.spec.queries.default_loss if loss is None else loss
    if not (asked.is_finite() and 0 < asked <= MAX_PRICE):
        raise UnsupportedQueryError(
            f"the price asked for is not a number above 0 and at most {MAX_PRICE}",
            code="SQL-PRICE",
            remedy=f"give a number above 0, at most {dataset.spec.queries.max_loss_per_query}",
        )
    loss_asked = PrivacyLoss.of_budget(dataset.measure, asked)
    if loss_asked.amount == 0:
        raise UnsupportedQueryError(
            "the price asked for is below the smallest unit",
            code="SQL-PRICE",
            remedy=f"give at least {Decimal(1) / dataset.measure.units:f}",
        )
    return loss_asked


def cells_of(question: Question) -> int:
    """Cells of all grouping sets: 1 without keys, 0 if a domain is unknown."""
    if any(not key.size for key in question.keys):
        return 0
    return sum(
        math.prod(question.keys[key].size for key in keys) for keys in question.grouping_sets
    )


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
    if not question.private_keys:
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


_SELECTED = {Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.TIMESTAMP}
"""Kinds of values that can be selected by a threshold; doubles are never equal but by chance."""


def check_domains(question: Question, dataset: DatasetPolicy) -> None:
    """Check that every group key has a finite public domain, or can be selected by a threshold.

    Raises:
        UnsupportedQueryError: With the position of the key that has none.
    """
    for key in question.private_keys:
        if dataset.spec.queries.private_keys == "denied":
            raise UnsupportedQueryError(
                "no finite public domain is known for this group key",
                code="SQL-GROUP",
                remedy=(
                    "use DATE_TRUNC, age_band(x, width), CASE, or a column with declared "
                    "categories or bounds"
                ),
                position=key.position,
            )
        _check_private(question, key)


def _check_private(question: Question, key: GroupKey) -> None:
    kind = key.expression.domain.kind
    if kind not in _SELECTED:
        raise UnsupportedQueryError(
            f"a group key without a public domain is a {kind.value}",
            code="SQL-PRIVATE-KEY",
            remedy="group by an exact value, such as ROUND(x, 2) or FLOOR(x)",
            position=key.position,
        )
    if question.sets:
        raise UnsupportedQueryError(
            "ROLLUP, CUBE or GROUPING SETS hold a group key without a public domain",
            code="SQL-PRIVATE-KEY",
            remedy="ask for each set of keys in a question of its own",
            position=key.position,
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
    check_domains(question, dataset)
    asking = Asking(question=question, dataset=dataset, asked=asked)
    suppress_below = max((duty.units for duty in duties), default=0)
    drafts = [asking.draft(keys, suppressed=suppress_below > 0) for keys in question.grouping_sets]
    plan = Plan(
        question=question,
        parts=tuple(part for part, _ in drafts),
        suppress_below=suppress_below,
    )
    weights = [weight for _, each in drafts for weight in each]
    if asked.accuracy is not None:
        amount = _loss_within(plan, dataset.measure, asked.accuracy, weights).amount
        loss = replace(loss, amount=amount)
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
    for call, components in zip(plan.question.aggregates, part.components, strict=True):
        if call.function in LINEAR:
            yield first + components[0]
