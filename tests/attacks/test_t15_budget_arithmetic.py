"""T15: prices that add up to more, or to less, than they say.

Attack: spend a budget in parts whose floating-point sum is not the sum of the parts: OpenDP's
filter admits 9 of 10 times 0.1 in 1.0, others leave a residue of 1e-16 or admit one too many.

Pass: 10 times 0.1 fit in 1.0 and an eleventh does not, for this and for other parts, over the
real ledger and a restart; what is left is exact in integers. Exact, so there are no false alarms.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.ledger.scopes import budget_plan
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import cap_of
from policies.active import PolicySet
from policies.errors import BudgetExceededError
from query.ports import Ledger
from tests.attacks.hospital import Estate, Site, make_hospital, with_victim
from tests.gateway.ledger.worlds import Home


@dataclass
class Books:
    """Sites whose ledgers are files."""

    estate: Estate
    folder: Path
    opened: list[SqliteLedger]

    def ledger(self, policies: PolicySet) -> Ledger:
        ledger = Home(self.folder).open()
        ledger.open_pools(budget_plan(policies, cap_of), actor="steward")
        self.opened.append(ledger)
        return ledger

    def site(self, budget: str, measure: str = "pure") -> Site:
        dataset = make_hospital(queries={"measure": measure})
        rows = with_victim((3, 2, 0, 1))
        return self.estate.site(rows, dataset, budget=budget, ledger=self.ledger)


@pytest.fixture
def books(hospitals: Estate, tmp_path: Path) -> Iterator[Books]:
    built = Books(estate=hospitals, folder=tmp_path, opened=[])
    yield built
    for ledger in built.opened:
        ledger.close()


def ask(site: Site, number: int, price: str) -> int:
    """Ask a question of its own at a price; return what it was charged."""
    return site.answer(f"SELECT COUNT(*) FROM visits WHERE cost > {number}", price).charged.amount


def accepted(site: Site, price: str, tries: int, first: int = 0) -> int:
    """How many questions of one price are answered before the first refusal, and none after it."""
    answered = 0
    for number in range(first, first + tries):
        try:
            ask(site, number, price)
        except BudgetExceededError:
            with pytest.raises(BudgetExceededError):
                ask(site, 10_000 + number, price)
            return answered
        answered += 1
    return answered


@pytest.mark.parametrize(
    ("budget", "price", "fits"),
    [
        ("1.0", "0.1", 10),
        ("0.3", "0.1", 3),
        ("0.7", "0.1", 7),
        ("1", "0.2", 5),
        ("0.6", "0.2", 3),
        ("1", "0.333333", 3),
        ("1", "0.333334", 2),
        ("0.007007", "0.001001", 7),
        ("1.1", "1.1", 1),
        ("4.35", "0.435", 10),
    ],
)
def test_parts_fit_as_often_as_they_say(books: Books, budget: str, price: str, fits: int) -> None:
    """A question may be charged a unit of 1e-6 less than asked, where the map rounds up."""
    site = books.site(budget)

    assert accepted(site, price, fits + 3) == fits


def test_the_next_is_refused_after_a_restart_too(books: Books) -> None:
    site = books.site("1.0")
    assert accepted(site, "0.1", 10) == 10
    books.opened.pop().close()
    again = books.site("1.0")

    assert accepted(again, "0.1", 5, first=100) == 0


def test_what_is_left_is_exact(books: Books) -> None:
    """Prices at random: what is spent is their sum in integers, and never above the cap."""
    site, drawn = books.site("2"), random.Random(8)  # noqa: S311  prices to try
    spent, refused = 0, 0
    for number in range(60):
        price = f"{drawn.choice([0.1, 0.07, 0.001001, 0.333333, 0.05]):f}"
        try:
            spent += ask(site, number, price)
        except BudgetExceededError:
            refused += 1
            assert spent + int(Decimal(price) * 10**6) > 2_000_000
        for balance in site.ledger.balances("study", "clinic", "u|ann"):
            assert balance.spent.amount == spent <= balance.cap.amount

    assert refused > 0


def test_a_pool_in_rho_is_never_overspent(books: Books) -> None:
    site = books.site("1", "zcdp")
    *_, researcher = site.ledger.balances("study", "clinic", "u|ann")
    share = researcher.cap.parameter / 10

    assert accepted(site, f"{share.quantize(Decimal('1e-9'), 'ROUND_DOWN')}", 13) == 10
    *_, after = site.ledger.balances("study", "clinic", "u|ann")
    assert after.spent.amount <= after.cap.amount


def test_a_price_of_nothing_or_less_buys_nothing(books: Books) -> None:
    site = books.site("1")
    for price in ("0", "-0.1", "1e-7", "NaN", "Infinity", "-0"):
        with pytest.raises(Exception, match="price asked for"):
            ask(site, 1, price)
