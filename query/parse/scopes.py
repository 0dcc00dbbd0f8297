"""Names: which table and column a researcher means."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from policies.datasets import DatasetPolicy, Ownership, Table
from query.domains import UNIT, of_column
from query.expressions import ColumnRef, Expression, ReleasedTable
from query.functions import FUNCTIONS
from query.parse.named import Source, askable, same_name
from query.parse.narrowing import NOTHING_SAID, Narrowing
from query.parse.outcomes import Released, Rows, Work
from query.parse.sqltext import only, refusal
from query.question import Question
from query.relations import Relation, Scan

__all__ = ["Cte", "Names", "Scope", "declared_source", "use_one_of"]

MAX_RELATIONS = 100
"""Relations of one question: CTEs are read anew wherever they are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cte:
    """A named sub-query, and the named ones that it may use."""

    query: exp.Expr
    visible: Mapping[str, Cte]
    names: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Names:
    """What all parts of one question share.

    Attributes:
        dataset: What is declared.
        read: Reads a sub-query: its rows, or what an aggregate over units releases.
        used: Relations that have a name so far.
        questions: SELECTs over private rows that are released, each by itself.
        released: What named and scalar sub-queries release, so that each is measured once.
        works: Released tables by their identity, and what each takes to compute.
    """

    dataset: DatasetPolicy
    read: Callable[[exp.Expr, Mapping[str, Cte], Scope | None, Names], Rows | Released]
    used: int = 0
    questions: list[Question] = field(default_factory=list)
    released: dict[Hashable, Released] = field(default_factory=dict)
    works: dict[int, tuple[ReleasedTable, Work]] = field(default_factory=dict)

    def alias(self, node: exp.Expr) -> str:
        """Return a new name of our own: ``t0``, ``t1`` and so on.

        Raises:
            UnsupportedQueryError: If the question has too many relations.
        """
        if self.used == MAX_RELATIONS:
            raise refusal(
                node,
                f"the query reads more than {MAX_RELATIONS} tables and sub-queries",
                "name fewer of them; a CTE counts each time it is named",
                "SQL-TOO-DEEP",
            )
        self.used += 1
        return f"t{self.used - 1}"


@dataclass(slots=True, kw_only=True)
class Scope:
    """The relations of one SELECT; names are matched without regard to case, as DuckDB does.

    Attributes:
        names: What all parts of the question share.
        ctes: Named sub-queries by lower-case name.
        parent: The SELECT around a sub-query in an expression.
        sources: Relations of FROM.
        merged: Columns that USING made one.
        joined: The rows of FROM, once it is read.
        restricted: Whether a condition holds all rows to the unit of the row outside.
        sub_queries: Sub-queries in expressions by their text: the same one is read once.
        laterals: Columns of LATERAL sub-queries, by lower-case names.
        narrowing: What WHERE says of the values of rows, once it is read.
    """

    names: Names
    ctes: Mapping[str, Cte] = field(default_factory=dict)
    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    merged: dict[str, Expression] = field(default_factory=dict)
    joined: Relation | None = None
    restricted: bool = False
    sub_queries: dict[str, Expression] = field(default_factory=dict)
    laterals: dict[str, dict[str, Expression]] = field(default_factory=dict)
    narrowing: Narrowing = NOTHING_SAID

    @property
    def dataset(self) -> DatasetPolicy:
        """What is declared."""
        return self.names.dataset

    @property
    def aliases(self) -> frozenset[str]:
        """Our names of the relations here."""
        return frozenset(source.alias for source in self.sources)

    @property
    def all_aliases(self) -> frozenset[str]:
        """Our names of the relations here and in the SELECTs around."""
        return self.aliases if self.parent is None else self.aliases | self.parent.all_aliases

    def add(self, source: Source, node: exp.Expr) -> None:
        """Make the columns of a relation visible.

        Raises:
            UnsupportedQueryError: If its name is taken.
        """
        if any(same_name(source.name, other.name) for other in self.sources):
            raise refusal(
                node,
                f"two tables are called {source.name}",
                "give one of them an alias",
                "SQL-NAME",
            )
        self.sources.append(source)

    def loosen(self, source: Source, *, stable: bool) -> None:
        """Take in that an outer join may leave a relation's columns NULL.

        Args:
            source: The relation.
            stable: Whether it does so for all joined rows of a unit or for none.
        """
        changed = replace(source, optional=True, stable=source.stable and stable)
        self.sources[self.sources.index(source)] = changed

    def column(self, node: exp.Column) -> Expression:
        """Return the column that a name means, with what WHERE has left of its values.

        Raises:
            UnsupportedQueryError: If no table, or more than one, has it.
        """
        return self.narrowing.of(self._column(node))

    def _column(self, node: exp.Column) -> Expression:
        only(node, "this", "table")
        name, qualifier = node.name, node.table
        value = self._lateral(name.lower(), qualifier.lower())
        if value is not None:
            return value
        if not qualifier and name.lower() in self.merged:
            return self._as_joined(self.merged[name.lower()])
        sources = [one for one in self.sources if same_name(one.name, qualifier or one.name)]
        hits = [(one, column) for one in sources for column in one.columns
                if same_name(column, name)]  # fmt: skip
        if not hits and self.parent is not None and (not qualifier or not sources):
            return self.parent.column(node)
        if qualifier and not sources:
            if qualifier.lower() in self.laterals:
                known = use_one_of(self.laterals[qualifier.lower()])
                raise refusal(node, f"{qualifier} has no column {name}", known, "SQL-NAME")
            raise refusal(
                node, f"no table is called {qualifier}", use_one_of(self._all_names()), "SQL-NAME"
            )
        if not hits:
            columns = [column for one in sources for column in askable(one)]
            near = difflib.get_close_matches(name, columns, n=3) or columns[:8]
            raise refusal(node, f"no table here has a column {name}", use_one_of(near), "SQL-NAME")
        if len(hits) == 1:
            return hits[0][0].reference(hits[0][1])
        return self._shared(node, hits)

    def _lateral(self, name: str, qualifier: str) -> Expression | None:
        """Return a column of a LATERAL sub-query; tables come first where none is named."""
        if qualifier:
            return self.laterals.get(qualifier, {}).get(name)
        if any(same_name(name, column) for one in self.sources for column in one.columns):
            return None
        return next((found[name] for found in self.laterals.values() if name in found), None)

    def _as_joined(self, merged: Expression) -> Expression:
        """Take in what joins after USING have done to a column that it merged."""
        owners = [one for one in self.sources if isinstance(merged, ColumnRef)
                  and one.alias == merged.alias]  # fmt: skip
        return owners[0].joined(merged) if owners else merged  # type: ignore[arg-type]  # a column

    def find(self, node: exp.Column) -> Expression | None:
        """Return the column that a name means, or None where no table here has it."""
        known = (column for one in self.sources for column in one.columns)
        hidden = self._lateral(node.name.lower(), "") is None
        if not node.table and hidden and not any(same_name(node.name, one) for one in known):
            return None
        return self.column(node)

    def _shared(self, node: exp.Column, hits: list[tuple[Source, str]]) -> Expression:
        """Return what several relations have under one name, where it is one and the same."""
        references = [one.reference(column) for one, column in hits]
        if all(found.domain.key_space == UNIT for found in references):
            sure = [found for found in references if not found.domain.nullable]
            if sure:
                return sure[0]  # joined rows have equal units
            both = FUNCTIONS["coalesce"](tuple(references))
            # a full join keeps rows of either side, so one of them is there
            return replace(both, domain=replace(both.domain, nullable=False))
        raise refusal(
            node,
            f"the column {node.name} is in several tables",
            f"write {hits[0][0].name}.{node.name}",
            "SQL-NAME",
        )

    def _all_names(self) -> list[str]:
        own = [*(source.name for source in self.sources), *self.laterals]
        return own if self.parent is None else own + self.parent._all_names()  # noqa: SLF001  own


def declared_source(node: exp.Table, scope: Scope) -> Source:
    """Read the name of a declared, stored table.

    Raises:
        UnsupportedQueryError: If there is none of that name.
    """
    dataset = scope.dataset
    found = [name for name in _stored(dataset) if same_name(name, node.name)]
    if not found:
        known = [*_stored(dataset), *scope.ctes]
        raise refusal(node, f"there is no table {node.name}", use_one_of(known), "SQL-NAME")
    name, table = found[0], dataset.tables[found[0]]
    alias = scope.names.alias(node)
    columns = {column: _reference(alias, name, table, column) for column in table.columns}
    unit = None if table.unit_column is None else columns[table.unit_column]
    most = table.max_rows_per_unit if unit is not None else None
    scan = Scan(alias=alias, table=name, unit=unit, proved_rows=most)
    return Source(name=node.alias or name, relation=scan, columns=columns, table=table)


def use_one_of(names: Iterable[str]) -> str:
    """Return the remedy that lists names."""
    return f"use one of {', '.join(names)}"


def _reference(alias: str, name: str, table: Table, column: str) -> ColumnRef:
    """Return a column of a table, with what its declaration proves."""
    declared, owner = table.columns[column], column == table.unit_column
    key_space = UNIT if owner else table.foreign_keys.get(column, f"{name}.{column}")
    constant = owner or (table.max_rows_per_unit == 1 and table.unit_column is not None)
    domain = of_column(declared, key_space=key_space, unit_constant=constant)
    nullable = domain.nullable and not owner
    domain = replace(domain, nullable=nullable)
    return ColumnRef(alias=alias, table=name, column=column, domain=domain)


def _stored(dataset: DatasetPolicy) -> list[str]:
    kinds = {Ownership.PRIVATE, Ownership.PUBLIC}
    return [name for name, table in dataset.tables.items() if table.ownership in kinds]
