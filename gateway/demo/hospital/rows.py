"""The rows of the hospital's tables; a field is a column, in this order.

Named tuples, since the CSV writer takes them as they are and there are a hundred thousand.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

__all__ = [
    "SNAPSHOT_DATE",
    "TABLES",
    "ConditionRow",
    "Encounter",
    "Facility",
    "Medication",
    "Note",
    "Observation",
    "Patient",
    "Staff",
]

SNAPSHOT_DATE: Final = date(2026, 10, 31)
"""The day on which the made-up records end."""


class Facility(NamedTuple):
    """A site of the hospital."""

    facility_id: str
    name: str
    short_name: str
    kind: str
    street: str
    city: str
    state: str
    zip: str
    phone: str
    fax: str


class Staff(NamedTuple):
    """Somebody who works there."""

    staff_id: str
    given_name: str
    family_name: str
    role: str
    credential: str
    department: str
    npi: str
    phone: str
    email: str


class Patient(NamedTuple):
    """A patient, as the registration desk knows them."""

    patient_id: str
    mrn: str
    ssn: str | None
    given_name: str
    family_name: str
    maiden_name: str | None
    birth_date: date
    death_date: date | None
    vital_status: str
    sex: str
    race: str | None
    ethnicity: str | None
    marital_status: str | None
    street: str
    city: str
    state: str
    zip: str
    phone: str | None
    email: str | None
    payer: str
    insurance_id: str | None
    contact_name: str | None
    contact_relation: str | None
    contact_phone: str | None
    income: int | None
    registered_on: date


class Encounter(NamedTuple):
    """A visit, call or stay; the cost is in dollars."""

    encounter_id: str
    patient_id: str
    started_at: datetime
    ended_at: datetime
    encounter_class: str
    department: str
    facility_id: str
    provider_id: str
    reason_code: str | None
    length_of_stay_days: int
    readmission: str
    disposition: str
    total_cost: float


class ConditionRow(NamedTuple):
    """A diagnosis on the problem list."""

    patient_id: str
    encounter_id: str | None
    onset_date: date
    resolved_date: date | None
    code: str
    description: str
    status: str


class Observation(NamedTuple):
    """One measured value; missing where the test was ordered and not done."""

    patient_id: str
    encounter_id: str
    observed_at: datetime
    code: str
    name: str
    value: float | int | None
    unit: str


class Medication(NamedTuple):
    """One prescription and all its dispenses; the cost is in dollars."""

    patient_id: str
    encounter_id: str
    started_on: date
    stopped_on: date | None
    code: str
    description: str
    dispenses: int
    total_cost: float


class Note(NamedTuple):
    """One clinical note."""

    note_id: str
    patient_id: str
    encounter_id: str
    staff_id: str
    written_at: datetime
    note_type: str
    text: str


TABLES: Final[dict[str, tuple[str, ...]]] = {
    "facilities": Facility._fields,
    "staff": Staff._fields,
    "patients": Patient._fields,
    "encounters": Encounter._fields,
    "conditions": ConditionRow._fields,
    "observations": Observation._fields,
    "medications": Medication._fields,
    "notes": Note._fields,
}
"""Columns of the tables, by file name without its ending."""
