"""Contribution bounds: what is proved costs nothing, what is not proved is enforced."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.datasets import DatasetPolicy
from policies.decisions import Obligation
from policies.errors import UnsupportedQueryError
from query.answers import Accuracy as WantedAccuracy
from query.noisy_columns import Origin, origins, outputs_of
from query.plan import MAX_ROWS, Bounds, Part, Plan, Statistic, StatisticKind, report_of
from query.question import Function, Question
from query.statistics import statistics_of
from query.stored import stored_bounds
from query.traversal import scans

__all__ = ["Asked", "drafted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request narrows or wants: see ``query.answers.Request``."""

    max_groups: int | None = None
    max_rows_per_group: int | None = None
    accuracy: WantedAccuracy | None = None
    weights: Mapping[str, float] = field(default_factory=dict)


def drafted(
    question: Question, dataset: DatasetPolicy, duties: tuple[Obligation, ...], asked: Asked
) -> tuple[Plan, list[float]]:
    """Return the plan before anything is known of its noise, and the weights of its statistics.

    Raises:
        UnsupportedQueryError: As for ``bound``.
    """
    check_domains(question)
    suppress_below = max((duty.units for duty in duties), default=0)
    wanted = _weights(question, asked.weights)
    drafts = [
        asking.draft(keys, suppressed=suppress_below > 0)
        for asking in (
            _Asking(question=one, place=place, dataset=dataset, asked=asked, weights=wanted)
            for place, one in enumerate(question.questions)
        )
        for keys in asking.question.grouping_sets
    ]
    parts = tuple(part for part, _ in drafts)
    plan = Plan(question=question, parts=parts, suppress_below=suppress_below)
    return plan, [weight for _, each in drafts for weight in each]


def _weights(question: Question, asked: Mapping[str, float]) -> dict[Origin, float]:
    """Return how much each aggregate matters: as much as the columns it is in, the most.

    Raises:
        UnsupportedQueryError: If a weight is given to no noisy column of the answer.
    """
    weights: dict[Origin, float] = {}
    unknown = set(asked)
    questions, report = question.questions, report_of(question)
    for column, output in enumerate(outputs_of(report, questions)):
        weight = asked.get(output.name, 1.0)
        for origin in origins(report, column, questions):
            unknown.discard(output.name)
            weights[origin] = max(weight, weights.get(origin, 0.0))
    if unknown:
        raise UnsupportedQueryError(
            f"a weight is given to {min(unknown)}, which is no noisy column of the answer",
            code="SQL-WEIGHT",
            remedy="give weights to names of the SELECT that hold an aggregate",
        )
    return weights


def check_domains(question: Question) -> None:
    """Check that every group key has a finite public domain.

    Raises:
        UnsupportedQueryError: With the position of the key that has none.
    """
    for key in (key for one in question.questions for key in one.keys):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """What the statistics of each grouping set of one question follow from."""

    question: Question
    place: int
    dataset: DatasetPolicy
    asked: Asked
    weights: Mapping[Origin, float]

    def draft(self, keys: tuple[int, ...], *, suppressed: bool) -> tuple[Part, list[float]]:
        """Return a grouping set's part without noise, and the weights of its statistics."""
        cells = math.prod(self.question.keys[key].size for key in keys)
        bounds = self._bounds(keys)
        statistics: list[Statistic] = []
        weights: list[float] = []
        components: list[tuple[int, ...]] = []
        for index, aggregate in enumerate(self.question.aggregates):
            needed = statistics_of(aggregate, bounds, cells, self.dataset.measure)
            for statistic, weight in needed:
                if statistic not in statistics:
                    statistics.append(statistic)
                    weights.append(0.0)
                weights[statistics.index(statistic)] += weight * self._weight(index)
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
            question=self.place,
        )
        return part, weights

    def _weight(self, index: int) -> float:
        return self.weights.get(Origin(question=self.place, aggregate=index), 1.0)

    def _bounds(self, keys: tuple[int, ...]) -> Bounds:
        question, proved_rows = self.question, self.question.relation.max_rows
        unit = self.dataset.spec.privacy_unit.name
        groups, rows = self._limits()
        proved_groups, reasons = self._proved(keys)
        kept = stored_bounds(question, keys, self.dataset, (groups, rows))
        if kept is not None and proved_rows != 1:
            counted = f"at most {kept.total} rows of one {unit} count, chosen when they were stored"
            return Bounds(
                max_groups=min(kept.groups, proved_groups),
                max_rows_per_group=kept.rows,
                groups_proved=True,
                rows_proved=True,
                single_row=False,
                max_rows=kept.total,
                kept=kept,
                reasons=(*reasons, f"{counted} ({kept.mode})"),
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
    rows = Statistic(kind=StatisticKind.ROWS)
    for wanted in (units, rows) if bounds.single_row else (units,):
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
