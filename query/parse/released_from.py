"""A FROM clause of which some items are released, or that is not there at all."""

from __future__ import annotations

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.parse.join_kinds import kind_of
from query.parse.named import Source
from query.parse.outcomes import Released
from query.parse.released_joins import ReleasedFrom, as_released, released_item
from query.parse.sqltext import only, refusal
from query.relations import JoinKind, Values
from query.reports import Listed

__all__ = ["of_values", "released_from"]


def of_values() -> ReleasedFrom:
    """Read a SELECT without FROM: released values, put together in one row."""
    return ReleasedFrom(table=Listed(rows=((),)), columns=[])


def released_from(
    start: exp.Expr,
    first: Source | Released,
    joins: list[tuple[exp.Join, Source | Released | None]],
) -> ReleasedFrom:
    """Join answers to each other, and to rows that are written out.

    Raises:
        UnsupportedQueryError: If they are joined to rows of units or of public tables.
    """
    if not _is_known(first):
        raise _mixed(next(join for join, one in joins if isinstance(one, Released)))
    joined = released_item(start, first)
    for join, found in joins:
        if found is None or not _is_known(found):
            raise _mixed(join)
        only(join, "this", "on", "using", "side", "kind")
        kind = kind_of(join)
        if kind in {"SEMI", "ANTI"}:
            raise refusal(
                join, f"{kind} JOIN of released rows is not supported", "use JOIN", "SQL-JOIN"
            )
        joined.join(join, JoinKind[kind], as_released(found))
    return joined


def _is_known(found: Source | Released) -> bool:
    """Say whether the rows of an item are known after the noise: released, or written out."""
    return isinstance(found, Released) or isinstance(found.relation, Values)


def _mixed(node: exp.Expr) -> UnsupportedQueryError:
    return refusal(
        node,
        "an aggregate over all units is joined to rows; it is released with noise",
        "compute both in one SELECT with FILTER, or aggregate both sides before they are joined",
        "SQL-NESTED",
    )
