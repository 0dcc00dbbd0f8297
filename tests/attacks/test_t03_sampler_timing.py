"""T3: the time that the sampler takes tells how large the noise is.

Attack: exact samplers of discrete noise loop longer for larger draws; whoever knows the noise knows
the truth. Source: Jin, McMurtry, Rubinstein and Ohrimenko (2022), Are We There Yet? Timing and
Floating-Point Attacks on Differential Privacy Systems.

Pass: outcomes leave at steps of time that were fixed before the noise was drawn, whatever the draw
took; over the running service, |correlation(|noise|, time)| is below what chance gives once in 1e4
(0.02 at full size). 80 releases by default, 20,000 with GATEWAY_FULL_ATTACKS=1 (85 minutes). The
correlation is that of the ranks, so whatever else the machine does, also if it stands still for
seconds, false alarms are no more: the noise is independent of it, and no time counts for more than
its rank. A true correlation of 0.65 is red 999 times of 1,000.
"""

from __future__ import annotations

import math
import statistics
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gateway.deployment import Deployment
from gateway.local import LocalGateway
from gateway.paced_ledger import PacedLedger
from gateway.pacing import Pacer
from query.mechanisms import BuiltMeasurement
from query.release import Vectors
from tests.attacks.hospital import Estate, set_bucket, sized
from tests.gateway.deployments import PROJECT, USER, make_full

BUCKET = 0.25
RELEASES = sized(80, 20_000)


@dataclass
class FastClock:
    """A clock that is moved by hand; sleeping moves it too."""

    now: float = 0.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_release_leaves_at_its_step_however_long_the_draw_took(
    hospitals: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each draw takes a time that follows its noise; the reply shows none of it."""
    clock, took, drawing = FastClock(), list[float](), list[float]()
    real = BuiltMeasurement.release

    def slow(self: BuiltMeasurement, exact: Vectors) -> Vectors:
        noisy = real(self, exact)
        drawing.append(min(abs(noisy[0][0] - exact[0][0]) * 1e-7, BUCKET * 0.9))
        clock.now += drawing[-1]
        return noisy

    monkeypatch.setattr(BuiltMeasurement, "release", slow)
    site = hospitals.neighbors()[0]
    for _ in range(200):
        fresh = site.refilled()
        pacer = Pacer(bucket=BUCKET, clock=clock.read, sleep=clock.sleep)
        fresh.ports = replace(fresh.ports, ledger=PacedLedger(fresh.ledger, pacer))
        started = clock.now
        fresh.answer("SELECT SUM(cost) FROM visits", "0.5")
        took.append(clock.now - started)

    assert len(set(drawing)) > 50
    assert max(took) - min(took) < 1e-6
    assert took[0] == pytest.approx(BUCKET)


def ranks(values: Sequence[float]) -> list[float]:
    in_order = sorted(values)
    return [float(bisect_left(in_order, value)) for value in values]


def test_the_time_of_an_answer_does_not_follow_its_noise(tmp_path: Path) -> None:
    site = make_full(tmp_path)
    set_bucket(site, 20)
    noise, took = list[float](), list[float]()
    with Deployment.open(site) as deployment:
        gateway = LocalGateway(deployment, USER)
        gateway.query(PROJECT, "SELECT COUNT(*) AS n FROM visits", epsilon="0.001")
        for number in range(RELEASES):
            # false for every patient in one more way: a question of its own, of known answer
            sql = f"SELECT SUM(age) AS n FROM patients WHERE age + {number} < 0"
            started = time.perf_counter()
            given = gateway.query(PROJECT, sql, epsilon="0.001")
            took.append(time.perf_counter() - started)
            released = given.errors[0]["n"].value
            assert released is not None
            noise.append(abs(released))

    assert min(took) >= 0.02
    followed = statistics.correlation(ranks(noise), ranks(took))
    assert abs(followed) < max(0.02, 3.9 / math.sqrt(RELEASES))
