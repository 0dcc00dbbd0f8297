from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from query.bound import Asked
from tests.fakes import StoredRows
from tests.sensitivity import Case, check
from tests.strategies import queries
from tests.wards import databases, make_ward

WARDS = [make_ward(max_groups=groups, max_rows_per_group=rows) for groups in (1, 2, 4) for rows in (1, 3)]
ASKED = [Asked(), Asked(max_groups=1), Asked(max_rows_per_group=1)]


class TestOneUnit:
    compared = 0

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        ward=st.sampled_from(WARDS),
        rows=databases(),
        sql=queries(),
        asked=st.sampled_from(ASKED),
        suppress_below=st.sampled_from([0, 5]),
    )
    def test_one_unit_moves_the_vectors_by_no_more_than_stated(self, ward,rows: StoredRows, sql: str, asked: Asked, suppress_below: int) -> None:
        type(self).compared += check(
            Case(dataset=ward, rows=rows, sql=sql, asked=asked, suppress_below=suppress_below)
        )
