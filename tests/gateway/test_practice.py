from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gateway.practice import NOTE_NAME, practice_files, practice_zip, read_files, read_tables
from policies.load import load_policies
from policies.projects import Grant
from tests.architecture.sources import ROOT
from tests.factories import make_dataset, make_policies

DEMO = load_policies(Path(ROOT / "policies" / "examples" / "demo"))
HOSPITAL = DEMO.datasets["demo-hospital"]
JOIN = """
SELECT p.sex, COUNT(DISTINCT c.patient_id) AS patients, AVG(p.age) AS age
FROM conditions c
JOIN encounters e ON e.encounter_id = c.encounter_id AND e.patient_id = c.patient_id
JOIN patients p ON p.patient_id = c.patient_id
GROUP BY p.sex
"""


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_researchers_join_returns_rows_in_plain_duckdb(form: str, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        for name, content in practice_files(HOSPITAL, DEMO, form, units=60).items():  # type: ignore[arg-type]  # one of the two
            (tmp_path / name).write_bytes(content)
            if name != NOTE_NAME:
                table = name.partition(".")[0]
                connection.execute(f"CREATE VIEW {table} AS FROM '{tmp_path / name}'")
        rows = connection.execute(JOIN).fetchall()

    assert len(rows) >= 2
    assert all(patients > 0 for _, patients, _ in rows)


def test_types_are_those_of_the_policy_in_parquet_and_readable_texts_in_csv() -> None:
    active = make_policies(make_dataset())
    dataset = active.datasets["clinic"]
    table = pq.read_table(
        pa.BufferReader(practice_files(dataset, active, "parquet")["visits.parquet"])
    )
    text = practice_files(dataset, active, "csv")["visits.csv"].decode()
    row = next(csv.DictReader(io.StringIO(text)))
    types = {field.name: str(field.type) for field in table.schema}

    assert types["patient_id"] == types["visit_id"] == "int64"
    assert types["day"] in {"date32[day]", "timestamp[us]"}
    assert types["cost"].startswith("decimal128")
    assert row["urgent"] in {"true", "false", ""}
    assert row["visit_id"].isdigit()


def test_a_timestamp_is_written_as_sql_reads_it() -> None:
    rows = csv.DictReader(
        io.StringIO(practice_files(HOSPITAL, DEMO, "csv")["encounters.csv"].decode())
    )

    assert {len(row["started_at"]) for row in rows} <= {0, len("2026-01-01 00:00:00")}


def test_a_project_gets_its_own_tables_and_columns_alone() -> None:
    grant = Grant(id="demo-hospital", tables={"conditions": ("code",)})
    files = practice_files(HOSPITAL, DEMO, "csv", grant=grant)

    assert list(files) == ["conditions.csv", NOTE_NAME]
    header = files["conditions.csv"].decode().splitlines()[0].split(",")
    assert set(header) == {"patient_id", "encounter_id", "code"}


def test_an_archive_gives_the_tables_back() -> None:
    files = practice_files(HOSPITAL, DEMO, "parquet", units=3)
    tables = read_tables(practice_zip(files))

    assert {f"{name}.parquet" for name in tables} | {NOTE_NAME} == set(files)
    with pytest.raises(ValueError, match="archive"):
        read_tables(b"PK")


def test_an_archive_that_names_folders_writes_into_none() -> None:
    names = ["patients.csv", "../up.csv", "/root.csv", "..", "a/b.csv", "a\\b.csv", ".hidden"]

    assert set(read_files(practice_zip(dict.fromkeys(names, b"x")))) == {"patients.csv"}
