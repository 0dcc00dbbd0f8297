from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gateway.pages.words import amount_text, day_text, interval_text, moment_text, sentence
from query.answers import Estimate

NOON = datetime(2026, 5, 4, 12, 7, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [("20.000", "20"), ("0.10", "0.1"), ("1E+2", "100"), ("0.000001", "0.000001"), ("0", "0")],
)
def test_an_amount_has_no_needless_zeros_and_no_exponent(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text


def test_days_and_times_are_written_out() -> None:
    assert day_text(NOON) == day_text(date(2026, 5, 4)) == "4 May 2026"
    assert moment_text(NOON) == "2026-05-04 12:07 UTC"


def test_an_interval_has_two_ends_or_is_empty() -> None:
    both = Estimate(value=1.0, standard_error=1.0, lower=-1234.0, upper=0.12344)

    assert interval_text(both) == "-1,234 to 0.1234"
    assert interval_text(Estimate(value=1.0, standard_error=None, lower=None, upper=2.0)) == ""


def test_a_sentence_starts_with_a_capital_and_code_stays_as_it_is() -> None:
    assert sentence("there is none") == "There is none"
    assert sentence("`age` is not granted") == "`age` is not granted"
    assert sentence("") == ""
