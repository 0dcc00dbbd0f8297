from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from policies.contributions import ReleaseProfile
from policies.datasets import Budget, DatasetPolicy
from policies.errors import DeclarationError
from policies.model import Metadata, twice
from policies.privacy import Measure, PrivacyLoss
from tests.policies.declarations import DATASET, changed, load, load_ward, write_policies

PATIENT_ID = "id: {role: privacy_unit}\n        ssn"


@pytest.fixture
def ward(tmp_path: Path) -> DatasetPolicy:
    return load(tmp_path).datasets["ward"]


def codes(root: Path, old: str, new: str) -> list[str]:
    write_policies(root, changed(DATASET, old, new))
    with pytest.raises(DeclarationError) as caught:
        load_ward(root)
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

    loaded = load_ward(tmp_path)
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


VISITS = "      foreign_keys: {patient: patients.id}\n"


def profile(text: str) -> str:
    return f"{VISITS}      release_profiles: {{usual: {{{text}}}}}\n"


def test_a_release_profile_is_read_as_declared(tmp_path: Path) -> None:
    usual = profile("groups: [code], max_groups: 2")
    write_policies(tmp_path, changed(DATASET, VISITS, usual))

    declared = load_ward(tmp_path).tables["visits"].release_profiles
    assert declared == {"usual": ReleaseProfile(groups=("code",), max_groups=2)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("groups: [code, code], max_groups: 1", "DP-PROFILE-GROUPS"),
        ("groups: [cost], max_groups: 1", "DP-PROFILE-GROUPS"),
        ("groups: [patient], max_groups: 1", "DP-PROFILE-GROUPS"),
        ("groups: [visit], max_groups: 1", "DP-PROFILE-GROUPS"),
        ("groups: [nothing], max_groups: 1", "DP-PROFILE-GROUPS"),
        ("groups: [], max_groups: 1", "KEY-INVALID"),
        ("groups: [code], max_groups: 0", "KEY-INVALID"),
        ("groups: [code]", "KEY-MISSING"),
    ],
)
def test_refuses_a_release_profile_that_cannot_be_kept(
    tmp_path: Path, text: str, code: str
) -> None:
    assert codes(tmp_path, VISITS, profile(text)) == [code]


def test_only_private_tables_have_release_profiles(tmp_path: Path) -> None:
    public = "      ownership: public\n"
    usual = "      release_profiles: {usual: {groups: [season], max_groups: 1}}\n"

    assert codes(tmp_path, public, public + usual) == ["DP-PROFILE-TABLE"]


def test_a_profiles_name_is_lower_case(tmp_path: Path) -> None:
    upper = profile("groups: [code], max_groups: 1").replace("usual", "Usual")

    assert codes(tmp_path, VISITS, upper) == ["KEY-INVALID"]


def test_no_more_rows_can_count_than_are_stored(tmp_path: Path) -> None:
    more = f"{VISITS}      contribution: {{max_rows: 21}}\n"
    as_many = more.replace("21", "20")

    assert codes(tmp_path, VISITS, more) == ["DP-MAX-ROWS"]
    write_policies(tmp_path, changed(DATASET, VISITS, as_many))
    loaded = load_ward(tmp_path)
    assert loaded.tables["visits"].contribution.max_rows == 20
