from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gateway.answers.arrow import answer_arrow, answer_parquet, answer_table
from gateway.answers.tabular import answer_csv, table_columns, table_rows
from query.answers import Estimate, Key
from tests.gateway.made_up import make_answer, make_loss, make_quote

ONE = Estimate(value=1.5, standard_error=1.0, lower=-0.5, upper=3.5)


def test_an_empty_answer_still_has_all_columns() -> None:
    answer = make_answer(rows=())

    assert [column.name for column in table_columns(answer)] == [
        "SEX",
        "n",
        "n__standard_error",
        "n__lower",
        "n__upper",
    ]
    assert answer_table(answer).num_rows == 0
    assert answer_csv(answer) == b"SEX,n,n__standard_error,n__lower,n__upper\r\n"


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


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "-"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted_in_csv_alone(text: str) -> None:
    answer = make_answer(columns=(text,), rows=((text,), (-1,), (-2.5,)), quote=make_quote("n"))
    rows = list(csv.reader(io.StringIO(answer_csv(answer).decode(), newline="")))

    assert rows == [[f"'{text}"], [f"'{text}"], ["-1"], ["-2.5"]]
    assert answer_table(answer).column_names == [text]


def test_a_text_that_is_no_formula_stays_as_it_is() -> None:
    answer = make_answer(columns=("k",), rows=(("a=1",), ("[0-10)",)), quote=make_quote("n"))

    assert answer_csv(answer).decode().splitlines() == ["k", "a=1", "[0-10)"]


def test_an_alias_that_is_the_name_of_an_error_column_keeps_its_name() -> None:
    answer = make_answer(
        columns=("n__lower", "n", "n__lower_2"),
        rows=((1, ONE, 2),),
        quote=make_quote("n"),
    )
    names = [column.name for column in table_columns(answer)]

    assert names == ["n__lower", "n", "n__standard_error", "n__lower_3", "n__upper", "n__lower_2"]
    assert len(set(names)) == len(names)


def test_a_parquet_file_holds_the_table_and_its_metadata() -> None:
    quote = replace(make_quote(), spent=make_loss("0.1"))
    table = pq.read_table(pa.BufferReader(answer_parquet(make_answer(quote=quote, receipt=None))))
    facts = {
        name.removeprefix(b"gateway."): json.loads(text or b"null")
        for name, text in table.schema.metadata.items()
        if name in {b"gateway.spent", b"gateway.explanation", b"gateway.confidence",
                    b"gateway.suppressed", b"gateway.receipt"}
    }  # fmt: skip

    assert table.column("n__upper").to_pylist() == [56.0, None]
    assert facts == {
        b"spent": {"delta": "0", "epsilon": "0.1", "measure": "pure"},
        b"explanation": ["Each patient counts once"],
        b"confidence": 0.95,
        b"suppressed": 1,
        b"receipt": None,
    }


def test_a_stream_carries_price_and_policy() -> None:
    schema = pa.ipc.open_stream(answer_arrow(make_answer())).schema

    assert b'"epsilon":"0.2"' in schema.metadata[b"gateway.charged"]
    assert schema.metadata[b"gateway.policy"].startswith(b"sha256:")
