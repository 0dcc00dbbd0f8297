from __future__ import annotations

import pytest

from query.answers import Estimate
from query.compile import compile_plan
from query.plan import Plan
from query.release import exact_vectors, released_rows
from tests.plans import make_plan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
BY_SEX = "SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex"


def rows_of(plan: Plan, *vectors: tuple[int, ...]) -> list[tuple[object, ...]]:
    found = released_rows(plan, vectors, 0.95).rows
    return [tuple(_plain(cell) for cell in row) for row in found]


def _plain(cell: object) -> object:
    return cell.value if isinstance(cell, Estimate) else cell


class TestExactVectors:
    def test_groups_without_rows_are_zeros(self) -> None:
        plan = make_plan(BY_SEX, WARD)

        assert exact_vectors(plan, compile_plan(plan), [[("M", 4)]]) == ((0, 4, 0),)

    def test_keys_outside_the_domain_do_not_show(self) -> None:
        plan = make_plan(BY_SEX, WARD)
        results = [[("F", 3), ("X", 9), (None, 2)]]

        assert exact_vectors(plan, compile_plan(plan), results) == ((3, 0, 2),)

    def test_each_statement_fills_the_vectors_of_its_statistics(self) -> None:
        plan = make_plan("SELECT COUNT(*), COUNT(DISTINCT free), COUNT(urgent) FROM visits", WARD)
        statements = compile_plan(plan)

        assert [one.statistics for one in statements] == [(0, 2), (1,)]
        assert exact_vectors(plan, statements, [[(7, 5)], [(3,)]]) == ((7,), (3,), (5,))

    def test_each_grouping_set_has_vectors_of_its_own(self) -> None:
        plan = make_plan(f"{BY_SEX.removesuffix(' sex')} ROLLUP (sex)", WARD)
        statements = compile_plan(plan)

        assert [one.part for one in statements] == [0, 1]
        assert exact_vectors(plan, statements, [[("F", 3)], [(9,)]]) == ((3, 0, 0), (9,))

    def test_numbers_and_dates_are_found_by_what_the_engine_returns(self) -> None:
        ages = make_plan("SELECT age, COUNT(*) FROM patients GROUP BY age", WARD)
        months = make_plan(
            "SELECT DATE_TRUNC('month', day), SUM(cost), SUM(cost + 1) FROM visits GROUP BY 1", WARD
        )

        (found,) = exact_vectors(ages, compile_plan(ages), [[(2, 5)]])
        assert found[:4] == (0, 0, 5, 0)
        (found, *_) = exact_vectors(months, compile_plan(months), [[("2024-02-01", 5, 5)]])
        assert found[:3] == (0, 5, 0)

    def test_cells_are_found_by_their_place(self) -> None:
        classes = make_plan("SELECT class, COUNT(*) FROM visits GROUP BY class", WARD)
        (statement,) = compile_plan(classes)
        rows = [(1, 5), (None, 7), (-1, 8), (3, 9)]

        assert statement.has_places
        assert exact_vectors(classes, (statement,), [rows]) == ((0, 5, 0),)

    def test_buckets_are_placed_within_their_cell(self) -> None:
        plan = make_plan(
            "SELECT sex, HISTOGRAM(age, [10, 20, 30]) FROM patients GROUP BY sex", WARD
        )
        (statement,) = compile_plan(plan)
        results = [[("F", 0, 1), ("F", 2, 2), ("M", 1, 3), ("X", 1, 9)]]

        assert statement.has_buckets
        assert exact_vectors(plan, (statement,), results) == ((1, 0, 2, 0, 3, 0, 0, 0, 0),)

    def test_buckets_of_quantiles_are_added_up_to_a_tree(self) -> None:
        plan = make_plan("SELECT MEDIAN(days) FROM stays", WARD)
        ((statistic,),) = [part.statistics for part in plan.parts]
        assert statistic.tree is not None

        (found,) = exact_vectors(plan, compile_plan(plan), [[(4, 2), (30, 1)]])

        leaves = [0] * statistic.buckets
        leaves[4], leaves[30] = 2, 1
        assert found == statistic.tree.totals(leaves)
        assert len(found) == statistic.entries


class TestRows:
    @pytest.mark.parametrize(
        ("rest", "expected"),
        [
            ("", [("F", 3), ("M", 9), (None, 5)]),
            ("HAVING COUNT(*) > 4", [("M", 9), (None, 5)]),
            ("HAVING COUNT(*) / 0 > 4", []),
            ("ORDER BY n DESC LIMIT 2", [("M", 9), (None, 5)]),
            ("ORDER BY n OFFSET 1", [(None, 5), ("M", 9)]),
            ("ORDER BY n LIMIT 1 OFFSET 1", [(None, 5)]),
            ("LIMIT 0", []),
            ("OFFSET 7", []),
            ("ORDER BY sex IS NULL DESC, n DESC", [(None, 5), ("M", 9), ("F", 3)]),
            ("ORDER BY ALL", [("F", 3), ("M", 9), (None, 5)]),
            ("ORDER BY SUM(COUNT(*)) OVER (ORDER BY n DESC)", [("M", 9), (None, 5), ("F", 3)]),
        ],
    )
    def test_rows_are_judged_and_sorted_by_noisy_values(
        self, rest: str, expected: list[tuple[object, ...]]
    ) -> None:
        assert rows_of(make_plan(f"{BY_SEX} {rest}", WARD), (3, 9, 5)) == expected

    def test_cells_with_a_small_noisy_count_are_withheld_and_counted(self) -> None:
        plan = make_plan(BY_SEX, WARD, suppress_below=5)

        found = released_rows(plan, ((3, 9, 5),), 0.95)

        assert [row[0] for row in found.rows] == ["M", None]
        assert found.suppressed == 1

    def test_what_is_withheld_is_in_no_window(self) -> None:
        plan = make_plan(
            "SELECT sex, COUNT(*), SUM(COUNT(*)) OVER () FROM patients GROUP BY sex",
            WARD,
            suppress_below=5,
        )

        assert [row[2] for row in rows_of(plan, (3, 9, 5))] == [14, 14]

    def test_rows_of_all_grouping_sets_follow_each_other(self) -> None:
        plan = make_plan(f"{BY_SEX.removesuffix(' sex')} ROLLUP (sex)", WARD)

        assert rows_of(plan, (3, 9, 5), (17,)) == [("F", 3), ("M", 9), (None, 5), (None, 17)]

    def test_a_text_that_depends_on_numbers_is_no_number(self) -> None:
        outputs = "CASE WHEN COUNT(*) > 4 THEN 'many' END, COUNT(*) / 0"
        plan = make_plan(f"SELECT {outputs} FROM patients GROUP BY sex", WARD)

        found = released_rows(plan, ((3, 9, 5),), 0.95).rows

        assert [row[0] for row in found] == [None, "many", "many"]
        assert {type(row[1]) for row in found} == {Estimate}

    def test_fractions_leave_as_numbers(self) -> None:
        plan = make_plan("SELECT days / 2, COUNT(*) FROM stays GROUP BY days", WARD)

        assert [row[0] for row in rows_of(plan, (1,) * plan.cells)][:4] == [0, 0.5, 1, 1.5]
