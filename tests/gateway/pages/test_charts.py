from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.pages.charts import (
    Bars,
    Heat,
    Lines,
    Step,
    answer_charts,
    bars_of,
    heat_of,
    lines_of,
    pairs_of,
    scale_of,
    spending_of,
)
from query.answers import Answer, Estimate, Value
from tests.gateway.made_up import make_answer, make_quote

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WITHHELD = Estimate(value=None, standard_error=None, lower=None, upper=None)


def about(value: float, error: float = 5.0) -> Estimate:
    return Estimate(value=value, standard_error=error, lower=value - error, upper=value + error)


def answered(columns: tuple[str, ...], *rows: tuple[Value, ...]) -> Answer:
    return make_answer(columns=columns, rows=rows)


def kinds(answer: Answer) -> list[str]:
    return [chart.kind for chart in answer_charts(answer)]


@pytest.mark.parametrize(
    "values",
    [
        [0.0],
        [3.0],
        [-3.0],
        [0.001, 0.002],
        [-1e9, 1e12],
        [1e-12],
        [5.0, 5.0],
        [-40.0, -10.0],
        [0.1, 0.7, 0.3],
        [1e300, -1e300],
        [],
        [math.nan, 4.0, math.inf],
    ],
)
@pytest.mark.parametrize("zero", [True, False])
def test_a_scale_holds_all_values_and_has_round_marks(values: list[float], *, zero: bool) -> None:
    scale = scale_of(values, zero=zero)

    finite = [value for value in values if math.isfinite(value)]
    assert scale.low < scale.high
    assert all(scale.low <= value <= scale.high for value in finite)
    assert 2 <= len(scale.ticks) <= 8
    assert [tick.place for tick in scale.ticks] == sorted(tick.place for tick in scale.ticks)
    assert all(0 <= tick.place <= 100 for tick in scale.ticks)
    assert len({tick.label for tick in scale.ticks}) == len(scale.ticks)
    assert not zero or scale.low <= 0 <= scale.high


def test_zero_is_an_end_where_nothing_is_beyond_it() -> None:
    assert scale_of([10.0, 30.0]).low == 0
    assert scale_of([-10.0, -30.0]).high == 0
    assert scale_of([10.0, 30.0], zero=False).low > 5


def test_what_is_outside_of_a_scale_stands_at_its_end() -> None:
    scale = scale_of([0.0, 10.0])

    assert (scale.place(-5), scale.place(99)) == (0, 100)


def test_ticks_are_written_without_the_dirt_of_floating_point() -> None:
    assert [tick.label for tick in scale_of([0.0, 0.3]).ticks][1:3] == ["0.1", "0.2"]


def test_a_bar_starts_at_zero_and_shows_its_interval() -> None:
    drawn = bars_of([("up", about(50)), ("down", about(-50)), ("withheld", WITHHELD)])
    up, down, withheld = drawn.rows

    assert up.start == drawn.zero
    assert down.start + down.width == pytest.approx(drawn.zero, abs=0.02)
    assert up.lower < up.start + up.width < up.upper
    assert down.lower < down.start < down.upper
    assert withheld.withheld
    assert (withheld.start, withheld.width) == (0, 0)


def test_a_value_without_an_interval_has_one_of_no_length() -> None:
    (bar,) = bars_of(
        [("one", Estimate(value=4.0, standard_error=None, lower=None, upper=None))]
    ).rows

    assert bar.lower == bar.upper == bar.start + bar.width


def test_bars_of_nothing_but_withheld_cells_can_be_drawn() -> None:
    drawn = bars_of([("a", WITHHELD), ("b", WITHHELD)])

    assert all(bar.withheld for bar in drawn.rows)
    assert drawn.zero == 0


def test_a_line_breaks_where_a_cell_is_withheld() -> None:
    places = [(float(n), str(n), WITHHELD if n == 3 else about(100 + n)) for n in range(6)]
    drawn = lines_of(places)

    assert [point.label for point in drawn.points] == ["0", "1", "2", "4", "5"]
    assert [len(path.split()) for path in drawn.paths] == [3, 2]
    assert [len(band.split()) for band in drawn.bands] == [6, 4]
    assert len(drawn.labels) <= 6


def test_points_stand_where_their_numbers_are() -> None:
    drawn = lines_of([(0.0, "a", about(0)), (1.0, "b", about(10)), (10.0, "c", about(20))])
    xs = [point.x for point in drawn.points]

    assert (xs[0], xs[2]) == (2, 98)
    assert xs[1] == pytest.approx(2 + 96 / 10, abs=0.01)
    assert [point.y for point in drawn.points] == sorted(
        (point.y for point in drawn.points), reverse=True
    )
    assert all(point.upper < point.y < point.lower for point in drawn.points)


def test_a_line_of_withheld_cells_alone_has_no_points() -> None:
    drawn = lines_of([(0.0, "a", WITHHELD), (1.0, "b", WITHHELD), (2.0, "c", WITHHELD)])

    assert (drawn.points, drawn.paths, drawn.bands) == ((), (), ())


def test_the_key_with_fewer_values_runs_across() -> None:
    groups = [(f"c{n}", sex, about(float(n))) for n in range(4) for sex in ("F", "M")]
    swapped = [(b, a, estimate) for a, b, estimate in groups]

    assert heat_of(groups).across == heat_of(swapped).across == ("F", "M")
    assert heat_of(groups).cells == heat_of(swapped).cells


def test_tints_go_from_the_least_to_the_most() -> None:
    drawn = heat_of(
        [("a", "x", about(-10)), ("a", "y", about(0)), ("b", "x", about(60)), ("b", "y", WITHHELD)]
    )

    assert [[cell.tint for cell in row] for row in drawn.cells] == [[0, 1], [6, None]]
    assert drawn.cells[1][1].estimate == WITHHELD


def test_a_pair_that_is_missing_has_an_empty_cell() -> None:
    drawn = heat_of([("a", "x", about(1)), ("b", "y", about(2))])

    assert drawn.cells[0][1].estimate is None
    assert drawn.cells[0][1].tint is None


def test_equal_values_and_none_have_one_tint() -> None:
    same = heat_of([("a", "x", about(5)), ("b", "x", about(5))])
    none = heat_of([("a", "x", WITHHELD), ("b", "x", WITHHELD)])

    assert {cell.tint for row in same.cells for cell in row} == {0}
    assert {cell.tint for row in none.cells for cell in row} == {None}


def test_categories_are_bars_and_pairs_a_heat_map() -> None:
    assert kinds(answered(("sex", "n"), ("F", about(4)), ("M", WITHHELD))) == ["bars"]
    pairs = answered(
        ("sex", "band", "n"), *((sex, band, about(band)) for sex in "FM" for band in (0, 20))
    )
    assert kinds(pairs) == ["heat"]
    assert answer_charts(pairs)[0].keys == ("sex", "band")


@pytest.mark.parametrize(
    "keys",
    [
        ("2024-03-01", "2024-01-01", "2024-02-01"),
        ("2024-03-01T10:00:00", "2024-01-01T00:00:00", "2024-02-01T00:00:00"),
        (3, 1, 2),
        (0.5, 0.25, 0.375),
    ],
)
def test_what_has_an_order_is_a_line_in_that_order(keys: tuple[Value, ...]) -> None:
    answer = answered(("key", "n"), *((key, about(9)) for key in keys))
    (chart,) = answer_charts(answer)

    assert isinstance(chart.drawn, Lines)
    assert [point.label for point in chart.drawn.points] == sorted(map(str, keys))


@pytest.mark.parametrize(
    "keys",
    [
        ("4548-4", "2345-7", "8480-6"),
        ("9999-99-99", "2024-13-01", "2024-02-30"),
        ("2024-01-01x", "2024-01-02x", "2024-01-03x"),
        (True, False, None),
        ("2024-01-01", "2024-02-01", None),
        ("2024-01-01", "2024-02-01"),
        (1, 2),
        (math.nan, 1.0, 2.0),
    ],
)
def test_what_has_none_is_bars(keys: tuple[Value, ...]) -> None:
    answer = answered(("key", "n"), *((key, about(9)) for key in keys))
    (chart,) = answer_charts(answer)

    assert isinstance(chart.drawn, Bars)
    assert len(chart.drawn.rows) == len(keys)


def test_keys_are_written_as_people_read_them() -> None:
    answer = answered(("alive", "n"), (True, about(9)), (False, about(9)), (None, about(9)))
    (chart,) = answer_charts(answer)

    assert isinstance(chart.drawn, Bars)
    assert [bar.label for bar in chart.drawn.rows] == ["true", "false", "unknown"]


def test_an_answer_without_rows_or_of_one_has_no_chart() -> None:
    assert kinds(answered(("n",))) == []
    assert kinds(answered(("n",), (about(9),))) == []
    assert kinds(answered(("sex", "n"), ("F", about(9)))) == []


def test_three_keys_too_many_groups_and_repeated_keys_have_no_chart() -> None:
    three = [(a, b, c, about(1)) for a in "xy" for b in "xy" for c in "xy"]
    assert kinds(answered(("a", "b", "c", "n"), *three)) == []
    assert kinds(answered(("a", "n"), *((f"c{n}", about(n)) for n in range(61)))) == []
    assert kinds(answered(("a", "n"), *((f"c{n}", about(n)) for n in range(60)))) == ["bars"]
    many = [(f"a{a}", f"b{b}", about(1)) for a in range(25) for b in range(25)]
    assert kinds(answered(("a", "b", "n"), *many)) == []
    assert kinds(answered(("a", "n"), ("x", about(1)), ("x", about(2)))) == []


def test_each_noisy_column_has_its_chart() -> None:
    answer = answered(("sex", "n", "mean"), ("F", about(1), about(2)), ("M", about(3), about(4)))

    assert [chart.column for chart in answer_charts(answer)] == ["n", "mean"]
    assert isinstance(heat_of([("a", "b", about(1))]), Heat)
    assert replace(make_quote(), cells=1)


def test_spending_goes_up_in_steps_to_the_last_charge() -> None:
    steps = [Step(NOON, 1.0), Step(NOON + timedelta(days=1), 3.0)]
    until = NOON + timedelta(days=2)
    drawn = spending_of(steps, [(NOON + timedelta(days=1), "activate")], cap=10.0, until=until)
    places = [tuple(map(float, place.split(","))) for place in drawn.path.split()]

    assert [x for x, _ in places] == [0, 0, 0, 500, 500, 1000]
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)
    assert drawn.cap < min(y for _, y in places) / 10
    assert places[-1][1] == pytest.approx(10 * (100 - drawn.scale.place(4)))
    assert [(mark.x, mark.label) for mark in drawn.marks] == [(50, "activate")]
    assert [drawn.labels[0].label, drawn.labels[-1].label] == ["2026-05-04", "2026-05-06"]


@pytest.mark.parametrize(
    ("length", "last"),
    [
        (timedelta(minutes=1), "12:01:00"),
        (timedelta(minutes=10), "12:10"),
        (timedelta(days=2), "2026-05-06"),
    ],
)
def test_no_time_stands_twice_below_spending(length: timedelta, last: str) -> None:
    drawn = spending_of([Step(NOON, 1.0)], [], cap=2.0, until=NOON + length)
    labels = [one.label for one in drawn.labels]

    assert labels[-1] == last
    assert len(set(labels)) == len(labels) or length > timedelta(days=1)


def test_spending_of_one_moment_can_be_drawn() -> None:
    drawn = spending_of([Step(NOON, 1.0)], [], cap=0.0, until=NOON)

    assert len(drawn.path.split()) == 4
    assert drawn.scale.low == 0


def test_pairs_have_one_scale_whatever_they_show() -> None:
    drawn = pairs_of([("1", 0.5, 0.0), ("2 to 4", 0.25, 1.0)])

    assert [(one.label, one.first, one.second) for one in drawn.rows] == [
        ("1", 50, 0),
        ("2 to 4", 25, 100),
    ]
    assert [tick.label for tick in drawn.scale.ticks] == ["0 %", "50 %", "100 %"]
    assert pairs_of([]).scale == drawn.scale


def test_a_part_of_the_time_begins_with_what_was_spent_before() -> None:
    steps = [Step(NOON + timedelta(days=day), 1.0) for day in range(5)]
    changes = [(NOON + timedelta(days=day), f"day {day}") for day in range(5)]
    since, until = NOON + timedelta(days=2), NOON + timedelta(days=3, hours=12)
    drawn = spending_of(steps, changes, cap=10.0, since=since, until=until)
    heights = [float(place.split(",")[1]) / 10 for place in drawn.path.split()]

    assert heights[0] == pytest.approx(100 - drawn.scale.place(2))
    assert heights[-1] == pytest.approx(100 - drawn.scale.place(4))
    assert [mark.label for mark in drawn.marks] == ["day 2", "day 3"]
    assert drawn.marks[0].x == 0
