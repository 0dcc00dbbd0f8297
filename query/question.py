"""A question: the typed form of one SELECT, before anything is known of its price."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Protocol

from policies.errors import Position
from policies.query_use import Aggregate
from query.domains import Scalar
from query.expressions import Expression, ReleasedTable
from query.relations import Relation

__all__ = [
    "LINEAR",
    "AggregateCall",
    "Function",
    "GroupKey",
    "OrderBy",
    "Output",
    "PostProcessed",
    "Question",
    "ReleasedWindow",
    "before_noise",
    "post_processed",
]


class Function(Enum):
    """Final aggregates."""

    COUNT_ROWS = "COUNT(*)"
    COUNT = "COUNT"
    COUNT_UNITS = "COUNT(DISTINCT unit)"
    COUNT_DISTINCT = "COUNT(DISTINCT)"
    SUM = "SUM"
    AVG = "AVG"
    VAR_SAMP = "VAR_SAMP"
    VAR_POP = "VAR_POP"
    STDDEV_SAMP = "STDDEV_SAMP"
    STDDEV_POP = "STDDEV_POP"
    COVAR_SAMP = "COVAR_SAMP"
    COVAR_POP = "COVAR_POP"
    CORR = "CORR"
    REGR_SLOPE = "REGR_SLOPE"
    REGR_INTERCEPT = "REGR_INTERCEPT"
    REGR_R2 = "REGR_R2"
    QUANTILE_CONT = "QUANTILE_CONT"
    QUANTILE_DISC = "QUANTILE_DISC"
    MIN = "MIN"
    MAX = "MAX"
    HISTOGRAM = "HISTOGRAM"

    @property
    def aggregate(self) -> Aggregate:
        """What the policy calls it."""
        return _POLICY_NAMES.get(self, Aggregate.VARIANCE)


LINEAR = frozenset(
    {
        Function.COUNT_ROWS,
        Function.COUNT,
        Function.COUNT_UNITS,
        Function.COUNT_DISTINCT,
        Function.SUM,
        Function.HISTOGRAM,
    }
)
"""Aggregates that are one statistic as it is, so that their error does not depend on the data."""

_POLICY_NAMES = {
    Function.COUNT_ROWS: Aggregate.COUNT,
    Function.COUNT: Aggregate.COUNT,
    Function.COUNT_UNITS: Aggregate.COUNT_DISTINCT,
    Function.COUNT_DISTINCT: Aggregate.COUNT_DISTINCT,
    Function.SUM: Aggregate.SUM,
    Function.AVG: Aggregate.MEAN,
    Function.QUANTILE_CONT: Aggregate.QUANTILE,
    Function.QUANTILE_DISC: Aggregate.QUANTILE,
    Function.MIN: Aggregate.QUANTILE,
    Function.MAX: Aggregate.QUANTILE,
    Function.HISTOGRAM: Aggregate.QUANTILE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateCall:
    """One final aggregate.

    Attributes:
        function: Which.
        args: What it is computed over; rows where any is NULL do not enter. Empty for
            ``COUNT(*)``; dependent then independent variable for two.
        where: Only rows for which this is true enter; None for all.
        level: Of quantiles: which, between 0 and 1.
        edges: Of histograms: upper ends of the bins, ascending.
        place: Of histograms: which bin, from 0.
    """

    function: Function
    args: tuple[Expression, ...] = ()
    where: Expression | None = None
    level: Fraction | None = None
    edges: tuple[Fraction, ...] = ()
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKey:
    """One group key with its public domain.

    Attributes:
        expression: Its value in a row.
        size: Number of its values that are released; 0 where no finite public domain is known,
            so that they can only be selected by a threshold.
        has_null: Whether NULL is one of them.
        position: Where the key stands in the text.
    """

    expression: Expression
    size: int
    has_null: bool = False
    position: Position | None = field(default=None, compare=False)

    @property
    def is_private(self) -> bool:
        """Whether which values there are is itself private."""
        return self.size == 0

    @property
    def domain(self) -> tuple[Scalar, ...]:
        """All values that are released, in order; ends with None where NULL is a group."""
        values = self.expression.domain.values() if self.size else ()
        return (*values, None) if self.has_null else values


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One column of the answer: an expression over keys and aggregates."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBy:
    """One sort key over the released rows."""

    expression: Expression
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedWindow:
    """A window over the released rows, such as the total under shares.

    Attributes:
        function: ``sum``, ``avg``, ``count``, ``min``, ``max``, ``row_number``, ``rank``.
        argument: Over keys and aggregates; None for functions without one.
        partition: Rows that agree in these are taken together.
        order_by: Of numbers and ranks.
    """

    function: str
    argument: Expression | None
    partition: tuple[Expression, ...] = ()
    order_by: tuple[OrderBy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One SELECT over private rows, and what its statement asks beside it.

    Attributes:
        relation: Private rows.
        keys: Group keys in the order of GROUP BY.
        sets: Places of the keys of each grouping set; one set of all keys without ROLLUP, CUBE
            and GROUPING SETS.
        aggregates: Distinct aggregates in the order of their first use.
        windows: Windows over the released rows.
        outputs: The columns of the answer.
        having: Which released rows stay, judged by noisy values; None for all.
        order_by: Sort keys.
        limit: Rows at most; None for all.
        offset: Rows to skip.
        others: Further SELECTs over private rows of the same statement, each measured by itself.
        report: What the statement computes from the released rows of this SELECT and the others;
            None where it gives the rows of this one.
        base: FROM in canonical form, before conditions and before unused columns were left out:
            questions with equal ones read the same rows but for their conditions.
    """

    relation: Relation
    keys: tuple[GroupKey, ...]
    aggregates: tuple[AggregateCall, ...]
    outputs: tuple[Output, ...]
    sets: tuple[tuple[int, ...], ...] = ()
    windows: tuple[ReleasedWindow, ...] = ()
    having: Expression | None = None
    order_by: tuple[OrderBy, ...] = ()
    limit: int | None = None
    offset: int = 0
    others: tuple[Question, ...] = ()
    report: ReleasedTable | None = None
    base: str = field(default="", compare=False, repr=False)

    @property
    def questions(self) -> tuple[Question, ...]:
        """All SELECTs over private rows of the statement, this one first."""
        return (self, *self.others)

    @property
    def cells(self) -> int:
        """Cells of its own grouping sets; 0 where the domain of a key is not known."""
        sizes = [[self.keys[key].size for key in keys] for keys in self.grouping_sets]
        return sum(map(math.prod, sizes)) if all(key.size for key in self.keys) else 0

    @property
    def grouping_sets(self) -> tuple[tuple[int, ...], ...]:
        """Places of the keys of each grouping set; at least one set."""
        return self.sets or (tuple(range(len(self.keys))),)

    @property
    def private_keys(self) -> tuple[GroupKey, ...]:
        """The group keys without a public domain."""
        return tuple(key for key in self.keys if key.is_private)


class PostProcessed(Protocol):
    """What is done with noisy rows: of a question, or of a SELECT over released ones."""

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The columns that are shown."""

    @property
    def windows(self) -> tuple[ReleasedWindow, ...]:
        """Windows over the rows that stay."""

    @property
    def having(self) -> Expression | None:
        """Which rows stay; None for all."""

    @property
    def order_by(self) -> tuple[OrderBy, ...]:
        """Sort keys."""

    @property
    def limit(self) -> int | None:
        """Rows at most; None for all."""

    @property
    def offset(self) -> int:
        """Rows to skip."""


def post_processed(shown: PostProcessed) -> Iterator[Expression]:
    """Yield the expressions over noisy rows."""
    yield from (output.expression for output in shown.outputs)
    yield from () if shown.having is None else (shown.having,)
    yield from (order.expression for order in shown.order_by)
    for window in shown.windows:
        yield from () if window.argument is None else (window.argument,)
        yield from window.partition
        yield from (order.expression for order in window.order_by)


def before_noise(question: Question) -> Iterator[Expression]:
    """Yield the expressions over rows that a question itself holds."""
    for key in question.keys:
        yield key.expression
    for aggregate in question.aggregates:
        yield from aggregate.args
        if aggregate.where is not None:
            yield aggregate.where
