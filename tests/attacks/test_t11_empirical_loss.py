"""T11: audit the whole service from outside, as one audits a library.

Attack: record what reaches the mechanism on two neighbors and replay; ask the same question of both
many times and count the event that tells them best apart. Sources: Kulynych, Meehan and others'
dp-recorder (2026), which found 13 violations in 12 libraries; Kong, Medina, Ribero and Syed (2023),
DP-Auditorium; Ding, Wang, Wang, Zhang and Kifer (2018), Detecting Violations of Differential
Privacy.

Pass: over generated questions and neighbors of one patient with 0 to 944 rows, exact vectors are as
near as stated and the control flow is identical; what the best event shows of the loss stays below
the price. False alarms of each count: 2e-5 (Clopper and Pearson). 40 generated questions and 250
releases a neighbor by default; 3,000 and 20,000 with GATEWAY_FULL_ATTACKS=1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.datasets import DatasetPolicy
from policies.errors import RefusalError
from policies.privacy import Measure
from tests.attacks.hospital import Estate, Site, make_hospital, sized, units_of, with_victim
from tests.attacks.observations import check_moves, exact_vectors_of, seen, values
from tests.attacks.rates import rate_above, rate_below
from tests.fakes import DuckDbMemoryEngine
from tests.sensitivity import Case, plan_of
from tests.strategies import queries

QUESTIONS = sized(40, 3_000)
RELEASES = sized(250, 20_000)
MISS = 1e-5
COMPARED: list[int] = []
_WARDS = [make_hospital(max_groups=width, max_rows_per_group=width) for width in (1, 3, 20)]
_VISITS = (0, 1, 30, 944)


@settings(max_examples=QUESTIONS, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries(), st.sampled_from(_WARDS), st.sampled_from(_VISITS))
def record_and_replay(sql: str, ward: DatasetPolicy, visits: int) -> None:
    rows = with_victim((visits, 8, 3, 1))
    if plan_of(Case(dataset=ward, rows=rows, sql=sql)) is None:
        return
    engine = DuckDbMemoryEngine(ward, rows)
    try:
        plan, whole = exact_vectors_of(sql, ward, engine)
        for unit in range(units_of(rows)):
            with engine.without(unit):
                check_moves(plan, whole, exact_vectors_of(sql, ward, engine)[1])
            COMPARED.append(unit)
    finally:
        engine.close()


def test_what_reaches_the_mechanism_on_neighbors_is_as_near_as_stated() -> None:
    record_and_replay()

    assert len(COMPARED) >= QUESTIONS


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    built = Estate(tmp_path_factory.mktemp("pair"))
    yield built.neighbors(with_victim((30, 8, 3, 1)))
    built.close()


@settings(max_examples=QUESTIONS, deadline=None, suppress_health_check=list(HealthCheck))
@given(sql=queries())
def check_control_flow(pair: tuple[Site, Site], sql: str) -> None:
    before = [len(site.engine.statements) for site in pair]
    shown = [seen(site.refilled(), sql) for site in pair]
    ran = [site.engine.statements[start:] for site, start in zip(pair, before, strict=True)]

    if "HAVING" in sql or "ORDER BY" in sql:  # which rows are shown is decided by noisy numbers
        for one in shown:
            assert isinstance(one, dict)
            one.pop("rows", None)
    assert shown[0] == shown[1]
    assert ran[0] == ran[1]


def test_the_control_flow_on_neighbors_is_identical(pair: tuple[Site, Site]) -> None:
    check_control_flow(pair)


ONE_CELL = "SELECT COUNT(*) FROM visits"
TWO_CELLS = "SELECT class, COUNT(*) FROM visits GROUP BY class"


@pytest.mark.parametrize(
    ("sql", "measure", "price"),
    [(ONE_CELL, "pure", "2"), (ONE_CELL, "zcdp", "0.5"), (TWO_CELLS, "pure", "2")],
)
def test_the_best_event_shows_no_more_than_the_price(
    hospitals: Estate, sql: str, measure: str, price: str
) -> None:
    dataset = make_hospital(queries={"measure": measure})
    rates, hits = [], []
    sites = hospitals.neighbors(dataset=dataset)
    plan, whole = exact_vectors_of(sql, dataset, sites[0].engine)
    _, rest = exact_vectors_of(sql, dataset, sites[1].engine)
    assert sum(abs(a - b) for a, b in zip(whole[0], rest[0], strict=True)) == (
        plan.sensitivities[0].l1
    ), "the victim must weigh as much as a patient can"
    for site in sites:
        hits.append(0)
        for _ in range(RELEASES):
            answered = site.refilled().answer(sql, price)
            noisy = values(answered, len(answered.columns) - 1)
            hits[-1] += telling(noisy, whole[0], rest[0])
        rates.append((rate_above(hits[-1], RELEASES, MISS), rate_below(hits[-1], RELEASES, MISS)))
    shown = loss_shown(dataset.measure, rates[0][0], rates[1][1])

    assert hits[0] > hits[1], "the attack must see something, or it shows nothing"
    assert shown <= float(price)


def telling(noisy: Sequence[float | None], whole: tuple[int, ...], rest: tuple[int, ...]) -> bool:
    """Say whether an answer lies on the victim's side in the direction in which she moves it."""
    return (
        sum(
            ((value or 0.0) - (a + b) / 2) * (a - b)
            for value, a, b in zip(noisy, whole, rest, strict=True)
        )
        >= 0
    )


def loss_shown(measure: Measure, likely: float, unlikely: float) -> float:
    """Return the least price that fits the two rates of an event.

    Pure: the logarithm of their ratio. zCDP: Renyi divergence of order 1 is at most rho, and that
    of the event is at most that of the answers (data processing).
    """
    if likely <= unlikely:
        return 0.0
    if measure is Measure.PURE:
        return math.log(likely / unlikely)
    kept = (1 - likely) * math.log((1 - likely) / (1 - unlikely)) if likely < 1 else 0.0
    return likely * math.log(likely / unlikely) + kept


def test_refusals_of_generated_questions_do_not_read(pair: tuple[Site, Site]) -> None:
    site = pair[0].refilled()
    read = len(site.engine.statements)
    with pytest.raises(RefusalError):
        site.answer("SELECT ssn FROM patients")

    assert len(site.engine.statements) == read
