"""What the tables know of a person, kept in memory until that person's notes were searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from policies.columns import IdentifierKind, Role
from policies.datasets import Ownership, Table

__all__ = ["IdentifierColumns", "gather_known"]

Identifier = tuple[IdentifierKind, str]


class IdentifierColumns:
    """The identifiers in one table.

    A column counts if it says what it identifies, or is a direct identifier, which is then taken
    for a number; and in private tables the privacy unit's own name counts too.

    Args:
        table: Declaration of the table.
    """

    def __init__(self, table: Table) -> None:
        self._kinds: dict[str, IdentifierKind] = {}
        for name, column in table.columns.items():
            if column.identifies is not None:
                self._kinds[name] = column.identifies
            elif column.role is Role.DIRECT_IDENTIFIER or name == table.unit_column:
                self._kinds[name] = IdentifierKind.ID
        if table.ownership is Ownership.PUBLIC:
            self._kinds.clear()
        self._origins = {name: table.columns[name].derived_from or name for name in self._kinds}
        self._found: list[pa.Table] = []
        self._rows: list[pa.Table] = []

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that identify somebody."""
        return tuple(self._kinds)

    def add(self, batch: pa.RecordBatch, units: pa.Array | None) -> None:
        """Keep the identifiers of a batch of rows.

        Args:
            batch: Source rows.
            units: Unit of each row, as text; None in a directory.
        """
        texts = {
            name: pc.cast(batch.column(origin), pa.string())
            for name, origin in self._origins.items()
        }
        if units is None:
            self._rows.append(pa.table(texts))
            return
        for name, values in texts.items():
            kind = self._kinds[name]
            found = pa.table(
                {
                    "unit": units,
                    "kind": pa.repeat(pa.scalar(kind.value), len(values)),
                    "value": values,
                }
            )
            found = found.filter(pc.is_valid(found["value"]))
            # The same name stands in thousands of rows of one person; once is enough.
            self._found.append(found.group_by(["unit", "kind", "value"]).aggregate([]))

    def entries(self) -> Iterator[tuple[Identifier, ...]]:
        """Give what each row of a directory says, in the order of the columns."""
        kinds = tuple(self._kinds.values())
        for rows in self._rows:
            columns = [column.to_pylist() for column in rows.columns]
            for values in zip(*columns, strict=True):
                yield tuple(
                    (kind, value)
                    for kind, value in zip(kinds, values, strict=True)
                    if value is not None
                )

    def of_units(self, units: pa.Array) -> pa.Table:
        """Return columns ``unit``, ``kind`` and ``value``: what is known of the named units."""
        found = pa.concat_tables(self._found)
        return found.filter(pc.is_in(found["unit"], value_set=units))


def gather_known(
    tables: Iterable[IdentifierColumns], units: pa.Array
) -> dict[str, tuple[Identifier, ...]]:
    """Return the identifiers of the named units, by unit; sorted, each once."""
    rows = pa.concat_tables([table.of_units(units) for table in tables])
    found: dict[str, set[tuple[str, str]]] = {}
    columns = (rows[name].to_pylist() for name in ("unit", "kind", "value"))
    for unit, kind, value in zip(*columns, strict=True):
        found.setdefault(unit, set()).add((kind, value))
    return {
        unit: tuple((IdentifierKind(kind), value) for kind, value in sorted(pairs))
        for unit, pairs in found.items()
    }
