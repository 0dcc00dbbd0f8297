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
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.sensitivity import Case, cases, check

__all__ = ["main"]

_ROUND = 200


def main() -> int:
    """Search; return 0 if nothing was found, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long to search")
    parser.add_argument("--seed", type=int, default=None, help="start of the search, to repeat it")
    arguments = parser.parse_args()
    start = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    counts, end = Counter[str](), time.monotonic() + 60 * arguments.minutes
    print(f"seed {start}")
    while time.monotonic() < end:
        _search(start + counts["questions"], counts)
        print(", ".join(f"{count} {what}" for what, count in counts.items()), flush=True)
    return 0


def _search(start: int, counts: Counter[str]) -> None:
    @seed(start)
    @settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(st.one_of(cases(), cases(private=True)))
    def one(case: Case) -> None:
        check(case, tally=counts)

    one()


if __name__ == "__main__":
    sys.exit(main())
