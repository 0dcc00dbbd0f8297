"""One statement for the engine, and how its rows are to be read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Statement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, and where its integers belong.

    Its rows are group keys, then the bucket where there are buckets, then one integer for each
    statistic. Groups without rows are absent; their integers are 0. Keys come as integers (counts
    of the key's step), texts, booleans, or ISO dates; or as one integer, the cell's place.

    Attributes:
        sql: The text.
        part: Place of the grouping set in the plan.
        statistics: Places of the statistics in it.
        has_buckets: Whether rows name a bucket.
        has_places: Whether rows name the cell by its place; NULL for a group that is none.
    """

    sql: str
    part: int
    statistics: tuple[int, ...]
    has_buckets: bool = False
    has_places: bool = False
