"""Many processes and clients that want the same thing of the real service at one time."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

from gateway.answers.results import Result
from gateway.client import Gateway
from policies.errors import RefusalError
from tests.gateway.deployments import COUNTS, PROJECT, USER
from tests.gateway.service.processes import CONTEXT, race, race_that_deducts_afterwards, running
from tests.gateway.service.test_killed import spent, verified
from tests.limits import PATIENCE

PROCESSES = 8
CLIENTS = 100


def raced(site: Path, target: object) -> int:
    """How many answers all processes together were given."""
    start = CONTEXT.Barrier(PROCESSES)
    pipes = [CONTEXT.Pipe(duplex=False) for _ in range(PROCESSES)]
    processes = [
        CONTEXT.Process(target=target, args=(site, (PROJECT, USER), number, start, send))  # type: ignore[arg-type]  # a function
        for number, (_, send) in enumerate(pipes)
    ]
    for process, (_, send) in zip(processes, pipes, strict=True):
        process.start()
        send.close()
    won: int = sum(receive.recv() for receive, _ in pipes)
    for process, (receive, _) in zip(processes, pipes, strict=True):
        process.join()
        receive.close()
    return won


def test_eight_processes_that_race_for_the_last_units_are_given_what_the_cap_allows(
    site: Path,
) -> None:
    won = raced(site, race)
    report = verified(site)

    assert won == 4
    assert spent(site) == 2
    assert report.is_sound, report.lines()
    assert (report.charged, report.open_reserves) == (4, 0)


def test_the_race_and_the_verification_find_out_a_ledger_that_deducts_afterwards(
    site: Path,
) -> None:
    won = raced(site, race_that_deducts_afterwards)
    report = verified(site)

    assert won > 4
    assert "OVERSPENT" in {finding.failure.name for finding in report.findings}


def test_a_question_sent_a_hundred_times_at_once_is_charged_once(site: Path, key: str) -> None:
    with running(site) as one, running(site) as two:

        def ask(number: int) -> Result:
            with Gateway((one if number % 2 else two).url, key, timeout=PATIENCE) as gateway:
                while True:
                    try:
                        return gateway.query(PROJECT, COUNTS, epsilon="0.1")
                    except RefusalError as error:
                        if error.code != "BUD-QUESTION-BUSY":
                            raise

        with ThreadPoolExecutor(CLIENTS) as clients:
            results = list(clients.map(ask, range(CLIENTS)))
        with Gateway(one.url, key) as gateway:
            stored = {
                gateway.answer(PROJECT, result.answer.query_id).to_json() for result in results
            }
    report = verified(site)

    assert Counter(result.charged.parameter for result in results) == {
        Decimal("0.1"): 1,
        Decimal(0): CLIENTS - 1,
    }
    assert len({tuple(result.answer.rows) for result in results}) == 1
    assert len(stored) == 1
    assert spent(site) == Decimal("0.1")
    assert report.is_sound, report.lines()
    assert report.charged == 1
