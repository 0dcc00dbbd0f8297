from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.audit.errors import LogError
from gateway.audit.tiles import TILE_WIDTH, consistency_from, inclusion_from, tree_root
from gateway.audit.tlog import (
    EMPTY_ROOT,
    leaf_hash,
    root_hash,
)
from tests.merkle import consistency_proof, inclusion_proof

SIZE = 2 * TILE_WIDTH + 77
LEAVES = [leaf_hash(b"%d" % number) for number in range(SIZE)]


class ListedHashes:
    """A tree of leaf hashes in memory; remembers how many hashes were read."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves
        self.read = 0

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        width = TILE_WIDTH**level
        found = [
            root_hash(self._leaves[place * width : (place + 1) * width])
            for place in range(start, end)
            if (place + 1) * width <= len(self._leaves)
        ]
        assert len(found) == end - start
        self.read += len(found)
        return found


SIZES = (1, 2, 3, 255, 256, 257, 300, 511, 512, 513, SIZE)


@pytest.mark.parametrize("size", SIZES)
def test_roots_and_proofs_from_tiles_are_those_from_all_leaves(size: int) -> None:
    tree = ListedHashes(LEAVES)

    assert tree_root(tree, size) == root_hash(LEAVES[:size])
    for index in {0, 1, size // 2, size - 1} & set(range(size)):
        assert inclusion_from(tree, index, size) == inclusion_proof(LEAVES[:size], index)
    for earlier in (one for one in SIZES if one <= size):
        assert consistency_from(tree, earlier, size) == consistency_proof(LEAVES[:size], earlier)


def test_the_root_of_nothing_is_that_of_the_empty_tree() -> None:
    assert tree_root(ListedHashes([]), 0) == EMPTY_ROOT


def test_a_proof_reads_few_hashes() -> None:
    tree = ListedHashes([leaf_hash(b"x")] * (TILE_WIDTH * TILE_WIDTH))
    inclusion_from(tree, 12345, TILE_WIDTH * TILE_WIDTH)

    assert tree.read <= 2 * TILE_WIDTH


def test_nothing_is_proved_of_what_is_not_there() -> None:
    tree = ListedHashes(LEAVES)
    with pytest.raises(LogError):
        inclusion_from(tree, SIZE, SIZE)
    with pytest.raises(LogError):
        consistency_from(tree, 0, SIZE)
