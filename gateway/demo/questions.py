"""What the demo's researcher asks, and what the exact answers would have been.

The exact answers are computed from the made-up hospital's files, for the demo alone: no deployment
can do this, and the gateway itself takes no part in it.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

from gateway.client import QuestionOptions
from gateway.demo.hospital import SNAPSHOT_DATE

__all__ = [
    "FORBIDDEN",
    "PROJECT",
    "PURPOSE",
    "QUESTIONS",
    "RESEARCHER",
    "DemoQuestion",
    "Exact",
    "options_of",
]

PROJECT: Final = "demo-diabetes-care"
PURPOSE: Final = "diabetes_care"
RESEARCHER: Final = "demo|researcher"

Exact: TypeAlias = Mapping[str, Mapping[str, float]]
"""From a row's key, as text, to its exact values by column."""

_OLDEST: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoQuestion:
    """One question.

    Attributes:
        title: In words.
        sql: As the researcher writes it.
        epsilon: What she pays.
        max_rows_per_group: Narrows the policy's bound on rows of one patient in one group.
        exact: Computes the exact answer from the folder of the identified files.
    """

    title: str
    sql: str
    epsilon: str
    max_rows_per_group: int
    exact: Callable[[Path], Exact]


def _rows(folder: Path, table: str) -> Iterator[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _diabetes_by_sex(folder: Path) -> Exact:
    sexes = {row["patient_id"]: row["sex"] for row in _rows(folder, "patients")}
    found = {row["patient_id"] for row in _rows(folder, "conditions") if row["code"][:3] == "E11"}
    counts: dict[str, dict[str, float]] = defaultdict(lambda: {"patients": 0.0})
    for patient in found:
        counts[sexes[patient]]["patients"] += 1
    return counts


def _hba1c_by_age(folder: Path) -> Exact:
    bands = {
        row["patient_id"]: str(min(_age(row["birth_date"]), _OLDEST) // 20 * 20)
        for row in _rows(folder, "patients")
    }
    values: dict[str, list[float]] = defaultdict(list)
    for row in _rows(folder, "observations"):
        if row["code"] == "4548-4" and row["value"]:
            values[bands[row["patient_id"]]].append(float(row["value"]))
    return {band: {"mean_hba1c": sum(some) / len(some)} for band, some in values.items()}


def _patients_by_class(folder: Path) -> Exact:
    seen: dict[str, set[str]] = defaultdict(set)
    for row in _rows(folder, "encounters"):
        if row["started_at"] >= "2025-11-01":
            seen[row["encounter_class"]].add(row["patient_id"])
    return {name: {"patients": float(len(some))} for name, some in seen.items()}


def _age(born: str) -> int:
    birth, today = date.fromisoformat(born), SNAPSHOT_DATE
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


QUESTIONS: Final = (
    DemoQuestion(
        title="How many patients have type 2 diabetes, by sex?",
        sql=(
            "SELECT p.sex, COUNT(DISTINCT c.patient_id) AS patients\n"
            "FROM conditions c JOIN patients p ON c.patient_id = p.patient_id\n"
            "WHERE c.code LIKE 'E11%'\n"
            "GROUP BY p.sex ORDER BY patients DESC"
        ),
        epsilon="0.2",
        max_rows_per_group=1,
        exact=_diabetes_by_sex,
    ),
    DemoQuestion(
        title="How many patients came in the last year, by kind of visit?",
        sql=(
            "SELECT encounter_class, COUNT(DISTINCT patient_id) AS patients\n"
            "FROM encounters WHERE started_at >= DATE '2025-11-01'\n"
            "GROUP BY encounter_class HAVING patients > 50 ORDER BY patients DESC"
        ),
        epsilon="0.4",
        max_rows_per_group=1,
        exact=_patients_by_class,
    ),
    DemoQuestion(
        title="How well is blood sugar controlled (hemoglobin A1c, %), by age?",
        sql=(
            "SELECT age_band(p.age, 20) AS age, AVG(CLAMP(o.value, 4, 12)) AS mean_hba1c\n"
            "FROM observations o JOIN patients p USING (patient_id)\n"
            "WHERE o.code = '4548-4'\n"
            "GROUP BY age_band(p.age, 20) HAVING COUNT(o.value) > 30 ORDER BY age"
        ),
        epsilon="0.6",
        max_rows_per_group=1,
        exact=_hba1c_by_age,
    ),
)
"""Three questions; each names the bounds that it needs, for less noise at the same price."""


def options_of(question: DemoQuestion) -> QuestionOptions:
    """Return what is said beside the SQL."""
    return QuestionOptions(
        purpose=PURPOSE,
        epsilon=question.epsilon,
        max_rows_per_group=question.max_rows_per_group,
    )


FORBIDDEN: Final = "SELECT COUNT(*) FROM patients WHERE family_name = 'Tsosie' AND age > 60"
"""A question about one person, which is refused."""
