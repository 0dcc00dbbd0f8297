"""What runs in processes of their own: clients that spend a budget until they are told to stop.

The same harness drives the ledger and a store that checks, runs and then deducts, which overspends.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Protocol
from unittest.mock import patch

from gateway.audit.publisher import Publisher
from gateway.ledger import book
from gateway.ledger.sqlite import SqliteLedger
from policies.errors import BudgetExceededError
from tests.gateway.ledger.worlds import Home, make_charge
from tests.limits import PATIENCE

CONTEXT = ForkServerContext()
CONTEXT.set_forkserver_preload(["tests.gateway.ledger.contenders"])
QUERY_SECONDS = 0.002
"""How long the engine is thought to compute one answer."""


class Store(Protocol):
    """What may be raced for."""

    def answer(self) -> bool:
        """Answer one query for one unit; whether the budget covered it."""


class LedgerStore:
    """Charges before it computes."""

    def __init__(self, folder: Path) -> None:
        self._ledger = Home(folder).open()

    def answer(self) -> bool:
        charge = make_charge(1)
        try:
            self._ledger.reserve(charge)
        except BudgetExceededError:
            return False
        time.sleep(QUERY_SECONDS)
        self._ledger.release(charge, b"42")
        return True


class CheckThenDeductStore:
    """Checks, computes, and deducts afterwards: how not to do it."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(
            folder / "naive.sqlite", isolation_level=None, timeout=PATIENCE
        )

    @staticmethod
    def create(folder: Path, cap: int) -> None:
        connection = sqlite3.connect(folder / "naive.sqlite")
        connection.execute("CREATE TABLE pool(cap INT, spent INT)")
        connection.execute("INSERT INTO pool VALUES (?, 0)", (cap,))
        connection.commit()
        connection.close()

    def answer(self) -> bool:
        ((left,),) = self._connection.execute("SELECT cap - spent FROM pool")
        if left < 1:
            return False
        time.sleep(QUERY_SECONDS)
        self._connection.execute("UPDATE pool SET spent = spent + 1")
        return True


def race(
    store: Callable[[Path], Store], folder: Path, start: Barrier, tries: int, wins: Connection
) -> None:
    """Open the store, wait for all others, and report how many tries were answered."""
    opened = store(folder)
    start.wait(timeout=PATIENCE)
    wins.send(sum(opened.answer() for _ in range(tries)))


def spend(folder: Path, acknowledged: Connection) -> None:
    """Spend for ever; report each query whose answer was handed out."""
    ledger = Home(folder).open()
    acknowledged.send("ready")
    while True:
        charge = make_charge(7)
        ledger.reserve(charge)
        ledger.release(charge, b"42")
        acknowledged.send(charge.query_id)


def die_at(point: str, folder: Path) -> None:
    """Reserve and release one query, and end like a killed process at a named point."""
    ledger = Home(folder).open()
    charge = make_charge(7, query_id="d" * 32)
    if point == "in the first transaction":
        patch.object(book, "record_charge", _die).start()
    elif point == "before the first head":
        patch.object(Publisher, "publish", _die).start()
    elif point == "with a draft of the first head":
        patch.object(Path, "rename", _die).start()
    ledger.reserve(charge)
    if point == "while computing":
        _die()
    if point == "in the second transaction":
        patch.object(SqliteLedger, "release", _release_half).start()
    elif point == "before the second head":
        patch.object(Publisher, "publish", _die).start()
    ledger.release(charge, b"42")
    _die()


def _release_half(self: SqliteLedger, *_: object) -> None:
    with self._file.writing() as writing:
        writing.connection.execute("UPDATE query SET state = 'abandoned', close = 0")
        _die()


def _die(*_: object) -> None:
    os._exit(9)
