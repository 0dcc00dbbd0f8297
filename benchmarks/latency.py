"""Planning cold and warm, and the whole service with its durable ledger and audit log."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from benchmarks.declared import PURPOSE, RESEARCHER
from benchmarks.hospital import Hospital
from benchmarks.processes import asked_of
from benchmarks.shapes import SHAPES
from benchmarks.timing import median, percentile
from gateway.deployment import Deployment
from gateway.local import LocalGateway
from policies.errors import RefusalError

__all__ = ["Planning", "Service", "answerable", "planning", "service"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """Parse, decide, bound and price, without a row: milliseconds.

    Attributes:
        import_ms: First import of the query engine in a new process.
        cold_ms: First quote in that process.
        warm_p50_ms: Of later quotes, each of another text.
        warm_p95_ms: The same.
        questions: Later quotes.
    """

    import_ms: float
    cold_ms: float
    warm_p50_ms: float
    warm_p95_ms: float
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A question through policy, ledger, engine, noise and audit log; without HTTP and padding.

    Attributes:
        rows: Visits of the hospital as it was ingested.
        p50_ms: Of all questions.
        p95_ms: The same.
        questions: How many.
    """

    rows: int
    p50_ms: float
    p95_ms: float
    questions: int


def answerable(hospital: Hospital) -> tuple[str, ...]:
    """Return the questions that are not refused, each once."""
    found: list[str] = []
    with Deployment.open(hospital.folder, paced=False) as deployment:
        researcher = LocalGateway(deployment, RESEARCHER)
        for shape in SHAPES:
            try:
                researcher.quote(hospital.world.name, shape.sql, purpose=PURPOSE)
            except RefusalError:
                continue
            found.append(shape.sql)
    return tuple(found)


def planning(hospital: Hospital, questions: int) -> Planning:
    """Quote in a new process.

    Raises:
        subprocess.CalledProcessError: If it fails.
    """
    job = {
        "policies": str(hospital.settings.policies),
        "name": hospital.world.name,
        "sql": answerable(hospital),
        "questions": questions,
    }
    found = asked_of(sys.executable, "benchmarks.cold", job)
    warm = [float(one) for one in found["warm_ms"]]
    return Planning(
        import_ms=found["import_ms"],
        cold_ms=found["cold_ms"],
        warm_p50_ms=median(warm),
        warm_p95_ms=percentile(warm, 95),
        questions=len(warm),
    )


def service(hospital: Hospital, questions: int) -> Service:
    """Ask a deployment directly, each question at a price of its own, or it would be a repeat."""
    texts = answerable(hospital)
    taken: list[float] = []
    with Deployment.open(hospital.folder, paced=False) as deployment:
        researcher = LocalGateway(deployment, RESEARCHER)
        for place in range(questions + len(texts)):
            epsilon = f"0.{100_000 + place:06d}"
            started = time.perf_counter()
            researcher.query(
                hospital.world.name, texts[place % len(texts)], purpose=PURPOSE, epsilon=epsilon
            )
            taken.append((time.perf_counter() - started) * 1000)
    warm = taken[len(texts) :]
    return Service(
        rows=sum(one.stored for one in hospital.ingest.tables if one.table == "visits"),
        p50_ms=median(warm),
        p95_ms=percentile(warm, 95),
        questions=len(warm),
    )
