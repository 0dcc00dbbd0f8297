"""The real service in a process of its own, and how much memory it takes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes import ROOT

__all__ = ["Served", "served"]

_STOP_SECONDS = 60
_SAMPLE_SECONDS = 0.5
_KIB_PER_MIB = 1024


@dataclass(slots=True)
class Served:
    """A service that runs.

    Attributes:
        url: Where it listens.
        memory_mib: Its resident memory over time, one number each half second; empty where the
            system does not tell.
        stopped_cleanly: Whether it ended by itself when it was told to.
    """

    url: str
    memory_mib: list[int] = field(default_factory=list)
    stopped_cleanly: bool = False


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve a deployment for a block, as ``gateway serve`` does; its log is not kept."""
    process = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-m", "gateway", "serve", str(folder), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None  # noqa: S101  asked for above
    service = Served(process.stdout.readline().strip())
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, service, done), daemon=True)
    watcher.start()
    try:
        yield service
    finally:
        done.set()
        watcher.join()
        process.send_signal(signal.SIGTERM)
        try:
            service.stopped_cleanly = process.wait(_STOP_SECONDS) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _watch(pid: int, service: Served, done: threading.Event) -> None:
    status = Path(f"/proc/{pid}/status")
    while not done.wait(_SAMPLE_SECONDS):
        try:
            found = re.search(
                r"^VmRSS:\s+(\d+) kB", status.read_text(encoding="utf-8"), re.MULTILINE
            )
        except OSError:
            return
        if found is not None:
            service.memory_mib.append(int(found[1]) // _KIB_PER_MIB)
