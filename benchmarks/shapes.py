"""The questions: one for each way in which a patient's part has to be bounded."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.declared import declares

__all__ = ["SHAPES", "Shape"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of question, as a researcher writes it.

    Attributes:
        name: What is measured.
        sql: In the gateway's SQL, which DuckDB runs as it stands.
        narrowed: Whether the request asks for the world's narrow bounds, so that a pass over each
            patient is needed; else the stored rows of a patient all count.
        declared: Field of a table's declaration that the shape is about; empty for none.
        bounding: When a patient's rows are chosen; None for after the filter, the default.
    """

    name: str
    sql: str
    narrowed: bool = True
    declared: str = ""
    bounding: str | None = None

    @property
    def missing(self) -> bool:
        """Whether this version cannot declare what the shape is about."""
        return bool(self.declared) and not declares(self.declared)


_FILTERED = "SELECT kind, COUNT(*) AS n, SUM(amount) AS total FROM visits WHERE amount >= 30 "
_BY_SEX = "FROM visits v JOIN patients p ON v.patient_id = p.patient_id GROUP BY p.sex"

SHAPES = (
    Shape(
        name="one row per patient",
        sql="SELECT sex, COUNT(*) AS n, AVG(age) AS age FROM patients GROUP BY sex",
        narrowed=False,
    ),
    Shape(
        name="row cap: count and sum by class",
        sql="SELECT class, COUNT(*) AS n, SUM(amount) AS total FROM visits GROUP BY class",
        narrowed=False,
    ),
    Shape(
        name="release profile: count and sum by kind",
        sql="SELECT kind, COUNT(*) AS n, SUM(amount) AS total FROM visits GROUP BY kind",
        declared="release_profiles",
    ),
    Shape(
        name="release profile, filtered, bounding stored",
        sql=f"{_FILTERED}GROUP BY kind",
        declared="release_profiles",
        bounding="stored",
    ),
    Shape(
        name="the same, bounding exact",
        sql=f"{_FILTERED}GROUP BY kind",
        declared="release_profiles",
    ),
    Shape(
        name="one group per patient: count",
        sql=f"SELECT p.sex, COUNT(*) AS n {_BY_SEX}",
    ),
    Shape(
        name="per-patient pass: count by class",
        sql="SELECT class, COUNT(*) AS n FROM visits GROUP BY class",
    ),
    Shape(
        name="per-patient pass: sum and mean by class",
        sql="SELECT class, SUM(amount) AS total, AVG(amount) AS mean FROM visits GROUP BY class",
    ),
    Shape(
        name="per-patient pass: patients by class",
        sql="SELECT class, COUNT(DISTINCT patient_id) AS n FROM visits GROUP BY class",
    ),
    Shape(
        name="filtered: count by class",
        sql="SELECT class, COUNT(*) AS n FROM visits WHERE amount >= 30 GROUP BY class",
    ),
    Shape(
        name="per-patient CTE: patients and mean visits by sex",
        sql=(
            "WITH each AS (SELECT patient_id, COUNT(*) AS visits FROM visits GROUP BY patient_id) "
            "SELECT p.sex, COUNT(*) AS n, AVG(CLAMP(e.visits, 0, 10)) AS mean "
            "FROM each e JOIN patients p ON e.patient_id = p.patient_id GROUP BY p.sex"
        ),
    ),
    Shape(
        name="median by class",
        sql="SELECT class, MEDIAN(amount) AS middle FROM visits GROUP BY class",
    ),
    Shape(
        name="COUNT(DISTINCT kind) by class",
        sql="SELECT class, COUNT(DISTINCT kind) AS kinds FROM visits GROUP BY class",
    ),
)
