from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from gateway.ingest.sources.parquet_files import parquet_batches, parquet_header, parquet_rows
from policies.errors import SourceError


def put(folder: Path, table: pa.Table) -> Path:
    path = folder / "t.parquet"
    parquet.write_table(table, path, row_group_size=10)
    return path


def test_columns_keep_their_types_and_dictionaries_are_resolved(tmp_path: Path) -> None:
    table = pa.table(
        {
            "a": pa.array([1, None]),
            "b": pa.array(["x", "y"]).dictionary_encode(),
            "c": pa.array(["unread", "unread"]),
        }
    )
    path = put(tmp_path, table)

    (batch,) = parquet_batches(path, ("b", "a"))

    assert parquet_header(path) == ("a", "b", "c")
    assert parquet_rows(path) == 2
    assert batch.schema.names == ["b", "a"]
    assert batch.schema.types == [pa.string(), pa.int64()]
    assert batch.to_pylist() == [{"b": "x", "a": 1}, {"b": "y", "a": None}]


def test_all_row_groups_are_read(tmp_path: Path) -> None:
    path = put(tmp_path, pa.table({"a": list(range(100))}))

    values = [value for batch in parquet_batches(path, ("a",)) for value in batch["a"].to_pylist()]

    assert values == list(range(100))


@pytest.mark.parametrize("content", [b"", b"no parquet", b"PAR1" + b"x" * 100 + b"PAR1"])
def test_a_file_that_is_no_parquet_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(content)

    with pytest.raises(SourceError) as error:
        parquet_header(path)

    assert error.value.code == "SRC-INVALID"
    assert error.value.file == "t.parquet"


def test_a_damaged_page_is_said(tmp_path: Path) -> None:
    path = put(tmp_path, pa.table({"a": [f"value {number}" for number in range(1000)]}))
    content = bytearray(path.read_bytes())
    content[4:2000] = bytes(1996)
    path.write_bytes(content)

    with pytest.raises(SourceError):
        list(parquet_batches(path, ("a",)))


def test_nested_columns_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, pa.table({"a": [[1, 2]]}))

    with pytest.raises(SourceError) as error:
        parquet_header(path)

    assert "column a is nested" in str(error.value)
