from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import Position, UnsupportedQueryError
from query.answers import Accuracy
from query.parse.options import OPTION_NAMES, Options, split_options

SELECT = "SELECT COUNT(*) FROM visits"


def read(inside: str) -> Options:
    return split_options(f"OPTIONS ({inside}) {SELECT}")[0]


def refused(sql: str) -> UnsupportedQueryError:
    with pytest.raises(UnsupportedQueryError) as error:
        split_options(sql)
    return error.value


def test_a_text_without_a_prefix_is_left_alone() -> None:
    assert split_options(SELECT) == (Options(), SELECT)


def test_every_option_is_read() -> None:
    options = read(
        "epsilon = 0.2, rho: 5e-3, accuracy = {within: 25, confidence = .9}, max_groups = 3, "
        "MAX_ROWS_PER_GROUP = '4', weights = {n: 2, \"mean \"\"cost\": 0.5, 'x''y': 1}, "
        "confidence = 0.99, confirm_price = '0', delta = 1e-9, bounding = 'stored'"
    )

    assert options.epsilon == Decimal("0.2")
    assert options.rho == Decimal("0.005")
    assert options.accuracy == Accuracy(within=Decimal(25), confidence=0.9)
    assert (options.max_groups, options.max_rows_per_group) == (3, 4)
    assert options.weights == {"n": 2.0, 'mean "cost': 0.5, "x'y": 1.0}
    assert (options.confidence, options.confirm_price) == (0.99, Decimal(0))
    assert (options.delta, options.bounding) == (Decimal("0.000000001"), "stored")
    assert set(options.places) == set(OPTION_NAMES)


def test_blanks_of_the_same_shape_stay_in_place() -> None:
    prefix = "  options(\n\tepsilon = 0.2,\r\n max_groups = 3)"
    _, rest = split_options(f"{prefix} {SELECT}")

    assert rest.split() == SELECT.split()
    assert rest.index("SELECT") == len(prefix) + 1
    assert [i for i, one in enumerate(rest) if one in "\r\n"] == [
        i for i, one in enumerate(prefix) if one in "\r\n"
    ]


def test_an_accuracy_has_a_confidence_by_default() -> None:
    assert read("accuracy = {within: 25}").accuracy == Accuracy(within=Decimal(25))


@pytest.mark.parametrize(
    ("sql", "code", "place"),
    [
        ("OPTIONS (", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS ()", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (delta = 0) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (epsilon 3) S", "SQL-OPTION", Position(1, 18)),
        ("OPTIONS (epsilon = ) S", "SQL-OPTION", Position(1, 20)),
        ("OPTIONS (epsilon = ;", "SQL-OPTION", Position(1, 20)),
        ("OPTIONS (epsilon = 1 max_groups = 2) S", "SQL-OPTION", Position(1, 22)),
        ("OPTIONS (epsilon = {n = {m = 1}}) S", "SQL-OPTION", Position(1, 25)),
        ("OPTIONS ('epsilon' = 1) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (epsilon = 1,\n  seed = 4) S", "SQL-OPTION", Position(2, 3)),
        ("OPTIONS (epsilon = 1, Epsilon = 1) S", "SQL-OPTION-TWICE", Position(1, 23)),
        ("OPTIONS (weights = {n: 1, n: 2}) S", "SQL-OPTION-TWICE", Position(1, 27)),
        ("OPTIONS (epsilon = 0) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (epsilon = 'much') S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (epsilon = {n: 1}) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (rho = '-1') S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (max_groups = 0) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (max_groups = 1.5) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (max_groups = 1e10) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (accuracy = 25) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (accuracy = {confidence: 0.9}) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (accuracy = {within: 1, why: 2}) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (accuracy = {within: 0}) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (accuracy = {within: 1, confidence: 1}) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (weights = 2) S", "SQL-OPTION", Position(1, 10)),
        ("OPTIONS (weights = {n: 0}) S", "SQL-OPTION", Position(1, 10)),
    ],
)
def test_refuses_with_code_and_place(sql: str, code: str, place: Position) -> None:
    error = refused(sql)

    assert (error.code, error.position) == (code, place)
    assert error.remedy


def test_no_refusal_repeats_what_was_written() -> None:
    written = ["OPTIONS (canary = 1)", "OPTIONS (epsilon = 'canary')", "OPTIONS (canary canary"]

    assert all("canary" not in str(refused(sql)) for sql in written)


@given(st.text(alphabet="OPTIONS()={},:'\" \n.0aeé;-", max_size=40))
def test_anything_is_read_or_refused(inside: str) -> None:
    sql = f"OPTIONS ({inside}"
    try:
        _, rest = split_options(sql)
    except UnsupportedQueryError as error:
        place = error.position
    else:
        place = Position(1, len(rest) - len(sql) + 1)

    assert place is not None
    assert 1 <= place.column <= len(sql) + 1
