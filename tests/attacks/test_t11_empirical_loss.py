"""T11: audit the whole service from outside, as one audits a library.

Attack: record what reaches the mechanism on two neighbors and replay; ask the same question of both
many times and count the event that tells them best apart. Sources: Kulynych, Meehan and others'
dp-recorder (2026), which found 13 violations in 12 libraries; Kong, Medina, Ribero and Syed (2023),
DP-Auditorium; Ding, Wang, Wang, Zhang and Kifer (2018), Detecting Violations of Differential
Privacy.

Pass: over generated questions and neighbors of one patient with 0 to 944 rows, exact vectors are as
near as stated and the control flow is identical; what the best event shows of the loss stays below
the price, for every kind of aggregate, repeats and top-ups, while half of the noise is caught.
False alarms of each bound: 2e-5 (Clopper and Pearson). By default 40 generated questions and 60
releases a neighbor, 1,200 where power is shown; 3,000 and 20,000 with GATEWAY_FULL_ATTACKS=1. Half
of a Gaussian count's noise is missed with a probability of about 3e-5, as simulated.
``python -m benchmarks.empirical_loss --releases 5000`` prints bound and price.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.datasets import DatasetPolicy
from policies.errors import RefusalError
from policies.privacy import Measure
from query.mechanisms import BuiltMeasurement
from query.mechanisms.vectors import ExactVectors
from tests.attacks.hospital import Estate, Site, make_hospital, sized, units_of, with_victim
from tests.attacks.losses import ATTACKED, PRICES, Attacked, make_pair, shown_of
from tests.attacks.observations import check_moves, exact_vectors_of, seen
from tests.fakes import DuckDbMemoryEngine
from tests.sensitivity import Case, plan_of
from tests.strategies import queries

QUESTIONS = sized(40, 3_000)
RELEASES = sized(60, 20_000)
POWERED = sized(1_200, 20_000)
DECIDED_BY_NOISE = ("HAVING", "ORDER BY", "WHERE n > ", "USING (k, n)")
"""In generated questions: noisy numbers decide which rows are shown."""
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

    if any(words in sql for words in DECIDED_BY_NOISE):
        for one in shown:
            assert isinstance(one, dict)
            one.pop("rows", None)
    assert shown[0] == shown[1]
    assert ran[0] == ran[1]


def test_the_control_flow_on_neighbors_is_identical(pair: tuple[Site, Site]) -> None:
    check_control_flow(pair)


@pytest.fixture(scope="module", params=list(Measure))
def attacked_pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Site]]:
    built = Estate(tmp_path_factory.mktemp("attacked"))
    yield make_pair(built, request.param)
    built.close()


@pytest.mark.parametrize("attacked", ATTACKED, ids=lambda one: one.name)
def test_the_best_event_shows_no_more_than_the_price(
    attacked_pair: tuple[Site, Site], attacked: Attacked
) -> None:
    price = PRICES[attacked_pair[0].dataset.measure]
    shown = shown_of(attacked_pair, attacked, price, RELEASES)

    assert shown.bound <= shown.price
    assert shown.price == float(price)


def test_half_as_much_noise_as_there_should_be_is_caught(
    attacked_pair: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same attack on a mechanism that is wrong by a factor of two; else it has no power."""
    (attacked,) = (one for one in ATTACKED if one.name == "patients")
    price = PRICES[attacked_pair[0].dataset.measure]
    enough = shown_of(attacked_pair, attacked, price, POWERED)
    release = BuiltMeasurement.release

    def halved(built: BuiltMeasurement, exact: ExactVectors) -> ExactVectors:
        noisy = release(built, exact)
        return tuple(
            tuple(true + (shown - true) // 2 for true, shown in zip(*pair, strict=True))
            for pair in zip(exact, noisy, strict=True)
        )

    monkeypatch.setattr(BuiltMeasurement, "release", halved)
    broken = shown_of(attacked_pair, attacked, price, POWERED)

    assert enough.bound <= enough.price
    assert broken.bound > broken.price  # which is what shows that the attack has power


def test_refusals_of_generated_questions_do_not_read(pair: tuple[Site, Site]) -> None:
    site = pair[0].refilled()
    read = len(site.engine.statements)
    with pytest.raises(RefusalError):
        site.answer("SELECT ssn FROM patients")

    assert len(site.engine.statements) == read
