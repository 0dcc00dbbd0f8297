"""Writing the made-up hospital to files."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TextIO

from gateway.demo.hospital.draws import Draws
from gateway.demo.hospital.health import live
from gateway.demo.hospital.histories import history_of
from gateway.demo.hospital.notes.chart import WrittenNote, notes_of
from gateway.demo.hospital.people import make_patient
from gateway.demo.hospital.records import conditions_of
from gateway.demo.hospital.rows import TABLES
from gateway.demo.hospital.staff import make_facilities, make_team
from policies.errors import DeclarationError

__all__ = ["GOLD_FILE", "MOST_PATIENTS", "HospitalSummary", "write_hospital"]

GOLD_FILE: Final = "notes.gold.jsonl"
"""The notes with what identifies in them, one JSON object a line."""

MOST_PATIENTS: Final = 200_000
"""Largest hospital that is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalSummary:
    """What was written.

    Attributes:
        folder: Where the files are.
        rows: Rows by table.
        gold_spans: Spans in the gold file.
    """

    folder: Path
    rows: dict[str, int]
    gold_spans: int


def write_hospital(folder: Path, *, patients: int, seed: int) -> HospitalSummary:
    """Write the tables of a made-up hospital as CSV files, and its notes with gold spans.

    The same numbers give the same bytes. A patient's rows depend on the seed and on the patient's
    place in the list, and beyond that only on how many staff there are.

    Args:
        folder: Made where it is missing; files of the same names are replaced.
        patients: 1 to 200,000.
        seed: Any whole number, 0 or more.

    Raises:
        DeclarationError: If a number is outside its range.
    """
    if not 1 <= patients <= MOST_PATIENTS:
        raise DeclarationError(
            f"a hospital of {patients} patients was asked for; give 1 to {MOST_PATIENTS}"
        )
    if seed < 0:
        raise DeclarationError(f"the seed is {seed}; give 0 or more")
    team, sites = make_team(seed, patients), make_facilities(seed)
    folder.mkdir(parents=True, exist_ok=True)
    with _Files(folder) as files:
        files.add("facilities", sites)
        files.add("staff", team.members)
        for number in range(patients):
            draws = Draws("patient", seed, number)
            life = live(draws, make_patient(draws, number, seed))
            history = history_of(draws, life, team, sites)
            files.add("patients", [life.patient])
            files.add("encounters", history.encounters)
            files.add("conditions", conditions_of(draws, life, history.encounters))
            files.add("observations", history.observations)
            files.add("medications", history.medications)
            files.add_notes(notes_of(Draws("notes", seed, number), history, team, sites))
    return HospitalSummary(folder=folder, rows=dict(files.rows), gold_spans=files.gold_spans)


class _Files:
    """The open files of a hospital."""

    def __init__(self, folder: Path) -> None:
        self.rows: Counter[str] = Counter(dict.fromkeys(TABLES, 0))
        self.gold_spans = 0
        self._folder = folder
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._gold = stack.enter_context(self._open(GOLD_FILE))
            self._tables = {}
            for name, columns in TABLES.items():
                table = csv.writer(
                    stack.enter_context(self._open(f"{name}.csv")), lineterminator="\n"
                )
                table.writerow(columns)
                self._tables[name] = table
            self._closing = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def _open(self, name: str) -> TextIO:
        return (self._folder / name).open("w", encoding="utf-8", newline="")

    def add(self, table: str, rows: Sequence[Iterable[Any]]) -> None:
        """Append rows to a table."""
        self._tables[table].writerows(rows)
        self.rows[table] += len(rows)

    def add_notes(self, notes: Iterator[WrittenNote]) -> None:
        """Append notes to their table, and the same notes with gold spans to the gold file."""
        for note, labeled in notes:
            self.add("notes", [note])
            self.gold_spans += len(labeled.spans)
            spans = [
                {"start": start, "end": end, "label": label.value}
                for start, end, label in labeled.spans
            ]
            line = {"id": note.note_id, "text": note.text, "spans": spans}
            self._gold.write(json.dumps(line, ensure_ascii=False) + "\n")
