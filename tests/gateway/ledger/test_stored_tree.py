from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.audit.database import Connection
from gateway.audit.tiles import TILE_WIDTH, inclusion_from, tree_root
from gateway.audit.tlog import check_inclusion, leaf_hash, root_hash
from gateway.ledger.receipts import StoredTree

SIZE = 12 * TILE_WIDTH + 77
LEAVES = [leaf_hash(str(number).encode()) for number in range(SIZE)]


class Table:
    """Leaf hashes in a database, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("CREATE TABLE entry(idx INTEGER PRIMARY KEY, leaf_hash BLOB)")
        self._connection.executemany("INSERT INTO entry VALUES (?, ?)", enumerate(LEAVES[:-1]))

    def grow(self) -> None:
        self._connection.execute("INSERT INTO entry VALUES (?, ?)", (SIZE - 1, LEAVES[-1]))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self.asked += 1
        yield self._connection


@pytest.fixture
def table() -> Table:
    return Table()


def test_any_hashes_are_those_of_the_table_in_any_order(table: Table) -> None:
    tree, chance = StoredTree(table.reading), random.Random(1)  # noqa: S311  which are no secret
    table.grow()
    for _ in range(300):
        start = chance.randrange(SIZE)
        end = start + chance.randrange(1, 2 * TILE_WIDTH)

        assert list(tree.hashes(0, start, end)) == LEAVES[start:end]
    assert tree_root(tree, SIZE) == root_hash(LEAVES)


def test_proofs_of_what_is_new_ask_the_database_once(table: Table) -> None:
    tree = StoredTree(table.reading)
    tree.hashes(1, 0, SIZE // TILE_WIDTH)
    inclusion_from(tree, SIZE - 2, SIZE - 1)
    table.grow()
    before = table.asked
    for index in (SIZE - 1, SIZE - 2, SIZE - 70):
        proof = inclusion_from(tree, index, SIZE)
        check_inclusion(LEAVES[index], index, SIZE, proof, root_hash(LEAVES))

    assert table.asked == before + 1
