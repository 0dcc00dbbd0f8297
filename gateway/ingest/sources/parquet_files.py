"""Parquet files, whose columns have types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from policies.errors import SourceError

__all__ = ["parquet_batches", "parquet_header", "parquet_rows"]

_BATCH_ROWS = 1 << 16


def parquet_header(path: Path) -> tuple[str, ...]:
    """Return the names of all columns.

    Raises:
        SourceError: ``SRC-INVALID`` if it is not a Parquet file, or holds nested columns.
    """
    with _opened(path) as file:
        schema = file.schema_arrow
        nested = [field.name for field in schema if pa.types.is_nested(field.type)]
        if nested:
            raise SourceError(
                f"column {nested[0]} is nested",
                remedy="flatten it into columns of plain types",
                file=path.name,
            )
        return tuple(schema.names)


def parquet_rows(path: Path) -> int:
    """Return how many rows the file says it has.

    Raises:
        SourceError: ``SRC-INVALID`` if it is not a Parquet file.
    """
    with _opened(path) as file:
        return int(file.metadata.num_rows)


def parquet_batches(path: Path, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Read some columns, a batch of rows at a time, with dictionaries resolved.

    Raises:
        SourceError: ``SRC-INVALID`` if the file is damaged.
    """
    with _opened(path) as file:
        try:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=list(columns)):
                yield pa.RecordBatch.from_arrays(
                    [_plain(batch.column(column)) for column in columns], names=list(columns)
                )
        except (pa.ArrowException, OSError):
            raise _damaged(path) from None


def _opened(path: Path) -> parquet.ParquetFile:
    try:
        return parquet.ParquetFile(path)
    except (pa.ArrowException, OSError):
        raise _damaged(path) from None


def _plain(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _damaged(path: Path) -> SourceError:
    return SourceError(
        "the file is not Parquet, or is damaged",
        remedy="write it again, or correct the source's format",
        file=path.name,
    )
