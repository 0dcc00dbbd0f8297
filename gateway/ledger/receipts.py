"""Receipts of entries, made from the ledger's tables; every proof is checked before it is given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final, TypeAlias

from gateway.audit.answers import told_salt
from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.database import Connection
from gateway.audit.entries import Entry, parse_entry
from gateway.audit.events import QueryReleased
from gateway.audit.receipts import ProvedLeaf, receipt_text
from gateway.audit.tiles import TILE_WIDTH, inclusion_from
from gateway.audit.tlog import check_inclusion, leaf_hash, root_hash

__all__ = ["MAX_REFERENCES", "StoredTree", "chain_salt", "entry_chain", "prove"]

MAX_REFERENCES: Final = 2
"""A repeat refers to a release, and that to its charge."""

_KEPT_TILES: Final = 8

Reading: TypeAlias = Callable[[], AbstractContextManager[Connection]]
"""Holds a connection for a block that only reads."""


class StoredTree:
    """The hashes of the log's tree: those of leaves in the database, those above in memory.

    Nothing above a tile that is not full is kept, and what is kept never changes. Of the leaves the
    tiles that were read last are kept: proofs are mostly of what is new, and whoever reads waits
    for whoever commits. Safe among threads.

    Args:
        reading: Gives the database.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._above: list[list[bytes]] = []
        self._leaves: dict[int, list[bytes]] = {}
        self._lock = threading.RLock()

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        """Return hashes of a level, as ``HashReader`` says; fewer where there are fewer."""
        if level == 0:
            return self._leaf_hashes(start, end)
        with self._lock:
            while len(self._above) < level:
                self._above.append([])
            known = self._above[level - 1]
            while len(known) < end:
                first = len(known) * TILE_WIDTH
                tile = self.hashes(level - 1, first, first + TILE_WIDTH)
                if len(tile) < TILE_WIDTH:
                    break
                known.append(root_hash(tile))
            return known[start:end]

    def _leaf_hashes(self, start: int, end: int) -> Sequence[bytes]:
        number, place = divmod(start, TILE_WIDTH)
        first = start - place
        known = self._leaves.get(number, [])
        if first + len(known) < end:
            with self._reading() as connection:
                rows = connection.execute(
                    "SELECT leaf_hash FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx",
                    (first + len(known), max(end, first + TILE_WIDTH)),
                ).fetchall()
            known = [*known, *(found for (found,) in rows)]
            self._keep(number, known[:TILE_WIDTH])
        return known[place : end - first]

    def _keep(self, number: int, tile: list[bytes]) -> None:
        with self._lock:
            self._leaves.pop(number, None)
            self._leaves[number] = tile
            while len(self._leaves) > _KEPT_TILES:
                del self._leaves[next(iter(self._leaves))]


def entry_chain(connection: Connection, index: int) -> tuple[tuple[bytes, Entry], ...]:
    """Return an entry, and those that it refers to, one from the other; nothing if it is not there.

    Raises:
        LogError: If one is not an entry that this version writes.
    """
    chain: list[tuple[bytes, Entry]] = []
    wanted: int | None = index
    while wanted is not None and len(chain) <= MAX_REFERENCES:
        row = connection.execute("SELECT leaf FROM entry WHERE idx = ?", (wanted,)).fetchone()
        if row is None:
            break
        chain.append((row[0], parse_entry(row[0])))
        wanted = getattr(chain[-1][1].event, "ref", None)
    return tuple(chain)


def chain_salt(connection: Connection, chain: Sequence[tuple[bytes, Entry]]) -> bytes:
    """Return the salt of what the release in a chain told; nothing where there is none."""
    for _, entry in chain:
        if isinstance(entry.event, QueryReleased) and entry.event.told:
            row = connection.execute(
                "SELECT salt FROM query WHERE close = ?", (entry.stamp.seq,)
            ).fetchone()
            return b"" if row is None else told_salt(row[0])
    return b""


def prove(
    tree: StoredTree, chain: Sequence[tuple[bytes, Entry]], salt: bytes, checkpoint: str
) -> str:
    """Return the receipt of an entry under a signed checkpoint that covers it.

    Args:
        tree: Of the log.
        chain: The entry, and those that it refers to.
        salt: As ``chain_salt`` gives it.
        checkpoint: The head.

    Raises:
        LogError: If the log is not the one that was signed.
    """
    head = parse_checkpoint(checkpoint)
    proved: list[ProvedLeaf] = []
    for leaf, entry in chain:
        index = entry.stamp.seq
        hashes = inclusion_from(tree, index, head.size)
        check_inclusion(leaf_hash(leaf), index, head.size, hashes, head.root)
        proved.append(ProvedLeaf(leaf, index, hashes))
    return receipt_text(proved[0], proved[1:], checkpoint, salt)
