"""Typed row-wise expressions: what a researcher wrote, resolved, with a proved domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol, TypeAlias, assert_never

from policies.decisions import ColumnUse
from query.domains import Domain, Kind, Scalar

__all__ = [
    "AfterNoise",
    "AggregateRef",
    "Call",
    "ColumnRef",
    "Expression",
    "KeyRef",
    "Literal",
    "NestedRows",
    "ReleasedRef",
    "ReleasedTable",
    "Seen",
    "Single",
    "SubQuery",
    "SubQueryForm",
    "WindowRef",
    "children",
    "conjuncts",
    "is_window",
    "mapped",
    "uses",
    "walk",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRef:
    """A column of one relation in the FROM clause.

    Attributes:
        alias: Our name of the relation in this query: ``t0``, ``t1``, …
        table: Declared table; empty for a column that the query computes.
        column: Declared column, or our name of the computed one: ``f0``, ``f1``, …
        domain: What is proved of it.
        origin: What a computed column is computed from; None for a declared one.
    """

    alias: str
    table: str
    column: str
    domain: Domain
    origin: Expression | None = field(default=None, compare=False, repr=False)


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
    """An operator or function of the allow-list, an aggregate per unit, or a window.

    Attributes:
        name: Name in the allow-list.
        sql: Format string of DuckDB SQL with a place for each argument; cannot fail on any row.
        text: Format string of the canonical text, in the researcher's words.
        args: Arguments.
        domain: What is proved of the result.
        deciding: Places of arguments that decide which rows or values are taken, and are not
            looked at otherwise.
        size: Calls and leaves in the SQL once it is written out: more than are held in memory,
            since a format may name an argument several times.
        depth: Calls inside one another.
    """

    name: str
    sql: str
    text: str
    args: tuple[Expression, ...]
    domain: Domain
    deciding: tuple[int, ...] = ()
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


class SubQueryForm(Enum):
    """What is asked of the rows of a sub-query."""

    EXISTS = "EXISTS"
    """Whether there is any."""
    IN = "IN"
    """Whether the value is among them."""
    VALUE = "VALUE"
    """The value of the one row that an aggregate without groups gives."""


class NestedRows(Protocol):
    """A relation, seen from an expression that asks something of its rows.

    Relations hold expressions, and expressions hold relations; ``query.relations.rows_of`` knows
    which kinds there are.
    """

    @property
    def unit(self) -> Expression | None:
        """What names each row's privacy unit; None where it is nobody's."""

    @property
    def max_rows(self) -> int | None:
        """Rows of one unit at most, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubQuery:
    """A sub-query in an expression; its rows belong to the unit of the row it is computed for.

    Attributes:
        form: What is asked of its rows.
        relation: Its rows; conditions in it may name columns of the row outside.
        value: What is looked for, of IN.
        column: The column that is looked at; None for EXISTS.
        domain: What is proved of the result.
    """

    form: SubQueryForm
    relation: NestedRows
    domain: Domain
    value: Expression | None = None
    column: ColumnRef | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRef:
    """After the noise: the window over released rows with that index."""

    index: int
    domain: Domain


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedRef:
    """After the noise: the column with that index of the released rows that a SELECT reads."""

    index: int
    domain: Domain


class ReleasedTable(Protocol):
    """Released rows, seen from an expression that reads a number from them.

    ``query.reports`` knows which kinds there are.
    """

    @property
    def width(self) -> int:
        """Columns of each row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """After the noise: the value of the one row and column of a released table; NULL without it."""

    table: ReleasedTable
    domain: Domain


AfterNoise: TypeAlias = KeyRef | AggregateRef | WindowRef | ReleasedRef | Single
Expression: TypeAlias = ColumnRef | Literal | Call | SubQuery | AfterNoise


def children(expression: Expression) -> tuple[Expression, ...]:
    """Return what an expression is directly computed from, in the same row."""
    match expression:
        case Call():
            return expression.args
        case SubQuery():
            return () if expression.value is None else (expression.value,)
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything inside it, outside first."""
    yield expression
    for child in children(expression):
        yield from walk(child)


def is_window(expression: Expression) -> bool:
    """Say whether the expression itself is a window."""
    return isinstance(expression, Call) and expression.name.startswith("over_")


def conjuncts(condition: Expression) -> Iterator[Expression]:
    """Yield the conditions that must all be true."""
    if isinstance(condition, Call) and condition.name == "and":
        for arg in condition.args:
            yield from conjuncts(arg)
    else:
        yield condition


def mapped(expression: Expression, leaf: Callable[[Expression], Expression]) -> Expression:
    """Return a released expression with what its calls are made of replaced."""
    if isinstance(expression, Call):
        return replace(expression, args=tuple(mapped(one, leaf) for one in expression.args))
    return leaf(expression)


Seen: TypeAlias = set[tuple[str, str, str]]
"""Computed columns and ways of using them, which were looked into already."""


def uses(expression: Expression, way: str, seen: Seen) -> Iterator[ColumnUse]:
    """Yield how an expression uses declared columns, where its own value is used in that way.

    What only decides a condition is a filter, whatever the condition is for. A computed column is
    used as what it is computed from.

    Args:
        expression: What is used.
        way: How.
        seen: Computed columns are looked into once for each way, and added here: a few CTEs that
            name the one before twice would else be looked into for ever.
    """
    match expression:
        case ColumnRef(origin=None):
            used = "join" if expression.domain.kind is Kind.KEY else way
            yield ColumnUse(expression.table, expression.column, used)
        case ColumnRef():
            assert expression.origin is not None  # noqa: S101  for the type checker
            if (expression.alias, expression.column, way) not in seen:
                seen.add((expression.alias, expression.column, way))
                yield from uses(expression.origin, way, seen)
        case Call():
            inner = "filter" if expression.domain.kind is Kind.BOOLEAN else way
            for place, arg in enumerate(expression.args):
                decides = place in expression.deciding
                compares = arg.domain.kind is Kind.BOOLEAN and not isinstance(arg, ColumnRef)
                yield from uses(arg, "filter" if decides or compares else inner, seen)
        case SubQuery():
            # what its conditions use is found with the other relations
            if expression.value is not None:
                yield from uses(expression.value, "filter", seen)
            if expression.column is not None:
                looked = way if expression.value is None else "filter"
                yield from uses(expression.column, looked, seen)
        case Literal() | KeyRef() | AggregateRef() | WindowRef() | ReleasedRef() | Single():
            return
        case _:
            assert_never(expression)
