"""Search for a privacy unit that moves an exact vector by more than the planner stated.

Draws databases and questions, as the property test does, for as long as it is told to::

    python -m benchmarks.sensitivity --minutes 30

Ends with status 1 and the smallest failing case that was found, if there is one.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.sensitivity import Case, cases, check

__all__ = ["main"]

_ROUND = 200


@dataclass
class _Counts:
    cases: int = 0
    neighbors: int = 0


def main() -> int:
    """Search; return 0 if nothing was found, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long to search")
    parser.add_argument("--seed", type=int, default=None, help="start of the search, to repeat it")
    arguments = parser.parse_args()
    start = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    counts, end = _Counts(), time.monotonic() + 60 * arguments.minutes
    print(f"seed {start}")
    while time.monotonic() < end:
        _search(start + counts.cases, counts)
        print(f"{counts.cases} questions, {counts.neighbors} neighbors compared", flush=True)
    return 0


def _search(start: int, counts: _Counts) -> None:
    @seed(start)
    @settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(cases())
    def one(case: Case) -> None:
        counts.cases += 1
        counts.neighbors += check(case)

    one()


if __name__ == "__main__":
    sys.exit(main())
