"""The rows that joins make of one unit are bounded for all parts of a union together."""

from __future__ import annotations

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
