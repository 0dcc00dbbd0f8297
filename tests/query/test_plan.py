from __future__ import annotations

import math
from dataclasses import replace

import pytest

from policies.privacy import Measure
from query.mechanisms import Noise, Sensitivity
from query.plan import Bounds, Statistic, StatisticKind, cell_keys
from tests.plans import make_plan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
CUBE = (
    "SELECT sex, class, COUNT(*), AVG(cost) FROM visits JOIN patients USING (patient_id) GROUP BY "
)
LOOSE = Bounds(
    max_groups=2, max_rows_per_group=3, groups_proved=False, rows_proved=False, single_row=False
)
COUNTED = Statistic(kind=StatisticKind.ROWS)


def test_the_cells_of_all_grouping_sets_are_released() -> None:
    plan = make_plan(f"{CUBE} CUBE (sex, class)", WARD)

    assert [part.keys for part in plan.parts] == [(0, 1), (0,), (1,), ()]
    assert [part.cells for part in plan.parts] == [9, 3, 3, 1]
    assert plan.cells == 16
    assert plan.bounds == plan.parts[0].bounds


def test_each_grouping_set_pays_for_its_own_statistics() -> None:
    plan = make_plan(f"{CUBE} ROLLUP (sex, class)", WARD)

    firsts = [plan.first_statistic(part) for part in plan.parts]
    assert firsts == [0, 3, 6]
    assert len(plan.statistics) == len(plan.noises) == len(plan.sensitivities) == 9


def test_noises_go_to_the_parts_in_order() -> None:
    plan = make_plan(f"{CUBE} ROLLUP (sex, class)", WARD)
    noises = [Noise(measure=Measure.PURE, scale=float(place + 1)) for place in range(9)]

    changed = plan.with_noises(noises)

    assert changed.noises == tuple(noises)
    assert [part.noises[0].scale for part in changed.parts] == [1, 4, 7]


def test_keys_outside_a_grouping_set_are_null() -> None:
    plan = make_plan(f"{CUBE} GROUPING SETS ((class), (sex), ())", WARD)
    by_class, by_sex, total = (cell_keys(plan.question, part) for part in plan.parts)

    names = [key.expression.domain.values() for key in plan.question.keys]
    first = names.index(("F", "M"))
    assert sorted(str(cell[first]) for cell in by_sex) == ["F", "M", "None"]
    assert {cell[1 - first] for cell in by_sex} == {None}
    assert [cell[1 - first] for cell in by_class] == ["ambulatory", "emergency", "inpatient"]
    assert {cell[first] for cell in by_class} == {None}
    assert total == [(None, None)]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        (COUNTED, Sensitivity(groups=2, per_group=3)),
        (Statistic(kind=StatisticKind.UNITS), Sensitivity(groups=2, per_group=1)),
        (Statistic(kind=StatisticKind.SUM, bound=50), Sensitivity(groups=2, per_group=150)),
        (Statistic(kind=StatisticKind.DISTINCT), Sensitivity(groups=2, per_group=3)),
        (
            Statistic(kind=StatisticKind.BUCKETS, bound=1000, buckets=5),
            Sensitivity(groups=2, per_group=3000),
        ),
    ],
)
def test_a_unit_moves_as_many_entries_as_it_is_in_groups(
    statistic: Statistic, expected: Sensitivity
) -> None:
    assert LOOSE.sensitivity(statistic) == expected


def test_rows_in_all_groups_bound_the_norms() -> None:
    found = replace(LOOSE, max_rows=4).sensitivity(Statistic(kind=StatisticKind.SUM, bound=10))

    assert (found.l1, found.per_group) == (40, 30)
    assert found.l2 == pytest.approx(math.sqrt(30**2 + 10**2))


def test_a_tree_moves_in_each_of_its_levels() -> None:
    plan = make_plan("SELECT MEDIAN(cost) FROM visits", WARD)

    (statistic,), (sensitivity,) = plan.statistics, plan.sensitivities
    assert statistic.tree is not None
    assert sensitivity.groups == statistic.tree.levels
    assert statistic.entries == statistic.tree.nodes
    assert sensitivity.per_group == 3 * statistic.bound


def test_rows_are_added_up_per_unit_only_where_nothing_is_proved() -> None:
    part = make_plan("SELECT COUNT(*) FROM visits", WARD).parts[0]
    proved = replace(part.bounds, groups_proved=True, rows_proved=True)
    units = (Statistic(kind=StatisticKind.UNITS),)

    assert part.needs_partials
    assert not replace(part, bounds=proved).needs_partials
    assert replace(part, bounds=proved, statistics=units).needs_partials
    single = replace(proved, single_row=True)
    assert not replace(part, bounds=single, statistics=units).needs_partials


@pytest.mark.parametrize(
    ("sql", "step"),
    [
        ("SELECT COUNT(*) FROM visits", 1),
        ("SELECT SUM(cost) FROM visits", 0.01),
        ("SELECT MEDIAN(cost) FROM visits", 0.001),
        ("SELECT MEDIAN(age) FROM patients", 1),
    ],
)
def test_steps_are_in_the_unit_of_what_is_added_up(sql: str, step: float) -> None:
    (statistic,) = make_plan(sql, WARD).statistics

    assert float(statistic.step) == step
