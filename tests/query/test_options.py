from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from policies.errors import Position, UnsupportedQueryError
from policies.privacy import Measure
from query.answers import Accuracy, Request
from query.options import check_measure, confidence_of, with_options
from query.service import answer, quote
from tests.factories import make_dataset, make_policies, make_request
from tests.worlds import World, make_world

COUNT = "SELECT class, COUNT(*) AS n FROM visits GROUP BY class"


def refused(request: Request) -> UnsupportedQueryError:
    with pytest.raises(UnsupportedQueryError) as error:
        with_options(request)
    return error.value


def test_options_become_fields() -> None:
    merged = with_options(
        make_request(
            "OPTIONS (rho = 0.2, max_groups = 3, max_rows_per_group = 2, weights = {n: 2}, "
            f"confidence = 0.9, confirm_price = 0.2) {COUNT}"
        )
    )

    assert (merged.loss, merged.measure) == (Decimal("0.2"), Measure.ZCDP)
    assert (merged.max_groups, merged.max_rows_per_group) == (3, 2)
    assert (merged.weights, merged.confidence) == ({"n": 2.0}, 0.9)
    assert merged.confirm_price == Decimal("0.2")
    assert merged.sql.strip() == COUNT


def test_bounding_is_exact_or_stored() -> None:
    assert with_options(make_request(f"OPTIONS (bounding = 'stored') {COUNT}")).bounding == "stored"
    assert with_options(make_request(COUNT)).bounding is None
    for wrong in ("'fast'", "3", "{exact: 1}"):
        assert refused(make_request(f"OPTIONS (bounding = {wrong}) {COUNT}")).code == "SQL-OPTION"


def test_fields_stay_where_the_prefix_says_nothing_of_them() -> None:
    request = make_request(f"OPTIONS (confidence = 0.9) {COUNT}", loss="0.3", max_groups=2)
    merged = with_options(request)

    assert (merged.loss, merged.max_groups, merged.confidence) == (Decimal("0.3"), 2, 0.9)


@pytest.mark.parametrize(
    ("inside", "fields"),
    [
        ("epsilon = 0.2", {"loss": "0.2"}),
        ("rho = 0.2", {"loss": "0.2", "measure": Measure.ZCDP}),
        ("accuracy = {within: 3}", {"accuracy": Accuracy(within=Decimal(3))}),
        ("max_groups = 1", {"max_groups": 1}),
        ("max_rows_per_group = 1", {"max_rows_per_group": 1}),
        ("weights = {n: 1}", {"weights": {"m": 1.0}}),
        ("confidence = 0.9", {"confidence": 0.9}),
        ("confirm_price = 0", {"confirm_price": Decimal(0)}),
    ],
)
def test_the_same_option_in_both_places_is_refused(inside: str, fields: dict[str, Any]) -> None:
    error = refused(make_request(f"OPTIONS ({inside}) {COUNT}", **fields))

    assert (error.code, error.position) == ("SQL-OPTION-TWICE", Position(1, 10))


@pytest.mark.parametrize(
    ("inside", "fields"),
    [
        ("epsilon = 0.2, rho = 0.2", {}),
        ("epsilon = 0.2, accuracy = {within: 3}", {}),
        ("accuracy = {within: 3}", {"loss": "0.1"}),
        ("rho = 0.2", {"loss": "0.1"}),
        ("max_groups = 1", {"loss": "0.1", "accuracy": Accuracy(within=Decimal(3))}),
    ],
)
def test_two_prices_are_refused(inside: str, fields: dict[str, Any]) -> None:
    assert refused(make_request(f"OPTIONS ({inside}) {COUNT}", **fields)).code == "SQL-TWO-PRICES"


def test_a_price_in_the_other_measure_is_refused(world: World) -> None:
    with pytest.raises(UnsupportedQueryError) as error:
        quote(make_request(f"OPTIONS (rho = 0.1) {COUNT}"), world.ports)

    check_measure(make_request(COUNT), Measure.ZCDP)
    assert error.value.code == "SQL-MEASURE"
    assert "epsilon" in error.value.remedy


@pytest.mark.parametrize("confidence", [0.0, 1.0, float("nan")])
def test_a_confidence_outside_its_range_is_refused(confidence: float) -> None:
    with pytest.raises(UnsupportedQueryError) as error:
        confidence_of(make_request(COUNT, confidence=confidence))

    assert error.value.code == "SQL-CONFIDENCE"
    assert confidence_of(make_request(COUNT)) == 0.95


def test_the_prefix_says_what_the_fields_could_have_said(world: World) -> None:
    prefix = "OPTIONS (epsilon = 0.3, max_groups = 1, max_rows_per_group = 2, confidence = 0.9)"
    fields = {"max_groups": 1, "max_rows_per_group": 2, "confidence": 0.9}

    assert quote(make_request(f"{prefix} {COUNT}"), world.ports) == quote(
        make_request(COUNT, loss="0.3", **fields), world.ports
    )


def test_the_place_of_a_refusal_counts_the_prefix() -> None:
    world = make_world(make_policies(make_dataset()))
    sql = "OPTIONS (epsilon = 0.3)\nSELECT class, COUNT(*), nonsense FROM visits GROUP BY class"
    with pytest.raises(UnsupportedQueryError) as error:
        answer(make_request(sql), world.ports)

    assert error.value.position == Position(2, 25)
    assert world.log == ["denied"]


def test_the_template_of_a_refusal_leaves_the_prefix_out(world: World) -> None:
    for sql in (f"OPTIONS (epsilon = 0.1, max_groups = 99) {COUNT}", "OPTIONS (canary) SELECT 1"):
        with pytest.raises(UnsupportedQueryError):
            answer(make_request(sql), world.ports)

    assert world.ledger.denials[0].template.startswith("SELECT t0.class, COUNT(*)")
    assert world.ledger.denials[1].template == ""
