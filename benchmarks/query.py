"""How fast private questions are, and against what: ``python -m benchmarks.query``.

Ingests published data through the gateway, draws its patients again until there are ``--rows``
visits, and measures, in one run:

- ``ratios``: each question in plain DuckDB and through the gateway, in turn, over the same rows;
- ``latency``: planning in a new and in a warm process; the whole service with ledger and audit log;
- ``memory``: the largest resident memory of a process that answers, beside the engine's limit;
- ``peers``: the tools that a user would reach for instead, on the same rows, bounds and price.

See docs/benchmarks.md. ``--quick`` is small enough for every build and needs no sample data.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.hospital import Hospital, Twins, enlarged, made
from benchmarks.latency import planning, service
from benchmarks.memory import peaks
from benchmarks.peers.comparison import Tools, compared
from benchmarks.peers.install import FOLDER, PEERS
from benchmarks.ratios import ratios
from benchmarks.report import (
    Built,
    Found,
    printed_latency,
    printed_memory,
    printed_peers,
    printed_ratios,
)
from benchmarks.shapes import SHAPES
from benchmarks.worlds import WORLDS, World, world_named

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("ratios", "latency", "memory", "peers")
_QUICK = {
    "worlds": ["made"],
    "rows": 20_000,
    "runs": 2,
    "questions": 10,
    "peer_rows": [5_000],
    "releases": 2,
    "memory_mib": 512,
    "memory_shapes": 2,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and print."""
    settings = _settings(arguments)
    found = Found(settings={name: _plain(value) for name, value in vars(settings).items()})
    for name in settings.worlds:
        world = world_named(name)
        if not world.found_in(settings.samples):
            print(f"{name}: not found in {settings.samples}; set GATEWAY_SAMPLE_DATA")
            continue
        with tempfile.TemporaryDirectory() as root:
            _measure(world, Path(root), settings, found)
    if settings.json is not None:
        settings.json.write_text(found.json() + "\n", encoding="utf-8")


def _measure(world: World, root: Path, settings: argparse.Namespace, found: Found) -> None:
    hospital = made(root / "site", world, settings.samples)
    if {"ratios", "memory"} & set(settings.only):
        _measure_large(hospital, root / "large", settings, found)
    if "latency" in settings.only:
        found.planning[world.name] = planning(hospital, settings.questions)
        found.service[world.name] = service(hospital, settings.questions)
        print(printed_latency(found.planning[world.name], found.service[world.name]), flush=True)
    if "peers" in settings.only:
        tools = Tools(
            peers=tuple(peer for peer in PEERS if peer.name in settings.tools),
            folder=settings.peers,
            seconds=settings.peer_seconds,
        )
        for rows in settings.peer_rows:
            twins = enlarged(hospital, root / f"peers-{rows}", rows, bounded=True)
            lines = compared(hospital, twins, tools, settings.releases)
            found.peers += lines
            print(printed_peers(lines), flush=True)


def _measure_large(
    hospital: Hospital, folder: Path, settings: argparse.Namespace, found: Found
) -> None:
    twins = enlarged(hospital, folder, settings.rows)
    built = _built(hospital, twins)
    found.built.append(built)
    if "ratios" in settings.only:
        lines = ratios(hospital, twins, settings.runs)
        found.ratios += lines
        print(printed_ratios(built, lines, settings.runs), flush=True)
    if "memory" in settings.only:
        used = peaks(hospital, twins, settings.memory_mib, settings.memory_shapes)
        found.memory += used
        print(printed_memory(used), flush=True)


def _built(hospital: Hospital, twins: Twins) -> Built:
    return Built(
        world=hospital.world.name,
        about=hospital.world.about,
        ingest_seconds=round(hospital.ingest.seconds, 2),
        ingest_rows_per_second=round(hospital.ingest.rows_per_second),
        patients=twins.patients,
        visits=twins.visits,
    )


def _settings(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    samples = Path(os.environ.get("GATEWAY_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
    tools = [peer.name for peer in PEERS]
    names = [world.name for world in WORLDS]
    parser.add_argument("--quick", action="store_true", help="small, made-up, in seconds")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--worlds", nargs="+", choices=names, default=names[:2])
    parser.add_argument("--rows", type=int, default=10_000_000, help="visits against plain DuckDB")
    parser.add_argument("--runs", type=int, default=7, help="of each question, both ways")
    parser.add_argument("--questions", type=int, default=200, help="for planning and service")
    parser.add_argument("--memory-mib", type=int, default=2048, help="limit of the engine")
    parser.add_argument("--memory-shapes", type=int, default=len(SHAPES), help="the first so many")
    parser.add_argument("--peer-rows", nargs="+", type=int, default=[100_000])
    parser.add_argument("--releases", type=int, default=20, help="of each shape by each tool")
    parser.add_argument("--peer-seconds", type=float, default=1800, help="longest time of a peer")
    parser.add_argument("--tools", nargs="*", choices=tools, default=tools, help="peers to ask")
    parser.add_argument("--peers", type=Path, default=FOLDER, help="the peers' environments")
    parser.add_argument("--samples", type=Path, default=samples, help="published data")
    parser.add_argument("--json", type=Path, default=None, help="write everything to this file")
    if parser.parse_args(arguments).quick:
        parser.set_defaults(**_QUICK)
    return parser.parse_args(arguments)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


if __name__ == "__main__":
    main()
