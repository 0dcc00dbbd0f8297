"""What the disk may hold after the power fails in the middle of a charge, and what is made of it.

SQLite syncs its journal before it touches the database, and the truncated journal before a commit
returns. So the disk may hold an old database beside any part of a journal, a half-written one
beside a whole journal, or a new one beside none.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.ledger import book
from tests.gateway.ledger.worlds import Home, make_charge, make_plan

PRICE = 7
QUERY = "d" * 32
PAGE = 4096


@dataclass(frozen=True)
class Recorded:
    """A charge, as the disk saw it."""

    before: bytes
    halfway: bytes
    journal: bytes
    after: bytes
    heads: tuple[str, str]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A charge in a ledger whose pages are written out before it commits, since few fit memory."""
    home = Home(tmp_path_factory.mktemp("power"))
    ledger = home.open()
    ledger.open_pools(make_plan(), actor="steward")
    before, head = home.database.read_bytes(), home.head.read_text()
    journal = home.database.with_name(f"{home.database.name}-journal")
    seen: list[tuple[bytes, bytes]] = []
    record = book.record_charge

    def look(*arguments: object) -> None:
        record(*arguments)  # type: ignore[arg-type]  # passed on
        seen.append((home.database.read_bytes(), journal.read_bytes()))

    with ledger._file.reading() as connection:
        connection.execute("PRAGMA cache_size = 1")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(book, "record_charge", look)
        ledger.reserve(make_charge(PRICE, query_id=QUERY))
    after, later = home.database.read_bytes(), home.head.read_text()
    ledger.close()
    ((halfway, written),) = seen
    assert len({before, halfway, after}) == 3
    assert len(written) > 512
    return Recorded(before, halfway, written, after, (head, later))


def found(folder: Path, database: bytes, journal: bytes, head: str) -> tuple[int, str | None]:
    """Start over what the disk holds; return what is spent, and the state of the query."""
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "keys").mkdir(parents=True)
    home = Home(folder)
    home.database.write_bytes(database)
    home.database.with_name(f"{home.database.name}-journal").write_bytes(journal)
    home.head.write_text(head)
    ledger = home.open()
    report = home.verify(head)
    assert report.is_sound, report.lines()
    query = ledger.find("heart", QUERY)
    spent = {balance.spent.amount for balance in ledger.balances("heart", "visits", "ann")}
    ledger.close()
    assert len(spent) == 1
    return spent.pop(), None if query is None else query.state


def test_an_old_database_beside_any_part_of_a_journal_is_as_before(
    recorded: Recorded, tmp_path: Path
) -> None:
    size = len(recorded.journal)
    cuts = sorted({0, 1, 8, 28, 511, 512, 513, size - 1, size, *range(0, size, size // 24)})

    assert len(cuts) > 25
    for cut in cuts:
        cut_off = recorded.journal[:cut]
        state = found(tmp_path / "log", recorded.before, cut_off, recorded.heads[0])
        assert state == (0, None), cut


def test_no_byte_at_which_a_journal_ends_gives_a_half_written_database(
    recorded: Recorded, tmp_path: Path
) -> None:
    """With SQLite alone: what it makes of the two files is all that the ledger sees of them.

    Every byte around the header and the ends of pages, and every seventh of the others.
    """
    database, journal = tmp_path / "ledger.sqlite", tmp_path / "ledger.sqlite-journal"
    database.write_bytes(recorded.before)
    size = len(recorded.journal)
    near = {end + step for end in range(512, size, PAGE + 8) for step in range(-16, 17)}
    cuts = sorted({*range(600), *near, *range(0, size, 7), size} & set(range(size + 1)))
    for cut in cuts:
        journal.write_bytes(recorded.journal[:cut])
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            ((spent,),) = connection.execute("SELECT max(spent) FROM scope")
        assert spent == 0, cut
        if cut % 97 == 0:
            assert database.read_bytes() == recorded.before, cut
    assert len(cuts) > 2000


def test_an_old_database_beside_a_journal_of_garbage_is_as_before(
    recorded: Recorded, tmp_path: Path
) -> None:
    for garbage in (bytes(len(recorded.journal)), b"\xff" * len(recorded.journal)):
        state = found(tmp_path / "log", recorded.before, garbage, recorded.heads[0])
        assert state == (0, None)


def test_a_half_written_database_is_put_back_from_its_journal(
    recorded: Recorded, tmp_path: Path
) -> None:
    state = found(tmp_path / "log", recorded.halfway, recorded.journal, recorded.heads[0])

    assert state == (0, None)


@pytest.mark.parametrize("head", [0, 1])
def test_a_charge_that_was_committed_stays_and_is_closed_without_an_answer(
    recorded: Recorded, tmp_path: Path, head: int
) -> None:
    state = found(tmp_path / "log", recorded.after, b"", recorded.heads[head])

    assert state == (PRICE, "abandoned")
