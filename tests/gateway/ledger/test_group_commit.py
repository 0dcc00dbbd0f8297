from __future__ import annotations

import errno
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest

from gateway.audit.checkpoint import Signer
from gateway.audit.publisher import Publisher
from gateway.ledger.book import Place
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from gateway.ledger.transaction import Transaction
from policies.errors import BudgetExceededError
from query.ports import Receipt
from tests.gateway.ledger.company import (
    PLACE,
    before_commits,
    reserving,
    spent,
    together,
    wait_until,
)
from tests.gateway.ledger.worlds import SIGNER, Home, make_charge, make_plan
from tests.limits import PATIENCE


def test_those_who_come_while_one_is_under_way_share_a_commit_and_a_head(
    ledger: SqliteLedger, threads: ThreadPoolExecutor
) -> None:
    commits: list[None] = []
    with (
        before_commits(ledger, lambda: commits.append(None)),
        patch.object(type(SIGNER), "sign", autospec=True, side_effect=type(SIGNER).sign) as signed,
    ):
        futures = together(ledger, threads, *[reserving(ledger, 1)] * 5)

    receipts = [future.result() for future in futures]
    heads = {receipt.checkpoint for receipt in receipts}
    assert len(commits) == 3  # of the block that all waited for, of the first, and of the five
    assert signed.call_count == 2
    assert [receipt.index for receipt in receipts] == list(
        range(receipts[0].index, receipts[0].index + 5)
    )
    assert len(heads) == 1
    assert SIGNER.verifier.verify(heads.pop()).size == receipts[-1].index + 1
    assert spent(ledger) == 6


def test_what_fails_in_a_group_touches_nobody_else(
    home: Home, ledger: SqliteLedger, threads: ThreadPoolExecutor
) -> None:
    futures = together(
        ledger,
        threads,
        reserving(ledger, 2),
        reserving(ledger, 10**7),
        lambda: ledger.release(make_charge(), b"42"),  # of what was never reserved
        reserving(ledger, 3),
    )

    assert futures[3].result().index == futures[0].result().index + 1
    assert isinstance(futures[1].exception(), BudgetExceededError)
    assert isinstance(futures[2].exception(), LedgerFaultError)
    assert spent(ledger) == 1 + 2 + 3
    assert home.verify().is_sound


def test_a_statement_that_fails_in_a_group_is_undone_alone(
    home: Home, ledger: SqliteLedger, threads: ThreadPoolExecutor
) -> None:
    def half_done() -> Receipt:
        return ledger._file.append(half)

    def half(writing: Transaction) -> Place:
        writing.connection.execute("UPDATE scope SET spent = spent + 7 WHERE id = 'clinic'")
        writing.connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (0, b"", b"x" * 32))
        return PLACE

    futures = together(ledger, threads, reserving(ledger, 2), half_done, reserving(ledger, 3))

    assert [type(future.exception()) for future in futures] == [
        type(None),
        LedgerFaultError,
        type(None),
    ]
    assert spent(ledger) == 1 + 2 + 3
    assert home.verify().is_sound


def test_a_commit_that_fails_fails_all_of_the_group_and_charges_nothing(
    home: Home, ledger: SqliteLedger, threads: ThreadPoolExecutor
) -> None:
    done: list[None] = []

    def fail_third() -> None:
        done.append(None)
        if len(done) == 3:
            raise sqlite3.OperationalError("disk I/O error at /secret/place")

    told: list[str] = []
    with before_commits(ledger, fail_third):
        futures = together(
            ledger,
            threads,
            lambda: ledger.reserve(make_charge(2), lambda: told.append("committed")),
            reserving(ledger, 10**7),  # its refusal may rest on a charge that is not
            reserving(ledger, 3),
        )

    errors = [future.exception() for future in futures]
    assert {type(error) for error in errors} == {LedgerFaultError}
    assert len({id(error) for error in errors}) == 3
    assert "secret" not in "".join(f"{error} {error.fault}" for error in errors)  # type: ignore[union-attr]
    assert told == []
    assert spent(ledger) == 1
    assert home.verify().is_sound
    assert ledger.reserve(make_charge(5)).index > 0


def test_nobody_goes_on_before_the_commit_is_durable(
    home: Home, ledger: SqliteLedger, threads: ThreadPoolExecutor
) -> None:
    may_commit, at_commit = threading.Event(), threading.Event()

    def hold() -> None:
        at_commit.set()
        assert may_commit.wait(PATIENCE)

    with before_commits(ledger, hold):
        futures = [threads.submit(reserving(ledger, 1)) for _ in range(3)]
        assert at_commit.wait(PATIENCE)
        time.sleep(0.05)
        early = [future.done() for future in futures]
        may_commit.set()
        for future in futures:
            future.result(PATIENCE)

    assert early == [False] * 3
    assert home.rows("SELECT spent FROM scope WHERE id = 'clinic'") == [(3,)]


def test_of_a_group_that_races_for_the_last_units_as_many_win_as_there_are(
    home: Home, threads: ThreadPoolExecutor
) -> None:
    ledger = home.open()
    ledger.open_pools(make_plan(4, 4, 4), actor="steward")

    futures = together(ledger, threads, *[reserving(ledger, 1)] * 8)

    lost = [future.exception() for future in futures if future.exception() is not None]
    assert len(lost) == 5
    assert {type(error) for error in lost} == {BudgetExceededError}
    assert spent(ledger) == 4
    ledger.close()


def test_a_head_that_cannot_be_written_is_told_to_each_who_was_charged(
    ledger: SqliteLedger, threads: ThreadPoolExecutor
) -> None:
    told: list[str] = []

    def reserve() -> Receipt:
        return ledger.reserve(make_charge(2), lambda: told.append("committed"))

    full = OSError(errno.ENOSPC, "No space left on device")
    with patch.object(Publisher, "publish", side_effect=full):
        futures = [threads.submit(reserve) for _ in range(3)]
        errors = [future.exception(PATIENCE) for future in futures]

    assert {type(error) for error in errors} == {LedgerFaultError}
    assert told == ["committed"] * 3
    assert spent(ledger) == 6


def test_a_transaction_that_is_asked_for_within_one_is_refused_at_once(
    ledger: SqliteLedger, threads: ThreadPoolExecutor
) -> None:
    def charging(_: Transaction) -> Place:
        ledger.reserve(make_charge(5))
        return PLACE

    def looking(_: Transaction) -> Place:
        spent(ledger)
        return PLACE

    futures = together(
        ledger,
        threads,
        reserving(ledger, 2),
        lambda: ledger._file.append(charging),
        lambda: ledger._file.append(looking),
    )

    assert [getattr(future.exception(), "fault", "") for future in futures] == [
        "",
        *["the ledger was asked within a transaction of its own"] * 2,
    ]
    assert spent(ledger) == 1 + 2


def test_closing_waits_for_those_who_have_come(home: Home, threads: ThreadPoolExecutor) -> None:
    ledger = home.open()
    ledger.open_pools(make_plan(), actor="steward")
    grouping = ledger._file._grouping
    with ledger._file.writing():
        futures = [threads.submit(reserving(ledger, 1)) for _ in range(4)]
        wait_until(lambda: len(grouping._waiting) == 3)
        closing = threads.submit(ledger.close)

    closing.result(PATIENCE)
    assert all(future.result(PATIENCE).index for future in futures)
    with pytest.raises(LedgerFaultError):
        ledger.reserve(make_charge(1))


def test_what_was_committed_is_never_told_as_failed_because_signing_broke(
    home: Home, ledger: SqliteLedger, threads: ThreadPoolExecutor
) -> None:
    told: list[int] = []
    signed: list[None] = []
    real = Signer.sign

    def sign(self: Signer, size: int, root: bytes) -> str:
        signed.append(None)
        if len(signed) == 2:  # of the group, not of the one before it
            raise MemoryError
        return real(self, size, root)

    def reserve(amount: int) -> Receipt:
        return ledger.reserve(make_charge(amount), lambda: told.append(amount))

    with patch.object(Signer, "sign", sign):
        futures = together(
            ledger, threads, lambda: reserve(2), lambda: reserve(3), lambda: reserve(4)
        )

    assert [future.exception() for future in futures] == [None] * 3
    assert sorted(told) == [2, 3, 4]
    assert spent(ledger) == 1 + 2 + 3 + 4
    assert home.verify().is_sound


def test_nobody_goes_on_whose_commit_failed_even_if_that_cannot_be_told(
    home: Home, ledger: SqliteLedger, threads: ThreadPoolExecutor
) -> None:
    done: list[None] = []
    made: list[None] = []

    def fail_third() -> None:
        done.append(None)
        if len(done) == 3:
            raise MemoryError

    class FullError(LedgerFaultError):
        def __init__(self, fault: str) -> None:
            made.append(None)
            if len(made) == 1:
                raise MemoryError
            super().__init__(fault)

    with (
        before_commits(ledger, fail_third),
        patch("gateway.ledger.grouping.LedgerFaultError", FullError),
    ):
        futures = together(
            ledger, threads, reserving(ledger, 2), reserving(ledger, 3), reserving(ledger, 4)
        )

    errors = [future.exception() for future in futures]
    assert all(isinstance(error, (LedgerFaultError, MemoryError)) for error in errors), errors
    assert spent(ledger) == 1
    assert home.verify().is_sound
