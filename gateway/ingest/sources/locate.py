"""Find the file of each declared table, and check its columns against the declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from gateway.ingest.sources.formats import TableFile
from policies.datasets import DatasetPolicy, Source, Table
from policies.errors import SourceError

__all__ = ["SourceTable", "locate_tables", "sources_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """One declared table and the file that holds it; its columns are as declared.

    Attributes:
        name: Declared name of the table.
        table: Its declaration.
        data: Where its rows lie.
    """

    name: str
    table: Table
    data: TableFile

    @property
    def file(self) -> str:
        """The file's name, for messages."""
        return self.data.path.name

    def rows(self) -> int | None:
        """Return how many rows there are, where the format says so without reading them."""
        return self.data.rows()

    def line(self, row: int) -> int:
        """Return where a row is, counted from 1: its line in CSV, else its number."""
        return self.data.line(row)

    def batches(self, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
        """Read the named columns and no others, a batch of rows at a time.

        Raises:
            SourceError: If the file cannot be read; with the line, where there is one.
        """
        return self.data.batches(columns)


def _owner(table: Table) -> str | None:
    """Return the source's column that says whose a row is; None in tables about nobody."""
    unit = table.unit_column
    return None if unit is None else table.columns[unit].derived_from or unit


def sources_of(
    dataset: DatasetPolicy, folder: Path
) -> Iterator[tuple[SourceTable, tuple[str, ...]]]:
    """Give each table's file and the names in its first line, declared or not.

    Args:
        dataset: The declaration.
        folder: The data folder; the source's path starts there.

    Raises:
        SourceError: ``SRC-MISSING`` for a file that is not there; ``SRC-HEADER`` for a file
            without a line of column names.
    """
    source = dataset.spec.source
    base = folder / source.path
    for name, table in dataset.tables.items():
        data = TableFile(
            path=_place(base, name, table, source),
            source=source,
            inner=name if table.file is None else table.file,
            texts=table.texts,
            owned_by=_owner(table),
        )
        header = data.header()
        _check_header(name, table, header, data.path.name)
        yield SourceTable(name=name, table=table, data=data), header


def locate_tables(dataset: DatasetPolicy, folder: Path) -> Mapping[str, SourceTable]:
    """Find all files of a dataset, and check that each has exactly the declared columns.

    Args:
        dataset: The declaration.
        folder: The data folder; the source's path starts there.

    Raises:
        SourceError: ``SRC-MISSING`` for a file that is not there; ``COL-NO-ROLE`` for a column
            that is not declared, ``COL-GONE`` for one that is declared and not there;
            ``SRC-HEADER`` for a file without a line of column names.
    """
    found = {}
    for table, header in sources_of(dataset, folder):
        _check_columns(table.name, table.table, header, table.file)
        found[table.name] = table
    return found


def _place(base: Path, name: str, table: Table, source: Source) -> Path:
    match source.format:
        case "duckdb":
            return _database(base)
        case "fhir":
            return base
        case "csv" | "parquet":
            return _find(base, name, table, source)


def _database(path: Path) -> Path:
    if not path.is_file():
        raise SourceError(
            f"the database is missing: looked for {path}",
            code="SRC-MISSING",
            remedy="put it there, or correct the source's path, which names the file",
            file=path.name,
        )
    return path


def _find(base: Path, name: str, table: Table, source: Source) -> Path:
    default = f"{name}.{source.format}"
    names = (table.file,) if table.file is not None else (default, f"{default}.gz")
    for candidate in names:
        if not (base / candidate).resolve().is_relative_to(base.resolve()):
            raise SourceError(
                f"the file of table {name} lies outside the source's folder",
                code="SRC-MISSING",
                remedy="name a file inside the folder",
                file=candidate,
            )
    present = [base / candidate for candidate in names if (base / candidate).is_file()]
    if not present:
        raise SourceError(
            f"the file of table {name} is missing: looked for {' and '.join(names)} in {base}",
            code="SRC-MISSING",
            remedy="put it there, correct the source's path or the table's file, or remove the "
            "table from the declaration",
            file=names[0],
        )
    if len(present) > 1:
        raise SourceError(
            f"table {name} has two files: {' and '.join(names)}",
            code="SRC-MISSING",
            remedy="remove one, or name one as the table's file",
            file=names[0],
        )
    return present[0]


def _declared(table: Table) -> set[str]:
    return {column.derived_from or entry for entry, column in table.columns.items()}


def _check_header(name: str, table: Table, header: tuple[str, ...], file: str) -> None:
    declared = _declared(table)
    gone = declared - set(header)
    # The first line of a file without a header holds values, so its text is not shown.
    if len(gone) > len(declared) / 2 or not all(header):
        raise SourceError(
            f"the first line holds {len(declared) - len(gone)} of the {len(declared)} declared "
            f"columns of table {name}",
            code="SRC-HEADER",
            remedy="check that the file starts with a line of column names, and that the "
            "delimiter is as declared",
            file=file,
            line=1,
        )


def _check_columns(name: str, table: Table, header: tuple[str, ...], file: str) -> None:
    declared = _declared(table)
    repeated = {column for column in header if header.count(column) > 1}
    if repeated & declared:
        raise SourceError(
            f"table {name} has column {min(repeated & declared)} twice",
            code="SRC-HEADER",
            remedy="rename one of them",
            file=file,
            line=1,
        )
    if gone := sorted(declared - set(header)):
        raise SourceError(
            f"table {name} is declared with {_listed(gone)}, which the file does not have",
            code="COL-GONE",
            remedy="correct the declaration or the file",
            file=file,
            line=1,
        )
    surplus = sorted(set(header) - declared)
    if surplus:
        raise SourceError(
            f"the file has {_listed(surplus)}, which table {name} does not declare",
            code="COL-NO-ROLE",
            remedy="give each a role in the declaration, such as direct_identifier to drop it",
            file=file,
            line=1,
        )


def _listed(names: list[str]) -> str:
    return f"column {names[0]}" if len(names) == 1 else f"columns {', '.join(names)}"
