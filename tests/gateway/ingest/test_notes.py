from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from anonymizers.known import Matcher
from anonymizers.text import TextDeidentifier
from gateway.ingest import IngestReport
from gateway.storage import RamFolder, SnapshotStore, Warehouse
from policies.errors import DeclarationError
from policies.shifts import shift_of
from policies.stand_ins import ShiftDate
from tests.gateway.ingest.small import policy, run, write
from tests.limits import LIMITS

TABLES: dict[str, Any] = {
    "notes": {
        "columns": {
            "patient": {"role": "privacy_unit"},
            "note": {"role": "key"},
            "author": {"role": "direct_identifier", "identifies": "full_name"},
            "text": {"role": "free_text", "stored": True},
        }
    },
    "staff": {
        "ownership": "directory",
        "columns": {
            "given": {"role": "direct_identifier", "identifies": "given_name"},
            "family": {"role": "direct_identifier", "identifies": "family_name"},
        },
    },
}
STAFF = "given,family\nWilhelmina,Oberdorfer\n"
NOTES = """\
patient,note,author,text
p1,n1,Horatio Quill,"Ms. Roe (SSN 900-12-3456) was seen on 2020-01-05.
Her mother was seen by Wilhelmina Oberdorfer. Blood pressure 120/80. Signed H. Quill"
p1,n2,,"Jane feels better, said the ward on 2020-02-05."
p2,n3,,"Nothing of note for this man."
p2,n4,,
"""


class Notes:
    def __init__(self, folder: Path, store: SnapshotStore, ram: RamFolder) -> None:
        self.folder, self.store, self.ram = folder, store, ram

    def ingest(self, notes: str = NOTES, **changes: object) -> tuple[IngestReport, list[Any]]:
        dataset = policy(TABLES)
        source = write(self.folder / "source", notes=notes, staff=STAFF)
        report = run(dataset, source, self.store, self.ram, **changes)
        engine = Warehouse(self.store, self.ram, LIMITS).snapshot(dataset).engine
        rows = engine.run(
            "SELECT p.income, n.text FROM notes n JOIN patients p ON p.id = n.patient "
            "ORDER BY ALL NULLS LAST"
        )
        self.starts = engine.run(
            "SELECT start FROM visits v JOIN patients p ON p.id = v.patient "
            "WHERE p.income = 100 ORDER BY start"
        )
        return report, [tuple(row) for row in rows]


@pytest.fixture
def notes(tmp_path: Path, store: SnapshotStore, ram: RamFolder) -> Notes:
    return Notes(tmp_path, store, ram)


def test_notes_are_stored_without_what_identifies(notes: Notes) -> None:
    report, rows = notes.ingest()

    assert len(rows) == 4
    texts = " ".join(text for _, text in rows if text)
    for secret in ("Roe", "Jane", "900-12-3456", "Oberdorfer", "Wilhelmina", "Quill", "2020-01-05"):
        assert secret not in texts
    assert "Blood pressure 120/80" in texts
    assert (1000, "Nothing of note for this man.") in rows
    assert (1000, None) in rows
    assert report.notes.processed == 3
    assert report.notes.withheld == 0
    assert report.notes.spans["NAME"] >= 4
    assert report.notes.spans["DATE"] == 2
    assert "notes: 3 processed, 0 withheld" in report.text()


def test_dates_in_notes_move_with_the_dates_in_tables(notes: Notes) -> None:
    _, rows = notes.ingest()

    texts = " ".join(text for _, text in rows if text)
    assert str(notes.starts[0][0]) in texts
    assert str(notes.starts[1][0]) in texts
    assert date.fromisoformat(str(notes.starts[0][0])) != date(2020, 1, 5)


def test_worker_processes_give_the_same_notes(notes: Notes) -> None:
    _, alone = notes.ingest()
    _, together = notes.ingest(workers=2)

    assert together == alone


def test_a_note_that_fails_is_withheld_and_counted(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = TextDeidentifier._read

    def failing(self: TextDeidentifier, text: str, known: Matcher) -> object:
        if "feels better" in text:
            raise RuntimeError(text)
        return whole(self, text, known)

    monkeypatch.setattr(TextDeidentifier, "_read", failing)
    report, rows = notes.ingest()

    assert report.notes.withheld == 1
    assert report.notes.failures == {"RuntimeError": 1}
    assert "withheld because of RuntimeError 1" in report.text()
    assert json.loads(report.json())["notes"]["withheld"] == 1
    assert report.notes.processed == 3
    assert sum(text is None for _, text in rows) == 2


def test_another_patients_name_is_not_looked_for(notes: Notes) -> None:
    _, rows = notes.ingest(NOTES.replace("this man", "this roe of deer"))

    assert (1000, "Nothing of note for this roe of deer.") in rows


def test_columns_that_shift_dates_by_different_bounds_are_refused(notes: Notes) -> None:
    visits = {
        "visits": {
            "columns": {
                "start": {
                    "role": "quasi_identifier",
                    "type": "date",
                    "transform": {"kind": "shift_date", "max_days": 10},
                    "dp": {},
                },
                "again": {
                    "role": "quasi_identifier",
                    "type": "date",
                    "derived_from": "start",
                    "transform": {"kind": "shift_date", "max_days": 20},
                    "dp": {},
                },
            }
        }
    }
    dataset = policy(TABLES | visits)
    source = write(notes.folder / "source", notes=NOTES, staff=STAFF)

    with pytest.raises(DeclarationError) as error:
        run(dataset, source, notes.store, notes.ram)

    assert error.value.code == "DEID-SHIFT-DIFFERS"
    assert shift_of(policy()) == ShiftDate()
    assert notes.store.current("small") is None
