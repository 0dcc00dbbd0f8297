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
        sizes = [self.buckets]
        while sizes[0] > self.branching:
            sizes.insert(0, -(-sizes[0] // self.branching))
        return tuple(sizes)

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
        slope, rest = self._joined(0, 0, lower, upper)
        root = _sum_of(self, 0, 0, self.sizes[0])
        return rest + (slope - part) ** 2 * root

    def _joined(self, level: int, first: int, lower: float, upper: float) -> tuple[float, float]:
        """The g and r of the module's docstring for the node whose first child is this one."""
        last = min(first + self.branching, self.sizes[level])
        span = self.branching ** (self.levels - 1 - level)
        # children from ``whole`` to ``end`` are inside; of the rest, at most two are in part
        whole = min(max(math.ceil(lower / span), first), last)
        reached = self.sizes[level] if upper >= self.buckets else math.floor(upper / span)
        end = min(max(reached, whole), last)
        inside = _sum_of(self, level, whole, end)
        weighed = squared = inside
        rest = 0.0
        for place in {whole - 1, end}:
            if first <= place < last:
                slope, own = self._spread(level, place, lower, upper)
                variance = _sum_of(self, level, place, place + 1)
                weighed += slope * variance
                squared += slope * slope * variance
                rest += own
        total = _sum_of(self, level, first, last)
        return weighed / total, max(rest + squared - weighed * weighed / total, 0.0)

    def _spread(self, level: int, place: int, lower: float, upper: float) -> tuple[float, float]:
        """The g and r of a node that is not inside as a whole."""
        span = self.branching ** (self.levels - 1 - level)
        counted = min(place * span + span, self.buckets, upper) - max(place * span, lower)
        if counted <= 0:
            return 0.0, 0.0
        if level == self.levels - 1:
            return counted, 0.0
        return self._joined(level + 1, place * self.branching, lower, upper)


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


def _sum_of(tree: Tree, level: int, first: int, last: int) -> float:
    """Sum of V over the nodes of a level from ``first`` up to, not including, ``last``."""
    each, final = subtree_variances(tree)[level]
    return (last - first) * each + (final - each if first < last == tree.sizes[level] else 0.0)


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
