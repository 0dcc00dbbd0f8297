"""Visits that come in series: dialysis, chemotherapy, pregnancies."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.demo.hospital.draws import Draws
from gateway.demo.hospital.health import Held, Life
from gateway.demo.hospital.reference import Condition, condition

__all__ = ["Plan", "program_visits"]

_CANCERS = {"C50.919", "C61", "C18.9", "C34.90", "C90.00"}
_PREGNANCY_DAYS = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A visit before its details are known.

    Attributes:
        day: When, as an ordinal.
        encounter_class: What kind of visit, or ``dialysis`` or ``infusion``.
        reason: Why; None for a check-up.
        is_birth: Whether a child is born.
        is_last: Whether the patient dies during it.
    """

    day: int
    encounter_class: str
    reason: Condition | None
    is_birth: bool = False
    is_last: bool = False


def program_visits(draws: Draws, life: Life) -> list[Plan]:
    """Return the visits of all series that a patient goes through, in no special order."""
    plans: list[Plan] = []
    for held in life.held:
        if held.condition.code == "N18.6":
            plans += _dialysis(draws, life, held)
        elif held.condition.code in _CANCERS and draws.chance(0.6):
            plans += _infusions(draws, life, held)
    if life.patient.sex == "F":
        plans += _pregnancies(draws, life)
    return plans


def _dialysis(draws: Draws, life: Life, held: Held) -> list[Plan]:
    """Three times a week, from the onset or up to two and a half years before the end."""
    start = max(life.first, held.since, life.last - draws.whole(200, 900))
    start += (7 - (start - 1) % 7) % 7
    days = (week + weekday for week in range(start, life.last, 7) for weekday in (0, 2, 4))
    return [
        Plan(day=day, encounter_class="dialysis", reason=held.condition)
        for day in days
        if day <= life.last and draws.chance(0.95)
    ]


def _infusions(draws: Draws, life: Life, held: Held) -> list[Plan]:
    """Every two or three weeks, 6 to 18 times, after the diagnosis."""
    start = max(held.since, life.first) + draws.whole(14, 60)
    gap = draws.pick((14, 21, 21))
    days = range(start, start + gap * draws.whole(6, 18), gap)
    return [
        Plan(day=day, encounter_class="infusion", reason=held.condition)
        for day in days
        if day <= life.last
    ]


def _pregnancies(draws: Draws, life: Life) -> list[Plan]:
    """One child in about nine years of the age for it; eight visits and a stay for each."""
    plans: list[Plan] = []
    youngest, oldest = condition("O80").ages
    day = max(life.first, life.born + int((youngest + 2) * 365.25)) + draws.whole(0, 3000)
    while day + _PREGNANCY_DAYS <= life.last and life.age_on(day + _PREGNANCY_DAYS) < oldest:
        plans += _pregnancy(draws, day)
        day += _PREGNANCY_DAYS + draws.whole(500, 5000)
    return plans


def _pregnancy(draws: Draws, day: int) -> list[Plan]:
    reasons = [condition("Z34.90")] * 8
    for place, code, chance in ((5, "O24.419", 0.08), (6, "O14.90", 0.05)):
        if draws.chance(chance):
            reasons[place] = condition(code)
    visits = [
        Plan(day=day + 50 + place * 28, encounter_class="outpatient", reason=reason)
        for place, reason in enumerate(reasons)
    ]
    birth = day + _PREGNANCY_DAYS - draws.run(0.8, 24)
    return [
        *(visit for visit in visits if visit.day < birth),
        Plan(day=birth, encounter_class="inpatient", reason=condition("O80"), is_birth=True),
    ]
