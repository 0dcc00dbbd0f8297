"""How the service holds up under many clients at once: ``python -m benchmarks.service``.

    --clients 50 --seconds 60 --threads 32 --json FILE

The real service runs in a process of its own over a made-up hospital; clients ask questions that
nobody asked, the same again, prices, what is denied, requests twice, and jobs. Afterwards the log
is verified and each charge compared with what a client was told. Exit code 1 if anything is amiss.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.clients import Told, ask_together
from benchmarks.declared import RESEARCHER
from benchmarks.hospital import made
from benchmarks.served import Served, served
from benchmarks.settled import Settled, settled
from benchmarks.timing import percentile
from benchmarks.worlds import world_named
from gateway.identity.accounts import Accounts
from gateway.settings import load_settings

__all__ = ["Load", "main", "measure"]

_WORLD = "made"
_MOST_GROWTH = 1.25
_LONG_SECONDS = 30
_WARM_UP = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one run found.

    Attributes:
        clients: How many asked at once.
        seconds: For how long.
        replies: How many replies came.
        kinds: From what was asked to count, p50 and p95 in milliseconds.
        turned_away: Replies that said to come again (409, 429).
        failures: Replies of a status from 500 on.
        charges: Charged queries in the ledger.
        memory_mib: Of the service: after the first third, at the end, and the most.
        faults: Whatever is amiss; empty if nothing is.
    """

    clients: int
    seconds: float
    replies: int
    kinds: dict[str, tuple[int, float, float]]
    turned_away: int
    failures: int
    charges: int
    memory_mib: tuple[int, int, int]
    faults: list[str]


def measure(root: Path, clients: int, seconds: float, threads: int | None = None) -> Load:
    """Make a hospital below ``root``, serve it, and let the clients ask.

    Args:
        root: An empty folder.
        clients: How many ask at once.
        seconds: For how long.
        threads: Of the service; what it has by default if None.
    """
    hospital = made(root, world_named(_WORLD), root)
    if threads is not None:
        _set_threads(hospital.folder, threads)
    accounts = Accounts(load_settings(hospital.folder).accounts)
    expires = datetime.now(UTC) + timedelta(days=1)
    keys = [accounts.create(RESEARCHER, expires=expires).text for _ in range(clients)]
    with served(hospital.folder) as service:
        told = ask_together(service.url, keys, hospital.world.name, seconds)
    return _load(clients, seconds, told, service, settled(hospital.folder))


def _load(clients: int, seconds: float, told: Told, service: Served, found: Settled) -> Load:
    warm = service.memory_mib[int(len(service.memory_mib) * _WARM_UP) :] or [0]
    faults = [*told.faults, *found.unlike(told.charged)]
    if told.failures:
        faults.append(f"{told.failures} replies of a status from 500 on")
    if not found.verified:
        faults.append(f"the log does not verify: {found.report}")
    if seconds >= _LONG_SECONDS and warm[-1] > _MOST_GROWTH * warm[0]:
        faults.append("the service's memory grows")
    if not service.stopped_cleanly:
        faults.append("the service did not stop when it was told to")
    return Load(
        clients=clients,
        seconds=seconds,
        replies=told.statuses.total(),
        kinds={
            kind: (len(times), 1000 * percentile(times, 50), 1000 * percentile(times, 95))
            for kind, times in sorted(told.seconds.items())
        },
        turned_away=told.turned_away,
        failures=told.failures,
        charges=len(found.charged),
        memory_mib=(warm[0], warm[-1], max(warm)),
        faults=faults,
    )


def _set_threads(folder: Path, threads: int) -> None:
    settings = folder / "gateway.toml"
    text = re.sub(r"^threads = .*\n", "", settings.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = text.replace("[service]\n", f"[service]\nthreads = {threads}\n")
    settings.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as root:
        load = measure(Path(root), given.clients, given.seconds, given.threads)
    if given.json is not None:
        given.json.write_text(json.dumps(asdict(load), indent=2) + "\n", encoding="utf-8")
    print(_text(load))
    return 1 if load.faults else 0


def _text(load: Load) -> str:
    asked = f"{load.clients} clients, {load.seconds:g} s: {load.replies} replies"
    asked += f" ({load.replies / load.seconds:.1f} a second)"
    rest = f"{load.charges} charges, {load.turned_away} turned away, {load.failures} failures"
    lines = [f"{asked}, {rest}", f"{'':<16}{'count':>8}{'p50 ms':>10}{'p95 ms':>10}"]
    for kind, (count, p50, p95) in load.kinds.items():
        lines.append(f"{kind:<16}{count:>8}{p50:>10.1f}{p95:>10.1f}")
    first, last, most = load.memory_mib
    lines.append(
        f"memory of the service: {first} MiB after warm-up, {last} at the end, {most} most"
    )
    return "\n".join([*lines, *(f"AMISS: {one}" for one in load.faults)])


if __name__ == "__main__":
    sys.exit(main())
