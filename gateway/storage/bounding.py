"""Bound each unit's rows for the release profiles, once, before they are stored."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from gateway.storage.building import MEMORY_ONLY
from policies.contributions import ReleaseProfile
from policies.datasets import Table
from policies.layout import RANK, SALT, group_rank_name, row_rank_name

__all__ = ["profile_columns"]


def profile_columns(rows: pa.Table, table: Table, *, key: bytes) -> dict[str, pa.ChunkedArray]:
    """Return the columns of all release profiles of a private table, as ``policies.layout`` says.

    The order of a unit's groups depends on the key, on the unit's salt, on the profile's name and
    on the group's values only; so neither another unit nor the order of storage changes it.

    Args:
        rows: The stored columns with salt and rank; each unit's ranks are 1, 2, ….
        table: Its declaration.
        key: Secret of the order.

    Returns:
        By column name, one value for each row, in the order of the rows.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    if not table.release_profiles:
        return columns
    connection = duckdb.connect(":memory:", config=MEMORY_ONLY)
    try:
        for name, profile in table.release_profiles.items():
            connection.register("rows", _incoming(rows, table, profile))
            secret = {"secret": f"{key.hex()}\x1f{name}"}
            ranks = connection.sql(_statement(table, profile), params=secret).to_arrow_table()
            columns[group_rank_name(name)] = ranks["group_rank"]
            columns[row_rank_name(name)] = ranks["row_rank"]
    finally:
        connection.close()
    return columns


def _incoming(rows: pa.Table, table: Table, profile: ReleaseProfile) -> pa.Table:
    columns = {"unit": rows[table.unit_column], "salt": rows[SALT], "rank": rows[RANK]}
    columns |= {f"k{place}": rows[group] for place, group in enumerate(profile.groups)}
    return pa.table(columns).append_column("row", pa.array(range(len(rows)), pa.int64()))


def _statement(table: Table, profile: ReleaseProfile) -> str:
    """SQL over ``rows``: the ranks."""
    keys = [f"k{place}" for place in range(len(profile.groups))]
    # An absent value and a present one must not read the same, nor may two columns run together.
    texts = "".join(
        f", '\x1f', CASE WHEN {key} IS NULL THEN '' ELSE '=' || CAST({key} AS VARCHAR) END"
        for key in keys
    )
    unseen = [
        f"{key} IS NULL"
        for key, group in zip(keys, profile.groups, strict=True)
        if (use := table.columns[group].use) is not None and use.nulls != "keep"
    ]
    hidden = " OR ".join(unseen) or "FALSE"
    listed = ", ".join(keys)
    return f"""
        SELECT
            CAST(dense_rank() OVER (PARTITION BY unit ORDER BY hidden, hash, {listed}) AS INTEGER)
                AS group_rank,
            CAST(row_number() OVER (PARTITION BY unit, {listed} ORDER BY rank) AS INTEGER)
                AS row_rank
        FROM (SELECT *, {hidden} AS hidden, sha256(concat($secret, '\x1f', salt{texts})) AS hash
            FROM rows)
        ORDER BY "row"
    """  # noqa: S608  names are made here
