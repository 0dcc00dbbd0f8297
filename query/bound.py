"""Contribution bounds: what is proved costs nothing, what is not proved is enforced."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from policies.datasets import DatasetPolicy
from policies.decisions import Obligation
from policies.errors import UnsupportedQueryError
from policies.privacy import PrivacyLoss
from query.answers import Accuracy
from query.mechanisms import BuiltMeasurement, build
from query.plan import MAX_ROWS, Bounds, Plan, Statistic, StatisticKind
from query.question import Function, Question
from query.relations import scans
from query.statistics import statistics_of

__all__ = ["Asked", "bound", "cells_of", "price_asked"]


MAX_PRICE = 1_000_000
"""No policy can allow more for one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request narrows or wants: see ``query.answers.Request``."""

    max_groups: int | None = None
    max_rows_per_group: int | None = None
    accuracy: Accuracy | None = None
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
    """Cells of the full cross product of group keys: 1 without keys, 0 if a domain is unknown."""
    return math.prod(len(key.domain) for key in question.keys)


def check_domains(question: Question) -> None:
    """Check that every group key has a finite public domain.

    Raises:
        UnsupportedQueryError: With the position of the key that has none.
    """
    for key in question.keys:
        if not key.domain:
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
    cells = cells_of(question)
    bounds = _bounds(question, dataset, asked, cells)
    statistics: list[Statistic] = []
    components: list[tuple[int, ...]] = []
    for aggregate in question.aggregates:
        needed = statistics_of(aggregate, bounds.max_rows_per_group)
        statistics += [one for one in needed if one not in statistics]
        components.append(tuple(statistics.index(one) for one in needed))
    suppress_below = max((duty.units for duty in duties), default=0)
    counter = _counter(statistics, bounds) if suppress_below else None
    sensitivities = [bounds.sensitivity(statistic) for statistic in statistics]
    measurement = build(dataset.measure, sensitivities, cells, loss)
    plan = Plan(
        question=question,
        statistics=tuple(statistics),
        components=tuple(components),
        bounds=bounds,
        cells=cells,
        noises=measurement.noises,
        suppress_below=suppress_below,
        counter=counter,
    )
    return plan, measurement


def _counter(statistics: list[Statistic], bounds: Bounds) -> int:
    """Return the count that tells how many units a cell has, adding one if there is none."""
    units = Statistic(kind=StatisticKind.UNITS)
    rows = Statistic(kind=StatisticKind.ROWS)
    for wanted in (units, rows) if bounds.single_row else (units,):
        if wanted in statistics:
            return statistics.index(wanted)
    statistics.append(units)
    return len(statistics) - 1


def _bounds(question: Question, dataset: DatasetPolicy, asked: Asked, cells: int) -> Bounds:
    tables = [dataset.tables[scan.table] for scan in scans(question.relation) if scan.unit]
    allowed_groups = max(table.contribution.max_groups for table in tables)
    allowed_rows = max(table.contribution.max_rows_per_group for table in tables)
    allowed_rows = min(allowed_rows, MAX_ROWS)
    groups = _narrowed("max_groups", asked.max_groups, allowed_groups)
    rows = _narrowed("max_rows_per_group", asked.max_rows_per_group, allowed_rows)
    proved_rows = question.relation.max_rows
    unit = dataset.spec.privacy_unit.name
    reasons: list[str] = []
    proved_groups = cells
    if all(key.expression.domain.unit_constant for key in question.keys):
        proved_groups = 1
        if question.keys:
            reasons.append(f"the group keys are facts of the {unit}, so each is in one group")
    if proved_rows is not None:
        proved_groups = min(proved_groups, proved_rows)
        counted = "one row" if proved_rows == 1 else f"{proved_rows} rows"
        reasons.append(f"each {unit} has at most {counted} here, as ingest has checked")
    counts_units_only = all(
        aggregate.function is Function.COUNT_UNITS for aggregate in question.aggregates
    )
    if counts_units_only:
        reasons.append(f"each {unit} is counted once in a group, whatever the number of rows")
    return Bounds(
        max_groups=min(groups, proved_groups),
        max_rows_per_group=rows if proved_rows is None else min(rows, proved_rows),
        groups_proved=proved_groups <= groups,
        rows_proved=proved_rows is not None and proved_rows <= rows,
        single_row=proved_rows == 1,
        reasons=tuple(reasons),
    )


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
