from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.storage import StoreError, read_header, seal, unseal
from gateway.storage.seal import CHUNK_BYTES

KEY = bytes(range(32))
TAG = 16


def sealed(folder: Path, plain: bytes, header: bytes = b"{}", name: str = "a.sealed") -> Path:
    target = folder / name
    seal(io.BytesIO(plain), target, key=KEY, header=header)
    return target


def opened(path: Path, key: bytes = KEY) -> tuple[bytes, bytes]:
    plain = io.BytesIO()
    header = unseal(path, plain, key=key)
    return header, plain.getvalue()


@pytest.mark.parametrize(
    "size",
    [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES],
)
def test_what_is_sealed_opens_again(tmp_path: Path, size: int) -> None:
    plain = (b"0123456789abcdef" * (size // 16 + 1))[:size]

    path = sealed(tmp_path, plain, b'{"number": 1}')

    assert opened(path) == (b'{"number": 1}', plain)
    assert read_header(path) == b'{"number": 1}'
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_no_plaintext_is_in_the_file(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"Jane Roe, MRN 4711 " * 1000)

    assert b"Jane" not in path.read_bytes()


def test_two_seals_of_the_same_content_differ(tmp_path: Path) -> None:
    first = sealed(tmp_path, b"same", name="a").read_bytes()
    second = sealed(tmp_path, b"same", name="b").read_bytes()

    assert first[14:] != second[14:]


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"secret")

    with pytest.raises(StoreError) as error:
        opened(path, key=bytes(32))

    assert error.value.code == "STO-SEAL"


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_flipped_bit_anywhere_is_found(tmp_path: Path, data: st.DataObject) -> None:
    path = sealed(tmp_path, b"x" * (CHUNK_BYTES + 100), b'{"number": 1}')
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)

    with pytest.raises(StoreError) as error:
        opened(path)

    assert error.value.code == "STO-SEAL"


def test_every_truncation_is_found(tmp_path: Path) -> None:
    whole = sealed(tmp_path, b"y" * (2 * CHUNK_BYTES)).read_bytes()
    prefix = len(whole) - 2 * (CHUNK_BYTES + TAG)
    cut = tmp_path / "cut.sealed"

    for length in (0, 5, 12, prefix - 1, prefix, prefix + CHUNK_BYTES + TAG, len(whole) - 1):
        cut.write_bytes(whole[:length])
        with pytest.raises(StoreError):
            opened(cut)


def test_added_bytes_are_found(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"z" * 100)
    path.write_bytes(path.read_bytes() + b"\0" * 40)

    with pytest.raises(StoreError):
        opened(path)


def test_reordered_chunks_are_found(tmp_path: Path) -> None:
    whole = sealed(tmp_path, b"1" * CHUNK_BYTES + b"2" * CHUNK_BYTES + b"3" * CHUNK_BYTES)
    content = whole.read_bytes()
    size = CHUNK_BYTES + TAG
    prefix, chunks = content[: -3 * size], content[-3 * size :]
    whole.write_bytes(prefix + chunks[size : 2 * size] + chunks[:size] + chunks[2 * size :])

    with pytest.raises(StoreError):
        opened(whole)


def test_chunks_do_not_move_between_files(tmp_path: Path) -> None:
    first = sealed(tmp_path, b"1" * 2 * CHUNK_BYTES, name="a")
    second = sealed(tmp_path, b"2" * 2 * CHUNK_BYTES, name="b")
    size = CHUNK_BYTES + TAG
    first.write_bytes(first.read_bytes()[:-size] + second.read_bytes()[-size:])

    with pytest.raises(StoreError):
        opened(first)


def test_the_header_cannot_be_changed(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"content", b'{"number": 1}')
    path.write_bytes(path.read_bytes().replace(b'"number": 1', b'"number": 2'))

    with pytest.raises(StoreError):
        opened(path)


def test_a_target_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "absent" / "a.sealed"

    with pytest.raises(StoreError) as error:
        seal(io.BytesIO(b"content"), target, key=KEY, header=b"{}")

    assert error.value.code == "STO-WRITE"
    assert list(tmp_path.iterdir()) == []


def test_a_failed_seal_keeps_the_file_that_was_there(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"previous")

    class Failing(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(28, "no space")

    with pytest.raises(StoreError):
        seal(Failing(b"next"), path, key=KEY, header=b"{}")

    assert opened(path)[1] == b"previous"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("key", "header"), [(b"short", b"{}"), (KEY, b" " * (1 << 17))])
def test_a_wrong_argument_of_ours_is_refused(tmp_path: Path, key: bytes, header: bytes) -> None:
    with pytest.raises(ValueError, match="seal"):
        seal(io.BytesIO(b"content"), tmp_path / "a", key=key, header=header)

    assert list(tmp_path.iterdir()) == []
