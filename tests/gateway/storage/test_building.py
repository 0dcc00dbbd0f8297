from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from gateway.storage import StoreError
from gateway.storage.building import SnapshotBuilder, keyed_order
from query.engines.duckdb import DuckDbEngine
from tests.gateway.ingest.small import policy
from tests.limits import LIMITS

KEY = bytes(32)
TABLES = "SELECT table_name FROM information_schema.tables"


def order(
    units: list[int], content: Sequence[str | None], key: bytes = KEY
) -> list[tuple[int, int]]:
    found = keyed_order(
        pa.array(units), pa.array([unit * 7 for unit in units]), pa.table({"x": content}), key=key
    )
    return list(zip(found["row"].to_pylist(), found["rank"].to_pylist(), strict=True))


def test_rows_are_ordered_by_unit_and_ranked_from_one() -> None:
    found = order([1, 0, 1, 0, 1], ["a", "b", "c", "d", "e"])

    assert [rank for _, rank in found] == [1, 2, 1, 2, 3]
    assert {row for row, _ in found[:2]} == {1, 3}


def test_the_rank_of_a_row_depends_on_its_own_unit_alone() -> None:
    content = [f"row {number}" for number in range(50)]
    alone = order([3] * 50, content)
    among = order([1] * 20 + [3] * 50, [f"other {number}" for number in range(20)] + content)

    assert [(row - 20, rank) for row, rank in among if row >= 20] == alone


def test_another_key_gives_another_order() -> None:
    content = [f"row {number}" for number in range(50)]

    assert order([0] * 50, content) != order([0] * 50, content, key=bytes(range(32)))


def test_every_row_has_the_same_chance_to_be_first() -> None:
    units = [unit for unit in range(4000) for _ in range(4)]
    firsts = [row % 4 for row, rank in order(units, ["a", "b", "c", "d"] * 4000) if rank == 1]

    # 4000 draws of 1 in 4: five standard deviations are 137; a false alarm once in 10^6.
    assert all(abs(firsts.count(place) - 1000) < 137 for place in range(4))


def test_null_and_columns_side_by_side_are_told_apart() -> None:
    def ranks(first: list[str | None], second: list[str | None]) -> list[int]:
        content = pa.table({"x": first, "y": second})
        units = pa.array([0] * len(first))
        return [int(row) for row in keyed_order(units, units, content, key=KEY)["row"].to_pylist()]

    pairs: list[tuple[str | None, str | None]] = [("a", "b"), ("ab", ""), (None, "ab"), ("", "ab")]
    forward = ranks([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    pairs.reverse()
    backward = ranks([pair[0] for pair in pairs], [pair[1] for pair in pairs])

    assert [3 - row for row in backward] == forward


def test_a_table_without_stored_columns_is_not_made(tmp_path: Path) -> None:
    dataset = policy({"codes": {"ownership": "public", "columns": {"a": {"role": "attribute"}}}})
    with SnapshotBuilder(tmp_path / "s.duckdb") as builder:
        builder.add("codes", dataset.tables["codes"], pa.table({}))
        builder.finish({"units": 0})
    engine = DuckDbEngine(tmp_path / "s.duckdb", LIMITS)

    assert ("codes",) not in [tuple(row) for row in engine.run(TABLES)]
    engine.close()


def test_what_cannot_be_written_is_said_without_a_value(tmp_path: Path) -> None:
    table = policy().tables["visits"]
    rows = pa.table(
        {
            "visit": [1],
            "patient": [0],
            "start": ["secret"],
            "cost": [1],
            "__salt": [1],
            "__rank": [1],
            "__rows": [1],
        }
    )
    with SnapshotBuilder(tmp_path / "s.duckdb") as builder, pytest.raises(StoreError) as error:
        builder.add("visits", table, rows)

    assert error.value.code == "STO-WRITE"
    assert "secret" not in str(error.value)


def test_facts_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    builder = SnapshotBuilder(tmp_path / "s.duckdb")
    with builder:
        pass

    with pytest.raises(StoreError):
        builder.finish({"units": 0})
