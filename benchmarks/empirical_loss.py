"""How much of its price the answers to a question show, through the whole service.

For pools of both measures, every kind of aggregate, repeats and top-ups::

    python -m benchmarks.empirical_loss --releases 5000 --json loss.json

Each line is a lower bound of the loss, which is wrong with a probability of 2e-5, beside the price.
A bound far below its price says that this attack is weak, not that too much was charged. Ends with
status 1 if a bound is above its price.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from policies.privacy import Measure
from tests.attacks.hospital import estate
from tests.attacks.losses import ATTACKED, PRICES, make_pair, shown_of

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 0 if all bounds are at most the price, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--releases", type=int, default=1000, help="of each of two databases")
    parser.add_argument("--json", type=Path, default=None, help="where to write the table")
    given = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory() as folder, estate(Path(folder)) as built:
        for measure in Measure:
            pair = make_pair(built, measure)
            for attacked in ATTACKED:
                shown = shown_of(pair, attacked, PRICES[measure], given.releases)
                share = shown.bound / shown.price
                print(
                    f"{'!!' if share > 1 else '  '} {measure.symbol:7} {shown.price:4g} "
                    f"shown {shown.bound:.3f} ({share:4.0%})  {attacked.name}",
                    flush=True,
                )
                rows.append(
                    {
                        "measure": measure.value,
                        "question": attacked.name,
                        "sql": attacked.sql,
                        "price": shown.price,
                        "shown": round(shown.bound, 4),
                        "rates": shown.rates,
                        "releases": given.releases,
                    }
                )
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return int(any(row["shown"] > row["price"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
