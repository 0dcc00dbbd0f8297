from __future__ import annotations

from datetime import date

import pytest

from gateway.demo.hospital.notes.dates import written

FORMS = (
    "03/02/2026", "3/2/26", "3/2/2026", "2026-03-02", "March 2, 2026", "Mar 2, 2026",
    "2 Mar 2026", "02-Mar-2026", "03-02-2026", "3/2", "March 2", "Mar 2nd", "2nd of March",
)  # fmt: skip


@pytest.mark.parametrize(("form", "expected"), tuple(enumerate(FORMS)))
def test_a_day_is_written_in_a_dozen_ways(form: int, expected: str) -> None:
    assert written(date(2026, 3, 2), form) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [(1, "1st"), (3, "3rd"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"), (30, "30th")],
)
def test_days_are_counted_as_people_do(day: int, expected: str) -> None:
    assert written(date(2026, 5, day), 11) == f"May {expected}"
