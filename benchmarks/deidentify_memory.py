"""Most memory of one tool over some texts, in a process of its own; JSON in, JSON out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

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
    # Not getrusage: its maximum is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    json.dump({"mib": int(peak.split()[1]) // 1024}, sys.stdout)


if __name__ == "__main__":
    main()
