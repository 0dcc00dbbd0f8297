"""The scene of one note: who writes about whom, where, when, with what on the chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.demo.hospital.draws import Draws
from gateway.demo.hospital.rows import Encounter, Facility, Observation, Patient, Staff

__all__ = ["STYLES", "Cast", "Chart", "Person", "Scene", "Style"]


class Person(NamedTuple):
    """Somebody close to the patient; ``role`` is what they are to the patient."""

    role: str
    given: str
    family: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a site writes.

    Attributes:
        name: The style's name; phrases may be special to it.
        date_form: Number of the usual date format in ``notes.dates``.
        plain_letters: Whether accents are lost.
        width: Characters a line; None where lines are not broken.
    """

    name: str
    date_form: int
    plain_letters: bool = False
    width: int | None = None


STYLES: Final = {
    "university": Style(name="university", date_form=0),
    "regional": Style(name="regional", date_form=4, width=78),
    "community": Style(name="community", date_form=1, plain_letters=True),
    "clinic": Style(name="clinic", date_form=6, width=100),
}
"""House styles by name."""


class Cast(NamedTuple):
    """The staff who appear in a note."""

    author: Staff
    doctor: Staff
    consultant: Staff
    pcp: Staff
    nurse: Staff
    worker: Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What the tables say at the time of the note.

    Attributes:
        reason: ICD-10-CM code of the reason for the visit; None for a check-up.
        problems: ICD-10-CM codes of the chronic conditions.
        medications: Descriptions of the drugs that are being taken.
        observations: What was measured at this visit.
    """

    reason: str | None
    problems: tuple[str, ...]
    medications: tuple[str, ...]
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that a note may mention.

    Attributes:
        draws: Chance for this note alone.
        patient: Whom it is about.
        age: Age of the patient at the visit, in years.
        encounter: The visit.
        cast: Staff in the note.
        relative: A relative; not always in the tables.
        contact: The emergency contact, or the relative where there is none.
        friend: Somebody whom no table knows.
        site: Where the visit is.
        other_site: Another site of the hospital.
        style: How the site writes.
        chart: What the tables say.
    """

    draws: Draws
    patient: Patient
    age: float
    encounter: Encounter
    cast: Cast
    relative: Person
    contact: Person
    friend: Person
    site: Facility
    other_site: Facility
    style: Style
    chart: Chart

    @property
    def is_child(self) -> bool:
        """Whether the patient is under 18."""
        return self.age < 18  # noqa: PLR2004  years
