from __future__ import annotations

from dataclasses import replace

from gateway.answers.explanations import explanation_text, loss_text, number_text
from policies.privacy import Measure, PrivacyLoss
from tests.gateway.made_up import make_loss, make_quote


def test_an_explanation_says_what_was_paid_before_and_what_is_charged_now() -> None:
    first = explanation_text(make_quote())
    more = explanation_text(replace(make_quote(), spent=make_loss("0.1")))
    free = explanation_text(replace(make_quote(), loss=make_loss("0"), spent=make_loss("0.2")))

    assert first.endswith("Price\n  - epsilon 0.2")
    assert more.endswith("Price\n  - epsilon 0.2, beside epsilon 0.1 paid before")
    assert free.endswith("  - nothing: what is stored of an earlier answer is as good")


def test_long_lines_are_wrapped_and_errors_that_depend_on_the_data_are_said_so() -> None:
    quote = make_quote()
    column = replace(quote.aggregates[0], expected_error=None, sensitivity="1 row " * 30)
    text = explanation_text(replace(quote, aggregates=(column,)))

    assert "error depends on the data" in " ".join(text.split())
    assert max(len(line) for line in text.splitlines()) <= 88


def test_a_loss_with_a_delta_tells_both() -> None:
    assert loss_text(PrivacyLoss(measure=Measure.ZCDP, amount=5 * 10**7, delta=10**12)) == (
        "rho 0.05, delta 1e-06"
    )


def test_numbers_are_short() -> None:
    assert [number_text(one) for one in (1234567.0, 0.123456, -2.0)] == [
        "1,234,567",
        "0.1235",
        "-2",
    ]
