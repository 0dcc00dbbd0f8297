"""Every kind of relation, written as SQL and run on rows whose answer is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction

import pytest

from query.compile import compile_plan
from query.domains import Domain, Kind, Scalar
from query.expressions import AggregateRef, KeyRef, Literal, WindowRef
from query.quoting import quoted
from query.release import exact_vectors
from query.sql import sql_of
from tests.fakes import DuckDbMemoryEngine, StoredRows
from tests.plans import make_plan
from tests.wards import CODES, make_ward

WARD = make_ward(max_groups=20, max_rows_per_group=20)


def rows() -> StoredRows:
    """Return two patients: 0 with three visits, two stays and a score, and 1 with one visit."""
    salted = [{"patient_id": unit, "__salt": 70 + unit} for unit in (0, 1)]
    first, second = salted
    visits = [(first, 100, "emergency"), (first, 300, "emergency"), (first, 900, "inpatient"),
              (second, 500, "emergency")]  # fmt: skip
    return {
        "patients": [{**one, "__rank": 1, "sex": "F", "age": 40} for one in salted],
        "visits": [
            {**unit, "__rank": rank, "visit_id": rank, "cost": cost, "class": name}
            for rank, (unit, cost, name) in enumerate(visits, start=1)
        ],
        "labs": [],
        "stays": [{**first, "__rank": rank, "days": 4 * rank} for rank in (1, 2)],
        "enrolled": [{**first, "__rank": 1, "arm": "a", "score": 2}],
        "codes": CODES,
    }


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDbMemoryEngine]:
    engine = DuckDbMemoryEngine(WARD, rows())
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("visits", 4),
        ("visits WHERE cost > 2", 3),
        ("visits v JOIN patients p USING (patient_id)", 4),
        ("visits v JOIN stays s USING (patient_id)", 6),
        ("visits v LEFT JOIN stays s USING (patient_id)", 7),
        ("stays s RIGHT JOIN visits v USING (patient_id)", 7),
        ("visits v FULL JOIN enrolled e USING (patient_id)", 4),
        ("enrolled e FULL JOIN stays s ON e.patient_id = s.patient_id AND s.days > 4", 2),
        ("visits v, codes c", 16),
        ("codes c JOIN visits v ON c.weight < v.cost", 6),
        ("visits v JOIN (VALUES (1), (2)) t(x) ON v.cost > t.x", 6),
        ("(SELECT patient_id, MAX(cost) AS m FROM visits GROUP BY patient_id) t WHERE m > 6", 1),
        ("(SELECT DISTINCT patient_id, class FROM visits) t", 3),
        ("(SELECT patient_id FROM visits UNION ALL SELECT patient_id FROM stays) t", 6),
        ("(SELECT patient_id, cost FROM visits QUALIFY cost > 2) t", 3),
        (
            ("(SELECT patient_id, cost FROM visits QUALIFY ROW_NUMBER() OVER "
            "(PARTITION BY patient_id ORDER BY cost DESC) = 1) t"),
            2,
        ),
        (("(SELECT patient_id, COUNT(*) AS n FROM visits GROUP BY 1) t JOIN stays USING "
         "(patient_id) WHERE n = 3"), 2),
        ("visits v WHERE EXISTS (SELECT 1 FROM stays s WHERE s.patient_id = v.patient_id)", 3),
        ("visits v WHERE NOT EXISTS (SELECT 1 FROM stays s WHERE s.patient_id = v.patient_id)", 1),
        ("visits WHERE patient_id IN (SELECT patient_id FROM stays WHERE days > 4)", 3),
        (("visits v WHERE cost = (SELECT MAX(w.cost) FROM visits w WHERE w.patient_id = "
         "v.patient_id)"), 2),
        (
            ("(SELECT patient_id, NULLIF(MAX(cost) OVER (PARTITION BY patient_id) "
            "+ (SELECT MAX(s.days) FROM stays s WHERE s.patient_id = v.patient_id), 3) AS n "
            "FROM visits v) t WHERE n IS NOT NULL"),
            3,
        ),
        (
            (
                "visits v WHERE NULLIF((SELECT COUNT(*) FROM stays s "
                "WHERE s.patient_id = v.patient_id), 2) = 0"
            ),
            1,
        ),
        ("visits v SEMI JOIN stays s ON s.patient_id = v.patient_id", 3),
        ("visits v ANTI JOIN stays s ON s.patient_id = v.patient_id", 1),
        ("stays WHERE days IN (SELECT weight FROM codes)", 1),
        ("visits WHERE cost > (SELECT MIN(weight) FROM codes)", 4),
    ],
)  # fmt: skip
def test_relations_have_the_rows_that_sql_says(
    engine: DuckDbMemoryEngine, source: str, count: int
) -> None:
    plan = make_plan(f"SELECT COUNT(*) FROM {source}", WARD)
    statements = compile_plan(plan)

    found = exact_vectors(plan, statements, [engine.run(one.sql) for one in statements])

    assert found == ((count,),)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (None, Kind.NULL, "NULL"),
        (True, Kind.BOOLEAN, "TRUE"),
        (False, Kind.BOOLEAN, "FALSE"),
        (7, Kind.NUMBER, "CAST(7 AS BIGINT)"),
        (Fraction(1, 2), Kind.REAL, "CAST('0.5' AS DOUBLE)"),
        ("it's", Kind.TEXT, "'it''s'"),
        (date(999, 1, 2), Kind.DATE, "DATE '0999-01-02'"),
        (datetime(2024, 1, 2, 3), Kind.TIMESTAMP, "TIMESTAMP '2024-01-02 03:00:00'"),  # noqa: DTZ001  all in UTC
    ],
)
def test_constants_are_written_by_their_type(value: Scalar, kind: Kind, expected: str) -> None:
    assert sql_of(Literal(value=value, domain=Domain(kind=kind))) == expected


def test_numbers_are_counts_of_their_step() -> None:
    domain = Domain(kind=Kind.NUMBER, step=Fraction(1, 100))

    assert sql_of(Literal(value=Fraction(5, 2), domain=domain)) == "CAST(250 AS BIGINT)"


def test_names_cannot_leave_their_quotes() -> None:
    assert quoted('a" b') == '"a"" b"'


@pytest.mark.parametrize("kind", [AggregateRef, KeyRef, WindowRef])
def test_what_exists_after_the_noise_has_no_sql(
    kind: type[AggregateRef | KeyRef | WindowRef],
) -> None:
    with pytest.raises(TypeError, match="cannot be computed in the engine"):
        sql_of(kind(index=0, domain=Domain(kind=Kind.REAL)))
