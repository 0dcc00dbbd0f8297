"""One statement for the engine, and how its rows are to be read."""

from __future__ import annotations

from dataclasses import dataclass

from policies.errors import UnsupportedQueryError

__all__ = ["MOST_CHARACTERS", "MOST_SELECTS", "Statement"]

MOST_SELECTS = 150
"""SELECTs in one statement; a sub-query is written out wherever its value is looked at. DuckDB
plans so many in two seconds, twice as many in up to half a minute, and is not interrupted there."""
MOST_CHARACTERS = 600_000
"""Characters of one statement, which take DuckDB as long."""


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
        keys: Columns at the left that tell rows apart where all others are sums over privacy
            units; None where they are not, as a number of different values is none.
        has_buckets: Whether rows name a bucket.
        has_places: Whether rows name the cell by its place; NULL for a group that is none.

    Raises:
        UnsupportedQueryError: If the engine would plan for too long.
    """

    sql: str
    part: int
    statistics: tuple[int, ...]
    keys: int | None = None
    has_buckets: bool = False
    has_places: bool = False

    def __post_init__(self) -> None:
        if len(self.sql) > MOST_CHARACTERS or self.sql.count("SELECT") > MOST_SELECTS:
            raise UnsupportedQueryError(
                "the engine would plan this for too long",
                code="SQL-TOO-DEEP",
                remedy="ask for fewer aggregates at once, and use each sub-query less often",
            )
