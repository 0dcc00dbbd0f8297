"""How long the release of a made-up table takes: ``python -m benchmarks.tables [ROWS]``."""

from __future__ import annotations

import random
import resource
import sys
import time
from datetime import date, timedelta

import pyarrow as pa

from anonymizers.risk import Criteria
from anonymizers.tables.hierarchies import DateHierarchy, NoHierarchy, ZipHierarchy
from anonymizers.tables.plan import ColumnPlan, ColumnRole, TablePlan
from anonymizers.tables.release import ReleaseKeys, release_table

QUASI = ColumnRole.QUASI_IDENTIFIER
FINE = DateHierarchy(steps=("day", "month", "year", "5 years", "10 years"))
PLAN = TablePlan(
    columns={
        "patient": ColumnPlan(role=ColumnRole.PRIVACY_UNIT),
        "born": ColumnPlan(role=QUASI, hierarchy=FINE),
        "zip": ColumnPlan(role=QUASI, hierarchy=ZipHierarchy(steps=("zip5", "zip3", "state"))),
        "sex": ColumnPlan(role=QUASI, hierarchy=NoHierarchy()),
        "race": ColumnPlan(role=QUASI, hierarchy=NoHierarchy()),
        "marital": ColumnPlan(role=QUASI, hierarchy=NoHierarchy()),
        "seen": ColumnPlan(role=ColumnRole.DATE),
        "dx": ColumnPlan(role=ColumnRole.SENSITIVE),
    },
    criteria=Criteria(k=11, l=2),
)
KEYS = ReleaseKeys(pseudonyms=b"p" * 32, shift=b"s" * 32, text=b"t" * 32)


def made_up(rows: int) -> pa.Table:
    """Draw people: births over 93 years, a few crowded and many thin ZIP codes."""
    draw = random.Random(1)
    first = date(1930, 1, 1)
    columns = {
        "patient": [f"p{row}" for row in range(rows)],
        "born": [str(first + timedelta(days=draw.randrange(34_000))) for _ in range(rows)],
        "zip": [f"{1001 + int(draw.paretovariate(1.2) * 7) % 40_000:05}" for _ in range(rows)],
        "sex": draw.choices("MF", k=rows),
        "race": draw.choices("abcde", [60, 20, 12, 6, 2], k=rows),
        "marital": draw.choices("SMDW", k=rows),
        "seen": [str(date(2021, 1, 1) + timedelta(days=draw.randrange(900))) for _ in range(rows)],
        "dx": [str(int(draw.paretovariate(1)) % 200) for _ in range(rows)],
    }
    return pa.table(columns)


def main() -> None:
    """Release a table once, and print what it took."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    table = made_up(rows)
    started = time.perf_counter()
    release = release_table(table, PLAN, KEYS)
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    choice = release.choice
    print(f"{rows:,} rows: {seconds:.1f} s, {memory:,} MiB at most, made-up table included")
    print(f"{choice.counted} of {choice.nodes} nodes counted; loss {float(choice.loss):.3f}")
    print(f"unique before: {release.before.unique:,}; k after: {release.after.k}")


if __name__ == "__main__":
    main()
