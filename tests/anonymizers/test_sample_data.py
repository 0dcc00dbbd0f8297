"""The text pipeline on published synthetic notes; skipped where they are not at hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from anonymizers.known import Directory, KnownIdentifiers
from anonymizers.pool import deidentify_notes
from anonymizers.text import Note, NoteOutcome, TextDeidentifier
from policies.columns import IdentifierKind as Kind

SAMPLES = Path(
    os.environ.get("GATEWAY_SAMPLE_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
pytestmark = [
    pytest.mark.unwatched,
    pytest.mark.skipif(
        not SAMPLES.is_dir(), reason="no sample data; set GATEWAY_SAMPLE_DATA to their folder"
    ),
]

EVERY = 6
"""One note in so many is read, so that the test takes seconds."""
NAMED = ("first_name", "last_name", "maiden_name", "mothers_name", "ssn", "mrn", "phone", "city")

Row = Mapping[str, Any]


def rows(name: str) -> list[Row]:
    read: list[Row] = pq.read_table(SAMPLES / name).to_pylist()
    return read


def known(patient: Row) -> KnownIdentifiers:
    return KnownIdentifiers.of(
        [
            (Kind.GIVEN_NAME, patient["first_name"]),
            (Kind.GIVEN_NAME, patient["middle_name"]),
            (Kind.FAMILY_NAME, patient["last_name"]),
            (Kind.FAMILY_NAME, patient["maiden_name"]),
            (Kind.RELATIVE_NAME, patient["mothers_name"]),
            (Kind.DATE, str(patient["birth_date"])),
            (Kind.PHONE, patient["phone"]),
            (Kind.STREET, patient["address_line"]),
            (Kind.CITY, patient["city"]),
            (Kind.ID, patient["ssn"]),
            (Kind.ID, patient["mrn"]),
        ]
    )


@pytest.fixture(scope="module")
def patients() -> dict[str, Row]:
    return {row["patient_id"]: row for row in rows("synthea_network/patients.parquet")}


@pytest.fixture(scope="module")
def sample() -> list[Row]:
    notes = sorted(rows("synthea_network/notes.parquet"), key=lambda row: row["patient_id"])
    return notes[::EVERY]


@pytest.fixture(scope="module")
def outcomes(patients: dict[str, Row], sample: list[Row]) -> list[NoteOutcome]:
    directory = Directory.of(
        [(Kind.GIVEN_NAME, row["first_name"]), (Kind.FAMILY_NAME, row["last_name"])]
        for row in rows("synthea_network/practitioners.parquet")
    )
    service = TextDeidentifier(key=b"k" * 32, directory=directory, operator="redact")
    kept = {key: known(row) for key, row in patients.items()}

    def stream() -> Iterator[Note]:
        for row in sample:
            unit = row["patient_id"]
            yield Note(id=row["note_id"], unit=unit, text=row["text"], known=kept[unit])

    return list(deidentify_notes(service, stream()))


def test_every_note_comes_out_once_and_in_order(
    sample: list[Row], outcomes: list[NoteOutcome]
) -> None:
    assert len(outcomes) > 500
    assert [outcome.id for outcome in outcomes] == [row["note_id"] for row in sample]
    assert not any(outcome.withheld for outcome in outcomes)


def test_no_exact_identifier_of_the_patient_survives(
    patients: dict[str, Row], sample: list[Row], outcomes: list[NoteOutcome]
) -> None:
    searched = hits = 0
    for row, outcome in zip(sample, outcomes, strict=True):
        patient = patients[row["patient_id"]]
        values = [patient[name] for name in NAMED if patient[name]]
        values += [row["author_name"], str(patient["birth_date"]), str(row["note_ts"].date())]
        assert outcome.note is not None
        for value in values:
            exact = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.IGNORECASE)
            searched += 1
            hits += exact.search(row["text"]) is not None
            assert not exact.search(outcome.note.text)

    assert searched > 5_000
    assert hits >= len(sample)


def test_dates_and_great_ages_are_gone(outcomes: list[NoteOutcome]) -> None:
    texts = [outcome.note.text for outcome in outcomes if outcome.note]

    assert not any(re.search(r"\d{4}-\d\d-\d\d", text) for text in texts)
    assert not any(re.search(r"\b(?:9\d|1\d\d) year-old", text) for text in texts)
    assert sum("year-old" in text for text in texts) > 100


def excess(service: TextDeidentifier, name: str, column: str, every: int) -> float:
    """Return the share of words that start a span, over notes that name nearly nobody."""
    table = pq.read_table(SAMPLES / f"clinical_notes/{name}.parquet")
    texts = [text for text in table[column].to_pylist() if text][::every]
    words = sum(len(text.split()) for text in texts)

    assert words > 5_000
    return sum(len(service.detect(text)) for text in texts) / words


NEARLY_NOBODY = [("physician_notes", "text", 10), ("primock57", "note", 1)]


@pytest.mark.parametrize("notes", NEARLY_NOBODY)
def test_rules_nearly_leave_notes_alone_that_name_nearly_nobody(
    notes: tuple[str, str, int],
) -> None:
    assert excess(TextDeidentifier(key=b"k" * 32, engine=None), *notes) < 5 / 1_000


@pytest.mark.parametrize("notes", NEARLY_NOBODY)
def test_notes_that_name_nearly_nobody_are_nearly_left_alone(notes: tuple[str, str, int]) -> None:
    assert excess(TextDeidentifier(key=b"k" * 32), *notes) < 5 / 1_000
