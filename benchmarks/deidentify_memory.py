"""Most memory of one tool over some texts, in a process of its own; JSON in, JSON out."""

from __future__ import annotations

import json
import resource
import sys

from anonymizers.engines import BUILTIN
from anonymizers.text import TextDeidentifier


def main() -> None:
    """Read the job, detect, and write the memory."""
    job = json.load(sys.stdin)
    if job["tool"] == "stock":
        from benchmarks.stock import StockPresidio  # noqa: PLC0415  it takes memory by itself

        detect = StockPresidio().detect
    else:
        engine = BUILTIN if job["tool"] == "ours" else None
        detect = TextDeidentifier(key=bytes(32), engine=engine).detect
    for text in job["texts"]:
        detect(text)
    json.dump({"mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}, sys.stdout)


if __name__ == "__main__":
    main()
