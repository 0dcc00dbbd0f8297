"""Which visits have notes, of which kind, and the notes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from gateway.demo.hospital import identities
from gateway.demo.hospital.draws import Draws, Weighted
from gateway.demo.hospital.health import Life
from gateway.demo.hospital.notes.pieces import LabeledText, Pieces, assemble, wrap
from gateway.demo.hospital.notes.scene import STYLES, Cast, Chart, Person, Scene, Style
from gateway.demo.hospital.notes.templates import KINDS, compose, templates
from gateway.demo.hospital.rows import Encounter, Facility, Medication, Note, Observation, Staff
from gateway.demo.hospital.staff import Team

__all__ = ["History", "WrittenNote", "notes_of"]

_SHARES = {"inpatient": 0.40, "emergency": 0.21, "urgent care": 0.19, "outpatient": 0.028}
"""Share of visits of a class that have a note; 0.04 for all others."""

_OTHER_SHARE = 0.04
_MOST_NOTES = 14
_KINDS = {
    "inpatient": Weighted.of(
        {"discharge": 36, "nursing": 22, "progress": 18, "social_work": 14, "radiology": 10}
    ),
    "surgical": Weighted.of({"operative": 45, "discharge": 30, "nursing": 15, "progress": 10}),
    "emergency": Weighted.of({"emergency": 72, "radiology": 18, "phone": 10}),
    "virtual": Weighted.of({"phone": 75, "progress": 25}),
    "psychiatry": Weighted.of({"psychiatry": 82, "phone": 10, "referral": 8}),
    "clinic": Weighted.of({"progress": 46, "referral": 22, "phone": 20, "radiology": 12}),
}
_STYLE_OF = {
    "FAC01": "university", "FAC02": "regional", "FAC03": "community", "FAC04": "clinic",
    "FAC05": "university", "FAC06": "clinic", "FAC07": "community", "FAC08": "regional",
    "FAC09": "clinic", "FAC10": "university",
}  # fmt: skip
_RELATIVES = {
    False: ("daughter", "son", "wife", "husband", "sister", "brother", "mother", "partner"),
    True: ("mother", "mother", "father", "aunt"),
}
_WOMEN = {"daughter", "wife", "sister", "mother", "aunt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the tables hold about one patient.

    Attributes:
        life: The patient and their chronic conditions.
        encounters: In order of time.
        medications: In no special order.
        observations: In order of time.
    """

    life: Life
    encounters: tuple[Encounter, ...]
    medications: tuple[Medication, ...]
    observations: tuple[Observation, ...]


class WrittenNote(NamedTuple):
    """A row of the notes table, and the same text with its gold spans."""

    note: Note
    labeled: LabeledText


def notes_of(
    draws: Draws, history: History, team: Team, sites: tuple[Facility, ...]
) -> Iterator[WrittenNote]:
    """Write the notes about one patient, in order of time, at most 14."""
    family = [_relative(draws, history.life) for _ in range(2)]
    written = 0
    for encounter in history.encounters:
        share = _SHARES.get(encounter.encounter_class, _OTHER_SHARE)
        if written == _MOST_NOTES or encounter.disposition == "died" or not draws.chance(share):
            continue
        written += 1
        kind = draws.weigh(_KINDS[_setting(encounter)])
        scene = Scene(
            draws=draws,
            patient=history.life.patient,
            age=history.life.age_on(encounter.started_at.toordinal()),
            encounter=encounter,
            cast=_cast(draws, team, encounter, kind),
            relative=draws.pick(family),
            contact=_contact(history, family[0]),
            friend=_person(draws, "friend", draws.pick("FM"), history.life),
            site=next(site for site in sites if site.facility_id == encounter.facility_id),
            other_site=draws.pick(sites),
            style=STYLES[_STYLE_OF[encounter.facility_id]],
            chart=_chart(history, encounter),
        )
        yield _written(scene, kind)


def _written(scene: Scene, kind: str) -> WrittenNote:
    draws, encounter = scene.draws, scene.encounter
    pieces: Pieces = tuple(compose(draws.pick(templates(kind)), scene))
    letters = _letters(draws, scene.style, kind)
    labeled = assemble(pieces, lambda text: _changed(text, scene.style, letters))
    if scene.style.width is not None:
        labeled = LabeledText(text=wrap(labeled.text, scene.style.width), spans=labeled.spans)
    ends = kind in {"discharge", "nursing"}
    moment = (encounter.ended_at if ends else encounter.started_at) + timedelta(
        minutes=draws.whole(10, 400)
    )
    note = Note(
        note_id=draws.uuid(),
        patient_id=scene.patient.patient_id,
        encounter_id=encounter.encounter_id,
        staff_id=scene.cast.author.staff_id,
        written_at=moment,
        note_type=KINDS[kind],
        text=labeled.text,
    )
    return WrittenNote(note, labeled)


def _letters(draws: Draws, style: Style, kind: str) -> str:
    """Draw how letters are typed: hurried messages in lower case, some sites shout."""
    if kind == "phone" and draws.chance(0.35):
        return "lower"
    if style.name == "community" and draws.chance(0.12):
        return "upper"
    return "lower" if style.name == "community" and draws.chance(0.10) else "mixed"


def _changed(text: str, style: Style, letters: str) -> str:
    if style.plain_letters:
        text = identities.plain(text)
    return {"lower": text.lower, "upper": text.upper}.get(letters, text.__str__)()


def _setting(encounter: Encounter) -> str:
    match encounter.encounter_class:
        case "inpatient" if encounter.department in {"surgery", "orthopedics"}:
            return "surgical"
        case "inpatient":
            return "psychiatry" if encounter.department == "psychiatry" else "inpatient"
        case "emergency" | "urgent care":
            return "emergency"
        case "virtual":
            return "virtual"
        case _:
            return "psychiatry" if encounter.department == "psychiatry" else "clinic"


def _cast(draws: Draws, team: Team, encounter: Encounter, kind: str) -> Cast:
    """Choose the staff; the clinician of the visit writes, where clinicians write such notes."""
    provider = next(one for one in team.members if one.staff_id == encounter.provider_id)
    writers: dict[str, tuple[Staff, ...]] = {
        "nursing": team.others["nurse"],
        "social_work": team.others["social worker"],
        "radiology": team.clinicians["radiology"],
    }
    author = draws.pick(writers[kind]) if kind in writers else provider
    doctors = tuple(one for one in team.members if one.role == "physician")
    return Cast(
        author=author,
        doctor=provider if author is not provider else draws.pick(doctors),
        consultant=draws.pick(doctors),
        pcp=draws.pick(team.clinicians["primary care"]),
        nurse=draws.pick(team.others["nurse"]),
        worker=draws.pick(team.others["social worker"]),
    )


def _person(draws: Draws, role: str, sex: str, life: Life) -> Person:
    return Person(
        role=role,
        given=identities.given_name(draws, sex),
        family=identities.family_name(draws),
        phone=identities.phone(draws, life.patient.state),
    )


def _relative(draws: Draws, life: Life) -> Person:
    role = draws.pick(_RELATIVES[life.age_on(life.last) < 18])  # noqa: PLR2004  years
    person = _person(draws, role, "F" if role in _WOMEN else "M", life)
    return person._replace(family=life.patient.family_name) if draws.chance(0.6) else person


def _contact(history: History, relative: Person) -> Person:
    """Return the emergency contact of the tables, or else the relative."""
    patient = history.life.patient
    if patient.contact_name is None or patient.contact_phone is None:
        return relative
    given, _, family = patient.contact_name.partition(" ")
    return Person(patient.contact_relation or "contact", given, family, patient.contact_phone)


def _chart(history: History, encounter: Encounter) -> Chart:
    day = encounter.started_at.date()
    code = encounter.reason_code
    return Chart(
        reason=code,
        problems=tuple(held.condition.code for held in history.life.held_on(day.toordinal())),
        medications=tuple(
            drug.description
            for drug in history.medications
            if drug.started_on <= day and (drug.stopped_on is None or drug.stopped_on >= day)
        ),
        observations=tuple(
            one for one in history.observations if one.encounter_id == encounter.encounter_id
        ),
    )
