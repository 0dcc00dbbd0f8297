"""What an attacker sees of a question, and what only the one place behind the noise sees."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from policies.datasets import DatasetPolicy
from policies.errors import RefusalError
from query.answers import Answer, Estimate, Request
from query.bound import Asked, bound, price_asked
from query.compile import Statement, compile_plan
from query.documents import answer_document, quote_document
from query.mechanisms import BuiltMeasurement
from query.parse import parse
from query.plan import Plan, StatisticKind
from query.ports import Engine
from query.release import Vectors, exact_vectors
from query.service import answer, quote
from tests.attacks.hospital import Site

__all__ = ["check_moves", "exact_vectors_of", "planned", "seen", "shape", "values"]


def seen(site: Site, sql: str, loss: str | None = "0.5", **changes: Any) -> object:  # noqa: ANN401
    """Return all that an attacker sees of a question, but the noisy numbers themselves.

    Raises:
        InternalError: If the question failed, which no data may ever make it do.
    """
    request = site.request(sql, loss, **changes)
    before = site.spent(), len(site.memory.log)
    try:
        given = answer(request, site.ports)
        shown = shape(given)
    except RefusalError as error:
        shown = {
            "error": type(error).__name__,
            "code": error.code,
            "message": str(error),
            "remedy": error.remedy,
            "position": str(getattr(error, "position", None)),
        }
    return {
        **shown,
        "charged": site.spent() - before[0],
        "entries": site.memory.log[before[1] :],
        "quote": _quoted(site, request),
    }


def shape(given: Answer) -> dict[str, object]:
    """Return an answer with every noisy number replaced by whether there is one.

    Whether a mean is NULL depends on its noisy count, which is a release, so it is left out.
    """
    document = answer_document(given)
    return {
        "members": sorted(document),
        "columns": given.columns,
        "rows": [
            [["estimate"] if isinstance(value, Estimate) else value for value in row]
            for row in given.rows
        ],
        "charged": given.charged.amount,
        "suppressed": given.suppressed,
    }


def _quoted(site: Site, request: Request) -> object:
    try:
        return json.dumps(quote_document(quote(request, site.ports)), sort_keys=True)
    except RefusalError as error:
        return str(error)


def planned(
    sql: str, dataset: DatasetPolicy, loss: str = "0.5"
) -> tuple[Plan, BuiltMeasurement, tuple[Statement, ...]]:
    """Return the plan of a question, its measurement and its statements, by the pipe's steps."""
    price = price_asked(dataset, Decimal(loss))
    plan, measurement = bound(parse(sql, dataset), dataset, (), price, Asked())
    assert isinstance(measurement, BuiltMeasurement)
    return plan, measurement, compile_plan(plan)


def exact_vectors_of(sql: str, dataset: DatasetPolicy, engine: Engine) -> tuple[Plan, Vectors]:
    """Return what the question computes before the noise; the one place that looks behind it."""
    plan, _, statements = planned(sql, dataset)
    return plan, exact_vectors(plan, statements, [engine.run(one.sql) for one in statements])


def check_moves(plan: Plan, whole: Vectors, rest: Vectors) -> int:
    """Check that two vectors are as near as the plan states; return how many entries moved."""
    moved = 0
    for statistic, stated, before, after in zip(
        plan.statistics, plan.sensitivities, whole, rest, strict=True
    ):
        moves = [abs(a - b) for a, b in zip(before, after, strict=True) if a != b]
        # the rows of a unit may spread over buckets, which then move by less each
        assert len(moves) <= stated.groups or statistic.kind is StatisticKind.BUCKETS
        assert max(moves, default=0) <= stated.per_group
        assert sum(moves) <= stated.l1
        assert math.sqrt(sum(move * move for move in moves)) <= stated.l2 * (1 + 1e-12)
        moved += len(moves)
    return moved


def values(given: Answer, column: int) -> Sequence[float | None]:
    """Return the noisy numbers of one column."""
    cells = [row[column] for row in given.rows]
    return [cell.value if isinstance(cell, Estimate) else None for cell in cells]
