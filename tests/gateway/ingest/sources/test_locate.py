from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from gateway.ingest.sources import locate_tables
from policies.errors import SourceError
from tests.gateway.ingest.small import PATIENTS, VISITS, policy, write


def problem(folder: Path, **source: str) -> SourceError:
    with pytest.raises(SourceError) as error:
        locate_tables(policy(None, **source), folder)
    return error.value


def test_all_declared_tables_are_found(tmp_path: Path) -> None:
    write(tmp_path / "data" / "deep")

    found = locate_tables(policy(path="deep"), tmp_path / "data")

    assert list(found) == ["patients", "visits"]
    assert found["visits"].file == "visits.csv"
    assert found["visits"].rows() is None


def test_gz_files_are_found_too(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "visits.csv").unlink()
    (tmp_path / "visits.csv.gz").write_bytes(gzip.compress(VISITS.encode()))

    assert locate_tables(policy(), tmp_path)["visits"].file == "visits.csv.gz"


def test_a_missing_file_names_what_is_looked_for(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "visits.csv").unlink()

    error = problem(tmp_path)

    assert error.code == "SRC-MISSING"
    assert f"looked for visits.csv and visits.csv.gz in {tmp_path}" in str(error)


def test_two_files_for_one_table_are_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "visits.csv.gz").write_bytes(gzip.compress(VISITS.encode()))

    assert "two files" in str(problem(tmp_path))


def test_a_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "data")
    (tmp_path / "visits.csv").write_text(VISITS)
    dataset = policy({"visits": {"file": "../visits.csv"}})

    with pytest.raises(SourceError) as error:
        locate_tables(dataset, tmp_path / "data")

    assert error.value.code == "SRC-MISSING"


def test_a_column_without_a_declaration_stops(tmp_path: Path) -> None:
    text = PATIENTS.replace("income\n", "income,religion,phone\n").replace(",100\n", ",100,x,y\n")

    error = problem(write(tmp_path, patients=text))

    assert error.code == "COL-NO-ROLE"
    assert "columns phone, religion" in str(error)
    assert error.file == "patients.csv"


def test_a_declared_column_that_is_gone_stops(tmp_path: Path) -> None:
    error = problem(write(tmp_path, patients=PATIENTS.replace("income\n", "salary\n")))

    assert error.code == "COL-GONE"
    assert "column income" in str(error)


def test_a_file_without_a_header_shows_none_of_its_values(tmp_path: Path) -> None:
    error = problem(write(tmp_path, patients=PATIENTS.partition("\n")[2]))

    assert error.code == "SRC-HEADER"
    assert "0 of the 7 declared columns" in str(error)
    assert "Roe" not in str(error)


def test_a_column_without_a_name_stops(tmp_path: Path) -> None:
    text = PATIENTS.replace("income\n", "income,\n")

    assert problem(write(tmp_path, patients=text)).code == "SRC-HEADER"


def test_a_column_that_stands_twice_stops(tmp_path: Path) -> None:
    error = problem(write(tmp_path, patients=PATIENTS.replace("income\n", "income,sex\n")))

    assert error.code == "SRC-HEADER"
    assert "column sex twice" in str(error)


def test_parquet_says_its_rows_before_it_is_read(tmp_path: Path) -> None:
    for name, columns in (
        ("patients", ["id", "name", "ssn", "born", "sex", "zip", "income"]),
        ("visits", ["visit", "patient", "start", "cost"]),
    ):
        table = pa.table({column: ["x", "y"] for column in columns})
        parquet.write_table(table, tmp_path / f"{name}.parquet")

    found = locate_tables(policy(format="parquet"), tmp_path)

    assert found["visits"].rows() == 2
    assert found["visits"].line(2) == 2
    assert [batch.num_rows for batch in found["visits"].batches(("visit",))] == [2]
