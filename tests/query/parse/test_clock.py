from __future__ import annotations

from dataclasses import replace

import pytest

from policies.errors import UnsupportedQueryError
from query.parse import parse
from tests.wards import make_ward


@pytest.mark.parametrize(
    ("snapshot", "offered"),
    [
        ("2026-10-31", "that of the snapshot: DATE '2026-10-31'"),
        ("autumn", "DATE '2024-12-31'"),
    ],
)
@pytest.mark.parametrize("clock", ["NOW()", "CURRENT_DATE", "today()"])
def test_the_day_of_the_snapshot_is_offered_for_the_present(
    clock: str, snapshot: str, offered: str
) -> None:
    ward = make_ward()
    source = replace(ward.spec.source, snapshot=snapshot)
    dated = replace(ward, spec=replace(ward.spec, source=source))

    with pytest.raises(UnsupportedQueryError) as caught:
        parse(f"SELECT COUNT(*) FROM visits WHERE day < {clock}", dated)

    assert caught.value.code == "SQL-FUNCTION"
    assert caught.value.remedy is not None
    assert offered in caught.value.remedy
