"""The medicine of the made-up hospital: conditions, drugs and measures, and how they hang together.

Conditions carry ICD-10-CM codes (public domain), measures LOINC codes (used under the license of
loinc.org), drugs the hospital's own formulary codes. Shares and shifts are rough, round figures
chosen to look plausible; they are no source on the epidemiology of anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache

from gateway.demo.hospital.draws import Weighted
from gateway.demo.hospital.lists import records

__all__ = [
    "AGE_POINTS",
    "Condition",
    "Drug",
    "Kind",
    "Measure",
    "acute_table",
    "chronic_conditions",
    "condition",
    "drugs_for",
    "effects_on",
    "factors_of",
    "measures_of_panel",
    "panels_for",
]

AGE_POINTS = (20, 40, 60, 80)
"""Ages, in years, at which shares are given; between them shares change along a straight line."""


class Kind(Enum):
    """How a condition enters a life."""

    CHRONIC = "chronic"
    ACUTE = "acute"
    PREGNANCY = "pregnancy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that patients have.

    Attributes:
        code: ICD-10-CM code.
        description: What it is called.
        kind: How it enters a life.
        sex: ``F``, ``M`` or ``any``.
        ages: Youngest and oldest age, in years.
        shares: For chronic conditions the share of people who have it, for acute ones a weight
            among acute conditions; at the ages of AGE_POINTS.
        season: ``winter``, ``summer`` or ``none``: when it is more frequent.
        department: Who treats it.
        admitted: Share of visits for it that are admissions, in [0, 1].
    """

    code: str
    description: str
    kind: Kind
    sex: str
    ages: tuple[int, int]
    shares: tuple[float, ...]
    season: str
    department: str
    admitted: float

    def share(self, age: float, sex: str) -> float:
        """Return the share or weight at an age in years, 0 where it does not occur."""
        if not self.ages[0] <= age <= self.ages[1] or self.sex not in {"any", sex}:
            return 0.0
        place = min(max((age - AGE_POINTS[0]) / 20, 0.0), 2.999)
        left = int(place)
        low, high = self.shares[left], self.shares[left + 1]
        return low + (high - low) * (place - left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """A drug given for a condition.

    Attributes:
        code: The hospital's formulary code.
        description: Name, strength and form.
        share: Share of patients with the condition who get it, in [0, 1].
        course_days: Length of the treatment in days; 0 for one that goes on.
        cost_median: Cost of one dispense, in dollars.
    """

    code: str
    description: str
    share: float
    course_days: int
    cost_median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A vital sign or laboratory test.

    Attributes:
        code: LOINC code.
        name: What it is called.
        unit: Unit of the value (UCUM).
        mean: Value of a healthy adult.
        between: Standard deviation between people.
        within: Standard deviation within one person.
        low: Smallest value that is recorded.
        high: Largest value that is recorded.
        decimals: Decimals that are recorded.
    """

    code: str
    name: str
    unit: str
    mean: float
    between: float
    within: float
    low: float
    high: float
    decimals: int


@cache
def _conditions() -> dict[str, Condition]:
    return {
        row["code"]: Condition(
            code=row["code"],
            description=row["description"],
            kind=Kind(row["kind"]),
            sex=row["sex"],
            ages=(int(row["from_age"]), int(row["to_age"])),
            shares=tuple(float(row[f"at{age}"]) for age in AGE_POINTS),
            season=row["season"],
            department=row["department"],
            admitted=float(row["admitted"]),
        )
        for row in records("conditions")
    }


def condition(code: str) -> Condition:
    """Return a condition by its code."""
    return _conditions()[code]


@cache
def chronic_conditions() -> tuple[Condition, ...]:
    """Return chronic conditions, causes before their consequences."""
    return tuple(found for found in _conditions().values() if found.kind is Kind.CHRONIC)


@cache
def acute_table(decade: int, sex: str) -> Weighted[Condition]:
    """Return acute conditions with their weights in one decade of life (0, 1, ... 12)."""
    age = decade * 10 + 5
    acute = (found for found in _conditions().values() if found.kind is Kind.ACUTE)
    return Weighted.of({found: weight for found in acute if (weight := found.share(age, sex)) > 0})


@cache
def factors_of(code: str) -> tuple[tuple[str, float], ...]:
    """Return which conditions a condition makes more likely, with the factor."""
    return tuple(
        (row["then_code"], float(row["factor"]))
        for row in records("comorbidity")
        if row["if_code"] == code
    )


@cache
def drugs_for(code: str) -> tuple[Drug, ...]:
    """Return the drugs given for a condition."""
    return tuple(
        Drug(
            code=row["code"],
            description=row["description"],
            share=float(row["share"]),
            course_days=int(row["course_days"]),
            cost_median=float(row["cost_median"]),
        )
        for row in records("drugs")
        if row["for_code"] == code
    )


@cache
def measures_of_panel(panel: str) -> tuple[Measure, ...]:
    """Return the measures that are taken together."""
    return tuple(
        Measure(
            code=row["code"],
            name=row["name"],
            unit=row["unit"],
            mean=float(row["mean"]),
            between=float(row["between_sd"]),
            within=float(row["within_sd"]),
            low=float(row["low"]),
            high=float(row["high"]),
            decimals=int(row["decimals"]),
        )
        for row in records("measures")
        if row["panel"] == panel
    )


@cache
def panels_for(code: str) -> tuple[tuple[str, float], ...]:
    """Return the panels taken because of a condition, with their chance per visit.

    The empty code stands for what is taken of everybody.
    """
    return tuple(
        (row["panel"], float(row["chance"]))
        for row in records("panels")
        if row["condition"] == code
    )


@cache
def effects_on(measure: str) -> tuple[tuple[str, float, float], ...]:
    """Return (condition, shift of the mean, factor on the spread) for a measure."""
    return tuple(
        (row["condition"], float(row["shift"]), float(row["spread"]))
        for row in records("effects")
        if row["measure"] == measure
    )
