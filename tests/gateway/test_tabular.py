from __future__ import annotations

import pyarrow as pa
import pytest

from gateway.arrow import answer_arrow, answer_table
from gateway.tabular import answer_csv, table_columns, table_rows
from query.answers import Estimate, Key
from tests.gateway.fake_service import make_answer, make_quote

ONE = Estimate(value=1.5, standard_error=1.0, lower=-0.5, upper=3.5)


def test_an_empty_answer_still_has_all_columns() -> None:
    answer = make_answer(rows=())

    assert [column.name for column in table_columns(answer)] == [
        "SEX",
        "n",
        "n__stderr",
        "n__lower",
        "n__upper",
    ]
    assert answer_table(answer).num_rows == 0
    assert answer_csv(answer) == b"SEX,n,n__stderr,n__lower,n__upper\r\n"


def test_an_estimate_that_the_quote_does_not_name_has_its_errors_too() -> None:
    answer = make_answer(columns=("x",), rows=((ONE,),), quote=make_quote("other"))

    assert table_rows(answer, table_columns(answer)) == [(1.5, 1.0, -0.5, 3.5)]


def test_a_plain_value_in_a_noisy_column_has_no_errors() -> None:
    answer = make_answer(columns=("n",), rows=((ONE,), (None,), (3,)))

    assert table_rows(answer, table_columns(answer))[1:] == [(None,) * 4, (3, None, None, None)]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("a", None), pa.string()),
        ((1, 2), pa.int64()),
        ((1, None), pa.int64()),
        ((2**63, 1), pa.float64()),
        ((1, 2.5), pa.float64()),
        ((True, None), pa.bool_()),
        ((None, None), pa.string()),
        (("a", 1), pa.string()),
    ],
)
def test_keys_have_the_narrowest_type_that_holds_them(
    values: tuple[Key, Key], kind: object
) -> None:
    rows = tuple((value,) for value in values)
    table = answer_table(make_answer(columns=("k",), rows=rows))

    assert table.schema.field("k").type == kind
    assert [value is None for value in table.column("k").to_pylist()] == [
        value is None for value in values
    ]


def test_a_csv_quotes_what_needs_it() -> None:
    answer = make_answer(columns=("k",), rows=(('say "a, b"',), (None,)), quote=make_quote("n"))

    assert answer_csv(answer).decode().splitlines() == ["k", '"say ""a, b"""', '""']


def test_a_stream_carries_price_and_policy() -> None:
    schema = pa.ipc.open_stream(answer_arrow(make_answer())).schema

    assert b'"epsilon":"0.2"' in schema.metadata[b"gateway.charged"]
    assert schema.metadata[b"gateway.policy"].startswith(b"sha256:")
