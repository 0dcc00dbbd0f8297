"""Peak memory of a process that holds the engine and answers one question, beside its limit.

Run by itself (``python -m benchmarks.memory``, a job on standard input), it is that process.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.hospital import Hospital, Twins
from benchmarks.private import LIMITS, Bounds, asker
from benchmarks.processes import asked_of
from benchmarks.ratios import bounds_of
from benchmarks.shapes import SHAPES
from policies.errors import InternalError, RefusalError
from policies.load import load_policies

__all__ = ["Peak", "peaks"]

_KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """One question in a process of its own.

    Attributes:
        world: Where the rows came from.
        shape: Name of the question.
        limit_mib: Memory that DuckDB may use.
        idle_mib: Resident memory of the process when the store is open, before the question.
        peak_mib: Largest resident memory, after it.
        outcome: ``answered``, ``out of memory or time`` or the code of a refusal.
    """

    world: str
    shape: str
    limit_mib: int
    idle_mib: int
    peak_mib: int
    outcome: str


def peaks(hospital: Hospital, twins: Twins, limit_mib: int, first: int) -> tuple[Peak, ...]:
    """Ask the first shapes that this version can declare, each in a new process.

    Args:
        hospital: Whose declarations hold.
        twins: What is asked.
        limit_mib: Memory that DuckDB may use.
        first: How many shapes.

    Returns:
        One for each that is not refused.
    """
    found = []
    for shape in [one for one in SHAPES if not one.missing][:first]:
        bounds = bounds_of(hospital.world, shape)
        job = {
            "policies": str(hospital.settings.policies),
            "name": hospital.world.name,
            "store": str(twins.store),
            "sql": shape.sql,
            "max_groups": bounds.max_groups,
            "max_rows_per_group": bounds.max_rows_per_group,
            "limit_mib": limit_mib,
        }
        report = asked_of(sys.executable, "benchmarks.memory", job)
        if not report["outcome"].startswith("SQL-"):
            world = hospital.world.name
            found.append(Peak(world=world, shape=shape.name, limit_mib=limit_mib, **report))
    return tuple(found)


def main() -> None:
    """Answer one job; resident memory to standard output as JSON."""
    job = json.loads(sys.stdin.read())
    policies = load_policies(Path(job["policies"]))
    limits = replace(LIMITS, memory_mib=job["limit_mib"], deadline_seconds=600)
    bounds = Bounds(max_groups=job["max_groups"], max_rows_per_group=job["max_rows_per_group"])
    with asker(policies, job["name"], Path(job["store"]), limits) as private:
        idle = _resident_mib()
        try:
            private.ask(job["sql"], bounds)
            outcome = "answered"
        except RefusalError as error:
            outcome = error.code
        except InternalError:
            outcome = "out of memory or time"
    report = {"idle_mib": idle, "peak_mib": _resident_mib(), "outcome": outcome}
    sys.stdout.write(json.dumps(report))


def _resident_mib() -> int:
    """Return the largest resident memory so far, as Linux counts it for this program alone."""
    # Not getrusage: its maximum is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // _KIB_PER_MIB


if __name__ == "__main__":
    main()
