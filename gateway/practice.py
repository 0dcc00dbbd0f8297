"""Practice data as files: what a project may ask, made up from the policy alone."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from gateway.answers.arrow import parquet_bytes
from policies.active import PolicySet
from policies.columns import Column
from policies.datasets import DatasetPolicy
from policies.layout import is_opaque_key, resolution
from policies.projects import Grant
from policies.query_use import ValueType
from query.practice import PracticeTable, PracticeValue, practice_tables

__all__ = [
    "MADE_UP",
    "NOTE_NAME",
    "FileForm",
    "practice_files",
    "practice_zip",
    "read_files",
    "read_tables",
]

FileForm: TypeAlias = Literal["csv", "parquet"]

MADE_UP: Final = (
    "Made up from the policy alone: no row is of a person, and no count here says anything of the "
    "data behind the gateway."
)
NOTE_NAME: Final = "MADE-UP.txt"
"""The file that says so beside the tables; Parquet files say it in their metadata too."""

_FILE_NAME: Final = re.compile(r"\w[\w-]*\.\w+")
"""A name that says nothing of folders, whoever sent it."""

_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The first that the format has, so that equal policies give equal bytes."""


def practice_files(
    dataset: DatasetPolicy,
    active: PolicySet,
    form: FileForm,
    *,
    grant: Grant | None = None,
    units: int = 200,
) -> dict[str, bytes]:
    """Return one file a table, and the note that they are made up.

    Args:
        dataset: The declaration; nothing else is read.
        active: The declarations in force, whose digest the values follow from.
        form: Of the files.
        grant: Leaves out what it does not name, as the catalog does; None for all of it.
        units: How many privacy units to make up.

    Raises:
        ValueError: If ``units`` is outside its range.
    """
    files: dict[str, bytes] = {}
    for table in practice_tables(dataset, active.digest, units):
        if grant is not None and table.name not in grant.tables:
            continue
        shown = [
            name
            for name, column in table.columns.items()
            if grant is None or column.is_key or name in grant.tables[table.name]
        ]
        content = _csv(table, shown) if form == "csv" else _parquet(table, shown, active.digest)
        files[f"{table.name}.{form}"] = content
    note = f"{MADE_UP}\nDataset {dataset.id}, policy {active.digest}, {units} units.\n"
    return {**files, NOTE_NAME: note.encode()}


def practice_zip(files: Mapping[str, bytes]) -> bytes:
    """Return files as one ZIP archive; equal files give equal bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(zipfile.ZipInfo(name, _ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def read_tables(archive: bytes) -> dict[str, Any]:
    """Return the tables of an archive of Parquet files, a ``pyarrow.Table`` each.

    Raises:
        ValueError: If the bytes are no such archive.
    """
    return {
        name.removesuffix(".parquet"): pq.read_table(pa.BufferReader(content))
        for name, content in read_files(archive).items()
        if name.endswith(".parquet")
    }


def read_files(archive: bytes) -> dict[str, bytes]:
    """Return the files of an archive of practice data, by name; none of them names a folder.

    Raises:
        ValueError: If the bytes are no such archive.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            names = [name for name in files.namelist() if _FILE_NAME.fullmatch(name)]
            return {name: files.read(name) for name in names}
    except zipfile.BadZipFile:
        raise ValueError("the bytes are no archive of practice data") from None


def _csv(table: PracticeTable, shown: list[str]) -> bytes:
    places = [list(table.columns).index(name) for name in shown]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(shown)
    for row in table.rows:
        writer.writerow([_written(row[place]) for place in places])
    return text.getvalue().encode()


def _written(value: PracticeValue) -> object:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return value


def _parquet(table: PracticeTable, shown: list[str], digest: str) -> bytes:
    columns = list(table.columns)
    arrays = {
        name: pa.array(
            [row[columns.index(name)] for row in table.rows], _arrow_type(table.columns[name])
        )
        for name in shown
    }
    metadata = {"gateway.practice": MADE_UP, "gateway.policy": digest}
    return parquet_bytes(pa.table(arrays).replace_schema_metadata(metadata))


def _arrow_type(column: Column) -> Any:  # noqa: ANN401  pyarrow has no types
    if is_opaque_key(column):
        return pa.int64()
    if column.type is ValueType.DECIMAL:
        exponent = resolution(column).normalize().as_tuple().exponent
        return pa.decimal128(38, max(0, -int(exponent)))
    return _ARROW[column.type]


_ARROW: Final = {
    ValueType.STRING: pa.string(),
    ValueType.INTEGER: pa.int64(),
    ValueType.BOOLEAN: pa.bool_(),
    ValueType.DATE: pa.date32(),
    ValueType.TIMESTAMP: pa.timestamp("us"),
}
