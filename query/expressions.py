"""Typed row-wise expressions: what a researcher wrote, resolved, with a proved domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from policies.decisions import ColumnUse
from query.domains import Domain, Kind, Scalar

__all__ = ["AggregateRef", "Call", "ColumnRef", "Expression", "KeyRef", "Literal", "uses", "walk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRef:
    """A stored column of one table in the FROM clause.

    Attributes:
        alias: Our name of the table in this query: ``t0``, ``t1``, …
        table: Declared table.
        column: Declared column.
        domain: What its declaration proves.
    """

    alias: str
    table: str
    column: str
    domain: Domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A constant that the researcher wrote.

    Attributes:
        value: In the researcher's unit.
        domain: The domain that holds the value alone.
        public: Whether it lies in the declared domain of what it is compared with, so that it may
            stand in the audit log.
    """

    value: Scalar
    domain: Domain
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An operator or function of the allow-list.

    Attributes:
        name: Name in the allow-list.
        sql: Format string of DuckDB SQL with a place for each argument; cannot fail on any row.
        text: Format string of the canonical text, in the researcher's words.
        args: Arguments.
        domain: What is proved of the result.
        size: Calls and leaves in the SQL once it is written out: more than are held in memory,
            since a format may name an argument several times.
        depth: Calls inside one another.
    """

    name: str
    sql: str
    text: str
    args: tuple[Expression, ...]
    domain: Domain
    size: int = field(init=False, compare=False, repr=False)
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        size, depth = 1, 1
        for place, arg in enumerate(self.args):
            inner = (arg.size, arg.depth) if isinstance(arg, Call) else (1, 0)
            # every argument is visited, so it counts once even where no format names it
            size += inner[0] * max(self.sql.count(f"{{{place}}}"), 1)
            depth = max(depth, inner[1] + 1)
        object.__setattr__(self, "size", size)
        object.__setattr__(self, "depth", depth)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRef:
    """After the noise: the group key with that index."""

    index: int
    domain: Domain


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateRef:
    """After the noise: the aggregate with that index."""

    index: int
    domain: Domain


Expression: TypeAlias = ColumnRef | Literal | Call | KeyRef | AggregateRef


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything inside it, outside first."""
    yield expression
    if isinstance(expression, Call):
        for arg in expression.args:
            yield from walk(arg)


def uses(expression: Expression, way: str) -> Iterator[ColumnUse]:
    """Yield how an expression uses columns, where its own value is used in that way.

    What only decides a condition is a filter, whatever the condition is for.
    """
    match expression:
        case ColumnRef():
            used = "join" if expression.domain.kind is Kind.KEY else way
            yield ColumnUse(expression.table, expression.column, used)
        case Call():
            inner = "filter" if expression.domain.kind is Kind.BOOLEAN else way
            for place, arg in enumerate(expression.args):
                decides = expression.name == "case" and place in range(
                    0, len(expression.args) - 1, 2
                )
                compares = arg.domain.kind is Kind.BOOLEAN and not isinstance(arg, ColumnRef)
                yield from uses(arg, "filter" if decides or compares else inner)
        case Literal() | KeyRef() | AggregateRef():
            return
        case _:
            assert_never(expression)
