from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.errors import BodyError
from gateway.pages.researcher.forms import Prices, prices_of, question_body
from policies.datasets import DatasetPolicy
from policies.privacy import Measure
from tests.gateway.made_up import make_hospital

PURE = prices_of(make_hospital())


def with_prices(most: str, default: str) -> DatasetPolicy:
    hospital = make_hospital()
    rules = replace(
        hospital.spec.queries, max_loss_per_query=Decimal(most), default_loss=Decimal(default)
    )
    return replace(hospital, spec=replace(hospital.spec, queries=rules))


@pytest.mark.parametrize("measure", list(Measure))
def test_prices_are_round_ascend_and_end_at_the_policys_largest(measure: Measure) -> None:
    rules = make_hospital(measure=measure).spec.queries
    prices = prices_of(make_hospital(measure=measure))

    assert prices.measure is measure
    assert list(prices.steps) == sorted(set(prices.steps))
    assert prices.steps[-1] == rules.max_loss_per_query
    assert prices.steps[-1] / prices.steps[0] <= 1000
    assert all(str(step.normalize().as_tuple().digits[0]) in "125" for step in prices.steps[:-1])
    nearest = min(abs(step - rules.default_loss) for step in prices.steps)
    assert abs(prices.steps[prices.start] - rules.default_loss) == nearest


@pytest.mark.parametrize(("most", "steps"), [("3", 9), ("1", 7), ("0.7", 10), ("20", 8)])
def test_any_largest_price_has_some_below_it(most: str, steps: int) -> None:
    prices = prices_of(with_prices(most, "0.1"))

    assert prices.steps[-1] == Decimal(most)
    assert len(prices.steps) == steps


@pytest.mark.parametrize("step", ["", "x", "-1", "99", "1.5", "9" * 5000, "²"])
def test_a_step_that_is_none_is_the_policys_default(step: str) -> None:
    assert PURE.at(step) == PURE.steps[PURE.start]
    assert PURE.at("0") == PURE.steps[0]


def test_the_slider_says_the_price() -> None:
    body = question_body({"sql": "SELECT 1", "step": "2", "pay": "price"}, PURE)
    zcdp: Prices = prices_of(make_hospital(measure=Measure.ZCDP))

    assert (body.epsilon, body.rho, body.accuracy) == (PURE.steps[2], None, None)
    assert question_body({"sql": "SELECT 1"}, zcdp).rho == zcdp.steps[zcdp.start]


def test_a_price_that_is_written_out_comes_before_the_slider() -> None:
    body = question_body({"sql": "SELECT 1", "step": "0", "amount": " 0.37 "}, PURE)

    assert body.epsilon == Decimal("0.37")


def test_a_wanted_accuracy_comes_in_place_of_a_price() -> None:
    fields = {"sql": "SELECT 1", "pay": "accuracy", "within": "25", "amount": "3", "step": "1"}
    body = question_body(fields, PURE)

    assert body.accuracy is not None
    assert (body.accuracy.within, body.epsilon) == (25, None)


def test_fields_that_are_empty_are_left_out_and_others_passed_on() -> None:
    empty = {"dataset": "", "purpose": "", "max_groups": "", "bounding": ""}
    bare = question_body({"sql": "SELECT 1", **empty}, PURE)
    full = question_body(
        {
            "sql": "SELECT 1",
            "dataset": "hospital",
            "purpose": " heart research ",
            "max_groups": " 2",
            "max_rows_per_group": "3",
            "bounding": "stored",
        },
        PURE,
    )

    assert (bare.dataset, bare.purpose, bare.max_groups, bare.bounding) == (None,) * 4
    assert (full.dataset, full.purpose, full.bounding) == ("hospital", "heart research", "stored")
    assert (full.max_groups, full.max_rows_per_group) == (2, 3)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"sql": ""}, "/sql"),
        ({}, "/sql"),
        ({"max_groups": "many"}, "/max_groups"),
        ({"max_groups": "9" * 5000}, "/max_groups"),
        ({"max_groups": "\u0661"}, "/max_groups"),
        ({"amount": "\u0661"}, "/epsilon"),
        ({"amount": "1,5.0"}, "/epsilon"),
        ({"amount": "1,2,3"}, "/epsilon"),
        ({"amount": "1,000"}, "/epsilon"),
        ({"pay": "accuracy", "within": "1,000"}, "/accuracy/within"),
        ({"pay": "accuracy", "within": "\u0661"}, "/accuracy/within"),
        ({"pay": "price", "within": "30"}, "/step"),
        ({"priced": "clinic", "dataset": "hospital"}, "/step"),
        ({"priced": "clinic", "dataset": "hospital", "amount": "0.1"}, "/step"),
        ({"max_rows_per_group": "0"}, "/max_rows_per_group"),
        ({"amount": "much"}, "/epsilon"),
        ({"amount": "-1"}, "/epsilon"),
        ({"bounding": "later"}, "/bounding"),
        ({"dataset": "../x"}, "/dataset"),
        ({"pay": "accuracy", "within": ""}, "/accuracy/within"),
        ({"pay": "accuracy", "within": "-3"}, "/accuracy/within"),
        ({"pay": "accuracy"}, "/accuracy/within"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, str], pointer: str) -> None:
    with pytest.raises(BodyError) as caught:
        question_body({"sql": "SELECT 1", **fields} if fields else {}, PURE)

    assert [field.pointer for field in caught.value.fields] == [pointer]


@pytest.mark.parametrize(
    ("typed", "meant"), [("0,5", "0.5"), ("1,25", "1.25"), ("0,125", "0.125"), ("0.5", "0.5")]
)
def test_a_decimal_comma_is_a_decimal_point(typed: str, meant: str) -> None:
    price = question_body({"sql": "SELECT 1", "amount": typed}, PURE)
    accuracy = question_body({"sql": "SELECT 1", "pay": "accuracy", "within": typed}, PURE).accuracy

    assert price.epsilon == Decimal(meant)
    assert accuracy is not None
    assert accuracy.within == float(meant)


def test_a_slider_of_the_same_dataset_or_an_accuracy_for_another_is_clear() -> None:
    fields = {"sql": "SELECT 1", "dataset": "hospital"}
    same = question_body({**fields, "priced": "hospital", "step": "0"}, PURE)
    other = {**fields, "priced": "clinic", "pay": "accuracy", "within": "30"}

    assert same.epsilon == PURE.steps[0]
    assert question_body(other, PURE).accuracy is not None


@pytest.mark.parametrize("within", ["nan", "inf", "-inf", "1e999"])
def test_an_accuracy_that_is_no_number_is_refused(within: str) -> None:
    with pytest.raises(BodyError):
        question_body({"sql": "SELECT 1", "pay": "accuracy", "within": within}, PURE)
