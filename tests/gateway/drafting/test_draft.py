from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from gateway.drafting import Draft, DraftRequest, draft_policies, files
from gateway.ingest.sources import parquet_files
from policies.columns import IdentifierKind, Role
from policies.datasets import DatasetPolicy, Ownership
from policies.errors import DeclarationError, SourceError
from policies.formatting import formatted
from policies.lint.run import lint
from policies.load import load_policies
from policies.query_use import ValueType
from policies.transforms import Drop, ShiftDate, Zip3
from tests.gateway.drafting.hospital import nurses, patients, visits, write_csv, write_hospital

TODAY = date(2026, 11, 21)


def draft(place: Path, **changes: Any) -> Draft:  # noqa: ANN401  fields of the request
    named: dict[str, Any] = {"name": "ward", "owner": "ann", "purpose": "research", "today": TODAY}
    return draft_policies(DraftRequest(place=place, **named | changes))


def written(done: Draft, folder: Path) -> DatasetPolicy:
    """Write a draft and load it."""
    for name, content in done.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    assert lint(folder, TODAY).errors == ()
    return load_policies(folder).datasets["ward"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return write_hospital(tmp_path / "data")


@pytest.fixture
def declared(place: Path, tmp_path: Path) -> DatasetPolicy:
    return written(draft(place), tmp_path / "policies")


def test_every_column_has_the_role_that_its_name_and_content_say(declared: DatasetPolicy) -> None:
    people, stays = declared.tables["patients"].columns, declared.tables["visits"].columns

    assert {name: column.role for name, column in people.items()} == {
        "person_id": Role.PRIVACY_UNIT,
        "LastName": Role.DIRECT_IDENTIFIER,
        "ssn": Role.DIRECT_IDENTIFIER,
        "birthDate": Role.DIRECT_IDENTIFIER,
        "gender": Role.QUASI_IDENTIFIER,
        "ZIP": Role.QUASI_IDENTIFIER,
        "remark": Role.FREE_TEXT,
    }
    assert people["birthDate"].identifies is IdentifierKind.DATE
    assert isinstance(people["ZIP"].effective_transform, Zip3)
    assert stays["patient"].role is Role.PRIVACY_UNIT
    assert stays["visit_id"].role is Role.KEY
    assert (stays["visit_day"].type, stays["cost"].type) == (ValueType.DATE, ValueType.DECIMAL)
    assert isinstance(stays["visit_day"].effective_transform, ShiftDate)
    assert isinstance(stays["ward_ref"].effective_transform, Drop)


def test_tables_have_the_unit_and_the_keys_that_their_values_show(declared: DatasetPolicy) -> None:
    tables, unit = declared.tables, declared.spec.privacy_unit

    assert (unit.table, unit.column) == ("patients", "person_id")
    assert (tables["patients"].key, tables["patients"].max_rows_per_unit) == ("person_id", 1)
    assert (tables["visits"].unit_column, tables["visits"].key) == ("patient", "visit_id")
    assert tables["nurses"].ownership is Ownership.DIRECTORY


def test_nothing_may_be_asked_yet_and_nobody_may(place: Path, tmp_path: Path) -> None:
    declared = written(draft(place), tmp_path / "policies")
    active = load_policies(tmp_path / "policies")

    columns = [column for table in declared.tables.values() for column in table.columns.values()]
    assert all(column.use is None and not column.stored for column in columns)
    assert active.projects["ward"].spec.members == ()
    assert active.gateway is not None
    assert active.gateway.spec.releases.allowed == "denied"


def test_no_value_and_no_count_of_the_data_is_written(place: Path) -> None:
    text = b"\n".join(draft(place).files.values()).decode()
    rows = [row for table in (patients(), visits(), nurses()) for row in table[1:]]
    values = {cell for row in rows for cell in row if len(cell) > 2}

    assert len(values) > 900
    assert [value for value in values if value in text] == []
    assert "120" not in text
    assert "240" not in text


def test_each_column_has_its_reason_above_it(place: Path) -> None:
    lines = draft(place).files["datasets/ward.yaml"].decode().splitlines()
    entries = [at for at, line in enumerate(lines) if re.match(r" {8}\w+: \{role:", line)]

    assert len(entries) == 15
    assert all(lines[at - 1].startswith("        # ") for at in entries)


def test_a_draft_is_written_in_the_one_way(place: Path) -> None:
    for name, content in draft(place).files.items():
        if not name.startswith("tests/"):
            assert formatted(content, name).encode() == content


def test_categories_come_from_a_public_list_that_somebody_names(
    place: Path, tmp_path: Path
) -> None:
    codes = tmp_path / "visit kinds.csv"
    codes.write_text("kind\nwalkin\nplanned\nurgent\nother\n", encoding="utf-8")
    declared = written(draft(place, public={"visits.kind": codes}), tmp_path / "policies")
    active = load_policies(tmp_path / "policies")

    use = declared.tables["visits"].columns["kind"].use
    assert use is not None
    assert use.categories == ("walkin", "planned", "urgent", "other")
    assert active.projects["ward"].spec.datasets[0].tables["visits"] == ("kind",)


@pytest.mark.parametrize(
    ("column", "code"),
    [("patients.ssn", "COL-DIRECT-REACHABLE"), ("visits.nothing", "COL-GONE")],
)
def test_a_list_for_what_identifies_or_is_not_there_is_refused(
    place: Path, tmp_path: Path, column: str, code: str
) -> None:
    codes = tmp_path / "codes.csv"
    codes.write_text("code\nx\n", encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        draft(place, public={column: codes})

    assert caught.value.code == code


def test_a_file_without_a_line_of_names_is_not_copied_into_a_draft(tmp_path: Path) -> None:
    write_csv(tmp_path / "patients.csv", patients()[1:])
    with pytest.raises(SourceError) as caught:
        draft(tmp_path / "patients.csv")

    assert (caught.value.code, caught.value.line) == ("SRC-HEADER", 1)
    assert "QX-" not in str(caught.value)


def test_one_table_lists_its_own_units(tmp_path: Path) -> None:
    write_csv(tmp_path / "visits.csv", visits())
    declared = written(draft(tmp_path / "visits.csv"), tmp_path / "policies")

    table = declared.tables["visits"]
    assert (table.unit_column, table.key, table.max_rows_per_unit) == ("patient", "visit_id", None)


def test_a_unit_that_no_name_tells_can_be_said(tmp_path: Path) -> None:
    rows = [["case_code", *row[1:]] if at == 0 else row for at, row in enumerate(patients())]
    write_csv(tmp_path / "listing.csv", rows)
    with pytest.raises(SourceError) as caught:
        draft(tmp_path / "listing.csv")
    declared = written(draft(tmp_path / "listing.csv", unit="listing.case_code"), tmp_path / "p")
    with pytest.raises(SourceError) as gone:
        draft(tmp_path / "listing.csv", unit="listing.case")

    assert caught.value.code == "DP-UNIT-PATH"
    assert declared.spec.privacy_unit.column == "case_code"
    assert gone.value.code == "COL-GONE"


def test_rows_of_unknown_patients_are_declared_to_be_left_out(tmp_path: Path) -> None:
    write_csv(tmp_path / "data" / "patients.csv", patients()[:-1])
    write_csv(tmp_path / "data" / "visits.csv", visits())
    declared = written(draft(tmp_path / "data"), tmp_path / "policies")

    assert declared.tables["visits"].bad_rows == "reject"
    assert declared.tables["patients"].bad_rows == "stop"


def test_a_foreign_key_holds_for_rows_of_the_same_patient_only(tmp_path: Path) -> None:
    bills = [["bill_id", "patient", "visit_id"]]
    bills += [[f"B{at:06d}", row[1], row[0]] for at, row in enumerate(visits()[1:])]
    strange = [bills[0], [bills[1][0], "QX-00119", bills[1][2]], *bills[2:]]
    for name, rows in (("good", bills), ("bad", strange)):
        folder = write_hospital(tmp_path / name)
        write_csv(folder / "bills.csv", rows)

    good = written(draft(tmp_path / "good"), tmp_path / "p1").tables["bills"]
    bad = written(draft(tmp_path / "bad"), tmp_path / "p2").tables["bills"]
    assert good.foreign_keys == {"visit_id": "visits.visit_id"}
    assert bad.foreign_keys == {}


def test_how_a_file_is_written_is_found_out(tmp_path: Path) -> None:
    rows = [[*row[:4], "?" if at % 7 == 3 else row[4], *row[5:]] for at, row in enumerate(visits())]
    rows[5][3] = "dépôt"
    path = tmp_path / "visits.csv"
    path.write_bytes("".join(f"{';'.join(row)}\n" for row in rows).encode("latin-1"))
    source = written(draft(path), tmp_path / "policies").spec.source

    assert (source.delimiter, source.encoding) == (";", "latin-1")
    assert source.null_tokens == ("", "?")
    assert written(draft(path), tmp_path / "policies").tables["visits"].columns["cost"].type is (
        ValueType.DECIMAL
    )


def test_files_that_are_written_differently_are_not_one_source(place: Path) -> None:
    write_csv(place / "nurses.csv", nurses(), delimiter=";")
    with pytest.raises(SourceError) as caught:
        draft(place)

    assert "delimiters" in caught.value.message


def test_other_formats_are_passed_over_and_told(place: Path) -> None:
    (place / "extra.parquet").write_bytes(b"not looked at")
    (place / "read.me").write_text("nor this")

    assert draft(place).passed_over == ("extra.parquet",)


def test_two_files_of_one_name_are_told(place: Path) -> None:
    write_csv(place / "Visits.csv", visits())
    with pytest.raises(SourceError) as caught:
        draft(place)

    assert "both be called visits" in caught.value.message


def test_what_is_too_long_to_look_at_whole_is_told_by_its_keys(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = draft(place).files
    for name in ("patients", "visits"):
        table = arrow_csv.read_csv(place / f"{name}.csv")
        (tmp_path / "long").mkdir(exist_ok=True)
        parquet.write_table(table, tmp_path / "long" / f"{name}.parquet", row_group_size=100)
    monkeypatch.setattr(files, "_PROFILED_ROWS", 100)
    monkeypatch.setattr(parquet_files, "_BATCH_ROWS", 100)
    declared = written(draft(tmp_path / "long"), tmp_path / "policies")

    assert b"max_rows_per_unit: 1" in whole["datasets/ward.yaml"]
    assert (declared.tables["patients"].key, declared.tables["visits"].key) == (
        "person_id",
        "visit_id",
    )
    assert declared.tables["patients"].max_rows_per_unit == 1
    assert declared.tables["visits"].max_rows_per_unit is None
    assert declared.tables["visits"].unit_column == "patient"


def test_nothing_to_draft_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        draft(tmp_path)

    assert caught.value.code == "SRC-MISSING"


def test_a_database_is_drafted_as_its_tables(place: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "hospital.duckdb")) as made:
        for name in ("patients", "visits", "nurses"):
            made.execute(f"CREATE TABLE {name} AS FROM read_csv('{place / name}.csv')")
        made.execute('CREATE TABLE "Odd Name" AS SELECT 1 AS n')
    declared = written(draft(tmp_path / "hospital.duckdb"), tmp_path / "policies")

    assert (declared.spec.source.format, declared.spec.source.path) == ("duckdb", "hospital.duckdb")
    assert declared.tables["odd_name"].file == "Odd Name"
    assert declared.tables["visits"].unit_column == "patient"
    assert declared.tables["visits"].columns["visit_day"].type is ValueType.DATE
