from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from policies.privacy import Measure
from query.answers import Accuracy
from query.bound import Asked
from query.explain import quote_of
from query.parse import parse
from query.plan import MAX_UNITS, Bounds, Statistic, StatisticKind
from query.question import AggregateCall
from query.statistics import MAX_ENTRIES, MIN_BUCKETS, statistics_of
from query.trees import MAX_BUCKETS
from tests.plans import make_bound, make_plan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
SOURCE = "labs l JOIN patients p ON l.patient_id = p.patient_id"
BOUNDS = Bounds(
    max_groups=2, max_rows_per_group=3, groups_proved=False, rows_proved=False, single_row=False
)


def errors(aggregates: str, loss: str) -> list[float]:
    """Return the half-widths that a quote promises."""
    made = make_bound(f"SELECT {aggregates} FROM visits", WARD, loss=loss)
    return [one.expected_error or 0.0 for one in quote_of(*made, WARD, 0.95).aggregates]


def call(aggregate: str) -> AggregateCall:
    return parse(f"SELECT {aggregate} FROM {SOURCE}", WARD).aggregates[0]


def needed(aggregate: str, *, cells: int = 1, bounds: Bounds = BOUNDS) -> list[Statistic]:
    found = statistics_of(call(aggregate), bounds, cells, Measure.PURE)
    assert found[0][1] == 1.0
    return [statistic for statistic, _ in found]


@pytest.mark.parametrize(
    ("aggregate", "kinds"),
    [
        ("COUNT(*)", "rows"),
        ("COUNT(code)", "rows"),
        ("COUNT(DISTINCT l.patient_id)", "units"),
        ("COUNT(DISTINCT code)", "distinct"),
        ("SUM(value)", "sum"),
        ("AVG(value)", "sum rows"),
        ("MEDIAN(value)", "buckets"),
        ("MAX(value)", "buckets"),
        ("HISTOGRAM(value, [0, 10])", "buckets"),
        ("VAR_POP(value)", "sum sum rows"),
        ("STDDEV(value)", "sum sum rows"),
        ("COVAR_POP(value, age)", "sum sum sum rows"),
        ("REGR_SLOPE(value, age)", "sum sum sum sum rows"),
        ("CORR(value, age)", "sum sum sum sum sum rows"),
    ],
)
def test_an_aggregate_is_made_of_few_statistics(aggregate: str, kinds: str) -> None:
    assert [one.kind.value for one in needed(aggregate)] == kinds.split()


@pytest.mark.parametrize(
    ("aggregates", "statistics"),
    [
        ("AVG(value), SUM(value), COUNT(*)", 2),
        ("AVG(age), SUM(age), COUNT(age)", 2),
        ("SUM(age), COUNT(age)", 2),
        ("SUM(age), COUNT(*)", 2),
        ("VAR_POP(value), STDDEV(value), AVG(value)", 3),
        ("CORR(value, age), COVAR_SAMP(value, age), REGR_R2(value, age)", 6),
        ("CORR(value, age), CORR(age, value)", 6),
        ("MEDIAN(value), MIN(value), QUANTILE_CONT(value, 0.9)", 1),
        ("HISTOGRAM(value, [0, 10, 50])", 1),
    ],
)
def test_aggregates_share_what_they_have_in_common(aggregates: str, statistics: int) -> None:
    plan = make_plan(f"SELECT {aggregates} FROM {SOURCE}", WARD)

    assert len(plan.statistics) == statistics


def test_means_are_centered_and_sums_where_there_is_a_count_of_their_rows() -> None:
    centered, _ = make_plan("SELECT AVG(cost) FROM visits", WARD).statistics
    (alone,) = make_plan("SELECT SUM(cost) FROM visits", WARD).statistics
    beside = make_plan("SELECT SUM(cost), AVG(cost) FROM visits", WARD)

    assert (centered.center, centered.bound) == (50_000, 50_000)
    assert (alone.center, alone.bound) == (0, 100_000)
    assert beside.statistics[0] == centered
    assert beside.parts[0].components == ((0, 1), (0, 1))


def test_a_sum_that_shares_is_more_exact_than_one_that_does_not() -> None:
    """Each for half of the price, against both for all of it."""
    (total,), (count,) = errors("SUM(cost)", "0.5"), errors("COUNT(cost)", "0.5")
    both = errors("SUM(cost), COUNT(cost)", "1")

    assert both[0] < 0.8 * total
    assert both[1] < 0.8 * count


def test_a_sum_of_a_wanted_accuracy_is_measured_by_itself() -> None:
    wanted = Accuracy(within=Decimal(1000), confidence=0.95)
    sql = "SELECT SUM(cost), COUNT(cost) FROM visits"
    found = make_plan(sql, WARD, asked=Asked(accuracy=wanted)).statistics

    assert [one.center for one in found] == [0, 0]


def test_rows_with_a_null_argument_do_not_enter() -> None:
    (counted,) = needed("COUNT(code)")
    _, under_mean = make_plan("SELECT AVG(cost) FROM visits", WARD).statistics

    assert counted.where is not None
    assert under_mean.where is not None
    assert needed("AVG(value)")[1].where is None


@pytest.mark.parametrize("rows", [1, 1000, 2**31])
def test_no_sum_can_leave_64_bits(rows: int) -> None:
    wide = Bounds(
        max_groups=1, max_rows_per_group=rows, groups_proved=True, rows_proved=True, single_row=True
    )

    for aggregate in ("SUM(CLAMP(raw, 0, 1000000000000))", "VAR_POP(CLAMP(raw, 0, 100000000))"):
        for statistic in needed(aggregate, bounds=wide):
            assert statistic.bound * rows * MAX_UNITS <= 2**62 + rows * MAX_UNITS


class TestTrees:
    def test_narrow_values_have_a_bucket_each(self) -> None:
        (statistic,) = needed("MEDIAN(value)")

        assert statistic.buckets == 201
        assert statistic.origin == -50
        assert statistic.width == statistic.unit == Fraction(1, 2)

    def test_wide_values_share_buckets(self) -> None:
        (statistic,) = make_plan("SELECT MEDIAN(cost) FROM visits", WARD).statistics

        assert statistic.buckets <= MAX_BUCKETS
        assert statistic.buckets * statistic.width >= Fraction(100_001, 100)
        assert (statistic.buckets - 1) * statistic.width <= 1000

    @pytest.mark.parametrize("cells", [100, 10_000])
    def test_many_cells_have_fewer_buckets_each(self, cells: int) -> None:
        (statistic,) = needed("MEDIAN(CLAMP(raw, 0, 100000))", cells=cells)

        assert statistic.buckets <= max(MAX_ENTRIES // cells, MIN_BUCKETS)

    def test_rows_are_split_only_where_they_are_cut(self) -> None:
        proved = Bounds(
            max_groups=1, max_rows_per_group=3, groups_proved=True, rows_proved=True,
            single_row=False,
        )  # fmt: skip

        assert needed("MEDIAN(value)")[0].bound == 1000
        assert needed("MEDIAN(value)", bounds=proved)[0].bound == 1
        assert needed("HISTOGRAM(value, [0, 10])")[0].bound == 1000
        assert needed("HISTOGRAM(value, [0, 10])")[0].kind is StatisticKind.BUCKETS
