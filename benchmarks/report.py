"""What one run found: tables for a terminal and one JSON document of a fixed form."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata

from benchmarks.latency import Planning, Service
from benchmarks.memory import Peak
from benchmarks.peers.comparison import Comparison
from benchmarks.ratios import Ratio

__all__ = [
    "FORM",
    "Built",
    "Found",
    "printed_latency",
    "printed_memory",
    "printed_peers",
    "printed_ratios",
]

FORM = 1
"""Number of the JSON document's form; another number where a field changes its meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was asked.

    Attributes:
        world: Its name.
        about: Where the rows come from.
        ingest_seconds: Of the hospital as it is published.
        ingest_rows_per_second: The same.
        patients: After drawing patients again.
        visits: The same.
    """

    world: str
    about: str
    ingest_seconds: float
    ingest_rows_per_second: float
    patients: int
    visits: int


@dataclass(slots=True, kw_only=True)
class Found:
    """Everything of one run; grows while it runs.

    Attributes:
        settings: Arguments of the run.
        built: The worlds.
        ratios: Private over plain.
        planning: By world.
        service: By world.
        memory: Peaks.
        peers: Comparisons.
    """

    settings: dict[str, object]
    built: list[Built] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    planning: dict[str, Planning] = field(default_factory=dict)
    service: dict[str, Service] = field(default_factory=dict)
    memory: list[Peak] = field(default_factory=list)
    peers: list[Comparison] = field(default_factory=list)

    def json(self) -> str:
        """Return the document."""
        versions = {name: metadata.version(name) for name in ("duckdb", "opendp", "sqlglot")}
        machine = {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
        }
        known = {"form": FORM, "machine": machine, "versions": versions}
        return json.dumps(known | asdict(self), indent=2)


def printed_ratios(built: Built, found: Sequence[Ratio], runs: int) -> str:
    """Return one world's ratios as a table."""
    lines = [
        f"\n{built.world}: {built.patients:,} patients, {built.visits:,} visits",
        f"medians of {runs} runs in turn, in milliseconds",
        f"{'shape':52} {'plain':>8} {'private':>8} {'ratio':>6} {'SQL':>6}  bounds",
    ]
    for one in found:
        if one.refused:
            lines.append(f"{one.shape:52} refused: {one.refused}")
            continue
        lines.append(
            f"{one.shape:52} {one.plain_ms:8.1f} {one.answer_ms:8.1f} {one.ratio:6.2f} "
            f"{one.statement_ratio:6.2f}  {one.max_groups} x {one.max_rows_per_group}"
        )
    return "\n".join(lines)


def printed_latency(planned: Planning, served: Service) -> str:
    """Return planning and service times as sentences."""
    return (
        f"planning: import {planned.import_ms:.0f} ms, first quote {planned.cold_ms:.1f} ms; "
        f"warm p50 {planned.warm_p50_ms:.1f} ms, p95 {planned.warm_p95_ms:.1f} ms "
        f"({planned.questions} quotes)\n"
        f"whole service over {served.rows:,} visits, charged and logged, without HTTP and padding: "
        f"p50 {served.p50_ms:.1f} ms, p95 {served.p95_ms:.1f} ms ({served.questions} questions)"
    )


def printed_memory(found: Sequence[Peak]) -> str:
    """Return peaks as a table."""
    lines = [f"\n{'memory of the process, MiB':52} {'limit':>6} {'idle':>6} {'peak':>6}"]
    lines += [
        f"{one.shape:52} {one.limit_mib:6} {one.idle_mib:6} {one.peak_mib:6}  {one.outcome}"
        for one in found
    ]
    return "\n".join(lines)


def printed_peers(found: Sequence[Comparison]) -> str:
    """Return one comparison as a table."""
    first = found[0]
    lines = [
        f"\n{first.world}: {first.rows:,} visits within the bounds; epsilon 1 for each release",
        f"{'tool':28} {'shape':6} {'seconds':>9} {'slower':>7} {'RMSE':>12} {'error':>6} releases",
    ]
    for one in found:
        if one.refused:
            lines.append(f"{one.tool:28} {one.shape:6} {one.refused}")
            continue
        lines.append(
            f"{one.tool:28} {one.shape:6} {one.seconds:9.3f} {one.slower or 0:7.1f} "
            f"{one.rmse:12.3f} {one.error or 0:6.2f} {one.releases:8}"
        )
    return "\n".join(lines)
