"""The same questions, bounds and price asked of each tool: time and error, on the same rows.

The rows obey the contribution bounds already, so no tool has anything to cut and all are held
against one truth: the exact answer, clamped and bounded. Each tool still enforces its bounds.
We are asked before the peers and again after them, so that a change of the machine's load shows.
"""

from __future__ import annotations

import math
import subprocess
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from decimal import Decimal
from importlib import metadata
from pathlib import Path

import duckdb

from benchmarks.hospital import Hospital, Twins
from benchmarks.peers.install import Peer
from benchmarks.peers.jobs import SHAPES, Job, Release, Releases, Report
from benchmarks.private import Bounds, asker
from benchmarks.processes import asked_of
from benchmarks.timing import median
from policies.errors import RefusalError
from query.answers import Estimate

__all__ = ["Comparison", "Tools", "compared"]

OURS = "gateway"
_SQL = {
    "count": "SELECT class, COUNT(*) AS x FROM visits GROUP BY class",
    "sum": "SELECT class, SUM(amount) AS x FROM visits GROUP BY class",
    "mean": "SELECT class, AVG(amount) AS x FROM visits GROUP BY class",
    "units": "SELECT class, COUNT(DISTINCT patient_id) AS x FROM visits GROUP BY class",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Which peers are asked, and for how long.

    Attributes:
        peers: In this order.
        folder: Of their environments.
        seconds: Longest time of one peer on all shapes.
    """

    peers: tuple[Peer, ...]
    folder: Path
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One tool on one shape.

    Attributes:
        world: Where the rows came from.
        rows: Visits.
        tool: Title of the tool.
        versions: ``name version`` of what did it.
        shape: One of ``count``, ``sum``, ``mean`` and ``units``, each by class.
        refused: Why there are no figures; else empty.
        seconds: Median of one release.
        slower: ``seconds`` over ours, of the same run.
        rmse: Root of the mean squared error over classes and releases, in the answer's unit.
        error: ``rmse`` over ours.
        releases: Releases that were made.
        load_seconds: Reading the table once, before any release.
    """

    world: str
    rows: int
    tool: str
    versions: tuple[str, ...]
    shape: str
    refused: str = ""
    seconds: float | None = None
    slower: float | None = None
    rmse: float | None = None
    error: float | None = None
    releases: int = 0
    load_seconds: float | None = None


def compared(
    hospital: Hospital, twins: Twins, tools: Tools, releases: int
) -> tuple[Comparison, ...]:
    """Ask us and every peer that is installed.

    Args:
        hospital: Whose bounds hold.
        twins: Rows within the bounds.
        tools: Which peers.
        releases: Of each shape, by each tool; twice as many by us.
    """
    job = _job(hospital, twins, releases)
    truth = _truth(twins)
    before = _ours(hospital, twins, job)
    found: list[tuple[str, Report]] = []
    refused: dict[str, str] = {}
    for peer in tools.peers:
        if not peer.python(tools.folder).exists():
            refused[peer.title] = "not installed: python -m benchmarks.peers.install"
            continue
        try:
            found.append((peer.title, _theirs(peer, tools, job)))
        except subprocess.TimeoutExpired:
            refused[peer.title] = f"not finished in {tools.seconds:g} s"
        except subprocess.CalledProcessError:
            refused[peer.title] = "failed"
    ours = _pooled(before, _ours(hospital, twins, job))
    found.insert(0, (OURS, ours))
    lines = [
        _line(hospital.world.name, twins.visits, tool, report, (shape, ours.shapes[shape], truth))
        for tool, report in found
        for shape in SHAPES
    ]
    lines += [
        Comparison(
            world=hospital.world.name,
            rows=twins.visits,
            tool=tool,
            versions=(),
            shape=shape,
            refused=reason,
        )
        for tool, reason in refused.items()
        for shape in SHAPES
    ]
    return tuple(lines)


def _job(hospital: Hospital, twins: Twins, releases: int) -> Job:
    world, file = hospital.world, twins.plain.with_suffix(".parquet")
    with closing(duckdb.connect(str(twins.plain), read_only=True)) as connection:
        connection.execute(
            "COPY (SELECT CAST(patient_id AS BIGINT) AS patient_id, class, amount FROM visits) "  # noqa: S608  a path of our own
            f"TO '{file}' (FORMAT parquet)"
        )
    return Job(
        file=str(file),
        shapes=SHAPES,
        keys=world.classes,
        epsilon=1.0,
        lower=0.0,
        upper=float(world.upper),
        max_groups=world.max_groups,
        max_rows_per_group=world.max_rows_per_group,
        releases=releases,
    )


def _truth(twins: Twins) -> Mapping[str, Release]:
    with closing(duckdb.connect(str(twins.plain), read_only=True)) as connection:
        return {
            shape: {str(key): float(x) for key, x in connection.execute(sql).fetchall()}
            for shape, sql in _SQL.items()
        }


def _theirs(peer: Peer, tools: Tools, job: Job) -> Report:
    python = str(peer.python(tools.folder))
    return Report.of(asked_of(python, peer.module, asdict(job), seconds=tools.seconds))


def _ours(hospital: Hospital, twins: Twins, job: Job) -> Report:
    bounds = Bounds(max_groups=job.max_groups, max_rows_per_group=job.max_rows_per_group)
    name, shapes = hospital.world.name, {}
    with asker(hospital.policies, name, twins.store) as private:
        for shape in job.shapes:
            seconds, values = [], []
            try:
                for _ in range(job.releases):
                    started = time.perf_counter()
                    rows = private.ask(_SQL[shape], bounds, Decimal(str(job.epsilon))).rows
                    seconds.append(time.perf_counter() - started)
                    values.append({str(key): _number(x) for key, x in rows})
            except RefusalError as error:
                shapes[shape] = Releases(refused=f"refused: {error.code}")
                continue
            shapes[shape] = Releases(seconds=tuple(seconds), values=tuple(values))
    versions = {one: metadata.version(one) for one in ("opendp", "duckdb")}
    return Report(versions=versions, load_seconds=0.0, shapes=shapes)


def _pooled(before: Report, after: Report) -> Report:
    shapes = {
        name: Releases(
            seconds=one.seconds + after.shapes[name].seconds,
            values=one.values + after.shapes[name].values,
            refused=one.refused,
        )
        for name, one in before.shapes.items()
    }
    return Report(versions=before.versions, load_seconds=0.0, shapes=shapes)


def _number(value: object) -> float:
    noisy = value.value if isinstance(value, Estimate) else None
    return math.nan if noisy is None else noisy


def _line(
    world: str,
    rows: int,
    tool: str,
    report: Report,
    held_against: tuple[str, Releases, Mapping[str, Release]],
) -> Comparison:
    shape, ours, truth = held_against
    got = report.shapes[shape]
    known = Comparison(
        world=world,
        rows=rows,
        tool=tool,
        versions=tuple(f"{name} {version}" for name, version in report.versions.items()),
        shape=shape,
        refused=got.refused,
    )
    if got.refused:
        return known
    seconds, rmse = median(got.seconds), _rmse(got, truth[shape])
    return Comparison(
        world=world,
        rows=rows,
        tool=tool,
        versions=known.versions,
        shape=shape,
        seconds=seconds,
        slower=round(seconds / median(ours.seconds), 1) if ours.seconds else None,
        rmse=rmse,
        error=round(rmse / _rmse(ours, truth[shape]), 2) if ours.values else None,
        releases=len(got.values),
        load_seconds=round(report.load_seconds, 3),
    )


def _rmse(releases: Releases, truth: Release) -> float:
    """Root mean squared error over the classes in the data; one that was not given counts as 0."""
    squares = [
        (release.get(key, 0.0) - exact) ** 2
        for release in releases.values
        for key, exact in truth.items()
    ]
    return round(math.sqrt(sum(squares) / len(squares)), 4)
