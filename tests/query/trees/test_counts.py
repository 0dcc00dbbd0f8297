from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.privacy import Measure
from query.mechanisms import Noise
from query.trees import NoisyTree, Tree

NOISE = Noise(measure=Measure.ZCDP, scale=2.0)
trees = st.builds(Tree, buckets=st.integers(1, 30), branching=st.integers(2, 9))


@st.composite
def noisy_nodes(draw: st.DrawFn) -> tuple[Tree, list[int]]:
    tree = draw(trees)
    return tree, draw(st.lists(st.integers(-50, 50), min_size=tree.nodes, max_size=tree.nodes))


@settings(deadline=None)
@given(drawn=noisy_nodes())
def test_counts_are_those_of_least_squares(drawn: tuple[Tree, list[int]]) -> None:
    tree, nodes = drawn
    columns = [tree.totals([int(i == j) for i in range(tree.buckets)]) for j in range(tree.buckets)]
    expected = np.linalg.lstsq(np.array(columns, dtype=float).T, np.array(nodes), rcond=None)[0]

    assert NoisyTree.of(tree, NOISE, nodes).counts == pytest.approx(expected, abs=1e-8)


@given(tree=trees, seed=st.lists(st.integers(0, 99), min_size=30, max_size=30))
def test_without_noise_counts_are_exact(tree: Tree, seed: list[int]) -> None:
    leaves = seed[: tree.buckets]

    read = NoisyTree.of(tree, NOISE, tree.totals(leaves))

    assert read.counts == pytest.approx(leaves, abs=1e-9)
    assert read.total == pytest.approx(sum(leaves), abs=1e-9)
    assert read.rising == pytest.approx([sum(leaves[:n]) for n in range(len(leaves) + 1)], abs=1e-8)


@given(drawn=noisy_nodes())
def test_the_rising_count_rises_from_0_to_the_total(drawn: tuple[Tree, list[int]]) -> None:
    read = NoisyTree.of(*drawn[:1], NOISE, drawn[1])

    assert len(read.rising) == drawn[0].buckets + 1
    assert all(a <= b for a, b in pairwise(read.rising))
    if read.total > 0:
        assert read.rising[0] == 0
        assert read.rising[-1] <= read.total + 1e-9


def test_pooling_takes_the_mean_of_what_falls() -> None:
    read = NoisyTree.of(Tree(buckets=4, branching=4), NOISE, [4, -2, 5, 1])

    assert read.rising == (0, 3, 3, 7, 8)


def test_the_count_below_is_linear_inside_a_bucket() -> None:
    read = NoisyTree.of(Tree(buckets=2, branching=2), NOISE, [4, 6])

    assert [read.below(at) for at in (0, 0.5, 1, 1.5, 2)] == [0, 2, 4, 7, 10]


def test_the_standard_error_is_the_noise_times_the_root_of_the_variance() -> None:
    read = NoisyTree.of(Tree(buckets=4, branching=4), NOISE, [0] * 4)

    assert read.standard_error(0, 4) == pytest.approx(4)
    assert read.standard_error(0, 1) == pytest.approx(2)
    assert read.standard_error(0, 2, 0.5) == pytest.approx(2)


def test_refuses_nodes_that_do_not_match() -> None:
    with pytest.raises(ValueError, match="one for each node"):
        NoisyTree.of(Tree(buckets=4, branching=2), NOISE, [1, 2, 3, 4])
