from __future__ import annotations

from decimal import Decimal

import pytest

from policies.errors import UnsupportedQueryError
from query.answers import Accuracy
from query.bound import MAX_PRICE, Asked, price_asked
from query.parse import parse
from query.plan import MAX_ROWS, MAX_UNITS, Bounds, StatisticKind, cell_keys
from query.reading import column_uses
from tests.factories import make_dataset
from tests.plans import make_bound, make_plan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
WIDE = make_ward(max_groups=20, max_rows_per_group=20)


def bounds(sql: str, dataset: object = WARD, **options: object) -> Bounds:
    return make_plan(sql, dataset, **options).bounds  # type: ignore[arg-type]


class TestProofs:
    def test_one_row_a_unit_is_one_row_in_one_group(self) -> None:
        found = bounds("SELECT age, sex, COUNT(*) FROM patients GROUP BY age, sex", WIDE)

        assert (found.max_groups, found.max_rows_per_group) == (1, 1)
        assert found.single_row
        assert found.groups_proved
        assert found.rows_proved

    def test_a_few_rows_a_unit_are_as_many_groups(self) -> None:
        found = bounds("SELECT days, COUNT(*) FROM stays GROUP BY days", WIDE)

        assert (found.max_groups, found.max_rows_per_group) == (3, 3)
        assert found.groups_proved
        assert not make_plan("SELECT COUNT(*) FROM stays", WIDE).parts[0].needs_partials

    def test_counting_units_needs_partial_sums_although_rows_are_proved(self) -> None:
        (part,) = make_plan("SELECT COUNT(DISTINCT patient_id) FROM stays", WIDE).parts

        assert part.needs_partials

    def test_facts_of_the_unit_are_one_group(self) -> None:
        joined = "visits v JOIN patients p USING (patient_id)"

        assert bounds(f"SELECT p.sex, COUNT(*) FROM {joined} GROUP BY p.sex", WIDE).max_groups == 1
        assert bounds(f"SELECT v.class, COUNT(*) FROM {joined} GROUP BY 1", WIDE).max_groups == 3

    def test_fewer_cells_than_groups_prove_the_groups(self) -> None:
        found = bounds("SELECT urgent, COUNT(*) FROM visits GROUP BY urgent", WIDE)

        assert found.max_groups == 2
        assert found.groups_proved
        assert not found.rows_proved

    def test_what_is_not_proved_is_enforced(self) -> None:
        found = bounds("SELECT class, COUNT(*) FROM visits GROUP BY class")

        assert (found.max_groups, found.max_rows_per_group) == (2, 3)
        assert not found.groups_proved


class TestAsked:
    def test_a_request_narrows_bounds(self) -> None:
        asked = Asked(max_groups=1, max_rows_per_group=2)

        found = bounds("SELECT class, COUNT(*) FROM visits GROUP BY class", asked=asked)

        assert (found.max_groups, found.max_rows_per_group) == (1, 2)

    @pytest.mark.parametrize(
        "asked", [Asked(max_groups=3), Asked(max_groups=0), Asked(max_rows_per_group=-1)]
    )
    def test_a_request_does_not_widen_bounds(self, asked: Asked) -> None:
        with pytest.raises(UnsupportedQueryError, match="the policy allows 1 to"):
            bounds("SELECT COUNT(*) FROM visits", asked=asked)

    def test_a_policy_cannot_ask_for_more_rows_than_64_bits_hold(self) -> None:
        endless = make_dataset(max_rows_per_group=10**12)

        found = bounds("SELECT COUNT(*) FROM visits", endless)

        assert found.max_rows_per_group == MAX_ROWS
        assert MAX_ROWS * MAX_UNITS <= 2**62

    @pytest.mark.parametrize("loss", ["0", "-1", "NaN", "Infinity", "1E+999999", "0.0000000001"])
    def test_a_price_is_a_number_above_0(self, loss: str) -> None:
        with pytest.raises(UnsupportedQueryError) as refusal:
            price_asked(WARD, Decimal(loss))

        assert refusal.value.code == "SQL-PRICE"

    def test_the_default_price_is_the_policys(self) -> None:
        assert price_asked(WARD, None).parameter == Decimal("0.1")
        assert price_asked(WARD, Decimal(MAX_PRICE)).parameter == MAX_PRICE


class TestAccuracy:
    """A price is found for a wanted interval."""

    WITHIN_3 = Asked(accuracy=Accuracy(within=Decimal(3)))

    def test_counts_and_sums_decide_and_means_do_not(self) -> None:
        plan = make_plan("SELECT COUNT(*), AVG(cost) FROM visits", WARD, asked=self.WITHIN_3)

        assert plan.noises[0].half_width(0.95) == 3
        assert plan.noises[1].half_width(0.95) > 3

    def test_every_grouping_set_is_as_exact_as_wanted(self) -> None:
        plan = make_plan(
            "SELECT class, COUNT(*) FROM visits GROUP BY ROLLUP (class)", WARD, asked=self.WITHIN_3
        )

        assert len(plan.noises) == 2
        assert max(noise.half_width(0.95) for noise in plan.noises) == 3

    @pytest.mark.parametrize("aggregate", ["AVG(cost)", "MEDIAN(cost)", "STDDEV(cost)"])
    def test_without_counts_and_sums_there_is_no_price(self, aggregate: str) -> None:
        with pytest.raises(UnsupportedQueryError, match="without counts and sums") as refusal:
            make_plan(f"SELECT {aggregate} FROM visits", WARD, asked=self.WITHIN_3)

        assert refusal.value.code == "SQL-ACCURACY"

    def test_an_accuracy_that_no_price_buys_is_refused(self) -> None:
        gauss = make_dataset(queries={"measure": "zcdp"})
        asked = Asked(accuracy=Accuracy(within=Decimal("0.000001")))

        with pytest.raises(UnsupportedQueryError, match="no price is enough") as refusal:
            make_plan("SELECT SUM(cost) FROM visits", gauss, asked=asked)

        assert refusal.value.code == "SQL-ACCURACY"


class TestWeights:
    def test_a_column_that_matters_more_has_less_noise(self) -> None:
        sql = "SELECT COUNT(*) AS n, SUM(days) AS d FROM stays"
        even = make_plan(sql, WARD)
        heavy = make_plan(sql, WARD, asked=Asked(weights={"n": 8.0}))

        assert heavy.noises[0].scale < even.noises[0].scale
        assert heavy.noises[1].scale > even.noises[1].scale

    @pytest.mark.parametrize("name", ["nobody", "s"])
    def test_a_weight_of_no_noisy_column_is_refused(self, name: str) -> None:
        with pytest.raises(UnsupportedQueryError, match=f"given to {name}") as refusal:
            make_plan(
                "SELECT sex AS s, COUNT(*) AS n FROM patients GROUP BY sex",
                WARD,
                asked=Asked(weights={name: 2.0}),
            )

        assert refusal.value.code == "SQL-WEIGHT"


class TestSuppression:
    @pytest.mark.parametrize(
        ("sql", "kind"),
        [
            ("SELECT COUNT(*) FROM visits", StatisticKind.UNITS),
            ("SELECT COUNT(*) FILTER (WHERE urgent) FROM visits", StatisticKind.UNITS),
            ("SELECT COUNT(DISTINCT patient_id), COUNT(*) FROM visits", StatisticKind.UNITS),
            ("SELECT AVG(age), COUNT(*) FROM patients", StatisticKind.ROWS),
            ("SELECT AVG(age) FROM patients", StatisticKind.UNITS),
        ],
    )
    def test_small_cells_are_judged_by_an_unfiltered_count_of_units(
        self, sql: str, kind: StatisticKind
    ) -> None:
        (part,) = make_plan(sql, WARD, suppress_below=5).parts

        assert part.counter is not None
        assert part.statistics[part.counter].kind is kind
        assert part.statistics[part.counter].where is None

    def test_a_count_of_units_that_is_asked_for_is_not_measured_twice(self) -> None:
        plan = make_plan("SELECT COUNT(DISTINCT patient_id) FROM visits", WARD, suppress_below=5)

        assert len(plan.statistics) == len(plan.noises) == 1

    def test_without_the_duty_nothing_is_counted(self) -> None:
        (part,) = make_plan("SELECT AVG(age) FROM patients", WARD).parts

        assert part.counter is None


class TestStatistics:
    def test_a_mean_and_a_count_share_their_count_where_nulls_are_rejected(self) -> None:
        plan = make_plan("SELECT AVG(value), COUNT(*), COUNT(value) FROM labs", WARD)

        assert len(plan.statistics) == 2

    def test_a_mean_of_what_may_be_null_has_a_count_of_its_own(self) -> None:
        assert len(make_plan("SELECT AVG(cost), COUNT(*) FROM visits", WARD).statistics) == 3

    def test_a_sum_too_fine_for_64_bits_is_coarsened(self) -> None:
        plan = make_plan("SELECT SUM(CLAMP(raw, 0, 1000000000000)) FROM labs", WARD)

        (statistic,) = plan.statistics
        assert statistic.step == 10**4
        assert plan.bounds.sensitivity(statistic).per_group * MAX_UNITS <= 2**62

    def test_a_constant_real_can_be_summed(self) -> None:
        (statistic,) = make_plan("SELECT SUM(5 / 2) FROM labs", WARD).statistics

        assert statistic.bound * statistic.step == Decimal("2.5")

    def test_statistics_share_the_loss_evenly(self) -> None:
        plan, measurement = make_bound("SELECT COUNT(*), SUM(cost) FROM visits", WARD)

        counts, sums = measurement.noises
        assert sums.scale / counts.scale == pytest.approx(100_000)
        assert plan.noises == measurement.noises


def test_the_last_key_changes_fastest() -> None:
    plan = make_plan("SELECT sex, urgent, COUNT(*) FROM visits JOIN patients USING (patient_id) "
                     "GROUP BY sex, urgent", WARD)  # fmt: skip

    assert cell_keys(plan.question, plan.parts[0])[:3] == [("F", False), ("F", True), ("M", False)]
    assert cell_keys(plan.question, plan.parts[0])[-1] == (None, True)


def test_every_use_of_a_column_is_told_to_the_policy() -> None:
    question = parse(
        "SELECT p.sex, CASE WHEN v.urgent THEN v.class END, AVG(v.cost) FILTER (WHERE "
        "p.age > 3), COUNT(v.free), COUNT(DISTINCT v.patient_id) FROM visits v JOIN patients p "
        "ON v.patient_id = p.patient_id WHERE v.day > '2024-02-02' GROUP BY 1, 2",
        WARD,
    )

    assert {(use.column, use.way) for use in column_uses(question)} == {
        ("patient_id", "join"),
        ("sex", "group"),
        ("urgent", "filter"),
        ("class", "group"),
        ("cost", "mean"),
        ("age", "filter"),
        ("free", "count"),
        ("day", "filter"),
    }
