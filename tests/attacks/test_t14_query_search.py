"""T14: search the questions for those that tell most of one patient, and spend everything on them.

Attack: the attacker knows every row but the victim's secret. She draws questions at random, keeps
those whose exact answers differ most between the two worlds, spends the whole budget on them and
guesses by likelihood. Source: Stevanoski, Cretu and de Montjoye (2024), QueryCheetah.

Pass: her advantage (true less false positive rate) is at most (e^eps - 1) / (e^eps + 1), where eps
is the budget for the victim's presence, and twice the budget for a change of her rows, which is
one removal and one addition. False alarms: 2e-5 (Clopper and Pearson). 120 games a world by
default, 4,000 with GATEWAY_FULL_ATTACKS=1.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import pytest

from policies.errors import BudgetExceededError, RefusalError
from query.plan import Plan
from query.release import Vectors
from tests.attacks.hospital import Estate, Site, make_hospital, sized, units_of, with_victim
from tests.attacks.observations import exact_vectors_of, planned, values
from tests.attacks.rates import rate_above, rate_below
from tests.fakes import StoredRows

GAMES = sized(120, 4_000)
CANDIDATES = 40
MISS = 1e-5
BUDGET = "1"


@dataclass(frozen=True)
class Guess:
    """One question with what it would answer exactly in both worlds."""

    sql: str
    plan: Plan
    worlds: tuple[Vectors, Vectors]

    @property
    def worth(self) -> float:
        """How far apart the worlds are, in scales of the noise."""
        gap = sum(abs(a - b) for a, b in zip(self.worlds[0][0], self.worlds[1][0], strict=True))
        return gap / self.plan.noises[0].scale

    def evidence(self, noisy: list[float]) -> float:
        """Logarithm of the likelihood ratio of the first world."""
        step, scale = float(self.plan.statistics[0].step), self.plan.noises[0].scale
        return sum(
            (abs(value / step - b) - abs(value / step - a)) / scale
            for value, a, b in zip(noisy, self.worlds[0][0], self.worlds[1][0], strict=True)
        )


def a_question(drawn: random.Random) -> str:
    """Draw a question of one statistic."""
    conditions = [
        f"cost {drawn.choice('<>')} {drawn.randrange(1000)}",
        drawn.choice(["urgent", "NOT urgent", "urgent IS NULL"]),
        f"class {drawn.choice(['=', '<>'])} '{drawn.choice(['inpatient', 'emergency'])}'",
        f"free LIKE '%{drawn.choice('ax1b')}%'",
        f"YEAR(day) = {drawn.choice([2024, 2025])}",
        "TRUE",
    ]
    where = " AND ".join(drawn.sample(conditions, drawn.randrange(1, 3)))
    aggregate = drawn.choice(["COUNT(*)", "COUNT(DISTINCT patient_id)", "SUM(cost)"])
    key = drawn.choice(["", "", "class", "urgent"])
    if key:
        return f"SELECT {key}, {aggregate} FROM visits WHERE {where} GROUP BY {key}"
    return f"SELECT {aggregate} FROM visits WHERE {where}"


def searched(sites: tuple[Site, Site], keep: int, loss: str) -> list[Guess]:
    """Return the most telling questions among those drawn; the attacker's own computation."""
    drawn, found = random.Random(11), {}  # noqa: S311  the attacker's dice
    for _ in range(CANDIDATES):
        sql = a_question(drawn)
        site, other = sites
        _, first = exact_vectors_of(sql, site.dataset, site.engine)
        _, second = exact_vectors_of(sql, site.dataset, other.engine)
        plan, _, _ = planned(sql, site.dataset, loss)
        found[sql] = Guess(sql=sql, plan=plan, worlds=(first, second))
    return sorted(found.values(), key=lambda one: one.worth, reverse=True)[:keep]


def advantage(sites: tuple[Site, Site], questions: int) -> float:
    """Return what the attacker's advantage is above, but with a chance of 2e-5."""
    loss = str(1 / questions)
    guesses = searched(sites, questions, loss)
    assert guesses[-1].worth > 0
    positives = []
    for site in sites:
        positives.append(0)
        for _ in range(GAMES):
            game, evidence = site.refilled(), 0.0
            for guess in guesses:
                given = game.answer(guess.sql, loss)
                noisy = [value or 0.0 for value in values(given, len(given.columns) - 1)]
                evidence += guess.evidence(noisy)
            positives[-1] += evidence > 0
    assert positives[0] > positives[1]
    return rate_above(positives[0], GAMES, MISS) - rate_below(positives[1], GAMES, MISS)


def changed(rows: StoredRows) -> StoredRows:
    """The same patients; every visit of the victim is another."""
    victim = units_of(rows) - 1
    other = {"class": "ambulatory", "urgent": False, "cost": 0, "free": ""}
    visits = [{**row, **other} if row["patient_id"] == victim else row for row in rows["visits"]]
    return {**rows, "visits": visits}


@pytest.mark.parametrize("questions", [1, 4])
def test_presence_is_guessed_no_better_than_the_budget_allows(
    hospitals: Estate, questions: int
) -> None:
    rows = with_victim((944, 0, 0, 0))
    site, other = (one.remembering() for one in hospitals.neighbors(rows, budget=BUDGET))

    assert advantage((site, other), questions) <= math.tanh(float(BUDGET) / 2)


def test_an_attribute_is_guessed_no_better_than_twice_the_budget_allows(
    hospitals: Estate,
) -> None:
    rows = with_victim((944, 0, 0, 0))
    site = hospitals.site(rows, budget=BUDGET).remembering()
    other = hospitals.site(changed(rows), budget=BUDGET).remembering()

    assert advantage((site, other), 2) <= math.tanh(float(BUDGET))


def test_the_search_ends_with_the_budget(hospitals: Estate) -> None:
    """Whatever is asked, in whatever order, the sum of what is paid stays within the budget."""
    site = hospitals.site(with_victim(), make_hospital(), budget=BUDGET)
    drawn, refused = random.Random(3), 0  # noqa: S311  the attacker's dice
    for _ in range(60):
        try:
            site.answer(a_question(drawn), drawn.choice(["0.3", "0.05", "0.11", "0.001"]))
        except BudgetExceededError:
            refused += 1
        except RefusalError as error:
            raise AssertionError(error.code) from error

    assert refused > 10
    assert 900_000 < site.spent() <= 1_000_000
