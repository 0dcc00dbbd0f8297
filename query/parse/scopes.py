"""Names: which table and column a researcher means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlglot import exp

from policies.datasets import DatasetPolicy, Ownership, Table
from query.domains import of_column
from query.expressions import ColumnRef
from query.parse.sqltext import only, refusal
from query.relations import Scan

__all__ = ["Scope", "Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One table in a FROM clause.

    Attributes:
        name: What it is called there.
        scan: What is read.
        table: What is declared of it.
        constant: Whether all its columns are the same in all joined rows of one unit.
        optional: Whether an outer join may leave its columns NULL.
    """

    name: str
    scan: Scan
    table: Table
    constant: bool
    optional: bool = False


@dataclass(slots=True)
class Scope:
    """The tables of one SELECT; names are matched without regard to case, as DuckDB does."""

    dataset: DatasetPolicy
    sources: list[Source] = field(default_factory=list)

    def add(self, node: exp.Table) -> Source:
        """Read a table of a FROM clause and make its columns visible.

        Raises:
            UnsupportedQueryError: If it is not a declared table that is stored, or its name is
                taken.
        """
        source = scan_of(node, self.dataset, f"t{len(self.sources)}")
        if any(source.name.lower() == other.name.lower() for other in self.sources):
            raise refusal(
                node,
                f"two tables are called {source.name}",
                "give one of them an alias",
                "SQL-NAME",
            )
        self.sources.append(source)
        return source

    def loosen(self, source: Source, *, constant: bool) -> None:
        """Take in that an outer join may leave a table's columns NULL.

        Args:
            source: The table.
            constant: Whether it does so for all joined rows of a unit or for none.
        """
        changed = replace(source, optional=True, constant=source.constant and constant)
        self.sources[self.sources.index(source)] = changed

    def column(self, node: exp.Column) -> ColumnRef:
        """Return the column that a name means.

        Raises:
            UnsupportedQueryError: If no table, or more than one, has it.
        """
        only(node, "this", "table")
        name, qualifier = node.name, node.table
        sources = [one for one in self.sources if _same(one.name, qualifier or one.name)]
        if qualifier and not sources:
            raise refusal(node, f"no table is called {qualifier}", _use(_names(self)), "SQL-NAME")
        hits = [(one, declared) for one in sources for declared in one.table.columns
                if _same(declared, name)]  # fmt: skip
        if len(hits) == 1:
            return reference(*hits[0])
        if not hits:
            columns = [column for one in sources for column in _askable(one.table)]
            near = difflib.get_close_matches(name, columns, n=3) or columns[:8]
            raise refusal(node, f"no table here has a column {name}", _use(near), "SQL-NAME")
        references = [reference(*hit) for hit in hits]
        if all(found.domain.key_space == "privacy unit" for found in references):
            return references[0]  # joined tables have equal units; the first is never NULL
        owners = [one.name for one, _ in hits]
        raise refusal(
            node, f"the column {name} is in several tables", f"write {owners[0]}.{name}", "SQL-NAME"
        )

    def find(self, node: exp.Column) -> ColumnRef | None:
        """Return the column that a name means, or None where no table has it."""
        known = (column for one in self.sources for column in one.table.columns)
        if not node.table and not any(_same(node.name, column) for column in known):
            return None
        return self.column(node)


def scan_of(node: exp.Expr, dataset: DatasetPolicy, alias: str) -> Source:
    """Read a table name; nothing but declared, stored tables can be read."""
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        raise refusal(
            node,
            "only declared tables can be read here",
            _use(_stored(dataset)),
            "SQL-FROM",
        )
    only(node, "this", "alias")
    renamed = node.args.get("alias")
    if renamed is not None:
        only(renamed, "this")
    found = [name for name in _stored(dataset) if _same(name, node.name)]
    if not found:
        raise refusal(node, f"there is no table {node.name}", _use(_stored(dataset)), "SQL-NAME")
    table = dataset.tables[found[0]]
    scan = Scan(alias=alias, table=found[0], unit=None, max_rows=None)
    name, single = node.alias or found[0], table.max_rows_per_unit == 1
    source = Source(name=name, scan=scan, table=table, constant=False)
    if table.unit_column is None:
        return source
    unit = reference(source, table.unit_column)
    owned = Scan(alias=alias, table=found[0], unit=unit, max_rows=table.max_rows_per_unit)
    return Source(name=name, scan=owned, table=table, constant=single)


def reference(source: Source, column: str) -> ColumnRef:
    """Return a column of a table, with what its declaration proves."""
    table, declared = source.table, source.table.columns[column]
    own = f"{source.scan.table}.{column}"
    key_space = table.foreign_keys.get(column, own)
    owner = column == table.unit_column
    if owner:
        key_space = "privacy unit"
    constant = source.constant or (owner and not source.optional)
    domain = of_column(declared, key_space=key_space, unit_constant=constant)
    nullable = source.optional or (domain.nullable and not owner)
    return ColumnRef(
        alias=source.scan.alias,
        table=source.scan.table,
        column=column,
        domain=replace(domain, nullable=nullable),
    )


def _stored(dataset: DatasetPolicy) -> list[str]:
    kinds = {Ownership.PRIVATE, Ownership.PUBLIC}
    return [name for name, table in dataset.tables.items() if table.ownership in kinds]


def _askable(table: Table) -> list[str]:
    return [name for name, column in table.columns.items() if column.use is not None]


def _names(scope: Scope) -> list[str]:
    return [source.name for source in scope.sources]


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _use(names: Iterable[str]) -> str:
    return f"use one of {', '.join(names)}"
