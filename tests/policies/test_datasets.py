from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from policies.datasets import Budget, DatasetPolicy
from policies.errors import DeclarationError
from policies.load import load_dataset
from policies.model import Metadata, twice
from policies.privacy import Measure, PrivacyLoss
from tests.policies.declarations import DATASET, changed, load, write_policies

PATIENT_ID = "id: {role: privacy_unit}\n        ssn"


@pytest.fixture
def ward(tmp_path: Path) -> DatasetPolicy:
    return load(tmp_path).datasets["ward"]


def codes(root: Path, old: str, new: str) -> list[str]:
    write_policies(root, changed(DATASET, old, new))
    with pytest.raises(DeclarationError) as caught:
        load_dataset(root / "datasets" / "ward.yaml")
    return [problem.code for problem in caught.value.problems]


def test_tables_know_their_unit_and_what_is_stored(ward: DatasetPolicy) -> None:
    assert ward.tables["patients"].unit_column == "id"
    assert ward.tables["visits"].unit_column == "patient"
    assert ward.tables["calendar"].unit_column is None
    assert list(ward.tables["patients"].stored_columns) == ["id", "sex", "age"]
    assert list(ward.tables["visits"].stored_columns)[-1] == "note"
    assert not ward.tables["staff"].stored_columns


def test_a_table_may_say_which_of_two_unit_columns_is_its_unit(tmp_path: Path) -> None:
    two = "id: {role: privacy_unit}\n        donor: {role: privacy_unit}\n        ssn"
    text = changed(
        changed(DATASET, PATIENT_ID, two), "      key: id", "      unit: id\n      key: id"
    )
    write_policies(tmp_path, text)

    loaded = load_dataset(tmp_path / "datasets" / "ward.yaml")
    assert loaded.tables["patients"].unit_column == "id"
    assert codes(tmp_path, PATIENT_ID, two) == ["DP-UNIT-PATH"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (PATIENT_ID, "id: {role: key}\n        ssn", "DP-UNIT-PATH"),
        ("day: {role: key,", "day: {role: privacy_unit,", "DP-UNIT-PATH"),
        ("      key: id", "      unit: sex\n      key: id", "DP-UNIT-PATH"),
        ("column: id}", "column: sex}", "DP-UNIT-PATH"),
        ("{table: patients,", "{table: patient,", "DP-UNIT-PATH"),
        ("      key: id", "      key: idd", "COL-GONE"),
        ("{patient: patients.id}", "{patients: patients.id}", "COL-GONE"),
        ("{patient: patients.id}", "{patient: people.id}", "COL-GONE"),
        ("{patient: patients.id}", "{patient: patients}", "COL-GONE"),
        ("        county:", "        AGE:", "COL-NAME-TWICE"),
        ("    calendar:", "    Staff:", "COL-NAME-TWICE"),
        ("        county:", "        __salt:", "COL-NAME-RESERVED"),
        ("    calendar:", '    "":', "COL-NAME-RESERVED"),
        ('default_loss: "0.1"', 'default_loss: "0.6"', "BUD-CHILD-EXCEEDS-PARENT"),
        ('per_project: "4"', 'per_researcher: "11"', "BUD-CHILD-EXCEEDS-PARENT"),
        ('epsilon: "10"', 'epsilon: "1e99999999"', "KEY-INVALID"),
        ('per_project: "4"', 'delta: "1"', "KEY-INVALID"),
        ("    max_cells: 100\n", "    measure: zcdp\n", "BUD-NO-DELTA"),
    ],
)
def test_refuses_a_dataset_that_contradicts_itself(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    assert codes(tmp_path, old, new) == [code]


def test_the_largest_price_is_in_the_pools_measure(ward: DatasetPolicy) -> None:
    assert ward.largest_price() == PrivacyLoss(measure=Measure.PURE, amount=500_000)


def test_amounts_may_be_decimals_in_code() -> None:
    assert Budget(pool="a", epsilon=Decimal("0.5")).delta == 0


def test_a_declaration_holds_on_its_first_and_last_day(ward: DatasetPolicy) -> None:
    metadata: Metadata = ward.metadata
    assert metadata.in_force(metadata.effective_from)
    assert metadata.in_force(metadata.expires_at)


def test_twice_finds_the_name_that_sql_cannot_tell_apart() -> None:
    assert twice(["a", "b", "A"]) == "A"
    assert twice(["a", "b"]) is None
