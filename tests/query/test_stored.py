"""What ingest has stored beside the rows bounds them, where that loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import duckdb
import pytest

from policies.datasets import DatasetPolicy
from policies.errors import UnsupportedQueryError
from query.bound import Asked
from query.canonical import question_key
from query.compile import compile_plan
from query.plan import Plan
from query.release import Vectors, exact_vectors
from tests.factories import VISITS, make_dataset
from tests.plans import make_plan
from tests.sensitivity import check_moves

PROFILES = {"classes": {"groups": ["class"], "max_groups": 2}}


def ward(measure: str = "pure", **visits: object) -> DatasetPolicy:
    declared = {
        "key": "visit_id",
        "contribution": {"max_groups": 2, "max_rows_per_group": 3},
        "columns": VISITS,
        "foreign_keys": {"patient_id": "patients.patient_id"},
        "release_profiles": PROFILES,
    }
    notes = {"columns": {"patient_id": {"role": "privacy_unit"}}}
    codes = {
        "ownership": "public",
        "key": "code",
        "columns": {
            "code": {
                "role": "attribute",
                "dp": {"categories": ["ambulatory", "emergency", "inpatient"]},
            }
        },
    }
    tables = {"visits": declared | visits, "notes": notes, "codes": codes}
    return make_dataset(tables=tables, queries={"measure": measure})


WARD = ward()
CAPPED = ward(
    contribution={"max_groups": 2, "max_rows_per_group": 3, "max_rows": 4}, release_profiles={}
)
BY_CLASS = "SELECT class, COUNT(*) FROM visits GROUP BY class"


def mode(sql: str, dataset: DatasetPolicy = WARD) -> str | None:
    """Return how stored columns bound the rows of a question, or None."""
    kept = make_plan(sql, dataset).bounds.kept
    return None if kept is None else kept.mode


@pytest.mark.parametrize(
    "sql",
    [
        BY_CLASS,
        "SELECT class, SUM(cost) FROM visits GROUP BY class",
        (
            "SELECT p.sex, v.class, COUNT(*) FROM visits v JOIN patients p USING (patient_id) "
            "GROUP BY 1, 2"
        ),
        (
            "SELECT v.class, COUNT(*) FROM visits v JOIN patients p USING (patient_id) "
            "WHERE p.age > 30 GROUP BY 1"
        ),
        "SELECT v.class, COUNT(*) FROM visits v LEFT JOIN patients p USING (patient_id) GROUP BY 1",
        "SELECT class, COUNT(DISTINCT patient_id) FROM visits GROUP BY class",
    ],
)
def test_a_profile_bounds_the_questions_that_lose_nothing(sql: str) -> None:
    assert mode(sql) == "release profile"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT class, COUNT(*) FROM visits WHERE urgent GROUP BY class",
        "SELECT class, COUNT(*) FILTER (WHERE urgent) FROM visits GROUP BY class",
        "SELECT urgent, COUNT(*) FROM visits GROUP BY urgent",
        "SELECT class, urgent, COUNT(*) FROM visits GROUP BY 1, 2",
        "SELECT class = 'emergency', COUNT(*) FROM visits GROUP BY 1",
        "SELECT UPPER(class), COUNT(*) FROM visits GROUP BY 1",
        "SELECT COUNT(*) FROM visits",
        "SELECT sex, COUNT(*) FROM patients GROUP BY sex",
        (
            "SELECT v.class, COUNT(*) FROM visits v JOIN patients p ON v.patient_id = p.patient_id "
            "AND v.urgent GROUP BY 1"
        ),
        "SELECT v.class, COUNT(*) FROM visits v JOIN notes n USING (patient_id) GROUP BY 1",
        "SELECT class, COUNT(*) FROM (SELECT class FROM visits) t GROUP BY class",
        (
            "SELECT class, COUNT(*) FROM (SELECT class FROM visits UNION ALL "
            "SELECT class FROM visits) t GROUP BY class"
        ),
    ],
)
def test_other_questions_are_bounded_when_they_are_asked(sql: str) -> None:
    assert mode(sql) is None


def test_a_profile_with_fewer_groups_than_are_allowed_is_not_read() -> None:
    few = ward(release_profiles={"classes": {"groups": ["class"], "max_groups": 1}})

    assert mode(BY_CLASS, few) is None


def test_a_profile_of_more_columns_than_are_asked_for_is_not_read() -> None:
    fine = {"classes": {"groups": ["class", "urgent"], "max_groups": 2}}

    assert mode(BY_CLASS, ward(release_profiles=fine)) is None


@pytest.mark.parametrize("measure", ["pure", "zcdp"])
def test_first_rows_are_kept_where_that_needs_no_more_noise(measure: str) -> None:
    few = {"max_groups": 2, "max_rows_per_group": 3, "max_rows": 3}
    many = {"max_groups": 2, "max_rows_per_group": 3, "max_rows": 40}

    assert mode(BY_CLASS, ward(measure, contribution=few, release_profiles={})) == (
        "first rows per unit"
    )
    assert mode(BY_CLASS, ward(measure, contribution=many, release_profiles={})) is None


def test_first_rows_bound_what_one_unit_adds_in_all_groups() -> None:
    plan = make_plan(BY_CLASS, CAPPED)

    (sensitivity,) = plan.sensitivities
    assert sensitivity.l1 == 4
    assert "at most 4 rows of one patient count, chosen when they were stored" in " ".join(
        plan.bounds.reasons
    )


UNDER_FILTERS = [
    "SELECT class, COUNT(*) FROM visits WHERE urgent GROUP BY class",
    "SELECT class, COUNT(*) FILTER (WHERE NOT urgent) FROM visits GROUP BY class",
    "SELECT class, COUNT(*), COUNT(DISTINCT patient_id) FROM visits WHERE urgent GROUP BY class",
    "SELECT class, COUNT(*) FROM visits WHERE class <> 'emergency' GROUP BY class",
]


@pytest.mark.parametrize("sql", UNDER_FILTERS)
def test_rows_are_chosen_before_a_filter_where_that_is_asked_for(sql: str) -> None:
    exact, plan = make_plan(sql, WARD), make_plan(sql, WARD, asked=Asked(before_filter=True))

    assert exact.bounds.kept is None
    assert plan.bounds.kept is not None
    assert plan.bounds.kept.first_row is None
    assert [one.l1 for one in plan.sensitivities] == [one.l1 for one in exact.sensitivities]
    assert "fewer may count" in " ".join(plan.bounds.reasons)
    assert question_key(plan) != question_key(exact)


def pinned(bounding: Literal["exact", "stored"] | None) -> DatasetPolicy:
    """Return the ward with the bounding of its visits pinned."""
    visits = WARD.tables["visits"]
    changed = replace(visits, contribution=replace(visits.contribution, bounding=bounding))
    tables = {**WARD.tables, "visits": changed}
    return replace(WARD, spec=replace(WARD.spec, tables=tables))


@pytest.mark.parametrize("sql", UNDER_FILTERS)
def test_a_policy_may_pin_the_stored_way_under_filters(sql: str) -> None:
    asked = make_plan(sql, WARD, asked=Asked(before_filter=True))

    assert make_plan(sql, pinned("stored")).bounds == asked.bounds
    assert make_plan(sql, pinned("stored"), asked=Asked(before_filter=True)) == asked


def test_a_policy_may_pin_the_exact_way_where_nothing_would_be_lost() -> None:
    assert make_plan(BY_CLASS, pinned("exact")).bounds.kept is None
    assert make_plan(BY_CLASS, WARD).bounds.kept is not None
    assert make_plan(BY_CLASS, pinned("exact"), asked=Asked(before_filter=False)) == make_plan(
        BY_CLASS, pinned("exact")
    )


@pytest.mark.parametrize(("policy", "early"), [("exact", True), ("stored", False)])
def test_the_other_way_than_the_pinned_one_is_refused(
    policy: Literal["exact", "stored"],
    early: bool,  # noqa: FBT001  a case
) -> None:
    with pytest.raises(UnsupportedQueryError) as caught:
        make_plan(BY_CLASS, pinned(policy), asked=Asked(before_filter=early))

    assert caught.value.code == "SQL-BOUND"
    assert caught.value.remedy == "leave bounding out"
    assert f"bounding is {policy} for visits" in str(caught.value)


def test_what_loses_nothing_says_so() -> None:
    plan = make_plan(BY_CLASS, WARD, asked=Asked(before_filter=True))

    assert plan == make_plan(BY_CLASS, WARD)
    assert "fewer may count" not in " ".join(plan.bounds.reasons)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT urgent, COUNT(*) FROM visits WHERE urgent GROUP BY urgent",
        "SELECT COUNT(*) FROM visits WHERE urgent",
        "SELECT v.class, COUNT(*) FROM visits v JOIN notes n USING (patient_id) GROUP BY 1",
    ],
)
def test_where_nothing_fits_rows_are_bounded_when_asked_in_spite_of_the_wish(sql: str) -> None:
    assert make_plan(sql, WARD, asked=Asked(before_filter=True)).bounds.kept is None


class TestRows:
    """Three patients, one with five visits of each class, another with one."""

    @pytest.fixture
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(":memory:") as connection:
            connection.execute(
                """CREATE TABLE visits AS
                SELECT *, DENSE_RANK() OVER (PARTITION BY patient_id ORDER BY class)::INTEGER
                    AS __group_rank_classes,
                ROW_NUMBER() OVER (PARTITION BY patient_id, class ORDER BY visit_id)::INTEGER
                    AS __row_rank_classes,
                ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY visit_id)::INTEGER AS __rank,
                COUNT(*) OVER (PARTITION BY patient_id)::INTEGER AS __rows
                FROM (
                    SELECT 0 AS patient_id, 7 AS __salt, i AS visit_id, i % 5 = 4 AS urgent,
                        ['ambulatory', 'emergency', 'inpatient'][1 + i // 5]
                            ::ENUM ('ambulatory', 'emergency', 'inpatient') AS class
                    FROM range(15) t(i)
                    UNION ALL SELECT 1, 9, 99, FALSE,
                        'inpatient'::ENUM ('ambulatory', 'emergency', 'inpatient'))"""
            )
            connection.execute(
                "CREATE TABLE patients AS SELECT 0 AS patient_id, 7 AS __salt UNION ALL SELECT 1, 9"
            )
            yield connection

    def exact(self, connection: duckdb.DuckDBPyConnection, plan: Plan) -> Vectors:
        statements = compile_plan(plan)
        rows = [connection.execute(one.sql).fetchall() for one in statements]
        return exact_vectors(plan, statements, rows)

    def test_the_first_groups_and_their_first_rows_count(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        plan = make_plan(BY_CLASS, WARD)

        assert plan.question.keys[0].domain == ("ambulatory", "emergency", "inpatient")
        assert self.exact(connection, plan) == ((3, 3, 1),)

    def test_a_unit_is_counted_in_its_first_row_of_a_group(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        plan = make_plan(
            "SELECT class, COUNT(DISTINCT patient_id), COUNT(*) FROM visits GROUP BY class", WARD
        )

        assert not plan.parts[0].needs_partials
        assert self.exact(connection, plan) == ((1, 1, 1), (3, 3, 1))

    def test_a_unit_that_is_counted_by_another_condition_is_not_missed(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        plan = make_plan(
            "SELECT v.class, COUNT(DISTINCT p.patient_id) FROM visits v LEFT JOIN patients p "
            "ON v.patient_id = p.patient_id AND v.urgent GROUP BY v.class",
            WARD,
        )

        ((*found,),) = self.exact(connection, plan)
        assert sum(found) == 2

    def test_a_condition_on_the_unit_stands_beside_the_first_row(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        plan = make_plan(
            "SELECT class, COUNT(DISTINCT patient_id) FILTER (WHERE patient_id IS NULL) "
            "FROM visits GROUP BY class",
            WARD,
        )

        assert self.exact(connection, plan) == ((0, 0, 0),)

    @pytest.mark.parametrize("dataset", [WARD, CAPPED], ids=["profile", "first rows"])
    @pytest.mark.parametrize("sql", UNDER_FILTERS)
    def test_a_unit_moves_what_a_filter_leaves_by_no_more_than_stated(
        self, connection: duckdb.DuckDBPyConnection, sql: str, dataset: DatasetPolicy
    ) -> None:
        plan = make_plan(sql, dataset, asked=Asked(before_filter=True))
        assert plan.bounds.kept is not None
        whole = self.exact(connection, plan)
        for unit in (0, 1):
            for table in ("visits", "patients"):
                connection.execute(f"CREATE TABLE all_{table} AS FROM {table}")
                connection.execute(f"DELETE FROM {table} WHERE patient_id = {unit}")
            rest = self.exact(connection, plan)
            for table in ("visits", "patients"):
                connection.execute(f"DROP TABLE {table}")
                connection.execute(f"ALTER TABLE all_{table} RENAME TO {table}")
            check_moves(plan, whole, rest)

    def test_units_are_counted_in_whatever_kept_row_passes(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        all_rows = ward(contribution={"max_groups": 2, "max_rows_per_group": 5})
        sql = "SELECT class, COUNT(DISTINCT patient_id) FROM visits WHERE urgent GROUP BY class"
        plan = make_plan(sql, all_rows, asked=Asked(before_filter=True))

        assert self.exact(connection, plan) == ((1, 1, 0),)

    def test_the_first_rows_of_a_unit_count_in_whatever_group_they_are(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        assert self.exact(connection, make_plan(BY_CLASS, CAPPED)) == ((4, 0, 1),)
