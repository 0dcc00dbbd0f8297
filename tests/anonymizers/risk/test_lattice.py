from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizers.risk import ClassCounter, Criteria, Node, search
from anonymizers.risk.lattice import mark
from anonymizers.tables.hierarchies import NumberHierarchy, ZipHierarchy
from tests.anonymizers.risk.tables import counter

AGES = NumberHierarchy(widths=(5, 10, 40), top=90)
ZIPS = ZipHierarchy(steps=("zip5", "zip3", "state"))


def loss_by_hand(table: ClassCounter, node: Node, criteria: Criteria) -> Fraction | None:
    """Compute a release's loss row by row, or None where it breaks the suppression limit."""
    rows = [
        tuple(
            column.table[step][code]
            for column, step, code in zip(
                table.columns, node, (one.codes[row].as_py() for one in table.columns), strict=True
            )
        )
        for row in range(table.rows)
    ]
    lost = Fraction(0)
    suppressed = 0
    told = [] if table.sensitive is None else table.sensitive.codes.to_pylist()
    for place, row in enumerate(rows):
        values = [value for other, value in zip(rows, told, strict=False) if other == row]
        common = max(map(values.count, values), default=0)
        if rows.count(row) < criteria.k or common * criteria.l > rows.count(row):
            suppressed += 1
            lost += len(node)
            continue
        for column, step in zip(table.columns, node, strict=True):
            source = column.codes[place].as_py()
            same = sum(code == column.table[step][source] for code in column.table[step])
            lost += Fraction(same - 1, max(column.distinct - 1, 1))
    if suppressed > int(Fraction(str(criteria.suppression)) * table.rows):
        return None
    return lost / len(node) / table.rows


people = st.lists(
    st.tuples(
        st.sampled_from(["31", "33", "47", "52", "58", "91", "95"]),
        st.sampled_from(["02139", "02140", "03601", "66801", "x"]),
        st.sampled_from(["F", "M", None]),
        st.sampled_from("abc"),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(people, st.integers(2, 6), st.integers(1, 3), st.sampled_from([0.0, 0.1, 0.4, 1.0]))
def test_no_node_is_better_than_the_one_found(
    rows: list[tuple[str, str, str | None, str]],
    k: int,
    l: int,  # noqa: E741  its name
    suppression: float,
) -> None:
    age, area, sex, dx = zip(*rows, strict=True)
    cells = {"age": age, "zip": area, "sex": sex}
    table = counter(cells, {"age": AGES, "zip": ZIPS}, sensitive=(dx, "equal"))
    criteria = Criteria(k=k, l=l, suppression=suppression)
    nodes = product(*(range(1, step + 1) for step in table.top))
    losses = {node: loss_by_hand(table, node, criteria) for node in nodes}
    possible = [loss for loss in losses.values() if loss is not None]
    choice = search(table, criteria)

    if choice is None:
        assert not possible
    else:
        assert choice.loss == losses[choice.node] == min(possible)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), max_size=4))
def test_every_node_is_marked_as_it_is(least: set[Node]) -> None:
    def is_good(node: Node) -> bool:
        return any(all(a >= b for a, b in zip(node, one, strict=True)) for one in least)

    good, _ = mark((0, 0, 0), (3, 2, 2), is_good)

    assert good == {node for node in product(range(4), range(3), range(3)) if is_good(node)}


def test_few_nodes_are_asked_about() -> None:
    _, asked = mark((0,) * 4, (4,) * 4, lambda node: sum(node) >= 8)

    assert asked < 625 / 2


def test_the_sources_own_values_are_never_released() -> None:
    table = counter({"age": ["93", "93"]}, {"age": AGES})
    choice = search(table, Criteria(k=2))

    assert choice is not None
    assert choice.node == (1,)


def test_a_table_of_too_few_people_has_no_release() -> None:
    assert search(counter({"age": ["31"] * 3}), Criteria(k=4, suppression=0.9)) is None


def test_weights_say_what_to_keep() -> None:
    cells = {"a": ["x", "x", "y", "y"], "b": ["p", "q", "p", "q"]}

    def chosen(heavy: str) -> Node:
        table = counter(cells)
        columns = [
            column.weighted(Fraction(9)) if column.name == heavy else column
            for column in table.columns
        ]
        choice = search(ClassCounter(columns), Criteria(k=2, suppression=0))
        assert choice is not None
        return choice.node

    assert chosen("a") == (1, 2)
    assert chosen("b") == (2, 1)


@pytest.mark.parametrize("t", [0.0, 0.2, 0.3, 1.0])
def test_t_holds_in_what_is_found(t: float) -> None:
    table = counter(
        {"zip": ["a", "a", "b", "b", "c", "c"]}, sensitive=(["1", "1", "1", "2", "2", "2"], "equal")
    )
    criteria = Criteria(k=2, t=t, suppression=0)
    choice = search(table, criteria)

    assert choice is not None
    diversity = table.diversity(choice.node, criteria)
    assert diversity is not None
    assert diversity.distance <= t
