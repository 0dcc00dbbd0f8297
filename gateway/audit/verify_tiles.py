"""Verification of a log from its tiles, without its database: from a folder or an address."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gateway.audit.checkpoint import VerifierKey
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure, Finding
from gateway.audit.reading import Reading, VerificationReport
from gateway.audit.signed_heads import sort_heads
from gateway.audit.tile_files import TileReader
from gateway.audit.tiles import TILE_HEIGHT, TILE_WIDTH, tree_root
from gateway.audit.tlog import EMPTY_ROOT, Frontier, root_hash

__all__ = ["Fetch", "fetch_from", "verify_tiles"]

Fetch = Callable[[str], bytes | None]
"""Returns the bytes at a path below the log's prefix; None where there is nothing."""
_TIMEOUT_S: Final = 30
_MAX_BYTES: Final = 32 * 1024 * 1024
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key for one address is not for another."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def fetch_from(place: str, api_key: str = "") -> Fetch:
    """Return how the files of a log are read: from a folder, or from an http or https address.

    Args:
        place: Path of a folder, or address of the prefix, such as ``https://gateway.example/v1/log``.
        api_key: Sent to an address as bearer token, unless empty.
    """
    if urlsplit(place).scheme in {"http", "https"}:
        return _from_address(place.rstrip("/"), api_key)
    folder = Path(place)

    def from_folder(path: str) -> bytes | None:
        try:
            return (folder / path).read_bytes()
        except OSError:
            return None

    return from_folder


def verify_tiles(
    fetch: Fetch, *, key: VerifierKey, earlier: Sequence[str] = (), deep: bool = False
) -> VerificationReport:
    """Verify a log from its tiles.

    Checked are the checkpoint's signature, that all tiles of hashes form its tree, and that the log
    holds what other checkpoints were signed for. A deep verification also reads all entries, and
    checks of them what ``verify_log`` does; tables and stored answers are in no tile.

    Args:
        fetch: Reads the files.
        key: Whose signatures count.
        earlier: Texts of other checkpoints of this log.
        deep: Whether entries are read.

    Returns:
        The report; nothing is raised for what is wrong.
    """
    text = _decoded(fetch("checkpoint"))
    reading = Reading(sort_heads(key, text, earlier))
    last = sort_heads(key, text).heads
    if not last:
        return reading.report()
    size = last[0].size
    reader = TileReader(fetch, size)
    try:
        reading.add(_check_levels(reader, size))
        for wanted in reading.signed.sizes:
            if wanted <= size:
                reading.roots[wanted] = tree_root(reader, wanted)
        if deep:
            _read_entries(reader, size, reading)
        else:
            hashes = _all_hashes(reader, size)
            reading.frontier = Frontier().extended(hashes)
    except LogError as error:
        reading.findings.append(Finding(None, Failure.TILES, error.message))
    else:
        reading.check_heads()
    return reading.report()


def _all_hashes(reader: TileReader, size: int) -> Iterator[bytes]:
    for start in range(0, size, TILE_WIDTH):
        yield from reader.hashes(0, start, min(start + TILE_WIDTH, size))


def _check_levels(reader: TileReader, size: int) -> Iterator[Finding]:
    """Check that each hash above is the root over the full tile below."""
    level = 0
    while size >> TILE_HEIGHT * (level + 1):
        for index in range(size >> TILE_HEIGHT * (level + 1)):
            first = index * TILE_WIDTH
            below = root_hash(reader.hashes(level, first, first + TILE_WIDTH))
            if reader.hashes(level + 1, index, index + 1) != [below]:
                detail = f"tile {index} of level {level} does not have the hash above it"
                yield Finding(None, Failure.TILES, detail)
        level += 1


def _read_entries(reader: TileReader, size: int, reading: Reading) -> None:
    for index in range(-(-size // TILE_WIDTH)):
        first = index * TILE_WIDTH
        leaves = reader.leaves(index)
        hashes = reader.hashes(0, first, first + len(leaves))
        for number, (leaf, stored) in enumerate(zip(leaves, hashes, strict=True)):
            reading.take(first + number, leaf, stored)
    if size == 0:
        reading.roots[0] = EMPTY_ROOT


def _decoded(blob: bytes | None) -> str | None:
    try:
        return None if blob is None else blob.decode()
    except UnicodeDecodeError:
        return None


def _from_address(prefix: str, api_key: str) -> Fetch:
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    parts = urlsplit(prefix)
    if api_key and parts.scheme != "https" and parts.hostname not in _LOCAL:
        raise LogError(
            "the address is not one that an API key may be sent to",
            code="LOG-ADDRESS",
            remedy="use https, or http for this machine only",
        )
    opener = urllib.request.build_opener(_NoRedirects)

    def from_address(path: str) -> bytes | None:
        request = urllib.request.Request(f"{prefix}/{path}", headers=headers)  # noqa: S310  http and https only, as checked
        try:
            with opener.open(request, timeout=_TIMEOUT_S) as reply:
                blob = reply.read(_MAX_BYTES + 1)
        except (OSError, urllib.error.URLError):
            return None
        return bytes(blob) if len(blob) <= _MAX_BYTES else None

    return from_address
