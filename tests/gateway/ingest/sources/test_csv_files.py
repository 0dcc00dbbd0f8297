from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
import time
import weakref
from pathlib import Path
from threading import Event, Timer

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.ingest.sources import csv_reading
from gateway.ingest.sources.csv_files import (
    Dialect,
    csv_batches,
    csv_header,
    csv_line,
)
from gateway.ingest.sources.csv_reading import NulError, Utf8Text
from policies.errors import SourceError
from tests.limits import PATIENCE

UTF8 = Dialect(encoding="utf-8", delimiter=",", null_tokens=("",))


def read(path: Path, columns: tuple[str, ...] = ("a", "b"), dialect: Dialect = UTF8) -> pa.Table:
    batches = list(csv_batches(path, columns, dialect))
    return pa.Table.from_batches(batches) if batches else pa.table({name: [] for name in columns})


def rows(path: Path, dialect: Dialect = UTF8) -> list[tuple[object, ...]]:
    table = read(path, dialect=dialect)
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def put(folder: Path, content: bytes | str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problem(path: Path, dialect: Dialect = UTF8) -> SourceError:
    with pytest.raises(SourceError) as error:
        rows(path, dialect)
    assert "secret" not in str(error.value)
    assert error.value.file == path.name
    return error.value


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b\n1,2\n3,4\n", [("1", "2"), ("3", "4")]),
        ("a,b\r\n1,2\r\n3,4", [("1", "2"), ("3", "4")]),
        ("a,b\n007,1e5\ntrue,2020-01-01\n", [("007", "1e5"), ("true", "2020-01-01")]),
        ('a,b\n"x,y","say ""hi"""\n', [("x,y", 'say "hi"')]),
        ('a,b\n"two\nlines","three\r\nmore\n"\n', [("two\nlines", "three\r\nmore\n")]),
        ("\ufeffa,b\n1,2\n", [("1", "2")]),
        ('\ufeff"a",b\n1,2\n', [("1", "2")]),
        ("a,b\n1,2\n\n3,4\n\n", [("1", "2"), ("3", "4")]),
        ("a,b\n1,\n,2\n", [("1", None), (None, "2")]),
        ('a,b\n"",2\n', [(None, "2")]),
        ("a,b\nNULL, 2 \n", [("NULL", " 2 ")]),
        ('a,b\n5\'10",x"y\n', [("5'10\"", 'x"y')]),
        ("a,b\n", []),
        ("a,b", []),
        ("b,x,a\n2,unread,1\n", [("1", "2")]),
    ],
)
def test_text_is_read_as_it_stands(
    tmp_path: Path, content: str, expected: list[tuple[object, ...]]
) -> None:
    assert rows(put(tmp_path, content)) == expected


def test_null_tokens_are_as_declared(tmp_path: Path) -> None:
    path = put(tmp_path, 'a,b\n?,"NA"\n,x\n')
    dialect = Dialect(encoding="utf-8", delimiter=",", null_tokens=("?", "NA"))

    assert rows(path, dialect) == [(None, None), ("", "x")]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8-sig"])
def test_encodings_are_as_declared(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, "a;b\nJosé;Müller\n".encode(encoding))
    dialect = Dialect(encoding=encoding, delimiter=";", null_tokens=("",))

    assert rows(path, dialect) == [("José", "Müller")]


def test_gz_files_are_unpacked_while_reading(tmp_path: Path) -> None:
    path = put(tmp_path, gzip.compress(b"a,b\n1,2\n"), "t.csv.gz")

    assert rows(path) == [("1", "2")]


def test_more_than_one_block_is_read_whole(tmp_path: Path) -> None:
    text = "a,b\n" + "".join(f'{number},"two\nlines {number}"\n' for number in range(400_000))
    table = read(put(tmp_path, text))

    assert table["a"].to_pylist() == [str(number) for number in range(400_000)]
    assert table["b"][399_999].as_py() == "two\nlines 399999"


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "SRC-EMPTY", None),
        (b"a,b\n1,2\nsecret\n", "SRC-RAGGED", 3),
        (b"a,b\n1,2\n\n1,2,secret\n", "SRC-RAGGED", 4),
        (b'a,b\n"1\n1\n1",2\n3,4\nsecret\n', "SRC-RAGGED", 6),
        (b'a,b\n1,2\n3,"secret\n4,5\n', "SRC-CSV", 3),
        (b'a,b\n1,2\n3,"secret" x\n', "SRC-CSV", 3),
        (b'a,b\n"x"secret,2\n"y"z,2\n', "SRC-CSV", 2),
        (b"a,b\n1,2\n1,secret\xff\n", "SRC-ENCODING", 3),
        (b"a,b\n1,2\n1,secret\0\n", "SRC-NUL", 3),
        (b"a,\xff\n1,2\n", "SRC-ENCODING", 1),
        (b'a,"b\n1,2\n', "SRC-CSV", 1),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, content: bytes, code: str, line: int | None
) -> None:
    error = problem(put(tmp_path, content))

    assert (error.code, error.line) == (code, line)


def test_a_bad_byte_far_down_is_found(tmp_path: Path) -> None:
    content = b"a,b\n" + b"1,2\n" * 2_000_000 + b"1,\xe9\n"

    error = problem(put(tmp_path, content))

    assert (error.code, error.line) == ("SRC-ENCODING", 2_000_002)


def test_bad_bytes_of_wide_encodings_are_found(tmp_path: Path) -> None:
    content = "a,b\n1,2\n".encode("utf-16") + b"\x00\xd8\x0a\x00"
    dialect = Dialect(encoding="utf-16", delimiter=",", null_tokens=("",))

    assert problem(put(tmp_path, content), dialect).code == "SRC-ENCODING"


@pytest.mark.parametrize("cut", [5, 15, 30])
def test_a_cut_archive_is_said(tmp_path: Path, cut: int) -> None:
    whole = gzip.compress(b"a,b\n1,2\n")
    path = put(tmp_path, whole[:cut] if cut < len(whole) else b"no gzip", "t.csv.gz")

    assert problem(path).code == "SRC-GZIP"


def test_an_unknown_encoding_is_said(tmp_path: Path) -> None:
    dialect = Dialect(encoding="utf-9", delimiter=",", null_tokens=())

    assert problem(put(tmp_path, "a,b\n1,2\n"), dialect).code == "SRC-ENCODING"


def test_the_header_is_read_alone(tmp_path: Path) -> None:
    assert csv_header(put(tmp_path, 'a,"b\nc",d\n1,2,3\n'), UTF8) == ("a", "b\nc", "d")


@pytest.mark.parametrize(("row", "line"), [(1, 2), (2, 5), (3, 7), (99, 8)])
def test_a_row_is_found_on_its_line(tmp_path: Path, row: int, line: int) -> None:
    path = put(tmp_path, 'a,b\n1,"x\ny\nz"\n2,3\n\n4,5\n')

    assert csv_line(path, row, UTF8) == line


FIELDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(table=st.lists(st.tuples(FIELDS, FIELDS), max_size=5))
def test_whatever_was_written_is_read_back(tmp_path: Path, table: list[tuple[str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *table])

    assert rows(put(tmp_path, text.getvalue())) == table


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=60))
def test_any_bytes_are_rows_or_an_error_with_a_code(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, b"a,b\n" + content)
    try:
        found = rows(path)
    except SourceError as error:
        assert error.code in {"SRC-RAGGED", "SRC-CSV", "SRC-ENCODING", "SRC-NUL"}  # noqa: PT017
        assert error.line is not None  # noqa: PT017
    else:
        assert all(len(row) == 2 for row in found)


@pytest.mark.parametrize("size", [1, 3, 7, -1])
def test_the_stream_gives_arrow_utf8_and_notices_quotation_marks(size: int) -> None:
    text = "\ufeffé,b\n1,2"
    stream = Utf8Text(io.BytesIO(text.encode("utf-16-le")), "utf-16-le")

    parts = []
    while part := stream.read(size):
        parts.append(part)

    assert b"".join(parts) == "é,b\n1,2\n".encode()
    assert stream.readable()
    assert not stream.marks


def test_the_stream_stops_at_a_nul() -> None:
    with pytest.raises(NulError):
        Utf8Text(io.BytesIO(b"a\0b"), "utf-8").read()

    quoted = Utf8Text(io.BytesIO(b'"a"'), "utf-8")
    assert quoted.read() == b'"a"\n'
    assert quoted.marks


def test_a_row_beyond_all_measure_is_said(tmp_path: Path) -> None:
    path = put(tmp_path, 'a,b\n1,"' + "x" * (10 << 20) + '"\n')

    error = problem(path)

    assert error.code == "SRC-CSV"
    assert "longer than 4 MiB" in str(error)


STOPS_EARLY = """
import sys, time
from pathlib import Path
from threading import Event, Timer
from gateway.ingest.sources import csv_files, csv_reading

class Slow(csv_reading.Utf8Text):
    def read(self, size=-1):
        time.sleep(0.03)  # so that a thread left behind is at it when the process ends
        return super().read(size)

csv_reading.BLOCK_BYTES = 1 << 14; csv_files.Utf8Text = Slow
dialect = csv_files.Dialect(encoding="utf-8", delimiter=",", null_tokens=("",))
next(csv_files.csv_batches(Path(sys.argv[1]), ("a",), dialect))
"""


def test_a_caller_who_stops_early_leaves_no_thread_behind(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "".join(f"{row},{row * 7919}\n" for row in range(20_000)))
    for _ in range(3):
        ended = subprocess.run(
            [sys.executable, "-c", STOPS_EARLY, str(path)], timeout=PATIENCE, check=False
        )

        assert ended.returncode == 0


@pytest.mark.parametrize("rows", [0, 1, 30_000])
def test_arrows_thread_has_let_go_of_the_file_at_the_end(
    tmp_path: Path, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that drops it while the process ends aborts the process."""
    lent: list[weakref.ref[object]] = []

    class Watched(csv_reading._Lent):
        def __init__(self, stream: csv_reading.Utf8Text, held: list[weakref.ref[object]]) -> None:
            super().__init__(stream, held)
            lent.append(weakref.ref(self))

    monkeypatch.setattr(csv_reading, "_Lent", Watched)
    path = tmp_path / "some.csv"
    path.write_text("a,b\n" + "1,2\n" * rows)
    batches = list(csv_batches(path, ("a",), UTF8))

    assert sum(len(batch) for batch in batches) == rows
    assert [one() for one in lent] == [None]


def test_the_end_waits_for_the_last_block_that_arrow_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[memoryview] = []

    class Hoarding(csv_reading._Lent):
        def read(self, size: int) -> memoryview:
            block = super().read(size)
            if not blocks:
                blocks.append(block)
                Timer(0.3, blocks.clear).start()
            return block

    monkeypatch.setattr(csv_reading, "_Lent", Hoarding)
    path = tmp_path / "some.csv"
    path.write_text("a,b\n1,2\n")
    list(csv_batches(path, ("a",), UTF8))

    assert not blocks


class Counted(io.BytesIO):
    """Bytes that tell how often they were read; ``ends_at`` the read that finds them cut short."""

    def __init__(self, content: bytes, ends_at: int | None = None) -> None:
        super().__init__(content)
        self.reads = 0
        self.cut_short = Event()
        self._ends_at = ends_at

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        time.sleep(0.01)
        if self.reads == self._ends_at:
            self.cut_short.set()
            raise EOFError
        return super().read(size)


LONG = b"a,b\n" + b"1,2\n" * 500_000


def test_a_caller_who_stops_early_has_not_read_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_reading, "BLOCK_BYTES", 1 << 14)
    raw = Counted(LONG)
    batches = csv_reading.arrow_batches(Utf8Text(raw, "utf-8"), ("a", "b"), ("a",), UTF8)
    next(batches)
    batches.close()

    assert raw.reads < len(LONG) // (1 << 14) // 2


def test_a_damaged_end_does_not_stop_a_caller_from_stopping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_reading, "BLOCK_BYTES", 1 << 14)
    raw = Counted(LONG, ends_at=3)
    batches = csv_reading.arrow_batches(Utf8Text(raw, "utf-8"), ("a", "b"), ("a",), UTF8)
    next(batches)
    assert raw.cut_short.wait(PATIENCE)
    batches.close()
