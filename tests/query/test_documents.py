from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.privacy import DELTA_UNITS, Measure, PrivacyLoss
from query.answers import Answer, Estimate, Quote, QuotedAggregate
from query.documents import (
    answer_bytes,
    answer_document,
    parse_answer,
    parse_answer_bytes,
    parse_quote,
    quote_document,
)
from query.fields import DocumentError, document_bytes
from query.losses import balance_document, loss_document, parse_balance, parse_loss
from query.ports import Balance, Receipt

texts = st.text(max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
maybe = st.none() | numbers
losses = st.builds(
    PrivacyLoss,
    measure=st.sampled_from(Measure),
    amount=st.integers(0, 2**63 - 1),
    delta=st.integers(0, DELTA_UNITS - 1),
)
estimates = st.builds(Estimate, value=maybe, standard_error=maybe, lower=maybe, upper=maybe)
cells = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | numbers | texts | estimates
aggregates = st.builds(
    QuotedAggregate,
    column=texts,
    aggregate=texts,
    mechanism=texts,
    sensitivity=texts,
    expected_error=maybe,
)
quotes = st.builds(
    Quote,
    loss=losses,
    cells=st.integers(0, 10**6),
    aggregates=st.lists(aggregates, max_size=2).map(tuple),
    max_groups=st.integers(1, 9),
    max_rows_per_group=st.integers(1, 9),
    confidence=st.floats(0.01, 0.99),
    explanation=st.lists(texts, max_size=2).map(tuple),
    template=texts,
)
receipts = st.builds(Receipt, index=st.integers(0, 2**53 - 1), leaf_hash=texts, checkpoint=texts)
answers = st.builds(
    Answer,
    query_id=st.text(alphabet=string.hexdigits, min_size=32, max_size=32),
    columns=st.lists(texts, max_size=3).map(tuple),
    rows=st.lists(st.lists(cells, max_size=3).map(tuple), max_size=3).map(tuple),
    suppressed=st.integers(0, 10**6),
    quote=quotes,
    charged=losses,
    repeated=st.booleans(),
    policy_digest=texts,
    receipt=st.none() | receipts,
)
LOSS = PrivacyLoss(measure=Measure.PURE, amount=200_000)
QUOTE = Quote(
    loss=LOSS,
    cells=1,
    aggregates=(),
    max_groups=1,
    max_rows_per_group=1,
    confidence=0.95,
    explanation=(),
    template="",
)
ANSWER = Answer(
    query_id="0" * 32,
    columns=("big", "n"),
    rows=((2**53, Estimate(value=1.5, standard_error=1.0, lower=-1.0, upper=4.0)),),
    suppressed=0,
    quote=QUOTE,
    charged=LOSS,
    repeated=False,
    policy_digest="sha256:00",
    receipt=None,
)


@given(answers)
def test_an_answer_survives_its_bytes_with_all_types(answer: Answer) -> None:
    back = parse_answer_bytes(answer_bytes(answer))

    assert back == answer
    assert [[type(cell) for cell in row] for row in back.rows] == [
        [type(cell) for cell in row] for row in answer.rows
    ]
    assert answer_bytes(back) == answer_bytes(answer)


@given(quotes)
def test_a_quote_survives_its_document(quote: Quote) -> None:
    assert parse_quote(json.loads(document_bytes(quote_document(quote)))) == quote


@given(losses, losses)
def test_a_loss_and_a_balance_survive_their_documents(cap: PrivacyLoss, spent: PrivacyLoss) -> None:
    balance = Balance(
        scope="pool",
        name="p",
        cap=cap,
        spent=PrivacyLoss(measure=cap.measure, amount=spent.amount, delta=spent.delta),
    )

    assert parse_loss(loss_document(cap)) == cap
    assert parse_balance(balance_document(balance)) == balance


def test_amounts_are_exact_decimal_strings() -> None:
    tiny = PrivacyLoss(measure=Measure.ZCDP, amount=1, delta=10)

    assert loss_document(LOSS) == {"measure": "pure", "epsilon": "0.2", "delta": "0"}
    assert loss_document(tiny) == {
        "measure": "zcdp",
        "rho": "0.000000001",
        "delta": "0.00000000000000001",
    }


def test_an_integer_that_javascript_would_round_is_a_string() -> None:
    document = answer_document(ANSWER)

    assert document["rows"][0][0] == {"integer": "9007199254740992"}
    assert document["rows"][0][1]["value"] == 1.5


def test_what_is_left_is_never_below_zero() -> None:
    balance = Balance(
        scope="pool",
        name="p",
        cap=LOSS,
        spent=PrivacyLoss(measure=Measure.PURE, amount=300_000, delta=5),
    )

    remaining = balance_document(balance)["remaining"]
    assert remaining == {"measure": "pure", "epsilon": "0", "delta": "0"}


def test_a_number_that_is_not_finite_has_no_document() -> None:
    bad = Estimate(value=float("nan"), standard_error=1.0, lower=0.0, upper=1.0)

    with pytest.raises(DocumentError):
        document_bytes({"value": bad.value})


def test_a_text_that_is_not_unicode_has_no_document() -> None:
    with pytest.raises(DocumentError):
        document_bytes({"value": "\ud800"})


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("query_id",), 3),
        (("columns",), "big"),
        (("columns",), [1]),
        (("rows",), [3]),
        (("rows",), [[{"value": 1}]]),
        (("rows",), [[{"integer": "one"}]]),
        (("rows",), [[[1]]]),
        (("rows",), [[{"value": "1", "standard_error": 1, "lower": 1, "upper": 1}]]),
        (("rows",), [[{"value": True, "standard_error": 1, "lower": 1, "upper": 1}]]),
        (("suppressed",), "0"),
        (("suppressed",), True),
        (("repeated",), 1),
        (("policy",), None),
        (("receipt",), {"index": "1"}),
        (("quote", "cells"), 1.5),
        (("quote", "confidence"), "high"),
        (("charged",), {"measure": "none", "epsilon": "1", "delta": "0"}),
        (("charged", "epsilon"), "-1"),
        (("charged", "epsilon"), 0.2),
        (("charged", "epsilon"), "0.0000001"),
        (("charged", "epsilon"), "NaN"),
        (("charged", "epsilon"), "much"),
        (("charged", "delta"), "1"),
    ],
)
def test_refuses_a_document_with_a_wrong_field(path: tuple[str, ...], wrong: object) -> None:
    document = answer_document(ANSWER)
    target = document
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = wrong

    with pytest.raises(DocumentError) as caught:
        parse_answer(document)
    assert str(wrong) not in str(caught.value) or len(str(wrong)) < 6


@pytest.mark.parametrize("wrong", [None, [], "x", {}])
def test_refuses_what_is_no_document(wrong: object) -> None:
    for parse in (parse_answer, parse_quote, parse_loss, parse_balance):
        with pytest.raises(DocumentError):
            parse(wrong)


@pytest.mark.parametrize("stored", [b"", b"{", b"\xff", b"[]"])
def test_refuses_bytes_that_are_no_answer(stored: bytes) -> None:
    with pytest.raises(DocumentError):
        parse_answer_bytes(stored)
