"""The keyed order: total, the same in SQL as in its definition, and blind to everything else."""

from __future__ import annotations

import math
import random
from collections import Counter
from datetime import date
from fractions import Fraction

import duckdb
import pytest

from query.domains import BOOLEAN, TEXT, Domain, Kind, number
from query.expressions import Literal
from query.keyed_order import PRIME, has_places, mixed, place_of_group, place_of_value
from query.periods import Grain
from query.question import GroupKey

GROUPS, SALTS = 20, 40_000


def mixes(salts: list[int], places: list[int]) -> dict[tuple[int, int], int]:
    listed = f"SELECT UNNEST({salts}) AS z"
    crossed = f"SELECT z, p FROM ({listed}), (SELECT CAST(UNNEST({places}) AS BIGINT) AS p)"
    rows = duckdb.execute(mixed(crossed, "p", "h")).fetchall()
    return {(int(row[0]), int(row[1])): int(row[3]) for row in rows}


def test_the_sql_is_the_definition_also_at_the_ends() -> None:
    salts, places = [0, 1, 7, PRIME - 1, PRIME, 2**31 - 1], [0, 1, 9_999, PRIME - 1, 2**61]
    found = mixes(salts, places)

    for (salt, place), mix in found.items():
        linear = salt * 444_758_425 + place % PRIME * 786_033_569 + 253_476_060
        assert mix == pow(linear, 5, PRIME)


def test_different_groups_of_a_unit_never_tie() -> None:
    found = mixes([123_456_789], list(range(5_000)))

    assert len(set(found.values())) == 5_000


def test_every_group_is_as_often_the_first_and_the_second() -> None:
    """Chi-square with 19 degrees: above 60 once in a million; draws and mix are fixed here."""
    drawn = random.Random(5)  # noqa: S311  made-up salts
    salts = [drawn.randrange(2**31) for _ in range(SALTS)]
    found = mixes(salts, list(range(GROUPS)))
    orders = [sorted(range(GROUPS), key=lambda place: found[salt, place]) for salt in salts]

    for position in (0, 1, GROUPS - 1):
        counts = Counter(order[position] for order in orders)
        expected = SALTS / GROUPS
        assert sum((counts[one] - expected) ** 2 / expected for one in range(GROUPS)) < 60


def test_salts_that_differ_by_one_order_groups_apart() -> None:
    found = mixes(list(range(2_000)), [0, 1])
    agree = sum(
        (found[salt, 0] < found[salt, 1]) == (found[salt + 1, 0] < found[salt + 1, 1])
        for salt in range(1_999)
    )

    assert abs(agree - 1_000) < 5 * math.sqrt(500)


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        (Domain(kind=Kind.TEXT, categories=("b", "it's", "a")), "VARCHAR"),
        (Domain(kind=Kind.TEXT, categories=("b", "a"), is_enum=True), "ENUM ('b', 'a')"),
        (number(Fraction(-1), Fraction(2), step=Fraction(1, 2)), "BIGINT"),
        (BOOLEAN, "BOOLEAN"),
        *(
            (Domain(kind=Kind.DATE, lower=low, upper=date(2031, 2, 9), grain=grain), "DATE")
            for grain, low in (
                (Grain.DAY, date(2023, 12, 30)),
                (Grain.WEEK, date(2024, 1, 1)),
                (Grain.MONTH, date(2023, 11, 1)),
                (Grain.QUARTER, date(2023, 10, 1)),
                (Grain.YEAR, date(1999, 1, 1)),
                (Grain.DECADE, date(1990, 1, 1)),
            )
        ),
    ],
)
def test_values_are_numbered_in_the_order_of_their_domain(domain: Domain, kind: str) -> None:
    values = [
        int(one / domain.step) if domain.kind is Kind.NUMBER else one  # type: ignore[operator]
        for one in domain.values()
    ]
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE t (i INTEGER, v {kind})")
    connection.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(values)))
    rows = connection.execute(f"SELECT i, {place_of_value('v', domain)} FROM t").fetchall()
    connection.close()

    assert len(rows) > 1
    assert all(place == found for place, found in rows)


def test_the_place_of_a_group_is_that_of_its_cell() -> None:
    keys = [
        GroupKey(expression=Literal(value=None, domain=BOOLEAN), size=3, has_null=True),
        GroupKey(expression=Literal(value=None, domain=number(Fraction(1), Fraction(4))), size=4),
    ]
    rows = "SELECT UNNEST([FALSE, FALSE, TRUE, NULL]) AS a, UNNEST([1, 4, 1, 2]) AS b"
    found = duckdb.execute(f"SELECT {place_of_group(['a', 'b'], keys)} FROM ({rows})").fetchall()

    assert found == [(0,), (3,), (4,), (9,)]


def test_only_small_known_domains_have_places() -> None:
    assert has_places(number(Fraction(0), Fraction(999_999)))
    assert not has_places(number(Fraction(0), Fraction(1_000_000)))
    assert not has_places(TEXT)
