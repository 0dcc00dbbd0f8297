"""The real service in processes of its own, which may be made to die at a named point.

The points are patches of the running code, made here and nowhere in the product.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gateway.app import create_app
from gateway.deployment import Deployment
from gateway.ledger import book
from gateway.ledger.sqlite import SqliteLedger
from gateway.ledger.storage import LedgerFile
from gateway.local import LocalGateway
from gateway.operations_log import operations_log
from gateway.routes import queries
from gateway.serving import serve
from gateway.settings import ServiceSettings
from policies.errors import BudgetExceededError
from policies.privacy import PrivacyLoss
from query.engines.duckdb import DuckDbEngine
from query.ports import Charge, Receipt
from tests.limits import PATIENCE

CONTEXT = ForkServerContext()
CONTEXT.set_forkserver_preload(["tests.gateway.service.processes"])
DIED = 9
_QUERY_SECONDS = 1.0
"""How long the wrong ledger takes from check to deduction."""

POINTS: Mapping[str, tuple[object, str]] = {
    "before the charge": (SqliteLedger, "reserve"),
    "in the charge": (book, "record_charge"),
    "while rows are read": (DuckDbEngine, "run"),
    "before the release": (SqliteLedger, "release"),
    "before the head of the release": (LedgerFile, "proved"),
    "before the answer": (queries, "answer_reply"),
}
"""From a point to what dies when it is called."""


ROWS: Mapping[str, str] = {
    "slow rows": "SELECT sum(a.range % 7) FROM range(400000) a, range(400000) b",
    "failing rows": "SELECT CAST(s AS INTEGER) FROM (VALUES ('forty')) t(s)",
}
"""What the engine runs in place of what it was given: for minutes, or with a value in its error."""


def _die(*_: object, **__: object) -> None:
    os._exit(DIED)


def _after(done: Callable[..., Any]) -> Callable[..., Any]:
    def then_die(*arguments: object, **named: object) -> None:
        done(*arguments, **named)
        _die()

    return then_die


def _instead(fetch: Callable[..., Any], statement: str) -> Callable[..., Any]:
    def fetched(engine: DuckDbEngine, _: str, *rest: object) -> object:
        return fetch(engine, statement, *rest)

    return fetched


def run_service(site: Path, point: str, ready: Connection) -> None:
    """Serve a deployment; tell the port, or the code of what is wrong with it.

    Args:
        site: Its folder.
        point: Where to die, one of ``POINTS`` or ``after the charge``; or one of ``ROWS``; empty
            for nowhere.
        ready: Is told.
    """
    if point in ROWS:
        patch.object(DuckDbEngine, "_fetch", _instead(DuckDbEngine._fetch, ROWS[point])).start()
    elif point == "after the charge":
        patch.object(SqliteLedger, "reserve", _after(SqliteLedger.reserve)).start()
    elif point:
        owner, name = POINTS[point]
        patch.object(owner, name, _die).start()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        try:
            deployment = Deployment.open(site)
        except Exception as error:  # noqa: BLE001  whatever it is, the test is told
            ready.send(getattr(error, "code", type(error).__name__))
            return
        with deployment:
            settings = replace(ServiceSettings(), port=0, threads=8, time_bucket_ms=1)
            app = create_app(deployment, log=operations_log(nowhere))
            serve(app, settings, ready.send)


@dataclass(frozen=True)
class Running:
    """A service that runs.

    Attributes:
        process: Its process.
        told: Its port; the code of an error where it did not start.
    """

    process: ForkServerProcess
    told: Any

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.told}"


def start(site: Path, point: str = "") -> Running:
    """Start the service, and wait until it accepts connections or has failed."""
    receive, send = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=run_service, args=(site, point, send))
    process.start()
    send.close()
    told = receive.recv()
    receive.close()
    return Running(process, told)


@contextmanager
def running(site: Path, point: str = "") -> Iterator[Running]:
    """Run the service for a block; it is killed at its end, if it did not die before."""
    one = start(site, point)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.join()


def race(site: Path, who: tuple[str, str], number: int, start: Barrier, wins: Connection) -> None:
    """Open the deployment, wait for all others, ask what nobody else asks; report if it was given.

    Args:
        site: Folder of the deployment.
        who: Project and user.
        number: Of the process.
        start: Where all wait.
        wins: Is sent 1 for an answer, 0 for a refusal of the budget.
    """
    project, user = who
    sql = f"SELECT COUNT(*) AS n FROM patients WHERE age > {number}"
    with Deployment.open(site, paced=False) as deployment:
        gateway = LocalGateway(deployment, user)
        start.wait(timeout=PATIENCE)
        try:
            gateway.query(project, sql, epsilon="0.5")
        except BudgetExceededError:
            won = 0
        else:
            won = 1
    wins.send(won)


def race_that_deducts_afterwards(
    site: Path, who: tuple[str, str], number: int, start: Barrier, wins: Connection
) -> None:
    """Race with a ledger that checks the budget, lets the query run, and deducts then."""
    release = SqliteLedger.release

    def deducting(self: SqliteLedger, charge: Charge, answer: bytes) -> Receipt:
        receipt = release(self, charge, answer)
        time.sleep(_QUERY_SECONDS)
        with self._file.writing() as writing:
            writing.connection.execute(
                "UPDATE scope SET spent = min(cap, spent + ?)", (charge.loss.amount,)
            )
        return receipt

    patch.object(book, "debit", _check_alone).start()
    patch.object(SqliteLedger, "release", deducting).start()
    race(site, who, number, start, wins)


def _check_alone(connection: sqlite3.Connection, account: book.Account, loss: PrivacyLoss) -> None:
    for balance in book.balances(connection, account):
        if balance.spent.amount + loss.amount > balance.cap.amount:
            raise BudgetExceededError("there is too little left")
