from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from anonymizers.written_dates import shifted


@pytest.mark.parametrize(
    ("text", "days", "result"),
    [
        ("03/14/2022", 138, "07/30/2022"),
        ("3/14/2022", 138, "7/30/2022"),
        ("3/14/22", -14, "2/28/22"),
        ("2022-03-14", 1, "2022-03-15"),
        ("2022/3/4", 30, "2022/4/3"),
        ("14.03.2022", 20, "03.04.2022"),
        ("20220314", 20, "20220403"),
        ("March 14, 2022", 20, "April 3, 2022"),
        ("MARCH 14 2022", 20, "APRIL 3 2022"),
        ("14 mar 2022", 20, "3 apr 2022"),
        ("Mar. 3rd, '22", 20, "Mar. 23rd, '22"),
        ("Tuesday, March 15th, 2022", 138, "Sunday, July 31st, 2022"),
        ("Tue 3/15/22", 1, "Wed 3/16/22"),
        ("the 1st of May 2022", 1, "the 2nd of May 2022"),
        ("Sept 2021", 30, "Oct 2021"),
        ("March 2022", 30, "April 2022"),
        ("03/2022", 30, "04/2022"),
        ("2022 March 4", 1, "2022 March 5"),
        ("3/14", 20, "4/3"),
        ("March 11th", 1, "March 12th"),
        ("12/31/99", 1, "01/01/00"),
        ("March", 31, "April"),
    ],
)
def test_a_date_moves_in_the_form_that_it_has(text: str, days: int, result: str) -> None:
    assert shifted(text, days) == result


@pytest.mark.parametrize(
    "text",
    ["Christmas", "13/13/2022", "02/30/2022", "1/2/3/4", "12345", "marvel 3", "", "20221340",
     "3 days", "12/31/9999", "14 of nothing", "2022", "1 2022 3 March 4"],
)  # fmt: skip
def test_what_is_not_read_as_one_date_gives_nothing(text: str) -> None:
    assert shifted(text, 40) is None


@given(
    day=st.dates(date(1970, 1, 1), date(2060, 1, 1)),
    days=st.integers(-365, 365).filter(bool),
    form=st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%d %b %Y", "%Y%m%d", "%m/%d/%y"]),
)
def test_every_full_form_moves_by_exactly_the_days(day: date, days: int, form: str) -> None:
    moved = day + timedelta(days=days)
    assume("May" not in day.strftime(form))

    result = shifted(day.strftime(form), days)

    written = moved.strftime(form)
    if "%B" in form and not day.strftime("%d").startswith("0"):
        written = written.replace(" 0", " ")
    if form == "%d %b %Y" and not day.strftime("%d").startswith("0"):
        written = written.removeprefix("0")
    assert result == written
