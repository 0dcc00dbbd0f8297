"""Made-up visits with release profiles, stored as ingest stores them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from gateway.storage.bounding import profile_columns
from gateway.storage.building import keyed_order
from policies.datasets import DatasetPolicy
from policies.layout import RANK, SALT
from tests.gateway.ingest.small import policy

KEY = bytes(range(32))
PROFILES = {
    "places": {"groups": ["site", "ward"], "max_groups": 2},
    "sites": {"groups": ["site"], "max_groups": 1},
}
Row = tuple[int, str | None, str | None, int | None]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from(["a", "b", None]),
        st.none() | st.integers(-9, 9) | st.integers(3, 9),
    ),
    min_size=12,
    max_size=40,
)


def declared() -> DatasetPolicy:
    """A table of visits with two profiles."""
    place = {"categories": ["a", "b", "c"], "group_by": True}
    columns = {
        "site": {"role": "attribute", "dp": place},
        "ward": {"role": "attribute", "dp": place | {"nulls": "keep"}},
        "score": {
            "role": "attribute",
            "type": "integer",
            "dp": {"bounds": [-9, 9], "aggregates": ["sum"]},
        },
    }
    return policy({"visits": {"columns": columns, "release_profiles": PROFILES}})


def stored(rows: list[Row], key: bytes = KEY) -> list[dict[str, Any]]:
    """The rows with all columns that ingest adds, by unit and rank; units keep their number."""
    units = pa.array([row[0] for row in rows], pa.int64())
    salts = pa.array([row[0] * 7919 + 5 for row in rows], pa.int32())
    content = pa.table(
        {
            "site": pa.array([row[1] for row in rows], pa.string()),
            "ward": pa.array([row[2] for row in rows], pa.string()),
            "score": pa.array([row[3] for row in rows], pa.int64()),
        }
    )
    order = keyed_order(units, salts, content, key=key)
    place = order["row"]
    columns = {name: content[name].take(place) for name in content.column_names}
    columns |= {"patient": units.take(place), SALT: salts.take(place), RANK: order["rank"]}
    ordered = pa.table(columns)
    own = profile_columns(ordered, declared().tables["visits"], key=key)
    return [dict(row) for row in pa.table(columns | own).to_pylist()]


def by_unit(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """The rows of each unit."""
    units = defaultdict(list)
    for row in rows:
        units[row["patient"]].append(row)
    return units
