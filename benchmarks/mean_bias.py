"""How far bounding the rows of a patient moves a mean: relative to that of all rows.

Rows of a patient beyond the bound weigh less, in the sum and in the count alike
(docs/adr/0005-contributions-are-scaled-not-sampled.md), which ``tests/attacks/test_t12_mean_bias``
shows the engine to compute. So a mean moves only where the values of patients with many rows differ
from those of others::

    GATEWAY_SAMPLE_DATA=... python -m benchmarks.mean_bias

Made-up rows, whose values do not depend on how many there are, show the method; published data show
what a study meets whose bound is too small for it.
"""

from __future__ import annotations

import os
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import pyarrow.parquet as pq

__all__ = ["Units", "bias", "main"]

Units: TypeAlias = Sequence[Sequence[float]]
"""The values of each patient, clamped to the declared bounds."""

LIMIT = 0.01
BOUNDS = (1, 3, 5, 10, 20, 50)
PUBLISHED = (
    ("diabetes", "diabetes_130us/diabetic_data.parquet", "patient_nbr", "time_in_hospital", 14),
    ("diabetes", "diabetes_130us/diabetic_data.parquet", "patient_nbr", "num_medications", 81),
    ("synthea", "synthea_network/claims.parquet", "patient_id", "total_usd", 2000),
    ("synthea", "synthea_network/observations.parquet", "patient_id", "value_num", 300),
)


def main() -> int:
    """Print the table; return 1 if made-up rows have a bias of 1 % or more, else 0."""
    wrong = False
    print(f"{'world, value':34} rows/patient     bias at most rows")
    for name, units in worlds():
        found = [bias(units, most) for most in BOUNDS]
        rows = f"{sum(map(len, units)) / len(units):6.1f} <= {max(map(len, units)):4}"
        shown = "  ".join(f"{most}: {one:+.2%}" for most, one in zip(BOUNDS, found, strict=True))
        print(f"{name:34} {rows}  {shown}", flush=True)
        wrong |= name.startswith("made up") and max(map(abs, found)) >= LIMIT
    return int(wrong)


def bias(units: Units, most: int) -> float:
    """Return how far the weights of a bound on rows move the mean, relative to it."""
    truth = sum(map(sum, units)) / sum(map(len, units))
    pairs = [(min(1.0, most / len(unit)), unit) for unit in units]
    above, below = (sum(w * size(unit) for w, unit in pairs) for size in (sum, len))
    return above / below / truth - 1


def worlds() -> Iterator[tuple[str, Units]]:
    """Yield the name and the values by patient of each world that is there."""
    for tail in (0.9, 1.2, 2.0):
        yield f"made up, Pareto tail {tail}", _made_up(tail)
    folder = os.environ.get("GATEWAY_SAMPLE_DATA")
    for name, file, unit, value, upper in PUBLISHED:
        path = Path(folder or "") / file
        if folder is None or not path.exists():
            print(f"{name}, {value}: not there", file=sys.stderr)
            continue
        columns = pq.read_table(path, columns=[unit, value]).to_pydict()
        by_unit: defaultdict[object, list[float]] = defaultdict(list)
        for one, number in zip(columns[unit], columns[value], strict=True):
            if number is not None:
                by_unit[one].append(min(max(float(number), 0.0), upper))
        yield f"{name}, {value}", list(by_unit.values())


def _made_up(tail: float, patients: int = 100_000) -> Units:
    drawn = random.Random(12)
    sizes = [min(int(drawn.paretovariate(tail)), 944) for _ in range(patients)]
    return [[min(20 * drawn.lognormvariate(0, 1), 900) for _ in range(size)] for size in sizes]


if __name__ == "__main__":
    sys.exit(main())
