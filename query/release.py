"""From the engine's rows to vectors, and from noisy vectors to the rows of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from query.answers import Key, Value
from query.compile import Statement
from query.domains import Scalar
from query.estimates import Uncertain, estimate_of
from query.mechanisms import Key as PrivateKey
from query.mechanisms import Noise
from query.plan import Part, Plan, Statistic, cell_keys
from query.ports import ExactRow
from query.post_processing import PostProcessing
from query.private_keys import engine_value
from query.released_values import Evaluated

__all__ = ["ReleasedRows", "Vectors", "exact_vectors", "measured", "released_rows"]

Vectors: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedRows:
    """The rows of an answer, and how many cells were withheld."""

    rows: tuple[tuple[Value, ...], ...]
    suppressed: int


def exact_vectors(
    plan: Plan, statements: Sequence[Statement], results: Sequence[Sequence[ExactRow]]
) -> Vectors:
    """Place the engine's rows into one dense vector for each statistic, in cell order.

    What the engine returns for a key outside the public domain is dropped: that such a key exists
    must not show.

    Args:
        plan: What was computed.
        statements: What was run.
        results: The rows of each statement.
    """
    vectors = [[[0] * (part.cells * one.buckets) for one in part.statistics] for part in plan.parts]
    for statement, rows in zip(statements, results, strict=True):
        part = plan.parts[statement.part]
        width = len(part.keys)
        places = _places(plan, part)
        for row in rows:
            if statement.has_places:
                place, *values = row
            else:
                place, values = places.get(tuple(row[:width])), list(row[width:])
            if not (isinstance(place, int) and 0 <= place < part.cells):
                continue
            if statement.has_buckets:
                statistic = part.statistics[statement.statistics[0]]
                bucket, *values = values
                place = place * statistic.buckets + int(bucket or 0)
            for index, exact in zip(statement.statistics, values, strict=True):
                vectors[statement.part][index][place] = int(exact or 0)
    return tuple(
        measured(vector, statistic)
        for part, of_part in zip(plan.parts, vectors, strict=True)
        for statistic, vector in zip(part.statistics, of_part, strict=True)
    )


def released_rows(
    plan: Plan,
    noisy: Sequence[Sequence[float]],
    confidence: float,
    keys: Sequence[PrivateKey] | None = None,
) -> ReleasedRows:
    """Turn noisy statistics into the rows that were asked for: free post-processing.

    Args:
        plan: What was computed.
        noisy: One vector for each statistic, in the order of cells or keys.
        confidence: Of the intervals.
        keys: Private keys that were released, as the engine writes them; None where keys are
            public.
    """
    processing = PostProcessing(plan=plan, noisy=noisy, confidence=confidence, keys=keys)
    numbers, noises = plan.noisy_columns, plan.released_noises
    rows = tuple(
        tuple(
            _value(value, noises, confidence, is_number=is_number)
            for value, is_number in zip(row, numbers, strict=True)
        )
        for row in processing.rows(plan.report)
    )
    return ReleasedRows(rows=rows, suppressed=processing.withheld)


def _value(
    value: Evaluated, noises: Sequence[Noise], confidence: float, *, is_number: bool
) -> Value:
    if value is None and is_number:
        value = Uncertain(None)  # the shape of an answer does not depend on its numbers
    if isinstance(value, Uncertain):
        return estimate_of(value, noises, confidence)
    return _key(value)


def _places(plan: Plan, part: Part) -> dict[tuple[object, ...], int]:
    """Return the place of each cell by its keys as the engine returns them."""
    question = plan.question_of(part)
    domains = [question.keys[key].expression.domain for key in part.keys]
    return {
        tuple(
            engine_value(cell[key], domain) for key, domain in zip(part.keys, domains, strict=True)
        ): place
        for place, cell in enumerate(cell_keys(question, part))
    }


def measured(vector: list[int], statistic: Statistic) -> tuple[int, ...]:
    """Add up the buckets of each cell to the nodes of its tree, if it has one."""
    if statistic.tree is None:
        return tuple(vector)
    size = statistic.buckets
    nodes = (
        statistic.tree.totals(vector[start : start + size]) for start in range(0, len(vector), size)
    )
    return tuple(node for cell in nodes for node in cell)


def _key(value: Scalar | float) -> Key:
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    return value.isoformat() if isinstance(value, date) else value
