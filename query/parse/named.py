"""A relation of a FROM clause under its name, and its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policies.datasets import Table
from policies.layout import RANK
from query.domains import Domain, Kind, with_null
from query.expressions import ColumnRef, Expression, Literal
from query.relations import Relation, Scan

__all__ = ["Source", "askable", "same_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One relation in a FROM clause.

    Attributes:
        name: What it is called there.
        relation: What is read.
        columns: By name as declared or written.
        table: What is declared of it; None for a computed relation.
        optional: Whether an outer join may leave its columns NULL.
        stable: Whether what is the same in all its rows of a unit is so in the joined rows too.
        hidden: Columns without a name that tell the rows of one unit apart.
    """

    name: str
    relation: Relation
    columns: Mapping[str, ColumnRef]
    table: Table | None = None
    optional: bool = False
    stable: bool = True
    hidden: tuple[ColumnRef, ...] = ()

    @property
    def alias(self) -> str:
        """Our name of the relation."""
        alias = getattr(self.relation, "alias", None)
        assert isinstance(alias, str)  # noqa: S101  what stands in FROM has a name
        return alias

    def reference(self, column: str) -> ColumnRef:
        """Return a column as it is in the joined rows."""
        return self.joined(self.columns[column])

    def joined(self, found: ColumnRef) -> ColumnRef:
        """Return one of its columns, by itself, as it is in the joined rows."""
        domain = with_null(found.domain) if self.optional else found.domain
        constant = domain.unit_constant and self.stable
        return replace(found, domain=replace(domain, unit_constant=constant))

    @property
    def shown(self) -> list[str]:
        """The columns that ``*`` stands for: keys, units, and what may be asked."""
        columns = list(self.columns)
        if self.table is None:
            return columns
        return [one for one in columns if one in self.table.stored_columns]

    @property
    def is_ranked(self) -> bool:
        """Whether a stored rank tells its rows of one unit apart."""
        stored = isinstance(self.relation, Scan) and self.relation.unit is not None
        return stored or bool(self.hidden)

    @property
    def order(self) -> tuple[Expression, ...]:
        """What tells its rows of one unit apart; rows that tie in all of it are equal."""
        if self.is_ranked and self.hidden:
            return tuple(map(self.joined, self.hidden))
        if self.is_ranked:
            # what decides between ties is not looked at otherwise, so it is no use of a column
            nothing = Literal(value=None, domain=Domain(kind=Kind.NULL))
            alias, domain = self.alias, Domain(kind=Kind.NUMBER, nullable=self.optional)
            return (ColumnRef(alias=alias, table="", column=RANK, domain=domain, origin=nothing),)
        return tuple(self.reference(column) for column in self.columns)


def same_name(one: str, other: str) -> bool:
    """Say whether two names are the same in SQL."""
    return one.lower() == other.lower()


def askable(source: Source) -> list[str]:
    """Return the columns that a query may ask of a relation."""
    if source.table is None:
        return list(source.columns)
    return [name for name, column in source.table.columns.items() if column.use is not None]
