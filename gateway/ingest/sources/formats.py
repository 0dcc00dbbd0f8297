"""One table of a source, whatever the format: its columns, its rows, and where a row stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from gateway.ingest.sources.csv_files import Dialect, csv_batches, csv_header, csv_line
from gateway.ingest.sources.duckdb_files import duckdb_batches, duckdb_header, duckdb_rows
from gateway.ingest.sources.fhir_files import fhir_batches, fhir_header
from gateway.ingest.sources.parquet_files import parquet_batches, parquet_header, parquet_rows
from gateway.ingest.sources.text_files import with_texts
from policies.datasets import Source
from policies.text_files import TextFiles

__all__ = ["TableFile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """Where the rows of one table lie.

    Attributes:
        path: The file; of FHIR files their folder.
        source: How files of the dataset are written.
        inner: The table's name in a database file, or the type of resource.
        texts: Text files that the rows of a CSV or Parquet file name; None for none.
        owned_by: Column that says whose a row is, and so whose its text; None where none does.
    """

    path: Path
    source: Source
    inner: str
    texts: TextFiles | None = None
    owned_by: str | None = None

    def header(self) -> tuple[str, ...]:
        """Return the names of the columns.

        Raises:
            SourceError: If the file cannot be read.
        """
        names = self._header()
        return names if self.texts is None else (*names, self.texts.column)

    def _header(self) -> tuple[str, ...]:
        match self.source.format:
            case "csv":
                return csv_header(self.path, self._dialect)
            case "parquet":
                return parquet_header(self.path)
            case "duckdb":
                return duckdb_header(self.path, self.inner)
            case "fhir":
                return fhir_header(self.path, self.inner)

    def rows(self) -> int | None:
        """Return how many rows there are, where the format says so without reading them."""
        match self.source.format:
            case "csv" | "fhir":
                return None
            case "parquet":
                return parquet_rows(self.path)
            case "duckdb":
                return duckdb_rows(self.path, self.inner)

    def line(self, row: int) -> int:
        """Return where a row is, counted from 1: its line in CSV, else its number."""
        return csv_line(self.path, row, self._dialect) if self.source.format == "csv" else row

    def batches(self, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
        """Read the named columns and no others, a batch of rows at a time.

        Raises:
            SourceError: If the file cannot be read; with the line, where there is one.
        """
        texts = self.texts
        if texts is None or texts.column not in columns:
            return self._batches(columns)
        own = dict.fromkeys((*columns, texts.named_by))
        if self.owned_by is not None:
            own[self.owned_by] = None
        del own[texts.column]
        place = (self.path, self.source.encoding)
        return with_texts(self._batches(tuple(own)), columns, texts, place, self.owned_by)

    def _batches(self, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
        match self.source.format:
            case "csv":
                return csv_batches(self.path, columns, self._dialect)
            case "parquet":
                return parquet_batches(self.path, columns)
            case "duckdb":
                return duckdb_batches(self.path, self.inner, columns)
            case "fhir":
                return fhir_batches(self.path, self.inner, columns)

    @property
    def _dialect(self) -> Dialect:
        source = self.source
        return Dialect(
            encoding=source.encoding, delimiter=source.delimiter, null_tokens=source.null_tokens
        )
