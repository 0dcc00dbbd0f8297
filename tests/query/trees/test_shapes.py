from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.privacy import Measure
from query.trees import MAX_BUCKETS, Tree, best_tree

trees = st.builds(Tree, buckets=st.integers(1, 40), branching=st.integers(2, 12))


def design(tree: Tree) -> np.ndarray:
    """Which leaves each node counts, one row a node."""
    columns = [tree.totals([int(i == j) for i in range(tree.buckets)]) for j in range(tree.buckets)]
    return np.array(columns, dtype=float).T


@given(tree=trees)
def test_each_level_counts_each_leaf_once(tree: Tree) -> None:
    counted = design(tree)
    first = 0
    for size in tree.sizes:
        assert (counted[first : first + size].sum(axis=0) == 1).all()
        first += size

    assert first == tree.nodes == len(counted)
    assert tree.sizes[-1] == tree.buckets
    assert tree.sizes[0] <= tree.branching or tree.levels == 1


def test_levels_are_laid_out_top_first() -> None:
    tree = Tree(buckets=5, branching=2)

    assert tree.sizes == (2, 3, 5)
    assert tree.totals([1, 2, 3, 4, 5]) == (10, 5, 3, 7, 5, 1, 2, 3, 4, 5)


@given(tree=trees, rows=st.lists(st.integers(0, 39), min_size=1, max_size=9))
def test_removing_a_unit_moves_the_nodes_by_no_more_than_the_norms(
    tree: Tree, rows: list[int]
) -> None:
    leaves = [0] * tree.buckets
    for row in rows:
        leaves[row % tree.buckets] += 1
    moved = np.array(tree.totals(leaves))

    sensitivity = tree.sensitivity(groups=1, rows=len(rows))

    assert abs(moved).sum() <= sensitivity.l1
    assert math.sqrt((moved**2).sum()) <= sensitivity.l2


def test_rows_in_one_bucket_of_every_group_reach_the_norms() -> None:
    tree = Tree(buckets=9, branching=3)
    moved = np.array(tree.totals([0, 4, 0, 0, 0, 0, 0, 0, 0]) * 3)

    sensitivity = tree.sensitivity(groups=3, rows=4)

    assert moved.sum() == sensitivity.l1
    assert math.sqrt((moved**2).sum()) == pytest.approx(sensitivity.l2)


@settings(deadline=None)
@given(
    tree=trees,
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    part=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
)
def test_variances_are_those_of_generalized_least_squares(
    tree: Tree, ends: tuple[float, float], part: float
) -> None:
    lower, upper = sorted(round(end * tree.buckets, 1) for end in ends)
    lower, upper = min(lower, tree.buckets), min(upper, tree.buckets)
    counted = design(tree)
    covariance = np.linalg.inv(counted.T @ counted)
    each = [max(min(i + 1, upper) - max(i, lower), 0) for i in range(tree.buckets)]
    wanted = np.array(each) - part

    assert tree.variance(lower, upper, part) == pytest.approx(
        wanted @ covariance @ wanted, abs=1e-9
    )


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("buckets", [1, 2, 3, 17, 100, 365, 1000, MAX_BUCKETS])
def test_no_other_branching_is_much_better_than_the_best(buckets: int, measure: Measure) -> None:
    def error(tree: Tree) -> float:
        power = 2 if measure is Measure.PURE else 1
        edges = range(0, buckets + 1, 1 if buckets < 400 else 7)
        return float(tree.levels**power * sum(tree.variance(0, edge, 0.5) for edge in edges))

    best = error(best_tree(buckets, measure))

    for branching in (2, 3, 4, 5, 8, 10, 16, 20, 32, 64, max(buckets, 2)):
        assert best <= 1.2 * error(Tree(buckets=buckets, branching=branching)) + 1e-9


def test_a_few_buckets_need_no_tree() -> None:
    assert best_tree(10, Measure.PURE).levels == 1
    assert best_tree(1000, Measure.PURE).levels == 3


@pytest.mark.parametrize("buckets", [0, MAX_BUCKETS + 1])
def test_refuses_a_number_of_buckets_outside_its_range(buckets: int) -> None:
    with pytest.raises(ValueError, match="buckets; give 1 to 4096"):
        Tree(buckets=buckets, branching=2)


def test_refuses_a_tree_that_does_not_branch() -> None:
    with pytest.raises(ValueError, match="give 2 or more"):
        Tree(buckets=3, branching=1)


def test_refuses_counts_that_do_not_match() -> None:
    with pytest.raises(ValueError, match="one for each bucket"):
        Tree(buckets=3, branching=2).totals([1, 2])
