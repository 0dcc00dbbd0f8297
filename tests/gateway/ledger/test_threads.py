from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from gateway.ledger.sqlite import SqliteLedger
from policies.errors import BudgetExceededError, RefusalError
from query.ports import Charge
from tests.gateway.ledger.worlds import SIGNER, Home, make_charge, make_plan

THREADS = 16


def covered(ledger: SqliteLedger, charge: Charge) -> bool:
    try:
        receipt = ledger.reserve(charge)
    except BudgetExceededError:
        return False
    assert SIGNER.verifier.verify(receipt.checkpoint).size > receipt.index
    ledger.release(charge, b"42")
    return True


def test_threads_that_race_for_the_last_units_never_overspend(home: Home) -> None:
    ledger = home.open()
    ledger.open_pools(make_plan(20, 20, 20), actor="steward")
    with ThreadPoolExecutor(THREADS) as threads:
        won = list(threads.map(lambda _: covered(ledger, make_charge(1)), range(60)))

    assert sum(won) == 20
    report = home.verify()
    assert report.is_sound, report.lines()
    assert (report.charged, report.signed_size) == (20, report.size)
    ledger.close()


def test_one_query_submitted_by_many_threads_is_charged_once(ledger: SqliteLedger) -> None:
    charge = make_charge(1)

    def submit(_: int) -> str:
        try:
            ledger.reserve(charge)
        except RefusalError as refused:
            return refused.code
        return "charged"

    with ThreadPoolExecutor(THREADS) as threads:
        outcomes = list(threads.map(submit, range(100)))

    assert sorted(outcomes) == ["BUD-QUERY-REPEATED"] * 99 + ["charged"]
    assert ledger.balances("heart", "visits", "ann")[0].spent.amount == 1
