"""Running a module in a process of its own: a JSON job in, a JSON report out."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "asked_of"]

ROOT = Path(__file__).resolve().parents[1]


def asked_of(
    python: str, module: str, job: Mapping[str, object], *, seconds: float = 3600
) -> dict[str, Any]:
    """Run a module of this package.

    Args:
        python: Interpreter to run it with; a peer's has none of our dependencies.
        module: Its dotted name.
        job: What it reads from standard input.
        seconds: Longest time.

    Returns:
        What it wrote to standard output.

    Raises:
        subprocess.SubprocessError: If it fails, or takes longer.
    """
    done = subprocess.run(  # noqa: S603  interpreter and module are the benchmark's own
        [python, "-W", "ignore", "-m", module],
        input=json.dumps(job),
        capture_output=True,
        check=True,
        text=True,
        cwd=ROOT,
        timeout=seconds,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
