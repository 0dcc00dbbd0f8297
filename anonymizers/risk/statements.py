"""The SQL of what is counted in classes; only numbered columns of codes are named in it.

Each statement counts privacy units: ``s`` is the code of a value, ``m`` how many units of a class
have it. Where a unit may have several rows, and so several values, it counts once for each of
them, or its one vote is shared among its rows, as each statement says.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from anonymizers.risk.model import Node

__all__ = ["commonest", "distances", "entropies", "listed", "steps"]

_Votes: TypeAlias = Literal["rows", "shared", "each", "least", "most"]
_CELLS: Final = "cells"
_WHOLE: Final[Node] = ()
"""The node at which the whole table is one class."""


def steps(node: Node) -> str:
    """Return each column's code at a node's step, under the name of the column of a class."""
    return ", ".join(f"q{place}_{step} AS k{place}" for place, step in enumerate(node)) or "0 AS k0"


def listed(node: Node) -> str:
    """Return the names of the columns of a class."""
    return ", ".join(f"k{place}" for place, _ in enumerate(node)) or "k0"


def commonest(node: Node, absent: int | None, *, several: bool) -> str:
    """Return a query for how many units of each class have the value that most of them have.

    Args:
        node: Where to count.
        absent: Code of what is not known, which is no value; None where there is none.
        several: Whether a unit may have several rows.
    """
    known = "" if absent is None else f"WHERE s <> {absent:d}"
    votes = _votes(node, _CELLS, "each" if several else "rows")
    return f"SELECT {listed(node)}, max(m) AS most FROM ({votes}) {known} GROUP BY ALL"


def entropies(node: Node, *, several: bool) -> str:
    """Return a query for the entropy of the sensitive column in each class, in nats."""
    votes = _votes(node, _CELLS, "shared" if several else "rows")
    return (
        f"SELECT {listed(node)}, ln(sum(m)) - sum(m * ln(m)) / sum(m) AS entropy "
        f"FROM ({votes}) GROUP BY ALL"
    )


def distances(node: Node, absent: int | None, *, ordered: bool, several: bool) -> str:
    """Return a query for the distance of each class to the whole table.

    What is not known is one more category, but has no place in an order: there, it would stand
    beside the largest value, and lengthen the order. So of ordered values the distance is that of
    those which are known, and how much more, or fewer, of the class than of the table are unknown.

    Of units with several values a class tells more than their mean distribution: that more of them
    than of all have one value among others, or one below or above a limit. So the distance is the
    largest of several; where each unit has one value, none is larger than Li's. It is rounded,
    since sums of the same shares in another order differ in their last bits.
    """
    if not ordered:
        each = _unordered(node, _CELLS, several=several)
    elif absent is None:
        each = _in_order(node, _CELLS, several=several)
    else:
        known = f"(SELECT * FROM cells WHERE s <> {absent:d})"
        whether = f"(SELECT * REPLACE (CAST(s = {absent:d} AS INTEGER) AS s) FROM cells)"
        each = [
            *_in_order(node, known, several=several),
            *_unordered(node, whether, several=several),
        ]
    return (
        f"SELECT {listed(node)}, round(max(distance), 9) AS distance "
        f"FROM ({' UNION ALL '.join(each)}) GROUP BY ALL"
    )


def _unordered(node: Node, cells: str, *, several: bool) -> list[str]:
    if several:
        return [_equal(node, cells, "shared"), _apart(node, cells)]
    return [_equal(node, cells, "rows")]


def _in_order(node: Node, cells: str, *, several: bool) -> list[str]:
    shares: tuple[_Votes, ...] = ("shared", "least", "most") if several else ("rows",)
    return [_ordered(node, cells, votes) for votes in shares]


def _votes(node: Node, cells: str, votes: _Votes) -> str:
    """Return a query over cells, or some of them, for the columns of a class, ``s`` and ``m``."""
    keys, shown = listed(node), steps(node)
    match votes:
        case "rows":
            return f"SELECT {shown}, s, count(*) AS m FROM {cells} GROUP BY ALL"
        case "shared":
            return (
                f"SELECT {keys}, s, sum(vote) AS m FROM ("
                f"SELECT *, n / sum(n) OVER (PARTITION BY {keys}, u) AS vote FROM "
                f"(SELECT {shown}, u, s, count(*) AS n FROM {cells} GROUP BY ALL)) GROUP BY ALL"
            )
        case "each":
            return f"SELECT {shown}, s, count(DISTINCT u) AS m FROM {cells} GROUP BY ALL"
        case "least" | "most":
            end = "min" if votes == "least" else "max"
            return (
                f"SELECT {keys}, s, count(*) AS m FROM "
                f"(SELECT {shown}, u, {end}(s) AS s FROM {cells} GROUP BY ALL) GROUP BY ALL"
            )


def _equal(node: Node, cells: str, votes: _Votes) -> str:
    """Return a query for half the sum of differences between a class and the table.

    A value that a class lacks adds its whole share. Source: Li (2007), section 4.1.
    """
    keys, whole = listed(node), _votes(_WHOLE, cells, votes)
    return (
        f"SELECT {keys}, greatest(0, (1 + sum(abs(m / n - share) - share)) / 2) AS distance FROM "
        f"(SELECT *, sum(m) OVER (PARTITION BY {keys}) AS n FROM ({_votes(node, cells, votes)})) "
        f"JOIN (SELECT s, m / sum(m) OVER () AS share FROM ({whole})) USING (s)"
        " GROUP BY ALL"
    )


def _ordered(node: Node, cells: str, votes: _Votes) -> str:
    """Return a query for the sum of differences of cumulative shares, over values less one.

    Of the least and the most value of each unit counts what more units of the class than of the
    table have; that fewer do is so wherever units have fewer rows. Source: Li (2007), section 4.2.
    """
    keys, parts, more = listed(node), _votes(node, cells, votes), "up_to / n - share"
    counted = {"least": f"greatest(0, {more})", "most": f"greatest(0, -({more}))"}
    moved = counted.get(votes, f"abs({more})")
    return (
        f"SELECT {keys}, coalesce(sum({moved}) / nullif(max(many) - 1, 0), 0) AS distance FROM ("
        f"SELECT {keys}, n, share, many, "
        f"sum(coalesce(m, 0)) OVER (PARTITION BY {keys} ORDER BY s) AS up_to "
        f"FROM (SELECT {keys}, sum(m) AS n FROM ({parts}) GROUP BY ALL) CROSS JOIN ("
        "SELECT s, coalesce(sum(m) OVER (ORDER BY s), 0) / sum(m) OVER () AS share, "
        f"count(*) OVER () AS many FROM (SELECT DISTINCT s FROM {cells}) "
        f"LEFT JOIN ({_votes(_WHOLE, cells, votes)}) USING (s)) "
        f"LEFT JOIN ({parts}) USING ({keys}, s)) GROUP BY ALL"
    )


def _apart(node: Node, cells: str) -> str:
    """Return a query for how much larger the share of units that have one value is than of all."""
    keys = listed(node)
    return (
        f"SELECT {keys}, max(m / n - share) AS distance FROM ({_votes(node, cells, 'each')}) "
        f"JOIN (SELECT {steps(node)}, count(DISTINCT u) AS n FROM {cells} GROUP BY ALL) "
        f"USING ({keys}) JOIN (SELECT s, m / (SELECT count(DISTINCT u) FROM {cells}) AS share "
        f"FROM ({_votes(_WHOLE, cells, 'each')})) USING (s) GROUP BY ALL"
    )
