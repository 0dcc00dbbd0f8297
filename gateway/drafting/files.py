"""The tables of an unknown source: a file, a folder of files, or a DuckDB database."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.tables.parse import flatten, text_of
from anonymizers.tables.roles import looks_like_a_value
from gateway.drafting.dialects import NULL_TOKENS, guess_dialect
from gateway.drafting.note_files import with_note_files
from gateway.ingest.sources.csv_files import Dialect
from gateway.ingest.sources.duckdb_files import duckdb_tables
from gateway.ingest.sources.fhir_files import fhir_tables
from gateway.ingest.sources.formats import TableFile
from policies.datasets import Source
from policies.errors import SourceError

__all__ = ["FoundSource", "FoundTable", "find_tables"]

_PROFILED_ROWS: Final = 200_000
"""So many first rows say what a column is."""
_ENDINGS: Final = {
    ".csv": "csv", ".csv.gz": "csv", ".tsv": "csv", ".tsv.gz": "csv", ".parquet": "parquet",
    ".duckdb": "duckdb", ".db": "duckdb", ".ndjson": "fhir", ".ndjson.gz": "fhir",
}  # fmt: skip
_Format: TypeAlias = Literal["csv", "parquet", "duckdb", "fhir"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTable:
    """One table that was found.

    Attributes:
        name: What it will be called: letters, digits and underscores, lower case.
        file: Its file in the folder, or its name in the database; None where that follows.
        data: Where its rows lie.
        rows: The first rows.
        whole: Whether these are all.
    """

    name: str
    file: str | None
    data: TableFile
    rows: pa.Table = field(repr=False)
    whole: bool
    _distinct: dict[str, pa.Array] = field(default_factory=dict, repr=False, compare=False)

    def texts(self, *columns: str) -> pa.Table:
        """Return some columns of all rows as text, without rows that lack any of them."""
        if self.whole:
            found = self.rows.select(list(columns))
        else:
            found = pa.Table.from_batches(list(self.data.batches(columns)))
        table = pa.table({name: text_of(flatten(found[name])) for name in columns})
        return table.drop_null()

    def distinct(self, column: str) -> pa.Array:
        """Return the different values of a column as text, without NULL."""
        if column not in self._distinct:
            self._distinct[column] = pc.unique(flatten(self.texts(column)[column]))
        return self._distinct[column]

    def is_unique(self, column: str) -> bool:
        """Say whether every row has a value of its own."""
        first = int(pc.count_distinct(self.rows[column], mode="all").as_py())
        if first < len(self.rows) or self.rows[column].null_count:
            return False
        if self.whole:
            return first > 0
        read: int = sum(batch.num_rows for batch in self.data.batches((column,)))
        return len(self.distinct(column)) == read


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSource:
    """What lies at a place.

    Attributes:
        source: How its files are written; snapshot and lineage are the caller's.
        folder: The data folder to give to ingest.
        tables: In the order of their names.
        passed_over: Files of other formats.
    """

    source: Source
    folder: Path
    tables: tuple[FoundTable, ...]
    passed_over: tuple[str, ...] = ()


def find_tables(place: Path, source: Source) -> FoundSource:
    """Read the tables of a place as far as needed to say what their columns are.

    Args:
        place: A CSV or Parquet file, a folder of them or of FHIR NDJSON, or a DuckDB file.
        source: Names of snapshot and lineage; how the files are written is found out.

    Raises:
        SourceError: If there is none, one cannot be read, or the first line of a CSV file holds
            values in place of names.
    """
    files, passed_over = _files(place)
    folder = place if place.is_dir() else place.parent
    form = _form(files[0])
    source = replace(source, format=form)
    if form == "duckdb":
        source = replace(source, path=files[0].name)
        data = [
            TableFile(path=files[0], source=source, inner=name) for name in duckdb_tables(files[0])
        ]
    elif form == "fhir":
        data = [TableFile(path=folder, source=source, inner=kind) for kind in fhir_tables(folder)]
    else:
        source = _as_written(files, source)
        data = [TableFile(path=path, source=source, inner=_stem(path)) for path in files]
    tables = tuple(_read(with_note_files(one)) for one in data)
    _check_tables(tables)
    if form == "csv":
        tokens = ("", *_tokens(tables))
        source = replace(source, null_tokens=tokens)
        tables = tuple(_without(table, tokens, source) for table in tables)
    return FoundSource(source=source, folder=folder, tables=tables, passed_over=passed_over)


def _files(place: Path) -> tuple[list[Path], tuple[str, ...]]:
    """Return the files of the format that most files have, and the names of the others."""
    paths = sorted(place.iterdir()) if place.is_dir() else [place]
    known = [path for path in paths if path.is_file() and _ending(path) in _ENDINGS]
    if not known:
        raise SourceError(
            "there is no CSV, Parquet, DuckDB or NDJSON file",
            code="SRC-MISSING",
            remedy=f"name a file, or a folder of files, that end in {', '.join(_ENDINGS)}",
            file=place.name,
        )
    ((form, _),) = Counter(_form(path) for path in known).most_common(1)
    chosen = [path for path in known if _form(path) == form]
    if form == "duckdb":
        chosen = chosen[:1]
    return chosen, tuple(path.name for path in known if path not in chosen)


def _ending(path: Path) -> str:
    return "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix


def _form(path: Path) -> _Format:
    match _ENDINGS[_ending(path)]:
        case "csv":
            return "csv"
        case "parquet":
            return "parquet"
        case "fhir":
            return "fhir"
        case _:
            return "duckdb"


def _stem(path: Path) -> str:
    return path.name.removesuffix(_ending(path))


def _as_written(files: list[Path], source: Source) -> Source:
    """Return the source with the dialect of its CSV files."""
    if source.format != "csv":
        return source
    dialects: dict[Dialect, str] = {guess_dialect(path): path.name for path in files}
    if len(dialects) > 1:
        raise SourceError(
            f"{' and '.join(sorted(dialects.values()))} have different delimiters or encodings",
            remedy="write them alike, or draft each in a folder of its own",
            file=min(dialects.values()),
        )
    (dialect,) = dialects
    return replace(source, encoding=dialect.encoding, delimiter=dialect.delimiter)


def _read(data: TableFile) -> FoundTable:
    header = data.header()
    _check_names(header, data)
    batches: list[pa.RecordBatch] = []
    reading, whole = data.batches(header), True
    for batch in reading:
        batches.append(batch)
        if sum(one.num_rows for one in batches) >= _PROFILED_ROWS:
            whole = next(reading, None) is None
            break
    empty = pa.table({name: pa.array([], pa.string()) for name in header})
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", data.inner) if _is_fhir(data) else data.inner
    name = re.sub(r"[^a-z0-9_]+", "_", words.lower()).strip("_") or "table"
    name = name if name[0].isalpha() else f"t_{name}"
    return FoundTable(
        name=name,
        file=_file(data, name),
        data=data,
        rows=pa.Table.from_batches(batches) if batches else empty,
        whole=whole,
    )


def _check_tables(tables: tuple[FoundTable, ...]) -> None:
    """Check that no two tables would have one name."""
    files: dict[str, str] = {}
    for table in tables:
        name = table.file or table.data.path.name
        other = files.setdefault(table.name, name)
        if other != name:
            raise SourceError(
                f"{other} and {name} would both be called {table.name}",
                remedy="rename one, or draft them apart",
                file=name,
            )


def _is_fhir(data: TableFile) -> bool:
    return data.source.format == "fhir"


def _file(data: TableFile, name: str) -> str | None:
    """Return what the declaration has to say of where the table is; None for nothing."""
    if _is_fhir(data):
        return data.inner
    if data.source.format == "duckdb":
        return None if name == data.inner else data.inner
    default = f"{name}.{data.source.format}"
    return None if data.path.name in {default, f"{default}.gz"} else data.path.name


def _check_names(header: tuple[str, ...], data: TableFile) -> None:
    """Check that the first line of a file holds names: they are written into the draft."""
    if data.source.format != "csv":
        return
    if len(set(header)) < len(header) or any(map(looks_like_a_value, header)):
        raise SourceError(
            "the first line does not look like names of columns: one is empty, stands twice, or is "
            "a number, a date or an address",
            code="SRC-HEADER",
            remedy="put a line of column names first; nothing was written",
            file=data.path.name,
            line=1,
        )


def _tokens(tables: tuple[FoundTable, ...]) -> Iterator[str]:
    """Give the usual marks of an absent value that occur."""
    for token in NULL_TOKENS:
        if any(
            pc.any(pc.equal(column, token)).as_py()
            for table in tables
            for column in table.rows.columns
        ):
            yield token


def _without(table: FoundTable, tokens: tuple[str, ...], source: Source) -> FoundTable:
    """Return a table in which the marks of absent values are NULL."""
    marks = pa.array(tokens)
    rows = pa.table(
        {
            name: pc.if_else(
                pc.is_in(table.rows[name], value_set=marks),
                pa.scalar(None, pa.string()),
                table.rows[name],
            )
            for name in table.rows.column_names
        }
    )
    return replace(table, rows=rows, data=replace(table.data, source=source))
