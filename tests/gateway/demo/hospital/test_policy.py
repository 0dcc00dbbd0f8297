"""The declaration of the demo: it loads, and it fits what the generator writes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import policies
from gateway.demo.hospital.lists import records
from gateway.demo.hospital.rows import SNAPSHOT_DATE, TABLES
from policies.active import PolicySet
from policies.columns import Role
from policies.datasets import DatasetPolicy, Ownership
from policies.load import load_policies
from policies.projects import ProjectPolicy
from policies.query_use import ValueType
from policies.transforms import AgeAt, DeidentifyText, Zip3
from tests.gateway.demo.hospital.conftest import Hospital


@pytest.fixture(scope="module")
def declared() -> PolicySet:
    return load_policies(Path(policies.__file__).parent / "examples" / "demo")


@pytest.fixture(scope="module")
def dataset(declared: PolicySet) -> DatasetPolicy:
    return declared.datasets["demo-hospital"]


def test_declares_exactly_the_columns_that_are_written(dataset: DatasetPolicy) -> None:
    declared = {
        name: {column.derived_from or own for own, column in table.columns.items()}
        for name, table in dataset.tables.items()
    }

    assert declared == {name: set(columns) for name, columns in TABLES.items()}


def test_every_value_lies_inside_its_categories(dataset: DatasetPolicy, hospital: Hospital) -> None:
    checked = 0

    for name, table in dataset.tables.items():
        rows = hospital.table(name)
        for own, column in table.columns.items():
            if column.use is None or not column.use.categories or column.derived_from:
                continue
            checked += 1
            assert {row[own] for row in rows} - {""} <= set(column.use.categories), own
    assert checked >= 15


def test_code_lists_cover_everything_that_may_ever_be_written(dataset: DatasetPolicy) -> None:
    lists = {
        ("conditions", "code"): ("conditions", "code"),
        ("conditions", "description"): ("conditions", "description"),
        ("encounters", "reason_code"): ("conditions", "code"),
        ("observations", "code"): ("measures", "code"),
        ("observations", "name"): ("measures", "name"),
        ("observations", "unit"): ("measures", "unit"),
        ("medications", "code"): ("drugs", "code"),
        ("medications", "description"): ("drugs", "description"),
        ("encounters", "facility_id"): ("facilities", "facility_id"),
        ("encounters", "department"): ("conditions", "department"),
    }

    for (table, column), (source, field) in lists.items():
        use = dataset.tables[table].columns[column].use
        assert use is not None
        assert {row[field] for row in records(source)} <= set(use.categories)


def test_code_lists_have_codes_that_nobody_has(dataset: DatasetPolicy, hospital: Hospital) -> None:
    use = dataset.tables["conditions"].columns["code"].use

    assert use is not None
    assert set(use.categories) - {row["code"] for row in hospital.table("conditions")}


def test_regions_cover_all_towns_and_small_areas(dataset: DatasetPolicy) -> None:
    zip3 = dataset.tables["patients"].columns["zip3"]
    assert isinstance(zip3.effective_transform, Zip3)
    assert zip3.use is not None
    restricted = set(zip3.effective_transform.restricted)
    towns = {row["zip3"] for row in records("cities")}

    assert towns & restricted == {"556"}
    assert towns - restricted <= set(zip3.use.categories)
    assert not restricted & set(zip3.use.categories)
    assert zip3.effective_transform.otherwise in zip3.use.categories


def test_few_values_lie_outside_their_bounds(dataset: DatasetPolicy, hospital: Hospital) -> None:
    checked = 0

    for name, table in dataset.tables.items():
        rows = hospital.table(name)
        for own, column in table.columns.items():
            if column.use is None or column.use.bounds is None or column.derived_from:
                continue
            values = [row[own] for row in rows if row[own]]
            low, high = column.use.bounds
            if isinstance(low, Decimal) and isinstance(high, Decimal):
                inside = sum(low <= Decimal(value) <= high for value in values)
            else:
                inside = sum(str(low) <= value <= str(high) for value in values)
            checked += 1
            assert inside >= 0.94 * len(values), own
    assert checked >= 14


def test_a_typed_error_is_outside_the_bounds_of_values(
    dataset: DatasetPolicy, hospital: Hospital
) -> None:
    use = dataset.tables["observations"].columns["value"].use
    assert use is not None
    values = [row["value"] for row in hospital.table("observations") if row["value"]]

    assert use.outside == "null"
    assert 0 < sum(Decimal(value) > 600 for value in values) < 0.001 * len(values)


def test_no_identifier_is_stored_and_each_is_searched_for(dataset: DatasetPolicy) -> None:
    direct = [
        (name, own, column)
        for name, table in dataset.tables.items()
        for own, column in table.columns.items()
        if column.role is Role.DIRECT_IDENTIFIER
    ]

    assert len(direct) > 25
    for _, own, column in direct:
        assert not column.is_stored
        assert column.identifies is not None, own
    stored = {own for table in dataset.tables.values() for own in table.stored_columns}
    assert not stored & {"birth_date", "zip", "street", "city", "staff_id"}


def test_directories_hold_staff_and_sites_only(dataset: DatasetPolicy) -> None:
    directories = {
        name for name, table in dataset.tables.items() if table.ownership is Ownership.DIRECTORY
    }

    assert directories == {"staff", "facilities"}


def test_ages_are_taken_on_the_snapshot_and_notes_are_stored_deidentified(
    dataset: DatasetPolicy,
) -> None:
    age, text = dataset.tables["patients"].columns["age"], dataset.tables["notes"].columns["text"]

    assert age.effective_transform == AgeAt(reference_date=SNAPSHOT_DATE, top_code=90)
    assert age.type is ValueType.INTEGER
    assert isinstance(text.effective_transform, DeidentifyText)
    assert text.is_stored
    assert text.use is None


def test_stored_rows_of_one_patient_are_bounded_without_much_loss(
    dataset: DatasetPolicy, hospital: Hospital
) -> None:
    for name, table in dataset.tables.items():
        if table.ownership is not Ownership.PRIVATE:
            continue
        assert table.max_rows_per_unit is not None
        counts: dict[str, int] = {}
        for row in hospital.table(name):
            counts[row["patient_id"]] = counts.get(row["patient_id"], 0) + 1
        kept = sum(min(count, table.max_rows_per_unit) for count in counts.values())
        assert kept >= 0.995 * sum(counts.values())


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2031, 5, 5), date(2036, 6, 30)])
def test_the_demo_is_in_force_for_years(declared: PolicySet, today: date) -> None:
    everything: list[DatasetPolicy | ProjectPolicy] = [
        *declared.datasets.values(),
        *declared.projects.values(),
    ]

    assert len(everything) == 3
    assert all(one.metadata.in_force(today) for one in everything)
    members = [one for project in declared.projects.values() for one in project.spec.members]
    assert {one.user for one in members} == {"demo|researcher", "demo|planner"}
    assert all(today <= one.until for one in members)


def test_projects_do_not_see_what_they_do_not_need(declared: PolicySet) -> None:
    care = declared.projects["demo-diabetes-care"].grant("demo-hospital")
    planning = declared.projects["demo-service-planning"].grant("demo-hospital")

    assert care is not None
    assert planning is not None
    assert not {"race", "income", "zip3"} & set(care.tables["patients"])
    assert "observations" not in planning.tables
