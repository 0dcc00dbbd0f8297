from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.demo.hospital import MOST_PATIENTS, write_hospital
from policies.errors import DeclarationError
from tests.gateway.demo.hospital.conftest import Hospital

FILES = {
    "facilities.csv", "staff.csv", "patients.csv", "encounters.csv", "conditions.csv",
    "observations.csv", "medications.csv", "notes.csv", "notes.gold.jsonl",
}  # fmt: skip


def contents(hospital: Hospital) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in hospital.folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(
    make_hospital: Callable[[int, int], Hospital],
) -> None:
    once, again = make_hospital(60, 5), make_hospital(60, 5)

    assert set(contents(once)) == FILES
    assert contents(once) == contents(again)


def test_another_seed_gives_other_people(make_hospital: Callable[[int, int], Hospital]) -> None:
    these = {row["patient_id"] for row in make_hospital(60, 5).table("patients")}
    those = {row["patient_id"] for row in make_hospital(60, 6).table("patients")}

    assert not these & those


def test_the_first_patients_do_not_depend_on_how_many_follow(
    make_hospital: Callable[[int, int], Hospital],
) -> None:
    few, many = make_hospital(40, 5), make_hospital(80, 5)

    for name in ("patients", "encounters", "conditions", "observations", "medications", "notes"):
        rows = few.table(name)
        assert rows == many.table(name)[: len(rows)]


def test_the_summary_counts_what_the_files_hold(hospital: Hospital) -> None:
    rows = hospital.summary.rows

    assert rows["patients"] == 1500
    assert {name: len(hospital.table(name)) for name in rows} == rows
    assert hospital.summary.gold_spans == sum(len(note["spans"]) for note in hospital.gold)


def test_one_patient_is_enough(make_hospital: Callable[[int, int], Hospital]) -> None:
    assert make_hospital(1, 0).summary.rows["patients"] == 1


@pytest.mark.parametrize("patients", [0, -1, MOST_PATIENTS + 1])
def test_refuses_a_number_of_patients_outside_the_range(tmp_path: Path, patients: int) -> None:
    with pytest.raises(DeclarationError, match="give 1 to 200000"):
        write_hospital(tmp_path / "none", patients=patients, seed=1)

    assert not (tmp_path / "none").exists()


def test_refuses_a_seed_below_zero(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="give 0 or more"):
        write_hospital(tmp_path, patients=1, seed=-1)


def test_files_are_closed_when_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr("gateway.demo.hospital.write.live", broken)
    # An open file that is collected later is a warning, and warnings are errors.
    with pytest.raises(OSError, match="no space"):
        write_hospital(tmp_path, patients=1, seed=1)

    assert (tmp_path / "staff.csv").stat().st_size > 0
