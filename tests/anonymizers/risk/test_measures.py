"""Figures against the papers that define them, and against pyCANON 1.3.6 (see docs/adr/0018)."""

from __future__ import annotations

import csv
from fractions import Fraction
from math import exp, log
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizers.risk import ClassCounter, Criteria, attackers, summarize
from anonymizers.risk.counting import ClassSize
from tests.anonymizers.risk.tables import counter, distance_by_hand, l_by_hand, quasi

WARDS = Path(__file__).parents[2] / "cases" / "risk_wards.csv"


def wards(*names: str) -> ClassCounter:
    with WARDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return counter(
        {name: [row[name] for row in rows] for name in names},
        sensitive=([row["dx"] for row in rows], "equal"),
    )


# pycanon.anonymity: k_anonymity and t_closeness over risk_wards.csv
@pytest.mark.parametrize(
    ("names", "k", "t"),
    [
        (("age", "sex", "zip"), 2, 0.55),
        (("age", "sex"), 6, 0.21666666666666665),
        (("sex",), 29, 0.04137931034482757),
        (("sex", "zip"), 11, 0.2),
    ],
)
def test_k_and_t_are_those_of_pycanon(names: tuple[str, ...], k: int, t: float) -> None:
    table = wards(*names)
    diversity = table.diversity(tuple(0 for _ in names))

    assert min(one.size for one in table.sizes(tuple(0 for _ in names))) == k
    assert diversity is not None
    assert diversity.distance == pytest.approx(t)


def test_the_ordered_distance_is_that_of_li_2007() -> None:
    # Table 3 and section 4.2: salaries 3..11 in three classes; D[P1, Q] = 0.375, D[P2, Q] = 0.167
    table = counter(
        {"zip": ["476"] * 3 + ["4790"] * 3 + ["4760"] * 3},
        sensitive=([3, 4, 5, 6, 11, 8, 7, 9, 10], "ordered"),
    )
    apart = [
        row[1]
        for row in table._all(f"SELECT k0, distance FROM ({table._distances((0,))}) ORDER BY 1")
    ]

    assert apart[0] == pytest.approx(0.375)
    assert apart[1] == pytest.approx(1 / 6)


def test_the_equal_distance_is_half_the_sum_of_differences() -> None:
    table = counter({"sex": ["F", "F", "M", "M"]}, sensitive=(["a", "a", "a", "b"], "equal"))
    diversity = table.diversity((0,))

    # F: |1 - 3/4| and |0 - 1/4|, halved
    assert diversity is not None
    assert diversity.distance == pytest.approx(0.25)
    assert diversity.l == 1
    assert diversity.entropy == pytest.approx(1)


def test_entropy_l_counts_equally_likely_values() -> None:
    table = counter({"sex": ["F"] * 4}, sensitive=(["a", "a", "a", "b"], "equal"))
    diversity = table.diversity((0,))

    assert diversity is not None
    assert diversity.entropy == pytest.approx(exp(-0.75 * log(0.75) - 0.25 * log(0.25)))


@pytest.mark.parametrize(("values", "l"), [("aab", 1), ("aabb", 2), ("aabbc", 2), ("abcdef", 6)])
def test_l_is_how_many_share_the_commonest_value(values: str, l: int) -> None:  # noqa: E741  its name
    """No value is had by more than one unit in l: Xiao and Tao (2006), definition 2."""
    diversity = counter({"sex": ["F"] * len(values)}, sensitive=(values, "equal")).diversity((0,))

    assert diversity is not None
    assert diversity.l == l


def test_one_patient_with_two_diagnoses_hides_nobody_elses() -> None:
    """Of ten women with one diagnosis and one with two, all have the same."""
    dx = ["hiv"] * 11 + ["flu"]
    table = counter({"sex": ["F"] * 12}, sensitive=(dx, "equal"), units=[*range(11), 10])
    diversity = table.diversity((0,))

    assert diversity is not None
    assert diversity.l == 1
    assert table.outcome((0,), Criteria(k=11, l=2)).suppressed == 12
    assert table.outcome((0,), Criteria(k=11)).suppressed == 0


@pytest.mark.parametrize(
    ("distance", "values"), [("equal", "0123456789"), ("ordered", "9abcdefgh")]
)
def test_what_all_of_a_class_have_among_much_else_is_far_from_the_table(
    distance: str, values: str
) -> None:
    """The mean of what they have is close, that each of them has the first of it is not."""
    rows = [("F", unit, value) for unit in range(5) for value in values]
    rows += [("M", unit, value) for unit in range(5, 10) for value in values[1:]]
    sex, units, told = zip(*rows, strict=True)
    table = counter({"sex": sex}, sensitive=(told, distance), units=units)
    diversity = table.diversity((0,))

    assert diversity is not None
    assert diversity.distance == pytest.approx(0.5 if distance == "equal" else 1 / 16)
    assert table.outcome((0,), Criteria(k=5, t=0.06)).suppressed == 5 * len(values)


OWNED = st.lists(
    st.tuples(st.sampled_from("FM"), st.sampled_from("abcd"), st.integers(0, 3)), min_size=1
)


@settings(deadline=None, max_examples=80)
@given(OWNED, st.sampled_from(["equal", "ordered"]))
def test_each_unit_counts_once_however_many_rows_it_has(
    rows: list[tuple[str, str, int]], distance: str
) -> None:
    sex, owners, values = zip(*rows, strict=True)
    units = ["abcd".index(one) for one in owners]
    table = counter({"sex": sex}, sensitive=(values, distance), units=units)
    classes = [[row[1:] for row in rows if row[0] == one] for one in set(sex)]
    whole = [row[1:] for row in rows]
    far = max(distance_by_hand(one, whole, distance) for one in classes)
    diversity = table.diversity((0,))

    assert diversity is not None
    assert diversity.l == min(map(l_by_hand, classes))
    assert diversity.distance == pytest.approx(float(far), abs=1e-8)


def test_attackers_do_as_well_as_el_emam_says() -> None:
    # Ten rows in classes of 1, 2, 2 and 5; the population has 4, 2, 4 and 10 of them.
    sizes = (
        ClassSize(size=1, population=4, classes=1, rows=1),
        ClassSize(size=2, population=2, classes=1, rows=2),
        ClassSize(size=2, population=4, classes=1, rows=2),
        ClassSize(size=5, population=10, classes=1, rows=5),
    )
    prosecutor, journalist, marketer = attackers(sizes, 0.3)

    assert prosecutor.highest == Fraction(1)
    assert prosecutor.average == Fraction(4, 10)
    assert prosecutor.at_risk == Fraction(5, 10)
    assert journalist.highest == Fraction(1, 2)
    assert journalist.average == Fraction(1, 4) / 10 + Fraction(1, 10) + Fraction(1, 20) + Fraction(
        1, 20
    )
    assert journalist.at_risk == Fraction(2, 10)
    assert marketer.average == journalist.average


def test_a_journalist_does_no_worse_than_classes_over_people() -> None:
    sizes = (
        ClassSize(size=100, population=100, classes=1, rows=100),
        ClassSize(size=1, population=50, classes=1, rows=1),
    )
    _, journalist, marketer = attackers(sizes, 0.3)

    assert marketer.average == (1 + Fraction(1, 50)) / 101
    assert journalist.average == Fraction(2, 150) > marketer.average


def test_nothing_released_is_nothing_at_risk() -> None:
    assert [one.average for one in attackers((), 0.1)] == [0, 0, 0]


def test_classes_count_people_and_not_their_rows() -> None:
    twelve_rows_of_one = counter({"zip": ["021"] * 13}, units=[1] * 12 + [2])

    (only,) = twelve_rows_of_one.sizes((0,))

    assert (only.size, only.rows) == (2, 13)
    assert twelve_rows_of_one.suppressed((0,), Criteria(k=3)) == 13


def test_a_register_of_the_population_lowers_the_journalists_chance() -> None:
    column = quasi("zip", ["021", "022", "021", "021", "022", "021"])
    sample = ClassCounter([column.of_first(2)], population=[column.codes])
    alone = ClassCounter([column.of_first(2)])

    assert [one.population for one in sample.sizes((0,))] == [2, 4]
    assert [one.population for one in alone.sizes((0,))] == [1]


def test_a_summary_counts_what_is_unique_and_what_is_left_out() -> None:
    table = counter({"zip": ["a", "a", "a", "b"]})
    criteria = Criteria(k=2, suppression=0.5)
    before = summarize(table, (0,), criteria, released=False)
    after = summarize(table, (1,), criteria, released=True)

    assert (before.rows, before.k, before.unique, before.suppressed) == (4, 1, 1, 0)
    assert before.discernibility == 9 + 1
    assert (after.rows, after.k, after.unique, after.suppressed) == (3, 3, 0, 1)
    assert after.discernibility == 9 + 1 * 4
    assert after.mean_size == 3


def test_missing_values_look_like_each_other_and_like_nothing_else() -> None:
    table = counter({"zip": [None, None, "b", "b"]})

    assert [(one.size, one.classes) for one in table.sizes((0,))] == [(2, 2)]
    assert [(one.size, one.classes) for one in table.sizes(table.top)] == [(4, 1)]


def test_t_is_judged_too() -> None:
    table = counter({"sex": ["F", "F", "M", "M"]}, sensitive=(["a", "a", "a", "b"], "equal"))

    assert table.outcome((0,), Criteria(k=2, t=0.3)).suppressed == 0
    assert table.outcome((0,), Criteria(k=2, t=0.2)).suppressed == 4
    assert table.outcome((0,), Criteria(k=2, l=2)).suppressed == 2


def test_kept_rows_are_those_of_good_classes() -> None:
    table = counter({"zip": ["a", "b", "a"]})

    assert table.kept((0,), Criteria(k=2)).to_pylist() == [0, 2]
    assert isinstance(table.kept((0,), Criteria(k=2)), pa.Array)
