"""A question: the typed form of one SELECT, before anything is known of its price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from policies.columns import Aggregate
from policies.decisions import ColumnUse
from policies.errors import Position
from query.domains import Scalar
from query.expressions import Expression, uses
from query.relations import Relation, conditions

__all__ = ["AggregateCall", "Function", "GroupKey", "OrderBy", "Output", "Question", "column_uses"]


class Function(Enum):
    """Final aggregates."""

    COUNT_ROWS = "COUNT(*)"
    COUNT = "COUNT"
    COUNT_UNITS = "COUNT(DISTINCT unit)"
    SUM = "SUM"
    AVG = "AVG"

    @property
    def aggregate(self) -> Aggregate:
        """What the policy calls it."""
        return {
            Function.COUNT_ROWS: Aggregate.COUNT,
            Function.COUNT: Aggregate.COUNT,
            Function.COUNT_UNITS: Aggregate.COUNT_DISTINCT,
            Function.SUM: Aggregate.SUM,
            Function.AVG: Aggregate.MEAN,
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateCall:
    """One final aggregate.

    Attributes:
        function: Which.
        argument: What it is computed over; rows where it is NULL do not enter. None for
            ``COUNT(*)``.
        where: Only rows for which this is true enter; None for all.
    """

    function: Function
    argument: Expression | None = None
    where: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKey:
    """One group key with its public domain.

    Attributes:
        expression: Its value in a row.
        domain: All values that are released, in order; ends with None where NULL is a group;
            empty where no public domain is known, which is refused once policy has had its say.
        position: Where the key stands in the text.
    """

    expression: Expression
    domain: tuple[Scalar, ...]
    position: Position | None = field(default=None, compare=False)


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
class Question:
    """One SELECT.

    Attributes:
        relation: Private rows.
        keys: Group keys in the order of GROUP BY.
        aggregates: Distinct aggregates in the order of their first use.
        outputs: The columns of the answer.
        having: Which released rows stay, judged by noisy values; None for all.
        order_by: Sort keys.
        limit: Rows at most; None for all.
        offset: Rows to skip.
    """

    relation: Relation
    keys: tuple[GroupKey, ...]
    aggregates: tuple[AggregateCall, ...]
    outputs: tuple[Output, ...]
    having: Expression | None = None
    order_by: tuple[OrderBy, ...] = ()
    limit: int | None = None
    offset: int = 0


def column_uses(question: Question) -> tuple[ColumnUse, ...]:
    """Return every use of every column before the noise, sorted, each once."""
    return tuple(sorted(set(_uses(question))))


def _uses(question: Question) -> Iterator[ColumnUse]:
    for condition in conditions(question.relation):
        yield from uses(condition, "filter")
    for key in question.keys:
        yield from uses(key.expression, "group")
    for aggregate in question.aggregates:
        if aggregate.where is not None:
            yield from uses(aggregate.where, "filter")
        if aggregate.argument is not None:
            yield from uses(aggregate.argument, aggregate.function.aggregate.value)
