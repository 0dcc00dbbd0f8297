"""Trees of counts over the buckets of a bounded number: quantiles and extremes.

One noisy tree for each group answers every question about how the group's values are spread.
Everything but the counting is post-processing: it reads noisy counts only, and is free.
"""

from query.trees.counts import NoisyTree
from query.trees.quantiles import Position, extreme, quantile
from query.trees.shapes import MAX_BUCKETS, Tree, best_tree

__all__ = [
    "MAX_BUCKETS",
    "NoisyTree",
    "Position",
    "Tree",
    "best_tree",
    "extreme",
    "quantile",
]
