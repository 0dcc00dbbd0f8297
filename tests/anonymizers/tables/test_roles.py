from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymizers.tables.hierarchies import DateHierarchy, ZipHierarchy
from anonymizers.tables.plan import ColumnRole as Role
from anonymizers.tables.roles import Proposal, propose_roles
from policies.columns import IdentifierKind as Kind

SAMPLES = Path(
    os.environ.get("GATEWAY_SAMPLE_DATA", Path(__file__).parents[3].parent / "shared" / "data")
)
ROWS = 120
TODAY = date(2026, 11, 21)


def proposed(**columns: list[str | None]) -> dict[str, Proposal]:
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return {one.name: one for one in propose_roles(table, TODAY)}


def each(*values: str) -> list[str | None]:
    return [values[row % len(values)] for row in range(ROWS)]


def numbered(pattern: str) -> list[str | None]:
    return [pattern.format(row) for row in range(ROWS)]


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("patient_id", numbered("{}"), Role.PRIVACY_UNIT),
        ("encounter_id", numbered("{}"), Role.KEY),
        ("FirstName", numbered("Anna{}"), Role.DIRECT_IDENTIFIER),
        ("next_of_kin", each("Ann Lee"), Role.DIRECT_IDENTIFIER),
        ("contact", numbered("617-555-{:04}"), Role.DIRECT_IDENTIFIER),
        ("free", numbered("person{}@example.org"), Role.DIRECT_IDENTIFIER),
        ("x1", numbered("999-12-{:04}"), Role.DIRECT_IDENTIFIER),
        ("x2", numbered("A{:07}"), Role.DIRECT_IDENTIFIER),
        ("x3", numbered("4{:07}"), Role.DIRECT_IDENTIFIER),
        ("where", numbered("{} Main Street"), Role.DIRECT_IDENTIFIER),
        ("seen_by", each("Mary Smith", "John Jones", "Linda Brown", "James Davis", "Susan Miller",
                         "Robert Wilson", "Karen Moore", "David Taylor", "Nancy White",
                         "Paul Harris", "Lisa Clark"), Role.DIRECT_IDENTIFIER),
        ("birth_date", numbered("19{:03}-01-02"), Role.QUASI_IDENTIFIER),
        ("dob", each("1950-01-02", "1960-03-04"), Role.QUASI_IDENTIFIER),
        ("age", each("31", "47", "95"), Role.QUASI_IDENTIFIER),
        ("ZIP", each("02139", "02140"), Role.QUASI_IDENTIFIER),
        ("gender", each("F", "M"), Role.QUASI_IDENTIFIER),
        ("ethnicity", each("a", "b"), Role.QUASI_IDENTIFIER),
        ("admitted", each("2021-01-02", "2021-03-04"), Role.DATE),
        ("discharged", each("31/01/2021", "04/03/2021"), Role.DATE),
        ("note", numbered("Patient {} was seen today and had no pain at all."), Role.FREE_TEXT),
        ("icd_code", each("E11.9", "I10"), Role.CODE),
        ("dx", each("E11.9", "I10", "Z51.11"), Role.CODE),
        ("glucose", [str(80 + row / 7)[:6] for row in range(ROWS)], Role.MEASURE),
        ("ward", each("north", "south"), Role.CATEGORY),
        ("things", numbered("a thing {}"), Role.UNDECIDED),
        ("nothing", [None] * ROWS, Role.UNDECIDED),
    ],
)  # fmt: skip
def test_a_column_is_what_its_name_and_values_say(
    name: str, values: list[str | None], role: Role
) -> None:
    found = proposed(**{name: values})[name]

    assert found.plan.role is role
    assert found.reasons


def test_reasons_hold_no_value() -> None:
    found = proposed(first_name=each("Xaverius"), note=each("Xaverius came in with chest pain."))

    assert "Xaverius" not in str([one.reasons for one in found.values()])


def test_kinds_say_what_to_search_for() -> None:
    found = proposed(
        last_name=numbered("Lee{}"), dob=each("1950-01-02"), zip=each("02139"), city=each("Acton")
    )

    assert {name: one.plan.identifies for name, one in found.items()} == {
        "last_name": Kind.FAMILY_NAME,
        "dob": Kind.DATE,
        "zip": Kind.POSTAL_CODE,
        "city": Kind.CITY,
    }
    assert found["zip"].plan.hierarchy == ZipHierarchy()
    assert found["dob"].plan.hierarchy == DateHierarchy(oldest=1937)


def test_only_one_column_is_the_privacy_unit() -> None:
    found = proposed(id=numbered("{}"), patient_id=numbered("{}"), mrn=numbered("M{:06}"))

    assert [name for name, one in found.items() if one.plan.role is Role.PRIVACY_UNIT] == [
        "patient_id"
    ]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample data; set GATEWAY_SAMPLE_DATA")
def test_no_identifier_of_the_sample_hospital_is_taken_for_harmless() -> None:
    table = pq.read_table(SAMPLES / "synthea_network" / "patients.parquet")
    roles = {one.name: one.plan.role for one in propose_roles(table, TODAY)}
    direct = {
        "mrn", "ssn", "drivers_license", "passport", "first_name", "middle_name", "last_name",
        "maiden_name", "mothers_name", "fathers_name", "phone", "address_line", "latitude",
        "longitude",
    }  # fmt: skip
    quasi = {
        "birth_date", "death_ts", "gender", "birth_sex", "race", "ethnicity", "marital_status",
        "language", "city", "state", "zip", "birth_city", "birth_state", "multiple_birth",
    }  # fmt: skip

    assert roles["patient_id"] is Role.PRIVACY_UNIT
    assert {name for name, role in roles.items() if role is Role.DIRECT_IDENTIFIER} == direct
    assert {name for name, role in roles.items() if role is Role.QUASI_IDENTIFIER} >= quasi
