"""How often the 95 % intervals of every aggregate hold the bounded truth.

For pools of both measures, and cells of many and of few patients::

    python -m benchmarks.coverage --releases 4000 --json coverage.json

Ends with status 1 if, over the cells of many patients, a share is outside the limits of
``tests.attacks.coverage``, or if of all releases of a small cell more than 1 - lowest claim
something wrong. With 4,000 releases of 6 cells, limits 1.5 % away are 10 standard deviations away.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.attacks.coverage import (
    ASKED,
    EVEN,
    LIMITS,
    UNEVEN,
    Asking,
    Coverage,
    looking,
    make_site,
)
from tests.attacks.hospital import Site, estate

__all__ = ["main", "rows_of"]

WORLDS = {"many": EVEN, "few": UNEVEN}
SLACK = 0.015
"""Of small cells: each is looked at by itself, and errors carried to first order are rough."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 0 if everything is within its limits, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--releases", type=int, default=1000, help="of every aggregate")
    parser.add_argument("--families", nargs="*", default=sorted(LIMITS), help="only these")
    parser.add_argument("--json", type=Path, default=None, help="where to write the table")
    given = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory() as folder, estate(Path(folder)) as built:
        for measure in ("pure", "zcdp"):
            for world, weights in WORLDS.items():
                site = make_site(built, measure, weights=weights)
                for row in rows_of(site, world, given.families, given.releases):
                    print(_line(row), flush=True)
                    rows.append(row)
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    outside = sum(not row["within"] for row in rows)
    print(f"{len(rows)} aggregates, {outside} outside their limits")
    return int(outside > 0)


def rows_of(
    site: Site, world: str, families: Sequence[str], releases: int
) -> Iterator[dict[str, Any]]:
    """Yield one row of the table for each aggregate of these families."""
    for asking in ASKED:
        if asking.name in families:
            yield _row(site, world, asking, looking(site, asking)(releases))


def _row(site: Site, world: str, asking: Asking, seen: Sequence[Coverage]) -> dict[str, Any]:
    shown = [one for one in seen if one.shown]
    held, intervals = sum(one.held for one in shown), sum(one.shown for one in shown)
    lowest, highest = LIMITS[asking.name]
    worst = min(one.right for one in seen)
    rate = held / intervals
    few = world == "few"
    return {
        "measure": site.dataset.measure.value,
        "patients": world,
        "family": asking.name,
        "aggregate": asking.sql,
        "keys": asking.keys,
        "topped_up": asking.topped_up,
        "within_asked": asking.within,
        "coverage": round(rate, 4),
        "limits": [lowest, highest],
        "cells": [round(one.rate, 4) for one in shown],
        "right": [round(one.right, 4) for one in seen],
        "without_interval": round(1 - intervals / sum(one.releases for one in shown), 4),
        "within": worst >= lowest - SLACK if few else lowest <= rate <= highest,
    }


def _line(row: dict[str, Any]) -> str:
    note = " topped up" if row["topped_up"] else ""
    note += f" within {row['within_asked']}" if row["within_asked"] else ""
    note += "" if row["keys"] == "class, urgent" else f" by {row['keys']}"
    return (
        f"{'  ' if row['within'] else '!!'} {row['measure']:4} {row['patients']:4} "
        f"{row['coverage']:.3f} worst {min(row['right']):.3f} "
        f"none {row['without_interval']:.2f}  {row['aggregate']}{note}"
    )


if __name__ == "__main__":
    sys.exit(main())
