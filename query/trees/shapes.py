"""The shape of a tree of counts: levels, layout, sensitivity, and the error it leads to.

Level 0 is the top, the last level holds the leaves: one for each bucket. A node has ``branching``
children, the last node of a level perhaps fewer. The root, which would be level -1, is left out:
the sum of level 0 says the same, and a level less means less noise on all others (Qardaji, Yang
and Li 2013, "Understanding Hierarchical Methods for Differentially Private Histograms").

The error of what is estimated from a tree is known before anything is drawn. Let every node carry
independent noise of variance 1, let V be the variance of a node's total as its own subtree tells
it, and S the sum of V over its children. Weighted least squares gives 1 / V = 1 + 1 / S, V = 1 for
a leaf. Given a node's total t, its children's totals are c = z + (V / S) (t - sum z) with
covariance diag(V) - V V' / S. A sum over leaves with coefficients a is therefore g t plus an
independent error of variance r, where for a leaf g = a and r = 0, and for an inner node

    g = sum(g_c V_c) / S        r = sum(r_c) + sum(g_c^2 V_c) - (sum(g_c V_c))^2 / S.

Source: Hay, Rastogi, Miklau and Suciu (2010), "Boosting the Accuracy of Differentially Private
Histograms Through Consistency", for complete trees; this is generalized least squares for any.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from policies.privacy import Measure
from query.mechanisms import Sensitivity

__all__ = ["MAX_BUCKETS", "Tree", "best_tree", "subtree_variances"]

MAX_BUCKETS = 4096
"""Leaves of one tree at most."""
SAMPLED_EDGES = 34
"""Trees are compared at this many edges between buckets."""
GOLDEN = (math.sqrt(5) - 1) / 2
"""Its multiples spread evenly and fall on no tree's own edges more than on another's."""
NEARLY = 1.1
"""A tree may have this many times the smallest variance, 5 % more error, if it has fewer nodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree over buckets of equal width.

    Attributes:
        buckets: Leaves; 1 to ``MAX_BUCKETS``. Bucket i is [i, i + 1) on the scale of positions.
        branching: Children of a node at most; 2 or more. With as many as buckets, the tree is
            flat: the leaves only.

    Raises:
        ValueError: If a number is outside its range.
    """

    buckets: int
    branching: int

    def __post_init__(self) -> None:
        if not 1 <= self.buckets <= MAX_BUCKETS:
            raise ValueError(f"a tree has {self.buckets} buckets; give 1 to {MAX_BUCKETS}")
        if self.branching < 2:  # noqa: PLR2004  a tree that does not branch has no last level
            raise ValueError(f"the branching is {self.branching}; give 2 or more")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Nodes of each level, top first."""
        return _sizes(self.buckets, self.branching)

    @property
    def levels(self) -> int:
        """How many levels are measured, the root not among them."""
        return len(self.sizes)

    @property
    def nodes(self) -> int:
        """Length of the vector of one group."""
        return sum(self.sizes)

    def totals(self, leaves: Sequence[int]) -> tuple[int, ...]:
        """Return the counts of all nodes: the levels end to end, top first.

        Args:
            leaves: One count for each bucket.

        Raises:
            ValueError: If there is not one count for each bucket.
        """
        if len(leaves) != self.buckets:
            raise ValueError("the counts do not match the tree; give one for each bucket")
        level = list(leaves)
        levels = [level]
        while len(level) > self.branching:
            starts = range(0, len(level), self.branching)
            level = [sum(level[start : start + self.branching]) for start in starts]
            levels.insert(0, level)
        return tuple(chain.from_iterable(levels))

    def sensitivity(self, groups: int, rows: int) -> Sensitivity:
        """Return how far one privacy unit can move the trees of all groups, laid end to end.

        In one group a unit has a weight of at most ``rows``, spread over buckets as its values
        are. Each row is in one node of each level, so each level's counts move by at most ``rows``
        in L1, hence also in L2. Over ``levels`` levels and ``groups`` groups that is groups *
        levels * rows in L1, and the root of groups * levels, times rows, in L2: the norms of a
        vector of groups * levels entries that move by ``rows`` each. More entries than that may
        move, but then each moves less.

        Args:
            groups: Groups that one unit touches (L0).
            rows: Weight of one unit in one group.
        """
        return Sensitivity(groups=groups * self.levels, per_group=rows)

    def variance(self, lower: float, upper: float, part: float) -> float:
        """Return the variance of a linear estimate, for noise of variance 1 on each node.

        The estimate is the count between two positions, minus ``part`` of the total.

        Args:
            lower: Position, 0 or more.
            upper: Position, ``lower`` to ``buckets``; inside a bucket, its share is counted.
            part: 0 for a count; q for the distance from the quantile q.
        """
        levels = _levels(self)
        slope, rest = self._joined(levels, 0, lower, upper)
        return rest + (slope - part) ** 2 * levels[0].sum_of(0, levels[0].size)

    def _joined(
        self, levels: Sequence[_Level], first: int, lower: float, upper: float
    ) -> tuple[float, float]:
        """The g and r of the module's docstring for the node whose first child is this one.

        ``levels`` are that of the child and all below.
        """
        level = levels[0]
        last = min(first + self.branching, level.size)
        # children from ``whole`` to ``end`` are inside; of the rest, at most two are in part
        whole = min(max(math.ceil(lower / level.span), first), last)
        reached = level.size if upper >= self.buckets else math.floor(upper / level.span)
        end = min(max(reached, whole), last)
        weighed = squared = level.sum_of(whole, end)
        rest = 0.0
        for place in {whole - 1, end}:
            if first <= place < last:
                slope, own = self._spread(levels, place, lower, upper)
                variance = level.sum_of(place, place + 1)
                weighed += slope * variance
                squared += slope * slope * variance
                rest += own
        total = level.sum_of(first, last)
        return weighed / total, max(rest + squared - weighed * weighed / total, 0.0)

    def _spread(
        self, levels: Sequence[_Level], place: int, lower: float, upper: float
    ) -> tuple[float, float]:
        """The g and r of a node that is not inside as a whole."""
        start = place * levels[0].span
        counted = min(start + levels[0].span, self.buckets, upper) - max(start, lower)
        if counted <= 0:
            return 0.0, 0.0
        if len(levels) == 1:
            return counted, 0.0
        return self._joined(levels[1:], place * self.branching, lower, upper)


@dataclass(frozen=True, slots=True)
class _Level:
    """A level of a tree: its nodes, the leaves below each, V of each, and V of the last one."""

    size: int
    span: int
    each: float
    final: float

    def sum_of(self, first: int, last: int) -> float:
        """Sum V over the nodes from ``first`` up to, not including, ``last``."""
        more = self.final - self.each if first < last == self.size else 0.0
        return (last - first) * self.each + more


@lru_cache(maxsize=256)
def _sizes(buckets: int, branching: int) -> tuple[int, ...]:
    sizes = [buckets]
    while sizes[0] > branching:
        sizes.insert(0, -(-sizes[0] // branching))
    return tuple(sizes)


@lru_cache(maxsize=256)
def _levels(tree: Tree) -> tuple[_Level, ...]:
    ends = zip(tree.sizes, subtree_variances(tree), strict=True)
    return tuple(
        _Level(size, tree.branching ** (tree.levels - 1 - level), each, final)
        for level, (size, (each, final)) in enumerate(ends)
    )


@lru_cache(maxsize=256)
def subtree_variances(tree: Tree) -> tuple[tuple[float, float], ...]:
    """Return V of each level's nodes, and of its last node, which may have fewer leaves below."""
    sizes = tree.sizes
    variances = [(1.0, 1.0)]
    for level in range(tree.levels - 2, -1, -1):
        each, last = variances[0]
        rest = sizes[level + 1] - (sizes[level] - 1) * tree.branching
        sums = (tree.branching * each, (rest - 1) * each + last)
        variances.insert(0, (1 / (1 + 1 / sums[0]), 1 / (1 + 1 / sums[1])))
    return tuple(variances)


@lru_cache(maxsize=256)
def best_tree(buckets: int, measure: Measure) -> Tree:
    """Return the tree that gives the smallest expected error of the rank of a median.

    For each number of levels the smallest branching that needs no more is tried. Compared is the
    mean, over edges between buckets, of the variance of the count below the edge minus half the
    total, times what the levels cost: the noise's variance grows with their square under Laplace,
    and with their number under Gauss. Of those within ``NEARLY`` of the smallest, the tree with the
    fewest nodes is taken: each node costs a draw.

    Args:
        buckets: Leaves; 1 to ``MAX_BUCKETS``.
        measure: Of the pool.
    """
    edges = [int(buckets * (n * GOLDEN % 1)) for n in range(1, SAMPLED_EDGES + 1)]

    def expected_error(tree: Tree) -> float:
        cost = tree.levels**2 if measure is Measure.PURE else tree.levels
        return cost * math.fsum(tree.variance(0, edge, 0.5) for edge in edges)

    errors = {tree: expected_error(tree) for tree in _candidates(buckets)}
    enough = NEARLY * min(errors.values())
    return min((tree for tree, error in errors.items() if error <= enough), key=_nodes)


def _nodes(tree: Tree) -> int:
    return tree.nodes


def _candidates(buckets: int) -> list[Tree]:
    """One tree for each number of levels, from binary to flat."""
    most = max((buckets - 1).bit_length(), 1)
    branchings = (math.ceil(buckets ** (1 / levels) - 1e-9) for levels in range(1, most + 1))
    return [Tree(buckets=buckets, branching=one) for one in sorted({max(b, 2) for b in branchings})]
