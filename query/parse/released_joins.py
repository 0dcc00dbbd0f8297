"""FROM over released rows: answers, joined to each other and to rows that are written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import reduce

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.domains import Domain
from query.evaluation import unsupported_after_noise
from query.expressions import Call, Expression, ReleasedRef, conjuncts
from query.functions import FUNCTIONS
from query.parse.named import Source, same_name
from query.parse.outcomes import Released
from query.parse.pairing import is_equality
from query.parse.scalars import scalar
from query.parse.scopes import use_one_of
from query.parse.sqltext import only, refusal
from query.relations import JoinKind, Values
from query.reports import MAX_RELEASED, Joined, Listed, Table

__all__ = ["ReleasedFrom", "as_released", "released_item"]

_WRAPPERS = frozenset({"rescale", "real", "text"})
"""Changes of representation that mean nothing after the noise."""


@dataclass(slots=True, kw_only=True)
class ReleasedFrom:
    """The released rows of a FROM clause.

    Attributes:
        table: The rows.
        columns: Name of the item, name of the column, and what it is.
        merged: Columns that USING made one.
    """

    table: Table
    columns: list[tuple[str, str, Expression]]
    merged: dict[str, Expression] = field(default_factory=dict)

    def join(self, node: exp.Join, kind: JoinKind, found: Released) -> None:
        """Join one more item.

        Raises:
            UnsupportedQueryError: If it is joined on what is not known after the noise, or to
                more rows than can be.
        """
        name, here = _name_of(node.this), len(self.columns)
        if any(same_name(name, other) for other, _, _ in self.columns):
            raise refusal(
                node, f"two tables are called {name}", "give one of them an alias", "SQL-NAME"
            )
        start = self.table.width
        added = _columns(name, found, start)
        conditions = [*self._using(node, added, kind)]
        self.columns += added
        if node.args.get("on") is not None:
            conditions.append(self._on(node.args["on"]))
        pairs, rest = _split([part for one in conditions for part in conjuncts(one)], start)
        table = Joined(left=self.table, right=found.table, kind=kind, pairs=pairs, condition=rest)
        if table.max_rows > MAX_RELEASED:
            raise refusal(
                node,
                f"this join of released rows could have more than {MAX_RELEASED:,} rows",
                "join on all group keys of one side",
                "SQL-JOIN",
            )
        self.table = table
        self._loosen(kind, here)

    def column(self, node: exp.Column) -> Expression:
        """Return the column that a name means.

        Raises:
            UnsupportedQueryError: If no item, or more than one, has it.
        """
        only(node, "this", "table")
        name, qualifier = node.name, node.table
        if not qualifier and name.lower() in self.merged:
            return self.merged[name.lower()]
        hits = [
            one
            for item, column, one in self.columns
            if same_name(column, name) and same_name(item, qualifier or item)
        ]
        if not hits:
            raise refusal(
                node,
                f"the inner SELECT has no column {name}",
                use_one_of(dict.fromkeys(column for _, column, _ in self.columns)),
                "SQL-NAME",
            )
        if len(hits) > 1:
            raise refusal(
                node,
                f"the column {name} is in several tables",
                f"write {self.columns[0][0]}.{name}",
                "SQL-NAME",
            )
        return hits[0]

    def find(self, node: exp.Column) -> Expression | None:
        """Return the column that a name means, or None where no item has it."""
        known = any(same_name(node.name, column) for _, column, _ in self.columns)
        return self.column(node) if known or node.table else None

    def starred(self, item: str) -> Iterator[tuple[str, exp.Expr]]:
        """Yield names and columns of ``*``, or of ``item.*``; what USING merged stands once."""
        taken: set[str] = set()
        for source, column, _ in self.columns:
            if item and not same_name(item, source):
                continue
            merged = not item and column.lower() in self.merged
            if merged and column.lower() in taken:
                continue
            name = column if column.lower() not in taken else f"{source}.{column}"
            taken.add(column.lower())
            yield name, exp.column(column, table=None if merged else source, quoted=True)

    def _using(
        self, node: exp.Join, added: list[tuple[str, str, Expression]], kind: JoinKind
    ) -> Iterator[Expression]:
        for name in node.args.get("using") or ():
            here = ReleasedFrom(table=self.table, columns=added)
            bare = exp.Column(this=name)
            left, right = self.column(bare), here.column(bare)
            yield _known(FUNCTIONS["eq"]((left, right)), node)
            if kind in {JoinKind.RIGHT, JoinKind.FULL}:
                self.merged[name.name.lower()] = FUNCTIONS["coalesce"]((left, right))
            else:
                self.merged[name.name.lower()] = left

    def _on(self, node: exp.Expr) -> Expression:
        def leaf(part: exp.Expr) -> Expression | None:
            return self.column(part) if isinstance(part, exp.Column) else None

        return _known(scalar(node, leaf), node)

    def _loosen(self, kind: JoinKind, here: int) -> None:
        """Take in which columns an outer join may leave NULL."""
        for place, (item, column, one) in enumerate(self.columns):
            left = place < here
            if (left and kind in {JoinKind.RIGHT, JoinKind.FULL}) or (
                not left and kind in {JoinKind.LEFT, JoinKind.FULL}
            ):
                self.columns[place] = (item, column, replace(one, domain=_nullable(one.domain)))


def released_item(node: exp.Expr, found: Released | Source) -> ReleasedFrom:
    """Return the first item of FROM, if it is released or written out."""
    released = as_released(found)
    return ReleasedFrom(table=released.table, columns=_columns(_name_of(node), released, 0))


def as_released(found: Released | Source) -> Released:
    """Return an item of FROM as rows that are known: an answer, or VALUES."""
    if isinstance(found, Released):
        return found
    assert isinstance(found.relation, Values)  # noqa: S101  the caller has looked
    columns = tuple((name, one.domain) for name, one in found.columns.items())
    return Released(table=Listed(rows=found.relation.rows), columns=columns)


def _columns(name: str, found: Released, start: int) -> list[tuple[str, str, Expression]]:
    return [
        (name, column, ReleasedRef(index=start + place, domain=domain))
        for place, (column, domain) in enumerate(found.columns)
    ]


def _name_of(node: exp.Expr) -> str:
    return node.alias_or_name or node.sql(dialect="duckdb")


def _split(
    parts: list[Expression], start: int
) -> tuple[tuple[tuple[int, int], ...], Expression | None]:
    """Tell equalities of a column on the left and one on the right from all else."""
    pairs: list[tuple[int, int]] = []
    rest: list[Expression] = []
    for part in parts:
        sides = [_bare(one) for one in part.args] if is_equality(part) else []
        places = sorted(one.index for one in sides if isinstance(one, ReleasedRef))
        across = len(places) == 2 and places[0] < start <= places[1]  # noqa: PLR2004  two sides
        if across:
            pairs.append((places[0], places[1] - start))
        else:
            rest.append(part)
    condition = reduce(lambda one, other: FUNCTIONS["and"]((one, other)), rest) if rest else None
    return tuple(pairs), condition


def _bare(expression: Expression) -> Expression:
    while isinstance(expression, Call) and expression.name in _WRAPPERS:
        expression = expression.args[0]
    return expression


def _known(condition: Expression, node: exp.Expr) -> Expression:
    name = unsupported_after_noise(condition)
    if name is None:
        return condition
    raise _unsupported(node, name)


def _unsupported(node: exp.Expr, name: str) -> UnsupportedQueryError:
    return refusal(
        node,
        f"{name.upper()} of a released value is not supported",
        "join on group keys as they are",
        "SQL-FUNCTION",
    )


def _nullable(domain: Domain) -> Domain:
    return replace(domain, nullable=True)
