"""The histories of made-up patients, and notes about them that no hospital holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from typing import Final

from anonymizers.evaluation import Gold
from anonymizers.spans import Label, Source, Span
from gateway.demo.hospital.draws import Draws
from gateway.demo.hospital.health import Life, live
from gateway.demo.hospital.notes.chart import History, WrittenNote, notes_of
from gateway.demo.hospital.people import make_patient
from gateway.demo.hospital.records import medications_of, observations_of
from gateway.demo.hospital.rows import Facility
from gateway.demo.hospital.staff import Team, make_facilities, make_team
from gateway.demo.hospital.visits import visits_of

__all__ = ["gold_notes", "history_of"]

_PATIENTS: Final = 500
"""Size of the hospital whose staff the notes name."""
_OF_ONE: Final = 2
"""Notes about one patient at most, so that a few notes are of many kinds."""


def history_of(draws: Draws, life: Life, team: Team, sites: tuple[Facility, ...]) -> History:
    """Return what the tables hold about one patient.

    Args:
        draws: Of the patient; drawn from in a fixed order.
        life: The patient.
        team: Staff of the hospital.
        sites: Its facilities.
    """
    encounters = visits_of(draws, life, team, sites)
    return History(
        life=life,
        encounters=encounters,
        medications=medications_of(draws, life, encounters),
        observations=observations_of(draws, life, encounters),
    )


def gold_notes(number: int, seed: int) -> tuple[Gold, ...]:
    """Return notes about patients who do not exist, with what identifies in them.

    Args:
        number: How many notes.
        seed: Of the hospital; equal seeds give equal notes.
    """
    return tuple(islice(_gold(seed), number))


def _gold(seed: int) -> Iterator[Gold]:
    team, sites = make_team(seed, _PATIENTS), make_facilities(seed)
    for patient in count():
        draws = Draws("patient", seed, patient)
        life = live(draws, make_patient(draws, patient, seed))
        history = history_of(draws, life, team, sites)
        notes = notes_of(Draws("notes", seed, patient), history, team, sites)
        yield from map(_as_gold, islice(notes, _OF_ONE))


def _as_gold(written: WrittenNote) -> Gold:
    spans = tuple(
        Span(
            start=span.start,
            end=span.end,
            label=Label(span.label.value),
            score=1.0,
            source=Source.KNOWN,
        )
        for span in written.labeled.spans
    )
    return Gold(id=written.note.note_id, text=written.labeled.text, spans=spans)
