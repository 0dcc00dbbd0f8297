"""The hospitals that are asked: one schema, filled from published data or made up.

``patients`` has one row a patient (sex, age); ``visits`` has many (class, kind, amount). So each
question is written once and asked of tables whose patients have few rows or very many.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["WORLDS", "World", "world_named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where rows come from and what a steward would declare of them.

    Attributes:
        name: Of the world; also of its dataset and project.
        about: Where the rows come from, in words.
        folder: Inside the sample data; empty where nothing is read.
        patients: SQL of ``patient_id, sex, age``; ``{folder}`` stands for the folder.
        visits: SQL of ``visit_id, patient_id, class, kind, amount``.
        classes: All values of ``class``.
        kinds: All values of ``kind``.
        upper: Upper bound of ``amount``; the lower is 0.
        max_rows_per_unit: Rows of one patient that are stored.
        max_groups: Classes of one patient that count where rows are not capped.
        max_rows_per_group: Rows of one patient that count in one class there.
    """

    name: str
    about: str
    folder: str
    patients: str
    visits: str
    classes: tuple[str, ...]
    kinds: tuple[str, ...]
    upper: int
    max_rows_per_unit: int
    max_groups: int = 2
    max_rows_per_group: int = 3

    def found_in(self, samples: Path) -> bool:
        """Say whether its data are there."""
        return not self.folder or (samples / self.folder).is_dir()


_DIABETES = World(
    name="diabetes",
    about="hospital stays of diabetic patients, 1.4 a patient on average (UCI no. 296, CC BY 4.0)",
    folder="diabetes_130us",
    patients=(
        "SELECT patient_nbr AS patient_id, MIN(gender) AS sex, "
        r"CAST(REGEXP_EXTRACT(MIN(age), '\d+') AS INTEGER) AS age "
        "FROM '{folder}/diabetic_data.parquet' GROUP BY patient_nbr"
    ),
    visits=(
        "SELECT encounter_id AS visit_id, patient_nbr AS patient_id, "
        "CASE admission_type_id WHEN 1 THEN 'emergency' WHEN 2 THEN 'urgent' "
        "WHEN 3 THEN 'elective' WHEN 5 THEN 'unknown' ELSE 'other' END AS class, "
        "COALESCE(CAST(admission_source_id AS VARCHAR), '0') AS kind, "
        "num_lab_procedures + 0.25 AS amount FROM '{folder}/diabetic_data.parquet'"
    ),
    classes=("emergency", "urgent", "elective", "unknown", "other"),
    kinds=tuple(str(number) for number in range(27)),
    upper=120,
    max_rows_per_unit=10,
)
_SYNTHEA = World(
    name="synthea",
    about="visits of synthetic patients, 19 a patient on average (Synthea, Apache-2.0 and CC0)",
    folder="synthea_network",
    patients=(
        "SELECT patient_id, CASE WHEN gender ILIKE 'f%' THEN 'Female' ELSE 'Male' END AS sex, "
        "LEAST(GREATEST(2019 - YEAR(birth_date), 0), 99) AS age FROM '{folder}/patients.parquet'"
    ),
    visits=(
        "SELECT encounter_id AS visit_id, patient_id, CASE "
        "WHEN encounter_class IN ('AMB', 'ambulatory') THEN 'ambulatory' "
        "WHEN encounter_class IN ('EMER', 'emergency') THEN 'emergency' "
        "WHEN encounter_class IN ('IMP', 'inpatient') THEN 'inpatient' "
        "WHEN encounter_class = 'outpatient' THEN 'outpatient' ELSE 'other' END AS class, "
        "CAST(YEAR(start_ts) % 27 AS VARCHAR) AS kind, "
        "EPOCH(stop_ts - start_ts) / 60.0 AS amount FROM '{folder}/encounters.parquet'"
    ),
    classes=("ambulatory", "emergency", "inpatient", "outpatient", "other"),
    kinds=tuple(str(number) for number in range(27)),
    upper=600,
    max_rows_per_unit=64,
    max_groups=3,
    max_rows_per_group=20,
)
_MADE = World(
    name="made",
    about="2,000 made-up patients with 1 to 9 visits each, for machines without sample data",
    folder="",
    patients=(
        "SELECT i AS patient_id, IF(hash(i) % 2 = 0, 'Female', 'Male') AS sex, "
        "CAST(hash(i + 1) % 90 AS INTEGER) AS age FROM range(2000) t(i)"
    ),
    visits=(
        "SELECT i * 10 + j AS visit_id, i AS patient_id, "
        "['a', 'b', 'c', 'd', 'e'][CAST(1 + hash(i * 10 + j) % 5 AS BIGINT)] AS class, "
        "CAST(hash(i + j) % 27 AS VARCHAR) AS kind, (hash(j, i) % 12000) / 100.0 AS amount "
        "FROM range(2000) t(i), range(9) u(j) WHERE j <= hash(i, 7) % 9"
    ),
    classes=("a", "b", "c", "d", "e"),
    kinds=tuple(str(number) for number in range(27)),
    upper=100,
    max_rows_per_unit=10,
)

WORLDS = (_DIABETES, _SYNTHEA, _MADE)


def world_named(name: str) -> World:
    """Return a world.

    Raises:
        KeyError: If there is none of the name.
    """
    return {world.name: world for world in WORLDS}[name]
