"""The log as plain files that any server can serve: C2SP tlog-tiles.

The layout is ``checkpoint``, ``tile/<level>/<index>`` and ``tile/entries/<index>``, where the last
of a row may be partial and says how wide it is.

Source: C2SP tlog-tiles, https://c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.audit.errors import LogError
from gateway.audit.tiles import TILE_HEIGHT, TILE_WIDTH, HashReader
from gateway.audit.tlog import HASH_BYTES

__all__ = [
    "ENTRIES",
    "Place",
    "TileReader",
    "bundle",
    "leaves_of",
    "parse_place",
    "places",
    "tile_bytes",
]

ENTRIES: Final = "entries"
_LENGTH_BYTES: Final = 2
_PLACE: Final = re.compile(
    r"tile/(entries|0|[1-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One tile.

    Attributes:
        level: Its level; None of a bundle of entries.
        index: Its number in the level, from 0.
        width: How many hashes or entries it has; 1 to 256.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def path(self) -> str:
        """Return where it is, from the log's prefix on."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        part = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{ENTRIES if self.level is None else self.level}/{number}{part}"

    @property
    def first(self) -> int:
        """Number of its first hash in its level, or of its first entry."""
        return self.index * TILE_WIDTH

    def fits(self, size: int) -> bool:
        """Say whether a log of that size has it."""
        return self.first + self.width <= size >> TILE_HEIGHT * (self.level or 0)


def parse_place(path: str) -> Place | None:
    """Read what ``Place.path`` writes; None where it is anything else."""
    found = _PLACE.fullmatch(path)
    if found is None:
        return None
    level = None if found[1] == ENTRIES else int(found[1])
    index = int(found[2].replace("x", "").replace("/", ""))
    place = Place(level, index, int(found[3] or TILE_WIDTH))
    return place if place.path() == path else None


def places(size: int, since: int = 0) -> Iterator[Place]:
    """Yield all tiles of a log of that size that one of size ``since`` did not have."""
    for level in (None, *range(64 // TILE_HEIGHT)):
        height = TILE_HEIGHT * (level or 0)
        known, count = since >> height, size >> height
        for index in range(known // TILE_WIDTH, -(-count // TILE_WIDTH)):
            place = Place(level, index, min(TILE_WIDTH, count - index * TILE_WIDTH))
            if place.first + place.width > known:
                yield place


def bundle(leaves: Sequence[bytes]) -> bytes:
    """Return a bundle of entries; each has at most 65,535 bytes."""
    return b"".join(len(leaf).to_bytes(_LENGTH_BYTES, "big") + leaf for leaf in leaves)


def leaves_of(blob: bytes) -> tuple[bytes, ...]:
    """Return the entries of a bundle.

    Raises:
        LogError: If it ends in the middle of one.
    """
    leaves: list[bytes] = []
    start = 0
    while start < len(blob):
        length = int.from_bytes(blob[start : start + _LENGTH_BYTES], "big")
        start += _LENGTH_BYTES + length
        if start > len(blob):
            raise _bad_tile("ends in the middle of an entry")
        leaves.append(blob[start - length : start])
    return tuple(leaves)


def tile_bytes(
    reader: HashReader, leaves: Callable[[int, int], Sequence[bytes]], place: Place
) -> bytes:
    """Return the bytes of a tile, which the log has.

    Args:
        reader: Has the hashes.
        leaves: Returns the entries from one number to below another.
        place: Which tile.
    """
    end = place.first + place.width
    if place.level is None:
        return bundle(leaves(place.first, end))
    return b"".join(reader.hashes(place.level, place.first, end))


class TileReader:
    """The hashes and entries of a log of a known size, from its tiles.

    Args:
        fetch: Returns the bytes at a path, None where there is nothing.
        size: Entries of the log.
    """

    def __init__(self, fetch: Callable[[str], bytes | None], size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._kept: dict[Place, bytes] = {}

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        """Return hashes of a level, as ``HashReader`` says.

        Raises:
            LogError: If a tile is missing, or is not as wide as it has to be.
        """
        found: list[bytes] = []
        for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            place = self._place(level, index)
            blob = self._tile(place)
            if len(blob) != place.width * HASH_BYTES:
                raise _bad_tile("is missing, or has another width")
            first = max(start - place.first, 0)
            last = min(end - place.first, place.width)
            found.extend(
                blob[number * HASH_BYTES : (number + 1) * HASH_BYTES]
                for number in range(first, last)
            )
        return found

    def leaves(self, index: int) -> tuple[bytes, ...]:
        """Return the entries of a bundle, by its number.

        Raises:
            LogError: If it is missing, or has another number of entries.
        """
        place = self._place(None, index)
        found = leaves_of(self._tile(place))[: place.width]
        if len(found) != place.width:
            raise _bad_tile("is missing, or has another width")
        return found

    def _place(self, level: int | None, index: int) -> Place:
        count = self._size >> TILE_HEIGHT * (level or 0)
        return Place(level, index, max(0, min(TILE_WIDTH, count - index * TILE_WIDTH)))

    def _tile(self, place: Place) -> bytes:
        """The bytes of a tile; where the partial one is gone, the start of the full one."""
        if place not in self._kept:
            whole = Place(place.level, place.index)
            blob = self._fetch(place.path()) or self._fetch(whole.path()) or b""
            if place.level is not None:
                blob = blob[: place.width * HASH_BYTES]
            if len(self._kept) >= TILE_WIDTH:
                self._kept.clear()
            self._kept[place] = blob
        return self._kept[place]


def _bad_tile(reason: str) -> LogError:
    return LogError(
        f"a tile of the log {reason}",
        code="LOG-TILE",
        remedy="get the tiles anew from where they are published",
    )
