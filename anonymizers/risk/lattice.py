"""The least lossy node at which a table may be released; always the same for the same table.

First every node of the lattice is marked as good or bad. Whether there are k units and l different
values after at most the allowed suppression can only get better as steps grow coarser, so one count
marks many nodes: all above a good one, all below a bad one, and binary search along a path finds
the border (Kohlmayer et al., 2012, Flash). Then the good nodes are tried in the order of the loss
that they have before suppression, which their true loss cannot be below, until none can be better
than the best. Only there is asked whether l and t hold: a class may lose both by growing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Final

from anonymizers.risk.counting import ClassCounter, Outcome
from anonymizers.risk.model import Criteria, Node
from policies.errors import DeclarationError

__all__ = ["Choice", "mark", "search"]

_MOST_NODES: Final = 1_000_000
"""More would not fit the memory of a small machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Where a table may be released.

    Attributes:
        node: The step of each quasi-identifier.
        loss: Mean loss of a cell, from 0 to 1; a row that is left out has lost everything.
        outcome: Counts at the node.
        nodes: Nodes in the lattice.
        counted: How many of them had to be counted.
    """

    node: Node
    loss: Fraction
    outcome: Outcome
    nodes: int
    counted: int


def search(counter: ClassCounter, criteria: Criteria) -> Choice | None:
    """Return the best node; None where even ``*`` everywhere breaks the criteria.

    The source's own values are never released, so every column takes one step at least.

    Raises:
        DeclarationError: ``DEID-LATTICE`` if there are more than a million nodes.
    """
    nodes = prod(counter.top)
    if nodes > _MOST_NODES:
        raise DeclarationError(
            f"the plan has {nodes} combinations of steps, and {_MOST_NODES} can be searched",
            code="DEID-LATTICE",
            remedy="name fewer quasi-identifiers, or fewer steps in their hierarchies",
        )
    limit = int(Fraction(str(criteria.suppression)) * counter.rows)
    lowest = tuple(1 for _ in counter.top)
    good, counted = mark(
        lowest, counter.top, lambda node: counter.suppressed(node, criteria) <= limit
    )
    losses = [counter.column_losses(place) for place, _ in enumerate(counter.columns)]
    weights = [column.weight for column in counter.columns]

    def before_suppression(node: Node) -> Fraction:
        each = (losses[place][step] for place, step in enumerate(node))
        return _weighted(list(each), weights)

    best: Choice | None = None
    for floor, node in sorted((before_suppression(node), node) for node in good):
        if best is not None and floor >= best.loss:
            break
        outcome = counter.outcome(node, criteria)
        counted += 1
        loss = _loss(counter, outcome, weights)
        if outcome.suppressed <= limit and (best is None or loss < best.loss):
            best = Choice(node=node, loss=loss, outcome=outcome, nodes=0, counted=0)
    if best is None:
        return None
    return Choice(
        node=best.node, loss=best.loss, outcome=best.outcome, nodes=nodes, counted=counted
    )


def mark(
    lowest: Node, highest: Node, is_good: Callable[[Node], bool]
) -> tuple[frozenset[Node], int]:
    """Return the good nodes between two, and how many were asked about.

    Args:
        lowest: The finest node.
        highest: The coarsest node.
        is_good: Must be true above every node at which it is true.
    """
    marks: dict[Node, bool] = {}
    asked = 0
    nodes = list(_between(lowest, highest))
    for start in sorted(nodes, key=lambda node: (sum(node), node)):
        if start in marks:
            continue
        path = _path(start, highest, marks)
        low, high = 0, len(path) - 1
        while low <= high:
            middle = (low + high) // 2
            asked += 1
            if is_good(path[middle]):
                _spread(marks, _between(path[middle], highest), good=True)
                high = middle - 1
            else:
                _spread(marks, _between(lowest, path[middle]), good=False)
                low = middle + 1
    return frozenset(node for node, good in marks.items() if good), asked


def _between(lowest: Node, highest: Node) -> Iterator[Node]:
    return product(*(range(low, high + 1) for low, high in zip(lowest, highest, strict=True)))


def _path(start: Node, highest: Node, marks: dict[Node, bool]) -> list[Node]:
    """Climb one step at a time over nodes that are not marked yet."""
    path = [start]
    while True:
        node = path[-1]
        higher = (
            (*node[:place], step + 1, *node[place + 1 :])
            for place, step in enumerate(node)
            if step < highest[place]
        )
        free = [one for one in higher if one not in marks]
        if not free:
            return path
        path.append(min(free))


def _spread(marks: dict[Node, bool], nodes: Iterator[Node], *, good: bool) -> None:
    for node in nodes:
        marks[node] = good


def _loss(counter: ClassCounter, outcome: Outcome, weights: Sequence[Fraction]) -> Fraction:
    rows = max(counter.rows, 1)
    each = [
        (Fraction(leaves, max(column.distinct - 1, 1)) + outcome.suppressed) / rows
        for leaves, column in zip(outcome.leaves, counter.columns, strict=True)
    ]
    return _weighted(each, weights)


def _weighted(losses: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction:
    total = sum(weights, Fraction(0))
    return (
        sum((loss * weight for loss, weight in zip(losses, weights, strict=True)), Fraction(0))
        / total
    )
