from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.__main__ import main
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure
from gateway.audit.reading import VerificationReport
from gateway.audit.tile_files import (
    Place,
    TileReader,
    bundle,
    leaves_of,
    parse_place,
    places,
    tile_bytes,
)
from gateway.audit.tiles import TILE_WIDTH, consistency_from, tree_root
from gateway.audit.tlog import leaf_hash, root_hash
from gateway.audit.verify_tiles import fetch_from, verify_tiles
from tests.gateway.audit.test_tiles import ListedHashes
from tests.gateway.audit.test_verify import entries
from tests.gateway.ledger.worlds import SIGNER, Home
from tests.limits import PATIENCE
from tests.merkle import consistency_proof

VKEY = SIGNER.verifier.text()


def write(folder: Path, leaves: list[bytes], since: int = 0) -> None:
    """Write the tiles of a log of these leaves."""
    tree = ListedHashes([leaf_hash(leaf) for leaf in leaves])
    for place in places(len(leaves), since):
        path = folder / place.path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tile_bytes(tree, lambda start, end: leaves[start:end], place))
    root = root_hash([leaf_hash(leaf) for leaf in leaves])
    (folder / "checkpoint").write_text(SIGNER.sign(len(leaves), root))


def test_paths_are_those_of_the_specification() -> None:
    assert Place(0, 5).path() == "tile/0/005"
    assert Place(None, 1234067).path() == "tile/entries/x001/x234/067"
    assert Place(3, 1234067, 8).path() == "tile/3/x001/x234/067.p/8"


@given(st.sampled_from([None, 0, 7, 63]), st.integers(0, 10**12), st.integers(1, 256))
def test_a_path_reads_as_it_was_written(level: int | None, index: int, width: int) -> None:
    place = Place(level, index, width)

    assert parse_place(place.path()) == place


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/5",
        "tile/00/005",
        "tile/64/005",
        "tile/0/x000/005",
        "tile/0/001/005",
        "tile/0/005.p/256",
        "tile/0/005.p/0",
        "tile/0/005.p/01",
        "tile/0/../checkpoint",
        "tile/names/005",
        "checkpoint",
        "tile/0/00５",  # noqa: RUF001  a digit that is none here
    ],
)
def test_what_is_no_path_of_a_tile_is_none(path: str) -> None:
    assert parse_place(path) is None


def test_a_log_has_the_tiles_that_the_specification_counts() -> None:
    found = list(places(70_000))
    hashes = [place for place in found if place.level is not None]

    assert sum(place.level == 0 and place.width == TILE_WIDTH for place in hashes) == 273
    assert [place for place in hashes if place.width < TILE_WIDTH] == [
        Place(0, 273, 112),
        Place(1, 1, 17),
        Place(2, 0, 1),
    ]
    assert [place.path() for place in places(256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]
    assert all(place.fits(70_000) for place in found)
    assert not Place(0, 273, 113).fits(70_000)


def test_a_bundle_reads_as_it_was_written() -> None:
    leaves = (b"", b"a", b"x" * 65_535)

    assert leaves_of(bundle(leaves)) == leaves
    for cut in (1, 3, 100):
        with pytest.raises(LogError):
            leaves_of(bundle(leaves)[:-cut])


LEAVES = [b"leaf %d" % number for number in range(2 * TILE_WIDTH + 9)]


def test_what_is_read_from_tiles_is_what_was_written(tmp_path: Path) -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    for size, since in ((0, 0), (1, 0), (300, 1), (len(LEAVES), 300)):
        write(tmp_path, LEAVES[:size], since)
        reader = TileReader(fetch_from(str(tmp_path)), size)

        assert tree_root(reader, size) == root_hash(hashes[:size])
        if size:
            assert reader.leaves((size - 1) // TILE_WIDTH)[-1] == LEAVES[size - 1]
    assert consistency_from(reader, 300, len(LEAVES)) == consistency_proof(hashes, 300)


def test_the_full_tile_serves_where_the_partial_one_was_cleared_away(tmp_path: Path) -> None:
    write(tmp_path, LEAVES)
    reader = TileReader(fetch_from(str(tmp_path)), 100)

    assert tree_root(reader, 100) == root_hash([leaf_hash(leaf) for leaf in LEAVES[:100]])
    assert reader.leaves(0) == tuple(LEAVES[:100])


def exported(home: Home, folder: Path) -> list[bytes]:
    leaves = [rfc8785.dumps(entry) for entry in entries(home)]
    write(folder, leaves)
    return leaves


def checked(folder: Path, *earlier: str, deep: bool = True) -> VerificationReport:
    return verify_tiles(fetch_from(str(folder)), key=SIGNER.verifier, earlier=earlier, deep=deep)


def test_a_log_is_verified_from_its_tiles_alone(home: Home, tmp_path: Path) -> None:
    exported(home, tmp_path / "log")
    whole, deep = home.verify(), checked(tmp_path / "log", home.head.read_text())

    assert deep.is_sound, deep.lines()
    assert (deep.size, deep.root, deep.charged) == (whole.size, whole.root, whole.charged)
    shallow = checked(tmp_path / "log", home.head.read_text(), deep=False)
    assert shallow.is_sound
    assert (shallow.root, shallow.charged) == (whole.root, 0)


def first(report: VerificationReport) -> Failure:
    assert report.findings, report.lines()
    return report.findings[0].failure


def test_what_is_wrong_with_tiles_is_found(home: Home, tmp_path: Path) -> None:
    leaves = exported(home, tmp_path)
    size = len(leaves)
    entry_file = tmp_path / f"tile/entries/000.p/{size}"
    hash_file = tmp_path / f"tile/0/000.p/{size}"
    good, hashes = entry_file.read_bytes(), hash_file.read_bytes()
    later = SIGNER.sign(size + 1, bytes(32))
    other = SIGNER.sign(size, bytes(32))

    entry_file.write_bytes(good.replace(b"100000", b"100001"))
    assert first(checked(tmp_path)) is Failure.LEAF_HASH
    assert checked(tmp_path, deep=False).is_sound
    entry_file.unlink()
    assert first(checked(tmp_path)) is Failure.TILES
    entry_file.write_bytes(good)
    hash_file.write_bytes(bytes(32) + hashes[32:])
    assert first(checked(tmp_path, deep=False)) is Failure.ROOT
    hash_file.write_bytes(hashes[:-1])
    assert first(checked(tmp_path, deep=False)) is Failure.TILES
    hash_file.write_bytes(hashes)
    assert first(checked(tmp_path, later)) is Failure.ROLLBACK
    assert first(checked(tmp_path, other)) is Failure.ROOT
    (tmp_path / "checkpoint").write_bytes(b"\xff")
    assert first(checked(tmp_path)) is Failure.DATABASE
    (tmp_path / "checkpoint").write_text(later.replace("test-hospital", "other"))
    assert first(checked(tmp_path)) is Failure.SIGNATURE


def test_a_hash_above_that_is_not_that_of_the_tile_below_is_found(tmp_path: Path) -> None:
    write(tmp_path, LEAVES)
    above = tmp_path / "tile/1/000.p/2"
    above.write_bytes(above.read_bytes()[:32] + bytes(32))

    assert first(checked(tmp_path, deep=False)) in {Failure.TILES, Failure.ROOT}
    assert Failure.TILES in {one.failure for one in checked(tmp_path, deep=False).findings}


def test_an_empty_log_is_sound(tmp_path: Path) -> None:
    write(tmp_path, [])

    assert checked(tmp_path).is_sound
    assert checked(tmp_path, deep=False).is_sound


class Recorded(SimpleHTTPRequestHandler):
    """Serves files; remembers the keys that were shown."""

    keys: list[str | None] = []  # noqa: RUF012  of the class on purpose

    def do_GET(self) -> None:
        self.keys.append(self.headers.get("Authorization"))
        if self.path == "/away/checkpoint":
            self.send_response(302)
            self.send_header("Location", "/checkpoint")
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that it has
        del format, args


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Recorded, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(PATIENCE)
        server.server_close()


def test_a_log_is_verified_from_an_address_with_a_key(home: Home, tmp_path: Path) -> None:
    exported(home, tmp_path / "log")
    key = tmp_path / "key"
    key.write_text("gw_secret\n")
    Recorded.keys.clear()
    with served(tmp_path / "log") as address:
        options = ["--vkey", VKEY, "--deep", "--api-key-file", str(key)]
        code = main(["verify", f"{address}/", *options])
        away = fetch_from(f"{address}/away")("checkpoint")
        missing = fetch_from(address)("tile/0/999")

    assert code == 0
    assert "Bearer gw_secret" in Recorded.keys
    assert (away, missing) == (None, None)


def test_a_key_is_not_sent_in_clear_text(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("gw_secret\n")

    options = ["--vkey", VKEY, "--api-key-file", str(key)]
    assert main(["verify", "http://gateway.example/v1/log", *options]) == 1
