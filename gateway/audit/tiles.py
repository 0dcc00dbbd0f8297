"""The tree in tiles of 256 hashes, from which every root and proof costs a few reads.

The hashes of level 0 are those of the leaves; each of the next level is the root over 256 of the
level below. Whoever can read these, from a database, a folder or an address, can prove anything
that the log holds, without reading the log.

Source: C2SP tlog-tiles, https://c2sp.org/tlog-tiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from gateway.audit.tlog import (
    EMPTY_ROOT,
    consistency_ranges,
    inclusion_ranges,
    node_hash,
    root_hash,
)

__all__ = [
    "TILE_WIDTH",
    "HashReader",
    "consistency_from",
    "inclusion_from",
    "range_root",
    "tree_root",
]

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
"""Hashes of a full tile."""


class HashReader(Protocol):
    """Reads the hashes of a tree, level by level of tiles."""

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        """Return hashes of a level, each over 256**level leaves, from ``start`` to below ``end``.

        Raises:
            LogError: If they cannot be had.
        """
        ...


def tree_root(reader: HashReader, size: int) -> bytes:
    """Return the root of the first ``size`` leaves."""
    return range_root(reader, 0, size) if size else EMPTY_ROOT


def inclusion_from(reader: HashReader, index: int, size: int) -> tuple[bytes, ...]:
    """Return the proof that a leaf is in the tree; of RFC 9162, section 2.1.3.1.

    Raises:
        LogError: If there is no such leaf, or hashes cannot be had.
    """
    return tuple(range_root(reader, *leaves) for leaves in inclusion_ranges(index, size))


def consistency_from(reader: HashReader, size: int, later_size: int) -> tuple[bytes, ...]:
    """Return the proof that a tree grew from an earlier one; RFC 9162, section 2.1.4.1.

    Raises:
        LogError: If there is no such proof, or hashes cannot be had.
    """
    return tuple(range_root(reader, *leaves) for leaves in consistency_ranges(size, later_size))


def range_root(reader: HashReader, start: int, end: int) -> bytes:
    """Return the root over leaves that form a node of some tree.

    Args:
        reader: Has the hashes.
        start: First leaf; a multiple of the smallest power of two that is not below their number.
        end: The leaf after the last; above ``start``.
    """
    peaks: list[bytes] = []
    while start < end:
        height = (end - start).bit_length() - 1
        peaks.append(_perfect(reader, height, start >> height))
        start += 1 << height
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def _perfect(reader: HashReader, height: int, index: int) -> bytes:
    """The root of a perfect subtree, from the level of tiles at or below it."""
    level, above = divmod(height, TILE_HEIGHT)
    return root_hash(reader.hashes(level, index << above, (index + 1) << above))
