from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

import anonymizers.pool
from anonymizers.known import Directory, KnownIdentifiers
from anonymizers.pool import deidentify_notes
from anonymizers.text import Note, NoteOutcome, TextDeidentifier
from policies.columns import IdentifierKind as Kind
from tests.limits import PATIENCE

STAFF = Directory.of([[(Kind.GIVEN_NAME, "Agnes"), (Kind.FAMILY_NAME, "Hargreaves")]])
SERVICE = TextDeidentifier(key=b"k" * 32, directory=STAFF)


@dataclass(frozen=True, kw_only=True)
class Fragile(TextDeidentifier):
    """Loses its process over one patient's notes."""

    def deidentify_patient(self, notes: Sequence[Note]) -> tuple[NoteOutcome, ...]:
        if notes[0].unit == "p3":
            os._exit(1)
        return super().deidentify_patient(notes)


def stream(patients: int, each: int = 2) -> Iterator[Note]:
    for patient in range(patients):
        known = KnownIdentifiers.of([(Kind.FAMILY_NAME, f"Okafor{patient}")])
        for number in range(each):
            yield Note(
                id=f"{patient}.{number}",
                unit=f"p{patient}",
                text=f"Ms. Okafor{patient} was seen by Hargreaves on 3/{number + 1}/2022.",
                known=known,
            )


def test_two_processes_give_what_one_gives_in_the_same_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(anonymizers.pool, "_BATCH_CHARS", 300)

    alone = list(deidentify_notes(SERVICE, stream(9)))
    together = list(deidentify_notes(SERVICE, stream(9), workers=2))

    assert [outcome.id for outcome in alone] == [note.id for note in stream(9)]
    assert together == alone


def test_a_lost_process_withholds_its_patient_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(anonymizers.pool, "_BATCH_CHARS", 100)
    monkeypatch.setattr(anonymizers.pool, "_AHEAD", 1)
    service = Fragile(key=b"k" * 32, directory=STAFF)

    outcomes = list(deidentify_notes(service, stream(8), workers=2))

    assert [outcome.id for outcome in outcomes] == [note.id for note in stream(8)]
    assert [outcome.id for outcome in outcomes if outcome.withheld] == ["3.0", "3.1"]


def test_notes_are_read_as_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymizers.pool, "_BATCH_CHARS", 1)
    taken: list[str] = []

    def watched() -> Iterator[Note]:
        for note in stream(100, each=1):
            taken.append(note.id)
            yield note

    outcomes = deidentify_notes(SERVICE, watched())
    next(outcomes)

    assert len(taken) < 5


def test_no_notes_need_no_work() -> None:
    assert list(deidentify_notes(SERVICE, iter([]), workers=2)) == []


def test_workers_end_when_their_parent_is_killed() -> None:
    # Workers hold the write end of standard output as well, so it is read to its end only once
    # all of them are gone. Two, since each keeps the queue of the other open.
    program = (
        "import time\n"
        "from anonymizers.pool import _started\n"
        "if __name__ == '__main__':\n"
        "    pool = _started(None, 2)\n"
        "    for nap in [pool.submit(time.sleep, 1) for _ in range(2)]:\n"
        "        nap.result()\n"
        "    print(*pool._processes, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = [int(number) for number in parent.stdout.readline().split()]
        parent.kill()
        try:
            parent.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            raise

    assert len(workers) == 2
