"""Whatever the rows and the filter, a unit moves a count by no more than stored ranks bound."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.datasets import DatasetPolicy
from query.drafts import Asked, drafted
from query.parse import parse
from tests.gateway.storage.profiles import ROWS, Row, by_unit, declared, stored

WAYS = {
    "SELECT site, ward, COUNT(*) FROM visits WHERE score <> 4 GROUP BY ALL": "release profile",
    "SELECT site, COUNT(*) FROM visits WHERE score <> 4 GROUP BY ALL": "release profile",
    "SELECT COUNT(*) FROM visits WHERE score <> 4": "first rows per unit",
    "SELECT ward, COUNT(*) FROM visits WHERE score <> 4 GROUP BY ALL": "first rows per unit",
}


def bounded(groups: int, rows: int, most: int) -> DatasetPolicy:
    """The visits, with how much of one unit enters an answer."""
    dataset = declared()
    visits = dataset.tables["visits"]
    limits = replace(visits.contribution, max_groups=groups, max_rows_per_group=rows, max_rows=most)
    tables = {**dataset.tables, "visits": replace(visits, contribution=limits)}
    return replace(dataset, spec=replace(dataset.spec, tables=tables))


@pytest.mark.parametrize("sql", WAYS)
@settings(max_examples=10, deadline=None)
@given(
    rows=ROWS,
    filtered=st.sets(st.none() | st.integers(-9, 9), max_size=4),
    dataset=st.builds(bounded, st.integers(1, 3), st.integers(1, 3), st.integers(1, 5)),
)
def test_one_unit_moves_no_more_than_its_way_says(
    sql: str, rows: list[Row], filtered: set[int | None], dataset: DatasetPolicy
) -> None:
    plan, _ = drafted(parse(sql, dataset), dataset, (), Asked(before_filter=True))
    kept = plan.bounds.kept
    if kept is None:  # it would take more noise than bounding when asked
        return
    keys = [name for name in ("site", "ward") if f" {name}," in sql]
    for own in by_unit([row for row in stored(rows) if row["score"] not in filtered]).values():
        counted = [row for row in own if all(row[name] <= top for name, top in kept.most)]
        moved = Counter(tuple(row[key] for key in keys) for row in counted)
        assert len(moved) <= kept.groups
        assert max(moved.values(), default=0) <= kept.rows
        assert moved.total() <= kept.total


@pytest.mark.parametrize(("sql", "mode"), WAYS.items())
def test_each_way_is_looked_at(sql: str, mode: str) -> None:
    dataset = bounded(1, 2, 2)
    plan, _ = drafted(parse(sql, dataset), dataset, (), Asked(before_filter=True))

    assert plan.bounds.kept is not None
    assert plan.bounds.kept.mode == mode
