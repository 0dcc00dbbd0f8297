"""What a peer is asked and what it gives back, as JSON over pipes.

Standard library only: a peer's worker runs in an environment in which nothing of ours is installed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any, TypeAlias

__all__ = ["SHAPES", "Job", "Release", "Releases", "Report", "serve"]

SHAPES = ("count", "sum", "mean", "units")
"""Rows, sum of the measure, mean of the measure, distinct patients; each by class."""

Release: TypeAlias = Mapping[str, float]
"""One noisy number for each class that was released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One table, one budget, one set of bounds, for all tools alike.

    Attributes:
        file: Parquet with ``patient_id`` (integer), ``class`` (text) and ``amount`` (double).
        shapes: Which of ``SHAPES`` to release.
        keys: All classes; public.
        epsilon: Price of one release.
        lower: Lower clamping bound of ``amount``.
        upper: Upper clamping bound.
        max_groups: Classes that one patient may touch (L0).
        max_rows_per_group: Rows of one patient that count in one class.
        releases: How often each shape is released; 1 or more.
    """

    file: str
    shapes: tuple[str, ...]
    keys: tuple[str, ...]
    epsilon: float
    lower: float
    upper: float
    max_groups: int
    max_rows_per_group: int
    releases: int

    @classmethod
    def decode(cls, text: str) -> Job:
        """Read it from JSON."""
        found = json.loads(text)
        return cls(**found | {"shapes": tuple(found["shapes"]), "keys": tuple(found["keys"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """All releases of one shape.

    Attributes:
        seconds: Wall time of each.
        values: What each gave.
        refused: Why there are none, in our words; empty where there are some.
    """

    seconds: tuple[float, ...] = ()
    values: tuple[Release, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one tool did with a job.

    Attributes:
        versions: Of the packages that did it.
        load_seconds: Wall time of reading the table, once.
        shapes: By name.
    """

    versions: Mapping[str, str]
    load_seconds: float
    shapes: Mapping[str, Releases]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Report:
        """Make it from the plain values of its JSON."""
        shapes = {
            name: Releases(
                seconds=tuple(one["seconds"]), values=tuple(one["values"]), refused=one["refused"]
            )
            for name, one in found["shapes"].items()
        }
        return cls(versions=found["versions"], load_seconds=found["load_seconds"], shapes=shapes)


def serve(
    packages: tuple[str, ...],
    load: Callable[[Job], object],
    release: Callable[[Job, object, str], Release],
) -> None:
    """Read a job from standard input, run it, write the report to standard output.

    Args:
        packages: Whose versions are reported.
        load: Reads the table into whatever the tool works on.
        release: Makes one release of one shape; raises NotImplementedError with a reason where the
            tool has no such shape.
    """
    job = Job.decode(sys.stdin.read())
    started = time.perf_counter()
    loaded = load(job)
    seconds = time.perf_counter() - started
    shapes = {name: _released(job, loaded, name, release) for name in job.shapes}
    report = Report(
        versions={name: metadata.version(name) for name in packages},
        load_seconds=seconds,
        shapes=shapes,
    )
    sys.stdout.write(json.dumps(asdict(report)))


def _released(
    job: Job, loaded: object, shape: str, release: Callable[[Job, object, str], Release]
) -> Releases:
    seconds: list[float] = []
    values: list[Release] = []
    for _ in range(job.releases):
        started = time.perf_counter()
        try:
            values.append(release(job, loaded, shape))
        except NotImplementedError as error:
            return Releases(refused=str(error))
        seconds.append(time.perf_counter() - started)
    return Releases(seconds=tuple(seconds), values=tuple(values))
