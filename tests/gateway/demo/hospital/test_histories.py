from __future__ import annotations

import csv
import json
from pathlib import Path

from gateway.demo.hospital import GOLD_FILE, write_hospital
from gateway.demo.hospital.histories import gold_notes


def test_a_seed_gives_the_same_notes_and_another_seed_others() -> None:
    notes = gold_notes(20, 5)

    assert notes == gold_notes(20, 5)
    assert notes[:10] == gold_notes(10, 5)
    assert not {one.text for one in notes} & {one.text for one in gold_notes(20, 6)}


def test_notes_are_of_many_patients_and_say_what_identifies() -> None:
    notes = gold_notes(30, 5)

    assert len({one.text for one in notes}) == 30
    assert all(one.spans for one in notes)
    assert all(span.of(one.text).strip() for one in notes for span in one.spans)


def test_they_are_written_as_those_of_the_demo_hospital_and_are_none_of_them(
    tmp_path: Path,
) -> None:
    write_hospital(tmp_path, patients=30, seed=1)
    with (tmp_path / "notes.csv").open(encoding="utf-8", newline="") as lines:
        written = {row["text"] for row in csv.DictReader(lines)}
    gold = (tmp_path / GOLD_FILE).read_text("utf-8").splitlines()

    assert len(written) > 3
    assert {json.loads(line)["text"] for line in gold} == written
    assert not written & {one.text for one in gold_notes(60, 26_112_204)}
