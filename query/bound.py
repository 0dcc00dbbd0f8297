"""Contribution bounds: what is proved costs nothing, what is not proved is enforced."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from policies.datasets import DatasetPolicy
from policies.decisions import Obligation
from policies.errors import UnsupportedQueryError
from policies.privacy import Measure, PrivacyLoss
from query.answers import Accuracy as WantedAccuracy
from query.expressions import AggregateRef, walk
from query.mechanisms import Accuracy, BuiltMeasurement, build, loss_within
from query.plan import MAX_ROWS, Bounds, Part, Plan, Statistic, StatisticKind
from query.question import LINEAR, Function, Question
from query.statistics import counts_of, statistics_of
from query.stored import Wanted, single_table, stored_bounds
from query.traversal import scans

__all__ = ["Asked", "bound", "cells_of", "price_asked"]

MAX_PRICE = 1_000_000  # no policy can allow more for one query


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request narrows or wants: see ``query.answers.Request``."""

    max_groups: int | None = None
    max_rows_per_group: int | None = None
    before_filter: bool = False
    accuracy: WantedAccuracy | None = None
    weights: Mapping[str, float] = field(default_factory=dict)


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


def check_domains(question: Question) -> None:
    """Check that every group key has a finite public domain.

    Raises:
        UnsupportedQueryError: With the position of the key that has none.
    """
    for key in question.keys:
        if not key.size:
            raise UnsupportedQueryError(
                "no finite public domain is known for this group key",
                code="SQL-GROUP",
                remedy=(
                    "use DATE_TRUNC, age_band(x, width), CASE, or a column with declared "
                    "categories or bounds"
                ),
                position=key.position,
            )


def bound(
    question: Question,
    dataset: DatasetPolicy,
    duties: tuple[Obligation, ...],
    loss: PrivacyLoss,
    asked: Asked,
) -> tuple[Plan, BuiltMeasurement]:
    """Return the plan and the measurement that will release it, for at most ``loss``.

    Raises:
        UnsupportedQueryError: If a key has no public domain, or the request asks for wider bounds
            than the policy's.
    """
    check_domains(question)
    asking = _Asking(question=question, dataset=dataset, asked=asked)
    suppress_below = max((duty.units for duty in duties), default=0)
    drafts = [asking.draft(keys, suppressed=suppress_below > 0) for keys in question.grouping_sets]
    plan = Plan(
        question=question,
        parts=tuple(part for part, _ in drafts),
        suppress_below=suppress_below,
    )
    weights = [weight for _, each in drafts for weight in each]
    if asked.accuracy is not None:
        loss = _loss_within(plan, dataset.measure, asked.accuracy, weights)
    lengths = [part.cells * one.entries for part in plan.parts for one in part.statistics]
    measurement = build(dataset.measure, plan.sensitivities, lengths, loss, weights)
    return plan.with_noises(measurement.noises), measurement


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """What the statistics of each grouping set follow from."""

    question: Question
    dataset: DatasetPolicy
    asked: Asked

    def draft(self, keys: tuple[int, ...], *, suppressed: bool) -> tuple[Part, list[float]]:
        """Return a grouping set's part without noise, and the weights of its statistics."""
        cells = math.prod(self.question.keys[key].size for key in keys)
        bounds = self._bounds(keys)
        statistics: list[Statistic] = []
        weights: list[float] = []
        components: list[tuple[int, ...]] = []
        wanted = self._weights()
        shared = () if self.asked.accuracy else self.question.aggregates
        counts = counts_of(shared, bounds, self.dataset.measure)
        for index, aggregate in enumerate(self.question.aggregates):
            needed = statistics_of(aggregate, bounds, cells, self.dataset.measure, counts)
            for statistic, weight in needed:
                if statistic not in statistics:
                    statistics.append(statistic)
                    weights.append(0.0)
                weights[statistics.index(statistic)] += weight * wanted.get(index, 1.0)
            components.append(tuple(statistics.index(one) for one, _ in needed))
        counter = _counter(statistics, bounds) if suppressed else None
        weights += [_COUNTER_WEIGHT] * (len(statistics) - len(weights))
        part = Part(
            keys=keys,
            statistics=tuple(statistics),
            components=tuple(components),
            bounds=bounds,
            cells=cells,
            counter=counter,
        )
        return part, weights

    def _weights(self) -> dict[int, float]:
        """Return how much each aggregate matters: as much as the columns it is in, the most.

        Raises:
            UnsupportedQueryError: If a weight is given to no noisy column of the answer.
        """
        weights: dict[int, float] = {}
        unknown = set(self.asked.weights)
        for output in self.question.outputs:
            weight = self.asked.weights.get(output.name, 1.0)
            for part in walk(output.expression):
                if isinstance(part, AggregateRef):
                    unknown.discard(output.name)
                    weights[part.index] = max(weight, weights.get(part.index, 0.0))
        if unknown:
            raise UnsupportedQueryError(
                f"a weight is given to {min(unknown)}, which is no noisy column of the answer",
                code="SQL-WEIGHT",
                remedy="give weights to names of the SELECT that hold an aggregate",
            )
        return weights

    def _bounds(self, keys: tuple[int, ...]) -> Bounds:
        question, proved_rows = self.question, self.question.relation.max_rows
        unit = self.dataset.spec.privacy_unit.name
        groups, rows = self._limits()
        proved_groups, reasons = self._proved(keys)
        wanted = Wanted(groups=groups, rows=rows, before_filter=self.asked.before_filter)
        kept = stored_bounds(question, keys, self.dataset, wanted)
        if kept is not None and proved_rows != 1:
            return Bounds(
                max_groups=min(kept.groups, proved_groups),
                max_rows_per_group=kept.rows,
                groups_proved=True,
                rows_proved=True,
                single_row=False,
                max_rows=kept.total,
                kept=kept,
                reasons=(*reasons, *kept.reasons(unit)),
            )
        if all(one.function is Function.COUNT_UNITS for one in question.aggregates):
            reasons.append(f"each {unit} is counted once in a group, whatever the number of rows")
        return Bounds(
            max_groups=min(groups, proved_groups),
            max_rows_per_group=rows if proved_rows is None else min(rows, proved_rows),
            groups_proved=proved_groups <= groups,
            rows_proved=proved_rows is not None and proved_rows <= rows,
            single_row=proved_rows == 1,
            max_rows=proved_rows,
            single=single_table(question),
            reasons=tuple(reasons),
        )

    def _limits(self) -> tuple[int, int]:
        """Return the groups, and the rows in each, that policy and request let a unit add to."""
        private = [one.table for one in scans(self.question.relation) if one.unit]
        allowed = [self.dataset.tables[table].contribution for table in private]
        groups = max(one.max_groups for one in allowed)
        rows = min(max(one.max_rows_per_group for one in allowed), MAX_ROWS)
        return (
            _narrowed("max_groups", self.asked.max_groups, groups),
            _narrowed("max_rows_per_group", self.asked.max_rows_per_group, rows),
        )

    def _proved(self, keys: tuple[int, ...]) -> tuple[int, list[str]]:
        """Return the groups that one unit is in at most by proof, and what was proved."""
        unit = self.dataset.spec.privacy_unit.name
        asked = [self.question.keys[key] for key in keys]
        # a key that is a fact of the unit has one value in all of its rows
        varying = [key.size for key in asked if not key.expression.domain.unit_constant]
        groups, reasons = math.prod(varying), []
        if keys and not varying:
            reasons.append(f"the group keys are facts of the {unit}, so each is in one group")
        rows = self.question.relation.max_rows
        if rows is not None:
            groups = min(groups, rows)
            counted = "one row" if rows == 1 else f"{rows} rows"
            reasons.append(f"each {unit} has at most {counted} here, as was proved")
        return groups, reasons


_COUNTER_WEIGHT = 0.25
"""Weight of the count that only decides which cells are withheld."""


def _counter(statistics: list[Statistic], bounds: Bounds) -> int:
    """Return the count that tells how many units a cell has, adding one if there is none."""
    units = Statistic(kind=StatisticKind.UNITS)
    for wanted in (units, Statistic(kind=StatisticKind.ROWS)) if bounds.single_row else (units,):
        if wanted in statistics:
            return statistics.index(wanted)
    statistics.append(units)
    return len(statistics) - 1


def _narrowed(name: str, asked: int | None, allowed: int) -> int:
    if asked is None:
        return allowed
    if not 1 <= asked <= allowed:
        raise UnsupportedQueryError(
            f"{name} is {asked}; the policy allows 1 to {allowed} here",
            code="SQL-BOUND",
            remedy="ask for a number in that range, or leave it out",
        )
    return asked
