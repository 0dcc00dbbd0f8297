"""Trees of counts over the buckets of a bounded number: quantiles, extremes and histograms.

One noisy tree for each group answers every question about how the group's values are spread.
Everything but the counting is post-processing: it reads noisy counts only, and is free.
"""

from query.trees.counts import NoisyTree
from query.trees.quantiles import Count, Position, count_between, extreme, quantile
from query.trees.shapes import MAX_BUCKETS, Tree, best_tree

__all__ = [
    "MAX_BUCKETS",
    "Count",
    "NoisyTree",
    "Position",
    "Tree",
    "best_tree",
    "count_between",
    "extreme",
    "quantile",
]
