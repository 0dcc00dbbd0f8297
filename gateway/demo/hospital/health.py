"""What patients suffer from, since when, and whether they die of it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.demo.hospital.draws import Draws
from gateway.demo.hospital.reference import Condition, chronic_conditions, factors_of
from gateway.demo.hospital.rows import SNAPSHOT_DATE, Patient

__all__ = ["Held", "Life", "live"]

_DAYS_PER_YEAR = 365.25
_MOST_LIKELY = 0.92
"""No condition is certain, however many others lead to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A chronic condition of one patient.

    Attributes:
        condition: Which.
        since: Day of onset, as a proleptic Gregorian ordinal.
        severity: Factor on what it does to measured values; around 1.
    """

    condition: Condition
    since: int
    severity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The course of one patient's life, as far as the hospital sees it.

    Attributes:
        patient: The patient, with the day of death.
        born: Day of birth, as an ordinal.
        first: First day on which the patient may be seen.
        last: Last such day: death or the end of the records.
        held: Chronic conditions, by onset.
    """

    patient: Patient
    born: int
    first: int
    last: int
    held: tuple[Held, ...]

    def age_on(self, day: int) -> float:
        """Age in years on a day given as an ordinal."""
        return (day - self.born) / _DAYS_PER_YEAR

    def held_on(self, day: int) -> tuple[Held, ...]:
        """The chronic conditions that had begun by a day."""
        return tuple(held for held in self.held if held.since <= day)


def live(draws: Draws, patient: Patient) -> Life:
    """Give a patient chronic conditions and, with their help, perhaps a day of death."""
    born, first = patient.birth_date.toordinal(), patient.registered_on.toordinal()
    end = SNAPSHOT_DATE.toordinal()
    conditions = _conditions(draws, (end - born) / _DAYS_PER_YEAR, patient.sex)
    last = end
    if draws.chance(_mortality((end - born) / _DAYS_PER_YEAR, conditions)):
        last = draws.whole(first, end)
        patient = patient._replace(death_date=SNAPSHOT_DATE.fromordinal(last), vital_status="dead")
    held = sorted(
        (_begin(draws, found, born, end) for found in conditions), key=lambda one: one.since
    )
    return Life(
        patient=patient,
        born=born,
        first=first,
        last=last,
        held=tuple(one for one in held if one.since <= last),
    )


def _conditions(draws: Draws, age: float, sex: str) -> list[Condition]:
    """Draw chronic conditions in the listed order; each may raise the odds of later ones."""
    factors: dict[str, float] = {}
    found = []
    for candidate in chronic_conditions():
        share = candidate.share(age, sex) * factors.get(candidate.code, 1.0)
        if share > 0 and draws.chance(min(share, _MOST_LIKELY)):
            found.append(candidate)
            for code, factor in factors_of(candidate.code):
                factors[code] = factors.get(code, 1.0) * factor
    return found


def _begin(draws: Draws, found: Condition, born: int, end: int) -> Held:
    """Place the onset between the youngest age of the condition and the end, rather late."""
    earliest = born + int(found.ages[0] * _DAYS_PER_YEAR)
    part = 1 - draws.fraction() ** 1.9
    since = earliest + int(max(end - earliest, 0) * part)
    return Held(condition=found, since=since, severity=draws.between(0.55, 1.45))


_MORTALITY = ((90, 0.30), (80, 0.17), (70, 0.075), (55, 0.03), (35, 0.009), (0, 0.003))
"""Share of people from an age on, in years, who die while they are in the records."""

_GRAVE = {"I50.9", "J44.9", "N18.6", "C34.90", "C18.9", "C90.00", "K74.60", "G30.9", "G10", "I63.9"}


def _mortality(age: float, conditions: list[Condition]) -> float:
    base = next(share for lowest, share in _MORTALITY if age >= lowest)
    grave = sum(found.code in _GRAVE for found in conditions)
    return min(base * (1 + 0.9 * grave), 0.8)
