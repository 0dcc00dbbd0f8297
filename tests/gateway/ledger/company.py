"""Transactions that come together, at moments that a test chooses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from unittest.mock import patch

from gateway.audit.database import Connection, Rows
from gateway.ledger.book import Place
from gateway.ledger.sqlite import SqliteLedger
from query.ports import Receipt
from tests.gateway.ledger.worlds import make_charge
from tests.limits import PATIENCE

PLACE = Place(0, b"")


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


def together(
    ledger: SqliteLedger, threads: ThreadPoolExecutor, *calls: Callable[[], Receipt]
) -> list[Future[Receipt]]:
    """Make calls that are one group: they come while the transaction before them has to wait."""
    grouping = ledger._file._grouping
    with ledger._file.writing():
        first = threads.submit(ledger.reserve, make_charge(1))
        wait_until(lambda: grouping._leader is not None and not grouping._waiting)
        futures = []
        for number, call in enumerate(calls, 1):
            futures.append(threads.submit(call))
            wait_until(lambda number=number: len(grouping._waiting) == number)  # type: ignore[misc]
    first.result(PATIENCE)
    for future in futures:
        future.exception(PATIENCE)
    return futures


def reserving(ledger: SqliteLedger, amount: int) -> Callable[[], Receipt]:
    return lambda: ledger.reserve(make_charge(amount))


class Meddled:
    """A connection at whose COMMIT something is done first."""

    def __init__(self, connection: Connection, before: Callable[[], None]) -> None:
        self._connection = connection
        self._before = before
        self.executemany = connection.executemany

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        if sql == "COMMIT":
            self._before()
        return self._connection.execute(sql, parameters)


@contextmanager
def before_commits(ledger: SqliteLedger, before: Callable[[], None]) -> Iterator[None]:
    backend = ledger._file._backend
    meddled = Meddled(backend.connection(), before)
    with patch.object(type(backend), "connection", lambda _: meddled):
        yield


def spent(ledger: SqliteLedger) -> int:
    return ledger.balances("heart", "visits", "ann")[0].spent.amount
