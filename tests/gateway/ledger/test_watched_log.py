"""A ledger that is open notices that its log was cut, grew again, or was changed further back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.audit.errors import LogError
from gateway.audit.publisher import Publisher
from gateway.audit.tlog import leaf_hash
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from tests.gateway.ledger.test_salts import EVENT
from tests.gateway.ledger.worlds import SIGNER, Home, make_charge


def spent(home: Home) -> list[tuple[object, ...]]:
    return home.rows("SELECT id, spent FROM scope ORDER BY id")


def never() -> bool:
    return False


def change(home: Home, index: int, *, with_hash: bool = True) -> None:
    """Another actor in an entry of long ago."""
    ((leaf,),) = home.rows(f"SELECT leaf FROM entry WHERE idx = {index}")
    changed = bytes(leaf).replace(b'"behind_ms":0', b'"behind_ms":1')
    assert changed != leaf
    with home.tampering() as connection:
        connection.execute("UPDATE entry SET leaf = ? WHERE idx = ?", (changed, index))
        if with_hash:
            fitting = (leaf_hash(changed), index)
            connection.execute("UPDATE entry SET leaf_hash = ? WHERE idx = ?", fitting)


def test_nothing_is_charged_upon_a_log_that_was_cut_and_has_grown_again(
    home: Home, ledger: SqliteLedger, tmp_path: Path
) -> None:
    backup, head = home.backup(), home.head.read_text()
    for _ in range(3):
        ledger.reserve(make_charge())
    home.restore(backup)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(head)  # a host that knows of nothing newer
    other = SqliteLedger.open(home.place, checkpoint=elsewhere, signer=SIGNER)
    for _ in range(9):
        other.record(EVENT)
    other.close()
    before = spent(home), home.rows("SELECT count(*) FROM entry")
    with pytest.raises(LogError) as refused:
        ledger.reserve(make_charge())

    assert refused.value.code == "SYS-LOG-ROLLBACK"
    assert (spent(home), home.rows("SELECT count(*) FROM entry")) == before


def test_nothing_is_charged_upon_a_log_that_lost_what_another_process_signed(
    home: Home, ledger: SqliteLedger
) -> None:
    ledger.checkpoint()
    other = home.open()
    seen = home.backup()
    other.record(EVENT)
    other.close()
    # All that this process has seen itself is there still.
    newest = max(row[0] for row in seen["entry"])
    with home.tampering() as connection:
        connection.execute("DELETE FROM entry WHERE idx > ?", (newest,))
    before = spent(home)
    with pytest.raises(LogError) as refused:
        ledger.reserve(make_charge())

    assert refused.value.code == "SYS-LOG-ROLLBACK"
    assert spent(home) == before


def test_nothing_is_charged_without_the_last_signed_head(home: Home, ledger: SqliteLedger) -> None:
    ledger.reserve(make_charge())
    before = spent(home)
    home.head.unlink()
    with pytest.raises(LogError) as refused:
        ledger.reserve(make_charge())

    assert refused.value.code == "SYS-LOG-HEAD"
    assert spent(home) == before


def test_a_sound_log_is_read_again_without_a_finding(ledger: SqliteLedger) -> None:
    pauses, opened = [], ledger.log.read_whole

    def pause() -> bool:
        pauses.append(True)
        if len(pauses) == 1:
            ledger.record(EVENT)  # what is appended meanwhile is not waited for, and no finding
        return False

    for _ in range(300):
        ledger.record(EVENT)
    ledger.log.recheck(pause)

    assert len(pauses) == 2
    assert ledger.log.read_whole > opened
    ledger.reserve(make_charge())


@pytest.mark.parametrize("with_hash", [True, False])
def test_an_older_entry_that_was_changed_ends_all_answers(
    home: Home, ledger: SqliteLedger, *, with_hash: bool
) -> None:
    ledger.reserve(make_charge())
    change(home, 2, with_hash=with_hash)
    ledger.reserve(make_charge())  # which does not read it
    before = spent(home)
    with pytest.raises(LogError) as found:
        ledger.log.recheck(never)

    assert found.value.code == "SYS-LOG-CHANGED"
    for _ in range(2):
        with pytest.raises(LogError) as refused:
            ledger.reserve(make_charge())
        assert refused.value.code == "SYS-LOG-CHANGED"
        with pytest.raises(LogError):
            ledger.checkpoint()
        with pytest.raises(LogError):
            ledger.log.recheck(never)
    assert spent(home) == before


def test_a_stored_hash_that_was_changed_ends_all_answers(home: Home, ledger: SqliteLedger) -> None:
    ledger.reserve(make_charge())
    with home.tampering() as connection:
        connection.execute("UPDATE entry SET leaf_hash = ? WHERE idx = 2", (bytes(32),))
    with pytest.raises(LogError) as found:
        ledger.log.recheck(never)
    ledger.close()
    with pytest.raises(LogError) as opening:
        home.open()

    assert found.value.code == opening.value.code == "SYS-LOG-CHANGED"


def test_a_log_that_cannot_be_read_twice_in_a_row_ends_all_answers(
    ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = publisher_of(ledger)._leaves_from

    def damaged(start: int) -> Iterator[bytes]:
        if start == 0:  # the newest entries, of which heads are made, can be read
            raise LedgerFaultError("the database failed: SQLITE_CORRUPT")
        return iter(sound(start))

    def broken_round() -> None:
        with monkeypatch.context() as patched:
            patched.setattr(publisher_of(ledger), "_leaves_from", damaged)
            with pytest.raises(LedgerFaultError):
                ledger.log.recheck(never)

    ledger.checkpoint()
    broken_round()
    ledger.log.recheck(never)  # the next round went well, so it counts from one again
    broken_round()
    ledger.reserve(make_charge())
    ledger.checkpoint()
    broken_round()
    with pytest.raises(LogError) as refused:
        ledger.reserve(make_charge())

    assert refused.value.code == "SYS-LOG-CHANGED"


def publisher_of(ledger: SqliteLedger) -> Publisher:
    return ledger._file._publisher


def test_an_entry_that_is_gone_is_found_as_well(home: Home, ledger: SqliteLedger) -> None:
    with home.tampering() as connection:
        connection.execute("DELETE FROM entry WHERE idx = 1")
    with pytest.raises(LogError) as found:
        ledger.log.recheck(never)

    assert found.value.code == "SYS-LOG-CHANGED"


def test_a_check_that_is_told_to_end_says_nothing(home: Home, ledger: SqliteLedger) -> None:
    opened = ledger.log.read_whole
    change(home, 2)
    ledger.log.recheck(lambda: True)

    assert ledger.log.read_whole == opened
    assert ledger.reserve(replace(make_charge())).index
