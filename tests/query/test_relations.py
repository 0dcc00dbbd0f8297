from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from query.parse import parse
from query.relations import HIDDEN_UNIT, Derived, Filter, Join, JoinKind, Scan, Union
from query.traversal import nested, scans
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def make_join(kind: JoinKind, one: int | None, other: int | None, *, finds_one: bool) -> Join:
    left, right = (
        Scan(alias=alias, table="visits", unit=None, proved_rows=most)
        for alias, most in (("t0", one), ("t1", other))
    )
    return Join(left=left, right=right, kind=kind, condition=None, unit=None, finds_one=finds_one)


def joined_rows(kind: JoinKind, one: int, other: int, *, finds_one: bool) -> Iterator[int]:
    """Count the rows of every join of up to so many rows of one unit."""
    for left, right in product(range(one + 1), range(other + 1)):
        for pairs in product([False, True], repeat=left * right):
            partners = [pairs[row * right : (row + 1) * right] for row in range(left)]
            if finds_one and any(sum(found) > 1 for found in partners):
                continue
            alone_left = sum(not any(found) for found in partners)
            alone_right = sum(not any(found[place] for found in partners) for place in range(right))
            keeps_left = kind in {JoinKind.LEFT, JoinKind.FULL}
            keeps_right = kind in {JoinKind.RIGHT, JoinKind.FULL}
            yield sum(pairs) + alone_left * keeps_left + alone_right * keeps_right


@pytest.mark.parametrize("kind", JoinKind)
@pytest.mark.parametrize("finds_one", [False, True])
@pytest.mark.parametrize(("one", "other"), [(1, 1), (1, 3), (2, 2), (3, 1), (3, 2)])
def test_a_join_is_bounded_by_the_most_rows_that_it_can_make(
    kind: JoinKind, one: int, other: int, *, finds_one: bool
) -> None:
    most = make_join(kind, one, other, finds_one=finds_one).max_rows
    largest = max(joined_rows(kind, one, other, finds_one=finds_one))

    assert most is not None
    assert largest <= most
    if not finds_one:
        assert most == largest


@pytest.mark.parametrize("kind", JoinKind)
def test_a_join_with_tables_of_any_size_has_no_bound(kind: JoinKind) -> None:
    assert make_join(kind, None, 3, finds_one=True).max_rows is None
    assert make_join(kind, 3, None, finds_one=False).max_rows is None


def test_a_partner_by_key_needs_no_bound_on_its_table() -> None:
    bounds = {kind: make_join(kind, 3, None, finds_one=True).max_rows for kind in JoinKind}

    assert bounds == {
        JoinKind.INNER: 3,
        JoinKind.LEFT: 3,
        JoinKind.RIGHT: None,
        JoinKind.FULL: None,
        JoinKind.ASOF: 3,
        JoinKind.ASOF_LEFT: 3,
    }


def test_a_relation_without_rows_leaves_those_of_an_outer_join() -> None:
    assert make_join(JoinKind.LEFT, 2, 0, finds_one=False).max_rows == 2
    assert make_join(JoinKind.RIGHT, 0, 2, finds_one=False).max_rows == 2


def test_a_computed_relation_names_the_unit_in_a_column_of_ours() -> None:
    relation = parse(
        "SELECT COUNT(*) FROM (SELECT patient_id FROM stays UNION ALL "
        "SELECT patient_id FROM enrolled) WHERE TRUE",
        WARD,
    ).relation

    assert isinstance(relation, Filter)
    union = relation.source
    assert isinstance(union, Union)
    assert union.unit is not None
    assert union.unit.column == HIDDEN_UNIT
    assert relation.max_rows == union.max_rows == 4
    assert all(isinstance(part, Derived) for part in union.parts)


def test_tables_are_found_in_the_order_of_the_text() -> None:
    relation = parse(
        "SELECT COUNT(*) FROM patients p JOIN (SELECT patient_id FROM stays UNION ALL "
        "SELECT patient_id FROM enrolled) u USING (patient_id) JOIN (VALUES (1)) v(x) ON TRUE "
        "WHERE EXISTS (SELECT 1 FROM labs l WHERE l.patient_id = p.patient_id) "
        "AND (SELECT COUNT(*) FROM visits w WHERE w.patient_id = p.patient_id) > v.x",
        WARD,
    ).relation

    assert [scan.table for scan in scans(relation)] == [
        "patients",
        "stays",
        "enrolled",
        "labs",
        "visits",
    ]
    assert sum(1 for _ in nested(relation)) == 19
