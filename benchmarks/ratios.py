"""Private over plain: each question both ways, in turn, over the same rows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import duckdb

from benchmarks.hospital import Hospital, Twins
from benchmarks.private import Asker, Bounds, asker
from benchmarks.shapes import SHAPES, Shape
from benchmarks.timing import interleaved, median
from benchmarks.worlds import World
from policies.errors import RefusalError

__all__ = ["Ratio", "bounds_of", "ratios"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One question, measured.

    Attributes:
        world: Where the rows came from.
        shape: Name of the question.
        refused: Code of the refusal, or ``no`` and the declaration that this version does not
            have; then there are no times. Else empty.
        plain_ms: Median in plain DuckDB.
        statement_ms: Median of our statement alone, in the gateway's engine.
        answer_ms: Median of the whole answer: planning, statement, noise; with a ledger in memory.
        ratio: ``answer_ms`` over ``plain_ms``.
        statement_ratio: ``statement_ms`` over ``plain_ms``.
        max_groups: Bound in force.
        max_rows_per_group: Bound in force.
    """

    world: str
    shape: str
    refused: str = ""
    plain_ms: float | None = None
    statement_ms: float | None = None
    answer_ms: float | None = None
    ratio: float | None = None
    statement_ratio: float | None = None
    max_groups: int | None = None
    max_rows_per_group: int | None = None


def bounds_of(world: World, shape: Shape) -> Bounds:
    """Return what the request asks for."""
    if not shape.narrowed:
        return Bounds()
    return Bounds(
        max_groups=world.max_groups,
        max_rows_per_group=world.max_rows_per_group,
        bounding=shape.bounding,
    )


def ratios(hospital: Hospital, twins: Twins, runs: int) -> tuple[Ratio, ...]:
    """Measure every shape; a shape that is refused says so and the next one goes on."""
    policies, name = hospital.policies, hospital.world.name
    with (
        closing(duckdb.connect(str(twins.plain), read_only=True)) as plain,
        asker(policies, name, twins.store) as private,
    ):
        plain.execute("SET threads = 2")
        return tuple(_ratio(hospital.world, shape, plain, private, runs) for shape in SHAPES)


def _ratio(
    world: World, shape: Shape, plain: duckdb.DuckDBPyConnection, private: Asker, runs: int
) -> Ratio:
    bounds = bounds_of(world, shape)
    if shape.missing:
        return Ratio(world=world.name, shape=shape.name, refused=f"no {shape.declared}")
    try:
        quoted = private.quote(shape.sql, bounds)
    except RefusalError as error:
        return Ratio(world=world.name, shape=shape.name, refused=error.code)
    before = len(private.engine_ms)
    plain_ms, answer_ms = interleaved(
        (lambda: plain.execute(shape.sql).fetchall(), lambda: private.ask(shape.sql, bounds)), runs
    )
    statement = median(private.engine_ms[before + 1 :])  # the first warmed up
    exact, whole = median(plain_ms), median(answer_ms)
    return Ratio(
        world=world.name,
        shape=shape.name,
        plain_ms=exact,
        statement_ms=statement,
        answer_ms=whole,
        ratio=round(whole / exact, 2),
        statement_ratio=round(statement / exact, 2),
        max_groups=quoted.max_groups,
        max_rows_per_group=quoted.max_rows_per_group,
    )
