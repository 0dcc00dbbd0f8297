"""T4: a question whose running time, memory or failure depends on one patient.

Attack: a condition that is true for the victim alone guards something slow, so the time of the
answer, or a timeout, tells whether she is there. Source: Haeberlen, Pierce and Narayan (2011),
Differential Privacy Under Fire, sections 3 and 4.

Pass: what has no bounded running time is refused from its text alone; what is answered leaves at
the same step of time with the victim and without; a timeout is charged in full, and its reply is
the same as that of any other failure. No statistics, so no false alarms: time is the processor's,
which a machine that does other things does not lengthen.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import pytest

from gateway.paced_ledger import PacedLedger
from gateway.pacing import Pacer
from gateway.problems import problem_of
from policies.errors import InternalError, UnsupportedQueryError
from query.engines.duckdb import DuckDbEngine
from query.ports import ExactRow
from tests.attacks.hospital import Estate, Site, units_of, with_victim, without
from tests.attacks.observations import seen
from tests.fakes import PassingEngine
from tests.limits import LIMITS

BUCKET = 1.0
"""Seconds; each answer takes 0.01 to 0.05 of the processor's."""
REFUSED = [
    "SELECT COUNT(*) FROM visits, visits b, visits c",
    "SELECT COUNT(*) FROM visits CROSS JOIN visits b CROSS JOIN visits c",
    "SELECT COUNT(*) FROM visits a JOIN visits b ON a.cost < b.cost",
    "SELECT COUNT(*) FROM visits a JOIN visits b ON TRUE",
    "SELECT COUNT(*) FROM visits WHERE regexp_matches(free, '(x+)\\1+y')",
    "SELECT COUNT(*) FROM visits WHERE free SIMILAR TO '((x{9}){9}){9}y'",
    "SELECT COUNT(*) FROM visits WHERE free ~ '(?=x+x+)+y'",
    "SELECT COUNT(*) FROM visits WHERE free ~ free",
    "SELECT COUNT(*) FROM visits WHERE LENGTH(repeat(free, 1000000000)) > 1",
    "SELECT COUNT(*) FROM visits WHERE LENGTH(lpad(free, 1000000000, 'x')) > 1",
    "SELECT COUNT(*) FROM visits WHERE len(range(1000000000)) > 1",
    "SELECT COUNT(*) FROM visits WHERE CASE WHEN cost = 1 THEN len(range(10000000)) ELSE 0 END > 1",
    "SELECT COUNT(*) FROM visits WHERE (SELECT COUNT(*) FROM range(1000000000)) > 1",
    "SELECT COUNT(*) FROM visits, generate_series(1, 1000000000)",
    "SELECT COUNT(*) FROM visits JOIN range(1000000000) r ON TRUE",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT COUNT(*) FROM t",
    "SELECT COUNT(*) FROM visits WHERE sleep_ms(1000) IS NULL",
    "SELECT COUNT(*) FROM visits WHERE list_sum(list_transform(range(99999), x -> x)) > 1",
    "SELECT COUNT(*) FROM visits WHERE levenshtein(free, free) > 1",
    "SELECT STRING_AGG(free, '') FROM visits",
    "SELECT COUNT(*) FROM visits TABLESAMPLE 100%",
    "SELECT COUNT(*) FROM patients, codes a, codes b, codes c, codes d WHERE age = 17",
    (
        "SELECT COUNT(*) FROM patients p WHERE EXISTS "
        "(SELECT 1 FROM codes a, codes b, codes c, codes d WHERE a.weight + d.weight > p.age)"
    ),
    (
        "WITH a AS (SELECT patient_id, free || free || free || free || free || free AS f "
        "FROM visits), "
        "b AS (SELECT patient_id, f || f || f || f || f || f AS f FROM a), "
        "c AS (SELECT patient_id, CONCAT(f, f, f, f, f, f) AS f FROM b) "
        "SELECT COUNT(*) FROM c WHERE LENGTH(f) > 5"
    ),
    (
        "WITH a AS (SELECT patient_id, REPLACE(free, 'x', 'xxxxxxxxxxxxxxxx') AS f FROM visits), "
        "b AS (SELECT patient_id, REGEXP_REPLACE(f, 'x', 'xxxxxxxxxxxxxxxx', 'g') AS f FROM a) "
        "SELECT COUNT(*) FROM b WHERE LENGTH(f) > 5"
    ),
    (
        "SELECT COUNT(*) FROM visits a JOIN visits b USING (patient_id) JOIN visits c USING "
        "(patient_id) JOIN visits d USING (patient_id) WHERE EXISTS (SELECT 1 FROM visits e JOIN "
        "visits f USING (patient_id) WHERE e.patient_id = a.patient_id AND f.cost > a.cost)"
    ),
]
_HEAVY = "ROUND(" * 4 + "v.cost * 1.5" + ", 1)" * 4
ANSWERED = [
    f"SELECT COUNT(*) FROM visits v WHERE CASE WHEN free = 'x_1' THEN {_HEAVY} ELSE 0 END > 1",
    "SELECT COUNT(*) FROM visits WHERE regexp_matches(free || 'xxxxxxxxxxxxxxxxxx', '(x+x+)+y')",
    "SELECT COUNT(*) FROM visits WHERE free LIKE '%a%a%a%a%a%a%a%a%a%b' OR free ILIKE '%_%_%_%_%z'",
    "SELECT COUNT(*) FROM visits a JOIN visits b USING (patient_id) WHERE a.cost + b.cost > 3",
]
WIDE = "SELECT a.day, COUNT(*) FROM visits a JOIN visits b USING (patient_id) GROUP BY a.day"
BLOW_UP = (
    "SELECT COUNT(*) FROM visits a JOIN visits b USING (patient_id) "
    "JOIN visits c USING (patient_id) WHERE a.cost + b.cost * c.cost > 100"
)


class UntouchedEngine:
    """An engine that nothing reaches, neither to be planned nor to be run."""

    def prepare(self, statement: str) -> None:
        pytest.fail(statement)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        del keys
        pytest.fail(statement)


@pytest.mark.parametrize("sql", REFUSED)
def test_what_may_run_for_ever_is_refused_from_its_text(
    neighbors: tuple[Site, Site], sql: str
) -> None:
    sites = [site.refilled() for site in neighbors]
    for site in sites:
        kept = site.ports
        untouched = replace(kept.datasets["clinic"], engine=UntouchedEngine())
        site.ports = replace(kept, datasets={"clinic": untouched})
        with pytest.raises(UnsupportedQueryError):
            site.answer(sql)
        site.ports = kept

    assert seen(sites[0].refilled(), sql) == seen(sites[1].refilled(), sql)


@dataclass
class WorkClock:
    """Seconds that this process has worked, and those that it was told to sleep."""

    slept: float = 0.0

    def read(self) -> float:
        return time.process_time() + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


@pytest.mark.parametrize("sql", ANSWERED)
def test_an_answer_leaves_at_the_same_step_with_the_victim_and_without(
    neighbors: tuple[Site, Site], sql: str
) -> None:
    steps = []
    for site in neighbors:
        fresh = site.refilled()
        clock = WorkClock()
        pacer = Pacer(bucket=BUCKET, clock=clock.read, sleep=clock.sleep)
        fresh.ports = replace(fresh.ports, ledger=PacedLedger(fresh.ledger, pacer))
        started = clock.read()
        fresh.answer(sql)
        steps.append((clock.read() - started) // BUCKET)

    assert steps == [1, 1]


class LostEngine(PassingEngine):
    """An engine whose disk goes once it has bound a statement."""

    def prepare(self, statement: str) -> None:
        super().prepare(statement)
        assert isinstance(self.inner, DuckDbEngine)
        self.inner.close()


class EndlessEngine(PassingEngine):
    """An engine that takes for ever over each statement, until it is interrupted."""

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        del statement, keys
        return self.inner.run("SELECT COUNT(*) FROM range(10000000) a, range(10000000) b")


def failure(site: Site, sql: str) -> tuple[object, int, list[str]]:
    """Ask what fails; return the reply without its random incident, the debit, the log."""
    with pytest.raises(InternalError) as caught:
        site.answer(sql)
    problem = problem_of(caught.value)
    document = {**problem.document, "incident": None, "detail": None}
    assert caught.value.__cause__ is None
    return (problem.status, document), site.spent(), site.memory.log


def test_a_timeout_is_charged_in_full_and_looks_like_any_failure(hospitals: Estate) -> None:
    """Too late with the victim, too little memory, and without her a disk that is gone."""
    rows = with_victim()
    late = hospitals.site(rows, limits=replace(LIMITS, threads=1, deadline_seconds=0.2))
    endless = replace(late.ports.datasets["clinic"], engine=EndlessEngine(late.engine.inner))
    late.ports = replace(late.ports, datasets={"clinic": endless})
    poor = hospitals.site(rows, limits=replace(LIMITS, threads=1, memory_mib=1))
    gone = hospitals.site(without(rows, units_of(rows) - 1))
    lost = replace(gone.ports.datasets["clinic"], engine=LostEngine(gone.engine.inner))
    gone.ports = replace(gone.ports, datasets={"clinic": lost})

    failures = [failure(late, BLOW_UP), failure(poor, WIDE), failure(gone, WIDE)]

    assert failures[0] == failures[1] == failures[2]
    assert failures[0][1:] == (500_000, ["reserved", "abandoned"])


def test_a_join_that_multiplies_one_patients_rows_does_not_run_into_the_deadline(
    hospitals: Estate,
) -> None:
    """944 visits make 8.4 * 10^8 triples; without her there are 66,000.

    An answer takes 0.02 s of the processor. All triples take 4.6 s, which would do for this test,
    and those of more visits as much more as one likes.
    """
    sites = hospitals.neighbors(limits=replace(LIMITS, threads=1))
    started = time.process_time()

    assert seen(sites[0], BLOW_UP) == seen(sites[1], BLOW_UP)
    assert time.process_time() - started < 1
