"""What is written down of visits: the problem list, measurements and prescriptions."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from gateway.demo.hospital.draws import Draws
from gateway.demo.hospital.health import Held, Life
from gateway.demo.hospital.reference import (
    Drug,
    Kind,
    Measure,
    condition,
    drugs_for,
    effects_on,
    measures_of_panel,
    panels_for,
)
from gateway.demo.hospital.rows import (
    SNAPSHOT_DATE,
    ConditionRow,
    Encounter,
    Medication,
    Observation,
)

__all__ = ["conditions_of", "medications_of", "observations_of"]

_ADULT_YEARS = 18
_DISPENSE_DAYS = 90
_TYPING_ERRORS = 0.0004
"""Share of values that are typed ten times too large."""

_NOT_DONE = 0.012
"""Share of ordered tests that have no value."""


def conditions_of(
    draws: Draws, life: Life, encounters: tuple[Encounter, ...]
) -> tuple[ConditionRow, ...]:
    """Return the problem list: chronic conditions once, acute ones for each visit about them."""
    rows = [_chronic(draws, life, held, encounters) for held in life.held] if encounters else []
    treated: dict[str, datetime] = {}
    for encounter in encounters:
        code = encounter.reason_code
        if code is None or condition(code).kind is Kind.CHRONIC:
            continue
        pause = timedelta(days=280 if condition(code).kind is Kind.PREGNANCY else 21)
        if code in treated and encounter.started_at - treated[code] < pause:
            continue
        treated[code] = encounter.started_at
        rows.append(_acute(draws, life, encounter, code))
    return tuple(rows)


def _chronic(
    draws: Draws, life: Life, held: Held, encounters: tuple[Encounter, ...]
) -> ConditionRow:
    first = next(
        (one for one in encounters if one.started_at.toordinal() >= held.since), encounters[-1]
    )
    known = held.since if draws.chance(0.45) else max(held.since, first.started_at.toordinal())
    return ConditionRow(
        patient_id=life.patient.patient_id,
        encounter_id=None if draws.chance(0.02) else first.encounter_id,
        onset_date=date.fromordinal(min(known, life.last)),
        resolved_date=None,
        code=held.condition.code,
        description=held.condition.description,
        status="active",
    )


def _acute(draws: Draws, life: Life, encounter: Encounter, code: str) -> ConditionRow:
    onset = encounter.started_at.date()
    over = onset + timedelta(days=draws.whole(5, 60))
    is_over = over < SNAPSHOT_DATE
    return ConditionRow(
        patient_id=life.patient.patient_id,
        encounter_id=encounter.encounter_id,
        onset_date=onset,
        resolved_date=over if is_over else None,
        code=code,
        description=condition(code).description,
        status="resolved" if is_over else "active",
    )


def medications_of(
    draws: Draws, life: Life, encounters: tuple[Encounter, ...]
) -> tuple[Medication, ...]:
    """Return prescriptions: for chronic conditions since they are treated, for acute ones once."""
    rows: dict[str, Medication] = {}
    short = []
    for held in life.held:
        first = next((one for one in encounters if one.started_at.toordinal() >= held.since), None)
        if first is None:
            continue
        for drug in drugs_for(held.condition.code):
            if drug.code not in rows and draws.chance(drug.share):
                rows[drug.code] = _prescription(draws, life, drug, first)
    for encounter in encounters:
        code = encounter.reason_code
        if code is not None and condition(code).kind is not Kind.CHRONIC:
            short += [
                _prescription(draws, life, drug, encounter)
                for drug in drugs_for(code)
                if draws.chance(drug.share * (0.2 if code == "Z34.90" else 1))
            ]
    return (*rows.values(), *short)


def _prescription(draws: Draws, life: Life, drug: Drug, encounter: Encounter) -> Medication:
    start = encounter.started_at.toordinal()
    days = drug.course_days or (
        max(life.last - start, 1) if draws.chance(0.7) else int(draws.skewed(400, 0.8))
    )
    stop = start + days
    dispenses = max(1, round(min(days, life.last - start) / _DISPENSE_DAYS * draws.between(0.6, 1)))
    return Medication(
        patient_id=life.patient.patient_id,
        encounter_id=encounter.encounter_id,
        started_on=date.fromordinal(start),
        stopped_on=date.fromordinal(stop) if stop < life.last else None,
        code=drug.code,
        description=drug.description,
        dispenses=dispenses,
        total_cost=round(dispenses * draws.skewed(drug.cost_median, 0.3), 2),
    )


def observations_of(
    draws: Draws, life: Life, encounters: tuple[Encounter, ...]
) -> tuple[Observation, ...]:
    """Return what was measured at each visit, in order of time."""
    usual: dict[str, tuple[float, float]] = {}
    rows: list[Observation] = []
    for encounter in encounters:
        if encounter.encounter_class == "virtual" or (
            _is_dialysis(encounter) and draws.chance(0.75)
        ):
            continue
        day = encounter.started_at.toordinal()
        present = {held.condition.code: held.severity for held in life.held_on(day)}
        if encounter.reason_code is not None:
            present.setdefault(encounter.reason_code, 1.0)
        for panel in _panels(draws, present, life.age_on(day)):
            for measure in measures_of_panel(panel):
                key = f"{measure.code} {encounter.reason_code} {len(present)}"
                if key not in usual:
                    usual[key] = _usual(draws, measure, present, life.age_on(day))
                rows.append(_observation(draws, measure, usual[key], encounter))
    return tuple(rows)


def _is_dialysis(encounter: Encounter) -> bool:
    return encounter.reason_code == "N18.6" and encounter.encounter_class == "outpatient"


def _panels(draws: Draws, present: dict[str, float], age: float) -> list[str]:
    chosen = []
    for code in ("", *present):
        for panel, chance in panels_for(code):
            if age < _ADULT_YEARS and panel in {"lipids", "mood"}:
                continue
            if panel not in chosen and draws.chance(chance):
                chosen.append(panel)
    return chosen


def _usual(
    draws: Draws, measure: Measure, present: dict[str, float], age: float
) -> tuple[float, float]:
    """Return a patient's own mean and spread of a measure, given what they have."""
    mean, within = draws.normal(_mean_at(measure, age), measure.between), measure.within
    for code, shift, spread in effects_on(measure.code):
        if code in present:
            mean += shift * present[code]
            within *= spread
    return mean, within


_GROWING = {
    "29463-7": (3.4, 3.9), "8480-6": (84, 1.9), "8462-4": (50, 1.3), "8867-4": (132, -3.1),
}  # fmt: skip
"""Value at birth and change per year of life, for what differs in children."""


def _mean_at(measure: Measure, age: float) -> float:
    if age < _ADULT_YEARS and measure.code in _GROWING:
        at_birth, yearly = _GROWING[measure.code]
        return at_birth + yearly * age
    return measure.mean + (0.25 * max(age - 40, 0) if measure.code == "8480-6" else 0)


def _observation(
    draws: Draws, measure: Measure, usual: tuple[float, float], encounter: Encounter
) -> Observation:
    value: float | None = min(max(draws.normal(*usual), measure.low), measure.high)
    luck = draws.fraction()
    if luck < _TYPING_ERRORS:
        value = (value or 0) * 10
    elif luck < _TYPING_ERRORS + _NOT_DONE:
        value = None
    if value is not None:
        value = round(value, measure.decimals) if measure.decimals else int(value)
    return Observation(
        patient_id=encounter.patient_id,
        encounter_id=encounter.encounter_id,
        observed_at=encounter.started_at + timedelta(minutes=draws.whole(3, 55)),
        code=measure.code,
        name=measure.name,
        value=value,
        unit=measure.unit,
    )
