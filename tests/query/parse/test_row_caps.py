"""The rows that joins make of one unit are bounded for all parts of a union together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from policies.errors import UnsupportedQueryError
from query.parse import parse
from query.parse.row_caps import MAX_JOINED_ROWS, multiplied_rows
from query.traversal import scans
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
JOINED = "SELECT v.patient_id, v.cost FROM visits v JOIN visits w USING (patient_id)"
STORED = "SELECT patient_id, cost FROM visits"


@pytest.mark.parametrize("parts", [[JOINED], [JOINED] * 2, [JOINED] * 9, [JOINED, STORED, JOINED]])
def test_no_union_passes_the_limit_of_one_join(parts: list[str]) -> None:
    relation = parse(f"SELECT COUNT(*) FROM ({' UNION ALL '.join(parts)})", WARD).relation

    assert 0 < multiplied_rows(relation) <= MAX_JOINED_ROWS
    caps = [one.cap for one in scans(relation)]
    assert caps.count(None) == parts.count(STORED)
    assert len(set(caps) - {None}) == 1


def test_stored_rows_are_put_together_as_they_are() -> None:
    relation = parse(f"SELECT COUNT(*) FROM ({STORED} UNION ALL {STORED})", WARD).relation

    assert [one.cap for one in scans(relation)] == [None, None]


def test_a_union_of_too_many_pairs_is_refused() -> None:
    four = f"{JOINED} JOIN visits x USING (patient_id) JOIN visits y USING (patient_id)"
    assert parse(f"SELECT COUNT(*) FROM ({four})", WARD).aggregates
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(f"SELECT COUNT(*) FROM ({four} UNION ALL {four})", WARD)

    assert refusal.value.code == "SQL-JOIN"


PER_UNIT = f"SELECT patient_id, MAX(cost) AS most FROM ({JOINED}) GROUP BY patient_id"


def ctes(count: int) -> str:
    """Each of so many SELECTs joins the most, and a last one puts their few rows together."""
    named = ", ".join(f"c{one} AS ({PER_UNIT})" for one in range(count))
    joined = " ".join(f"JOIN c{one} USING (patient_id)" for one in range(count))
    return f"WITH {named} SELECT COUNT(*) FROM patients p {joined}"


def inside(count: int) -> str:
    """The same, in sub-queries of conditions."""
    met = " AND ".join(f"p.patient_id IN (SELECT patient_id FROM ({JOINED}))" for _ in range(count))
    return f"SELECT COUNT(*) FROM patients p WHERE {met}"


def summed(count: int) -> str:
    """The same, in what is added up."""
    of = f"(SELECT MAX(most) FROM ({PER_UNIT}) AS s WHERE s.patient_id = p.patient_id)"
    return f"SELECT SUM(CLAMP({' + '.join([of] * count)}, 0, 9)) FROM patients p"


@pytest.mark.parametrize("written", [ctes, inside, summed])
def test_all_joins_of_a_statement_make_no_more_than_two_may(
    written: Callable[[int], str],
) -> None:
    assert parse(written(2), WARD).aggregates
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(written(3), WARD)

    assert refusal.value.code == "SQL-JOIN"
    assert "together" in str(refusal.value)


def test_joins_that_look_up_or_stay_few_are_counted_for_nothing() -> None:
    few = " UNION ALL ".join(["SELECT patient_id FROM patients JOIN visits USING (patient_id)"] * 9)

    assert parse(f"SELECT COUNT(*) FROM ({few})", WARD).aggregates
