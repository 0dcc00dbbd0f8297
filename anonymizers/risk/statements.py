"""The SQL of what is counted in classes; only numbered columns of codes are named in it."""

from __future__ import annotations

from anonymizers.risk.model import Node

__all__ = ["entropies", "equal_distances", "listed", "ordered_distances", "steps"]


def steps(node: Node) -> str:
    """Return each column's code at a node's step, under the name of the column of a class."""
    return ", ".join(f"q{place}_{step} AS k{place}" for place, step in enumerate(node))


def listed(node: Node) -> str:
    """Return the names of the columns of a class."""
    return ", ".join(f"k{place}" for place, _ in enumerate(node))


def _parts(node: Node) -> str:
    return f"SELECT {steps(node)}, s, count(*) AS m FROM cells GROUP BY ALL"


def entropies(node: Node) -> str:
    """Return a query for the entropy of the sensitive column in each class, in nats."""
    return (
        f"SELECT {listed(node)}, ln(sum(m)) - sum(m * ln(m)) / sum(m) AS entropy "
        f"FROM ({_parts(node)}) GROUP BY ALL"
    )


def equal_distances(node: Node) -> str:
    """Return a query for half the sum of differences between a class and the table.

    A value that a class lacks adds its whole share. Source: Li (2007), section 4.1.
    """
    keys = listed(node)
    return (
        f"SELECT {keys}, greatest(0, (1 + sum(abs(m / n - share) - share)) / 2) AS distance FROM "
        f"(SELECT *, sum(m) OVER (PARTITION BY {keys}) AS n FROM ({_parts(node)})) "
        "JOIN (SELECT s, count(*) / sum(count(*)) OVER () AS share FROM cells GROUP BY s) USING (s)"
        " GROUP BY ALL"
    )


def ordered_distances(node: Node) -> str:
    """Return a query for the sum of differences of cumulative shares, over values less one.

    Source: Li (2007), section 4.2.
    """
    keys = listed(node)
    return (
        f"SELECT {keys}, coalesce(sum(abs(up_to / n - share)) / nullif(max(many) - 1, 0), 0) "
        "AS distance FROM ("
        f"SELECT {keys}, n, share, many, "
        f"sum(coalesce(m, 0)) OVER (PARTITION BY {keys} ORDER BY s) AS up_to "
        f"FROM (SELECT {keys}, sum(m) AS n FROM ({_parts(node)}) GROUP BY ALL) CROSS JOIN ("
        "SELECT s, sum(count(*)) OVER (ORDER BY s) / sum(count(*)) OVER () AS share, "
        "count(*) OVER () AS many FROM cells GROUP BY s) "
        f"LEFT JOIN ({_parts(node)}) USING ({keys}, s)) GROUP BY ALL"
    )
