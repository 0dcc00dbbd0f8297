"""A plan: exact integer statistics of known sensitivity, and the cells they are released for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from itertools import chain, islice

from query.domains import Scalar
from query.expressions import Expression
from query.mechanisms import Noise, Sensitivity
from query.noisy_columns import noisy_columns, outputs_of
from query.question import Question
from query.reports import Table, report_of
from query.sources import Derivation, Source
from query.stored import Kept
from query.trees import Tree

__all__ = [
    "MAX_CANDIDATES",
    "MAX_KEY_CHARS",
    "MAX_ROWS",
    "MAX_UNITS",
    "SPLIT_WEIGHT",
    "Bounds",
    "Part",
    "Plan",
    "Statistic",
    "StatisticKind",
    "cell_keys",
]

MAX_UNITS = 2**31
"""Privacy units of one dataset at most; a public constant, so that no sum can overflow."""
MAX_ROWS = 2**31
"""Rows of one unit that can count in one group; times MAX_UNITS, it still fits 64 bits."""
MAX_CANDIDATES = 100_000
"""Private keys among which the released ones are selected; noise on so many takes some seconds."""
MAX_KEY_CHARS = 200
"""Characters of a text that count where it is a private key."""
SPLIT_WEIGHT = 1000
"""Integer steps of a row's weight where the rows of a unit are cut down and spread over buckets."""


class StatisticKind(Enum):
    """What is added up."""

    ROWS = "rows"
    UNITS = "units"
    SUM = "sum"
    DISTINCT = "distinct"
    """Different values; a unit adds some of its own at most."""
    BUCKETS = "buckets"
    """Rows in each bucket of a value: one integer for each bucket or node of a tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """Integers for each cell, summed over privacy units.

    Attributes:
        kind: What is added up.
        where: Only rows for which this is true enter; None for all.
        value: Of sums: an exact number, whose domain's step is the size of one integer step. Of
            buckets: the number of the bucket. Of distinct values: the value.
        center: Of sums: subtracted from each value, in steps, which halves the sensitivity.
        bound: Most that one row adds, in absolute steps; 1 for counts.
        buckets: Of buckets: how many.
        tree: Of buckets under quantiles: the hierarchy that is measured.
        origin: Of buckets under quantiles: lower end of the first bucket.
        width: Of buckets under quantiles: size of each, in the unit of the value.
        unit: Of buckets under quantiles: distance between neighboring values.
    """

    kind: StatisticKind
    where: Expression | None = None
    value: Expression | None = None
    center: int = 0
    bound: int = 1
    buckets: int = 1
    tree: Tree | None = None
    origin: Fraction = Fraction(0)
    width: Fraction = Fraction(1)
    unit: Fraction = Fraction(1)

    @property
    def step(self) -> Fraction:
        """Size of one integer step, in the unit of what is added up."""
        if self.kind is StatisticKind.BUCKETS:
            return Fraction(1, self.bound)
        if self.kind is StatisticKind.SUM and self.value is not None:
            return self.value.domain.step
        return Fraction(1)

    @property
    def entries(self) -> int:
        """Integers for each cell."""
        return self.buckets if self.tree is None else self.tree.nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of one unit enters, and how much of that had to be enforced.

    Attributes:
        max_groups: Groups that one unit touches (L0).
        max_rows_per_group: Rows of one unit that count in one group.
        groups_proved: Whether nothing needs to be cut to keep ``max_groups``.
        rows_proved: Whether nothing needs to be cut to keep ``max_rows_per_group``.
        single_row: Whether each unit has at most one row in all.
        max_rows: Rows of one unit in all groups at most, or None.
        kept: What ingest has stored beside the rows, which bounds them; None where nothing does.
        single: Our name of the one table of which each row stands here at most once, so that a
            unit has no more rows here than it has stored there; None where there is none.
        reasons: What was proved and why, a sentence each.
    """

    max_groups: int
    max_rows_per_group: int
    groups_proved: bool
    rows_proved: bool
    single_row: bool
    max_rows: int | None = None
    kept: Kept | None = None
    single: str | None = None
    reasons: tuple[str, ...] = ()

    def sensitivity(self, statistic: Statistic) -> Sensitivity:
        """How far one unit can move the statistic's vector.

        The rows of a unit that are spread over buckets move several entries, but all of these
        together by what one entry would move: ``groups`` entries give the same norms.
        """
        rows = 1 if statistic.kind is StatisticKind.UNITS else self.max_rows_per_group
        if statistic.tree is not None:
            return statistic.tree.sensitivity(self.max_groups, rows * statistic.bound)
        total = None if self.max_rows is None else self.max_rows * statistic.bound
        return Sensitivity(groups=self.max_groups, per_group=rows * statistic.bound, total=total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One grouping set of one question: its cells and their statistics.

    Attributes:
        keys: Places of its group keys.
        statistics: Distinct statistics that all aggregates need.
        components: For each aggregate, the places of the statistics it is computed from.
        bounds: Contribution bounds in force.
        cells: Number of cells: the product of the keys' domains; 0 where a key is private.
        noises: The noise of each statistic.
        counter: Place of the count that suppression looks at; None where nothing is suppressed.
        question: Place of its question among those of the statement.
        least: Units that a key must have to be a candidate for release; 0 where keys are public.
            The first statistic then counts units, and its noisy values select the keys.
        threshold: Smallest noisy number of units of a released key; None where keys are public.
    """

    keys: tuple[int, ...]
    statistics: tuple[Statistic, ...]
    components: tuple[tuple[int, ...], ...]
    bounds: Bounds
    cells: int
    noises: tuple[Noise, ...] = ()
    counter: int | None = None
    question: int = 0
    least: int = 0
    threshold: int | None = None

    @property
    def is_keyed(self) -> bool:
        """Whether only keys above a threshold are released, and nothing of the others."""
        return self.least > 0

    @property
    def needs_partials(self) -> bool:
        """Whether rows have to be added up per unit before they are added up over units."""
        if self.bounds.single_row:
            return False
        if self.bounds.kept is not None and self.bounds.kept.first_row is not None:
            return False
        proved = self.bounds.groups_proved and self.bounds.rows_proved
        return not proved or any(one.kind is StatisticKind.UNITS for one in self.statistics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be computed and released, and under which bounds.

    Attributes:
        question: What was asked, with the other questions of its statement.
        parts: One for each grouping set of each question, the questions in their order.
        suppress_below: Cells whose noisy count is below this are withheld; 0 for none.
        derivation: How it is computed from a stored release; None where it is measured itself.
    """

    question: Question
    parts: tuple[Part, ...]
    suppress_below: int = 0
    derivation: Derivation | None = None

    @property
    def released_noises(self) -> tuple[Noise, ...]:
        """The noise of each vector that was released: its own, or those it is derived from."""
        return self.noises if self.derivation is None else self.derivation.noises

    def sources(self, part: Part, cell: int) -> tuple[Source, ...]:
        """Return where a cell of each of a part's statistics is read from."""
        first, derivation = self.first_statistic(part), self.derivation
        places = range(first, first + len(part.statistics))
        if derivation is None:
            return tuple((place, (cell,)) for place in places)
        return tuple((derivation.vectors[one], derivation.cells[one][cell]) for one in places)

    @property
    def report(self) -> Table:
        """What is computed of the released rows of all questions."""
        return report_of(self.question)

    @property
    def noisy_columns(self) -> tuple[bool, ...]:
        """Whether each column of the answer is a number that comes with its error."""
        return noisy_columns(self.report, self.question.questions)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the answer."""
        return tuple(one.name for one in outputs_of(self.report, self.question.questions))

    def finest(self, question: int) -> int:
        """Return the place of the part of a question's finest grouping set, its first one."""
        return [part.question for part in self.parts].index(question)

    def question_of(self, part: Part) -> Question:
        """Return the question that a part measures."""
        return self.question.questions[part.question]

    @property
    def cells(self) -> int:
        """Number of cells of all grouping sets."""
        return sum(part.cells for part in self.parts)

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """The statistics of all parts, in the order of their vectors."""
        return tuple(chain.from_iterable(part.statistics for part in self.parts))

    @property
    def sensitivities(self) -> tuple[Sensitivity, ...]:
        """How far one unit can move the vector of each statistic."""
        return tuple(part.bounds.sensitivity(one) for part in self.parts for one in part.statistics)

    @property
    def noises(self) -> tuple[Noise, ...]:
        """The noise of each statistic."""
        return tuple(chain.from_iterable(part.noises for part in self.parts))

    @property
    def is_keyed(self) -> bool:
        """Whether keys are private; there is one part then."""
        return self.parts[0].is_keyed

    def with_threshold(self, threshold: int | None) -> Plan:
        """Return the same plan with another threshold of its private keys."""
        return replace(self, parts=tuple(replace(one, threshold=threshold) for one in self.parts))

    @property
    def bounds(self) -> Bounds:
        """The bounds of the finest grouping set, which come first."""
        return self.parts[0].bounds

    def with_noises(self, noises: Iterable[Noise]) -> Plan:
        """Return the same plan with other noise, in the order of ``statistics``."""
        given = iter(noises)
        parts = (
            replace(part, noises=tuple(islice(given, len(part.statistics)))) for part in self.parts
        )
        return replace(self, parts=tuple(parts))

    def first_statistic(self, part: Part) -> int:
        """Place of a part's first statistic among those of all parts."""
        before = self.parts[: self.parts.index(part)]
        return sum(len(one.statistics) for one in before)


def cell_keys(question: Question, part: Part) -> list[tuple[Scalar, ...]]:
    """Return the key values of every cell of a grouping set, the last key changing fastest.

    Keys that are not in the set are None.
    """
    cells: list[tuple[Scalar, ...]] = [()]
    for place, key in enumerate(question.keys):
        values: tuple[Scalar, ...] = key.domain if place in part.keys else (None,)
        cells = [(*cell, value) for cell in cells for value in values]
    return cells
