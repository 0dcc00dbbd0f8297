from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from gateway.ingest.sources.duckdb_files import (
    duckdb_batches,
    duckdb_header,
    duckdb_rows,
    duckdb_tables,
)
from gateway.storage import RamFolder, SnapshotStore, Warehouse
from policies.errors import SourceError
from tests.gateway.ingest.small import policy, run, write
from tests.limits import LIMITS

LAID_OUT = "SELECT * EXCLUDE (id) FROM patients ORDER BY id", "FROM visits ORDER BY patient, __rank"


def put(folder: Path, *statements: str) -> Path:
    path = folder / "small.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def test_tables_are_read_in_order_with_their_types_and_others_as_text(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        'CREATE TABLE "Odd ""t" AS SELECT i AS n, i::HUGEINT AS big, i::DECIMAL(9, 2) AS money,'
        " (CASE WHEN i > 0 THEN 'a' END)::ENUM('a') AS kind FROM range(70000) r(i)",
        "CREATE VIEW seen AS SELECT 1 AS x",
        "CREATE SCHEMA other",
        "CREATE TABLE other.hidden AS SELECT 1 AS x",
    )
    name = 'Odd "t'
    rows = [row for batch in duckdb_batches(path, name, ("n", "big", "money", "kind"))
            for row in batch.to_pylist()]  # fmt: skip

    assert duckdb_tables(path) == (name,)
    assert duckdb_header(path, name) == ("n", "big", "money", "kind")
    assert duckdb_rows(path, name) == len(rows) == 70000
    assert [row["n"] for row in rows] == list(range(70000))
    assert rows[:2] == [
        {"n": 0, "big": "0", "money": "0.00", "kind": None},
        {"n": 1, "big": "1", "money": "1.00", "kind": "a"},
    ]


def test_a_database_is_stored_as_the_same_tables_in_files_are(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    files = write(tmp_path / "files")
    put(
        tmp_path,
        *(
            f"CREATE TABLE {name} AS FROM read_csv('{files / name}.csv', all_varchar = true)"
            for name in ("patients", "visits")
        ),
    )
    other = SnapshotStore(tmp_path / "other", key=bytes(32))
    from_files = run(policy(), files, store, ram)
    declared = policy(format="duckdb", path="small.duckdb")
    from_database = run(declared, tmp_path, other, ram)
    engines = [
        Warehouse(one, ram, LIMITS).snapshot(dataset).engine
        for one, dataset in ((store, policy()), (other, declared))
    ]

    assert from_database.units == from_files.units == 3
    for sql in LAID_OUT:
        assert engines[0].run(sql) == engines[1].run(sql) != []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("CREATE TABLE t AS SELECT {'a': 1} AS nested", "SRC-INVALID"),
        ("CREATE TABLE t AS SELECT [1] AS nested", "SRC-INVALID"),
        ("CREATE TABLE u AS SELECT 1 AS x", "SRC-MISSING"),
        ("CREATE VIEW t AS FROM read_csv('/etc/hostname', header = false)", "SRC-INVALID"),
    ],
)
def test_what_cannot_be_read_is_told_without_a_value(
    tmp_path: Path, statement: str, code: str
) -> None:
    path = put(tmp_path, statement)
    with pytest.raises(SourceError) as caught:
        list(duckdb_batches(path, "t", duckdb_header(path, "t")))

    assert caught.value.code == code


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "small.duckdb"
    path.write_bytes(b"patient canary" * 500)
    with pytest.raises(SourceError) as caught:
        duckdb_tables(path)

    assert "canary" not in str(caught.value)


def test_a_database_that_is_not_there_is_told(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    with pytest.raises(SourceError) as caught:
        run(policy(format="duckdb", path="gone.duckdb"), tmp_path, store, ram)

    assert caught.value.code == "SRC-MISSING"
