"""Drafts of plans: the statistics of a question, and the bounds that hold for them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policies.datasets import DatasetPolicy
from policies.decisions import Obligation
from policies.errors import UnsupportedQueryError
from query.answers import Accuracy as WantedAccuracy
from query.distinct_rows import one_row_each
from query.domains import Kind
from query.group_keys import check_domains
from query.noisy_columns import Origin, origins, outputs_of
from query.plan import (
    MAX_CANDIDATES,
    MAX_ROWS,
    MAX_UNITS,
    Bounds,
    Part,
    Plan,
    Statistic,
    StatisticKind,
)
from query.question import Function, Question
from query.reports import report_of
from query.statistics import counts_of, statistics_of
from query.stored import Wanted, single_table, stored_bounds
from query.traversal import scans

__all__ = ["Asked", "drafted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request narrows or wants: see ``query.answers.Request``."""

    max_groups: int | None = None
    max_rows_per_group: int | None = None
    before_filter: bool | None = None
    accuracy: WantedAccuracy | None = None
    weights: Mapping[str, float] = field(default_factory=dict)


def drafted(
    question: Question, dataset: DatasetPolicy, duties: tuple[Obligation, ...], asked: Asked
) -> tuple[Plan, list[float]]:
    """Return the plan before anything is known of its noise, and the weights of its statistics.

    Raises:
        UnsupportedQueryError: As for ``bound``.
    """
    check_domains(question, dataset)
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
    _check_numbers(parts)
    plan = Plan(question=question, parts=parts, suppress_below=suppress_below)
    return plan, [weight for _, each in drafts for weight in each]


def _check_numbers(parts: tuple[Part, ...]) -> None:
    """Check that an answer is not made of more numbers than noise can be drawn for in good time.

    Raises:
        UnsupportedQueryError: If it is.
    """
    numbers = sum(
        (part.cells or _KEYED_CELLS) * one.entries for part in parts for one in part.statistics
    )
    if numbers > MAX_NUMBERS:
        raise UnsupportedQueryError(
            f"the answer would be made of {numbers:,} noisy numbers; {MAX_NUMBERS:,} are allowed",
            code="SQL-TOO-LARGE",
            remedy="ask for fewer quantiles at once, or for coarser groups",
        )


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
        bounds, keyed = self._bounds(keys), cells == 0
        asked, measure = self.question.aggregates, self.dataset.measure
        counts = counts_of(() if self.asked.accuracy else asked, bounds, measure)
        needed = [
            statistics_of(one, bounds, cells or _KEYED_CELLS, measure, counts) for one in asked
        ]
        weights: dict[Statistic, float] = {}
        if keyed:  # first, since the others are measured over the keys that it selects
            listed = [statistic for each in needed for statistic, _ in each]
            weights[_counter(listed, rows=bounds.max_rows_per_group == 1)] = 1.0
        for index, each in enumerate(needed):
            for statistic, weight in each:
                added = weight * self._weight(index)
                weights[statistic] = weights.get(statistic, 0.0) + added
        counter = None
        if suppressed:
            counter = next(iter(weights)) if keyed else _counter(weights, rows=bounds.single_row)
            weights.setdefault(counter, _COUNTER_WEIGHT)
        statistics = tuple(weights)
        place = {one: index for index, one in enumerate(statistics)}
        part = Part(
            keys=keys,
            statistics=statistics,
            components=tuple(tuple(place[one] for one, _ in each) for each in needed),
            bounds=bounds,
            cells=cells,
            counter=None if counter is None else place[counter],
            question=self.place,
            least=self._least(bounds) if keyed else 0,
        )
        return part, list(weights.values())

    def _least(self, bounds: Bounds) -> int:
        """Return how many units a private key needs, so that there are not too many candidates.

        Units are in at most ``max_groups`` keys each, so that no more than units times groups
        divided by this number of keys have as many.
        """
        units = self.dataset.spec.privacy_unit.max_units or MAX_UNITS
        return max(-(-units * bounds.max_groups // MAX_CANDIDATES), 1)

    def _weight(self, index: int) -> float:
        return self.weights.get(Origin(question=self.place, aggregate=index), 1.0)

    def _bounds(self, keys: tuple[int, ...]) -> Bounds:
        question, proved_rows = self.question, self.question.relation.max_rows
        in_group = proved_rows
        unit = self.dataset.spec.privacy_unit.name
        groups, rows = self._limits()
        proved_groups, reasons = self._proved(keys)
        private = any(question.keys[key].is_private for key in keys)
        wanted = Wanted(groups=groups, rows=rows, before_filter=self.asked.before_filter)
        kept = None if private else stored_bounds(question, keys, self.dataset, wanted)
        if kept is not None and proved_rows != 1:
            return Bounds(
                max_groups=_least_of(kept.groups, proved_groups),
                max_rows_per_group=kept.rows,
                groups_proved=True,
                rows_proved=True,
                single_row=False,
                max_rows=kept.total,
                kept=kept,
                reasons=(*reasons, *kept.reasons(unit)),
            )
        asked = [question.keys[key].expression for key in keys]
        may_merge = False
        if in_group != 1 and one_row_each(question.relation, asked):
            in_group = 1
            # texts beside a private key are cut to a length, and groups that agree up to there are
            # one: the row is held to one, not proved
            may_merge = private and any(one.domain.kind is Kind.TEXT for one in asked)
            reasons.append(f"each {unit} has one row in a group, as what is grouped has")
        if all(one.function is Function.COUNT_UNITS for one in question.aggregates):
            reasons.append(f"each {unit} is counted once in a group, whatever the number of rows")
        return Bounds(
            max_groups=_least_of(groups, proved_groups),
            max_rows_per_group=_least_of(rows, in_group),
            groups_proved=proved_groups is not None and proved_groups <= groups,
            rows_proved=in_group is not None and in_group <= rows and not may_merge,
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

    def _proved(self, keys: tuple[int, ...]) -> tuple[int | None, list[str]]:
        """Return the groups that one unit is in at most by proof, or None, and what was proved."""
        unit = self.dataset.spec.privacy_unit.name
        asked = [self.question.keys[key] for key in keys]
        # a key that is a fact of the unit has one value in all of its rows
        varying = [key.size for key in asked if not key.expression.domain.unit_constant]
        groups: int | None = math.prod(varying) or None  # unknown where a key is private
        reasons: list[str] = []
        if keys and not varying:
            reasons.append(f"the group keys are facts of the {unit}, so each is in one group")
        rows = self.question.relation.max_rows
        if rows is not None:
            groups = _least_of(rows, groups)
            counted = "one row" if rows == 1 else f"{rows} rows"
            reasons.append(f"each {unit} has at most {counted} here, as was proved")
        return groups, reasons


_COUNTER_WEIGHT = 0.25
"""Weight of the count that only decides which cells are withheld."""


MAX_NUMBERS = 2_000_000
"""Noisy numbers under one answer: those of five quantiles in hundreds of groups. Noise on so many
takes half a minute, and the ledger keeps all of them."""


_KEYED_CELLS = 256
"""Private keys for which trees of counts are made: how many there will be is not known."""


def _counter(statistics: Iterable[Statistic], *, rows: bool) -> Statistic:
    """Return the count that tells how many units a cell has: one that there is, if any.

    Args:
        statistics: Those that there are.
        rows: Whether no unit has more than one row in a cell, so that counting rows will do.
    """
    units = Statistic(kind=StatisticKind.UNITS)
    counted = Statistic(kind=StatisticKind.ROWS)
    there = set(statistics)
    return counted if rows and units not in there and counted in there else units


def _least_of(allowed: int, proved: int | None) -> int:
    return allowed if proved is None else min(allowed, proved)


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
