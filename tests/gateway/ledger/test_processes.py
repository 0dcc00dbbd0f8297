from __future__ import annotations

import random
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from tests.gateway.ledger.contenders import (
    CONTEXT,
    CheckThenDeductStore,
    LedgerStore,
    Store,
    die_at,
    race,
    spend,
)
from tests.gateway.ledger.worlds import Home, make_plan
from tests.limits import PATIENCE

CAP = 10
PROCESSES = 8
TRIES = 4
KILLS = 40


def answered(store: Callable[[Path], Store], folder: Path) -> int:
    """How many queries all processes together were answered."""
    start = CONTEXT.Barrier(PROCESSES)
    pipes = [CONTEXT.Pipe(duplex=False) for _ in range(PROCESSES)]
    clients = [
        CONTEXT.Process(target=race, args=(store, folder, start, TRIES, send)) for _, send in pipes
    ]
    for client, (_, send) in zip(clients, pipes, strict=True):
        client.start()
        send.close()  # so that a client that fails is an end of file here, and no wait for ever
    wins: int = sum(receive.recv() for receive, _ in pipes)
    for client in clients:
        client.join()
    for receive, _ in pipes:
        receive.close()
    return wins


def test_processes_that_race_for_the_last_units_never_overspend(home: Home) -> None:
    ledger = home.open()
    ledger.open_pools(make_plan(CAP, CAP, CAP), actor="steward")

    assert answered(LedgerStore, home.folder) == CAP
    report = home.verify()
    assert report.is_sound, report.lines()
    assert (report.charged, report.open_reserves) == (CAP, 0)
    ledger.close()


def test_the_race_finds_out_a_store_that_deducts_afterwards(tmp_path: Path) -> None:
    CheckThenDeductStore.create(tmp_path, CAP)

    assert answered(CheckThenDeductStore, tmp_path) > CAP


def started(folder: Path) -> tuple[ForkServerProcess, Connection]:
    receive, send = CONTEXT.Pipe(duplex=False)
    client = CONTEXT.Process(target=spend, args=(folder, send))
    client.start()
    send.close()
    return client, receive


def read_to_end(pipe: Connection) -> list[str]:
    """Everything that the client said before it was killed."""
    said: list[str] = []
    try:
        while True:
            said.append(pipe.recv())
    except (EOFError, OSError):
        pipe.close()
    return said


def test_clients_that_are_killed_at_any_time_never_overspend_nor_lose_an_answer(
    home: Home,
) -> None:
    cap, kills = 7 * 100_000, 0
    ledger = home.open()
    ledger.open_pools(make_plan(cap, cap, cap), actor="steward")
    ledger.close()
    chance = random.Random()  # noqa: S311  when to kill is no secret
    clients = [started(home.folder) for _ in range(3)]
    acknowledged: set[str] = set()
    end = time.monotonic() + PATIENCE
    while (kills < KILLS or len(acknowledged) < KILLS) and time.monotonic() < end:
        victim = chance.randrange(len(clients))
        client, pipe = clients[victim]
        pipe.poll(1)
        time.sleep(chance.uniform(0, 0.06))
        client.kill()
        client.join()
        kills += 1
        acknowledged.update(read_to_end(pipe))
        clients[victim] = started(home.folder)
    for client, pipe in clients:
        client.kill()
        client.join()
        acknowledged.update(read_to_end(pipe))
    acknowledged.discard("ready")

    ledger = home.open()
    report = home.verify()
    spent = ledger.balances("heart", "visits", "ann")
    states = {query: ledger.find("heart", query) for query in acknowledged}
    ledger.close()
    assert report.is_sound, report.lines()
    assert report.open_reserves == 0
    assert {one.spent.amount for one in spent} == {7 * report.charged}
    assert all(found is not None and found.answer == b"42" for found in states.values())
    assert kills >= KILLS
    assert len(acknowledged) >= KILLS


@pytest.mark.parametrize(
    ("point", "charged", "state"),
    [
        ("in the first transaction", 0, None),
        ("before the first head", 7, "abandoned"),
        ("with a draft of the first head", 7, "abandoned"),
        ("while computing", 7, "abandoned"),
        ("in the second transaction", 7, "abandoned"),
        ("before the second head", 7, "released"),
        ("after the answer", 7, "released"),
    ],
)
def test_a_process_that_dies_leaves_a_charge_without_an_answer_never_the_reverse(
    home: Home, point: str, charged: int, state: str | None
) -> None:
    ledger = home.open()
    ledger.open_pools(make_plan(), actor="steward")
    ledger.close()
    client = CONTEXT.Process(target=die_at, args=(point, home.folder))
    client.start()
    client.join()
    before = home.head.read_text()
    ledger = home.open()

    report = home.verify(before)
    found = ledger.find("heart", "d" * 32)
    assert client.exitcode == 9
    assert report.is_sound, report.lines()
    assert ledger.balances("heart", "visits", "ann")[0].spent.amount == charged
    assert (found.state if found else None) == state
    ledger.close()
