"""Times of a new process that only plans; started by ``benchmarks.latency``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

__all__: list[str] = []


def main() -> None:
    """Import, quote once, quote often; milliseconds to standard output as JSON."""
    job = json.loads(sys.stdin.read())
    started = time.perf_counter()
    from benchmarks.private import Asker, Bounds  # noqa: PLC0415  its time is what is measured
    from policies.load import load_policies  # noqa: PLC0415  the same

    imported = time.perf_counter()
    policies = load_policies(Path(job["policies"]))
    asker = Asker(policies=policies, name=job["name"])
    texts: list[str] = job["sql"]
    times = []
    for place in range(1 + job["questions"]):
        # Another limit makes another text, so that nothing is found in a cache.
        sql = f"{texts[place % len(texts)]} LIMIT {1000 + place}"
        begun = time.perf_counter()
        asker.quote(sql, Bounds())
        times.append((time.perf_counter() - begun) * 1000)
    report = {
        "import_ms": round((imported - started) * 1000, 3),
        "cold_ms": round(times[0], 3),
        "warm_ms": times[1:],
    }
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main()
