"""A plan: exact integer statistics of known sensitivity, and the cells they are released for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from query.domains import Scalar
from query.expressions import Expression
from query.mechanisms import Noise, Sensitivity
from query.question import Question

__all__ = ["MAX_ROWS", "MAX_UNITS", "Bounds", "Plan", "Statistic", "StatisticKind", "cell_keys"]

MAX_UNITS = 2**31
"""Privacy units of one dataset at most; a public constant, so that no sum can overflow."""
MAX_ROWS = 2**31
"""Rows of one unit that can count in one group; times MAX_UNITS, it still fits 64 bits."""


class StatisticKind(Enum):
    """What is added up."""

    ROWS = "rows"
    UNITS = "units"
    SUM = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One integer for each cell, summed over privacy units.

    Attributes:
        kind: What is added up.
        where: Only rows for which this is true enter; None for all.
        value: Of sums: an exact number; its domain's step is the size of one integer step.
        center: Of sums: subtracted from each value, in steps, which halves the sensitivity.
        bound: Most that one row adds, in absolute steps; 1 for counts.
    """

    kind: StatisticKind
    where: Expression | None = None
    value: Expression | None = None
    center: int = 0
    bound: int = 1

    @property
    def step(self) -> Fraction:
        """Size of one integer step, in the unit of what is added up."""
        return Fraction(1) if self.value is None else self.value.domain.step


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of one unit enters, and how much of that had to be enforced.

    Attributes:
        max_groups: Groups that one unit touches (L0).
        max_rows_per_group: Rows of one unit that count in one group.
        groups_proved: Whether nothing needs to be cut to keep ``max_groups``.
        rows_proved: Whether nothing needs to be cut to keep ``max_rows_per_group``.
        single_row: Whether each unit has at most one row in all.
        reasons: What was proved and why, a sentence each.
    """

    max_groups: int
    max_rows_per_group: int
    groups_proved: bool
    rows_proved: bool
    single_row: bool
    reasons: tuple[str, ...] = ()

    def sensitivity(self, statistic: Statistic) -> Sensitivity:
        """How far one unit can move the statistic's vector."""
        rows = 1 if statistic.kind is StatisticKind.UNITS else self.max_rows_per_group
        return Sensitivity(groups=self.max_groups, per_group=rows * statistic.bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be computed and released, and under which bounds.

    Attributes:
        question: What was asked.
        statistics: Distinct statistics that all aggregates need.
        components: For each aggregate, the indices of the statistics it is computed from.
        bounds: Contribution bounds in force.
        cells: Number of cells: the product of the keys' domains.
        noises: The noise of each statistic.
        suppress_below: Cells whose noisy count is below this are withheld; 0 for none.
        counter: Index of the count that suppression looks at; None where nothing is suppressed.
    """

    question: Question
    statistics: tuple[Statistic, ...]
    components: tuple[tuple[int, ...], ...]
    bounds: Bounds
    cells: int
    noises: tuple[Noise, ...] = ()
    suppress_below: int = 0
    counter: int | None = None

    @property
    def needs_partials(self) -> bool:
        """Whether rows have to be added up per unit before they are added up over units."""
        if self.bounds.single_row:
            return False
        proved = self.bounds.groups_proved and self.bounds.rows_proved
        return not proved or any(one.kind is StatisticKind.UNITS for one in self.statistics)


def cell_keys(plan: Plan) -> list[tuple[Scalar, ...]]:
    """Return the key values of every cell, the last key changing fastest."""
    cells: list[tuple[Scalar, ...]] = [()]
    for key in plan.question.keys:
        cells = [(*cell, value) for cell in cells for value in key.domain]
    return cells
