"""Counts that agree with each other, from noisy nodes that do not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from query.mechanisms import Noise
from query.trees.shapes import Tree, subtree_variances

__all__ = ["NoisyTree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyTree:
    """What a noisy tree of one group says about its leaves.

    Attributes:
        tree: The shape.
        noise: On each node.
        counts: Consistent estimate of each bucket's count, by weighted least squares; unbiased,
            so some are below 0.
        rising: For each edge between buckets, from 0 to ``buckets``, the count below it, made to
            rise from 0 to ``total``.
    """

    tree: Tree
    noise: Noise
    counts: tuple[float, ...]
    rising: tuple[float, ...]

    @classmethod
    def of(cls, tree: Tree, noise: Noise, nodes: Sequence[int]) -> NoisyTree:
        """Read the noisy nodes, laid out as ``Tree.totals`` does.

        Raises:
            ValueError: If there is not one number for each node.
        """
        if len(nodes) != tree.nodes:
            raise ValueError("the noisy counts do not match the tree; give one for each node")
        counts = _consistent(tree, nodes)
        below = (0.0, *accumulate(counts))
        return cls(tree=tree, noise=noise, counts=counts, rising=_isotonic(below))

    @property
    def total(self) -> float:
        """Estimate of the sum of all buckets; may be below 0."""
        return math.fsum(self.counts)

    def standard_error(self, lower: float, upper: float, part: float = 0.0) -> float:
        """Return that of the count between two positions, minus ``part`` of the total."""
        return math.sqrt(self.tree.variance(lower, upper, part)) * self.noise.standard_error

    def below(self, position: float) -> float:
        """Return the rising count below a position, linear inside a bucket."""
        bucket = min(int(position), self.tree.buckets - 1)
        left, right = self.rising[bucket], self.rising[bucket + 1]
        return left + (right - left) * (position - bucket)


def _consistent(tree: Tree, nodes: Sequence[int]) -> tuple[float, ...]:
    """Two passes: what each subtree says of its own total, then what the whole tree says.

    Source: Hay et al. (2010), Theorem 3, with the weights of ``subtree_variances``.
    """
    variances, spreads = _weights(tree)
    noisy: list[Sequence[int]] = []
    first = 0
    for size in tree.sizes:
        noisy.append(nodes[first : first + size])
        first += size
    upward: list[list[float]] = [[float(one) for one in noisy[-1]]]
    for level in range(tree.levels - 2, -1, -1):
        told = _sums(upward[0], tree.branching)
        each = zip(noisy[level], variances[level], told, spreads[level + 1], strict=True)
        upward.insert(0, [v * (own + below / s) for own, v, below, s in each])
    final = upward[0]
    for level in range(1, tree.levels):
        told = _sums(upward[level], tree.branching)
        excess = [(a - b) / s for a, b, s in zip(final, told, spreads[level], strict=True)]
        each_node = enumerate(zip(upward[level], variances[level], strict=True))
        final = [one + v * excess[place // tree.branching] for place, (one, v) in each_node]
    return tuple(final)


@lru_cache(maxsize=16)
def _weights(tree: Tree) -> tuple[list[list[float]], list[list[float]]]:
    """Return V of all nodes, level by level, and its sums over siblings; of no group's data."""
    ends = zip(tree.sizes, subtree_variances(tree), strict=True)
    variances = [[each] * (size - 1) + [last] for size, (each, last) in ends]
    return variances, [_sums(level, tree.branching) for level in variances]


def _sums(values: Sequence[float], branching: int) -> list[float]:
    return [sum(values[start : start + branching]) for start in range(0, len(values), branching)]


def _isotonic(values: Sequence[float]) -> tuple[float, ...]:
    """The nearest sequence that rises from the first value to the last, by pooling violators.

    Where the last is below the first, all are what the last is.

    Source: Ayer et al. (1955), "An empirical distribution function for sampling with incomplete
    information".
    """
    first, last = min(values[0], values[-1]), values[-1]
    means: list[float] = []
    sizes: list[int] = []
    for value in values:
        mean, size = value, 1
        while means and means[-1] > mean:
            other = sizes.pop()
            mean = (mean * size + means.pop() * other) / (size + other)
            size += other
        means.append(mean)
        sizes.append(size)
    held = (min(max(mean, first), last) for mean in means)
    return tuple(
        value for value, size in zip(held, sizes, strict=True) for value in (value,) * size
    )
