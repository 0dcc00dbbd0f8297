from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from anonymizers.tables.hierarchies import (
    CategoryHierarchy,
    DateHierarchy,
    Hierarchy,
    NoHierarchy,
    NumberHierarchy,
    ZipHierarchy,
    generalize,
    step_names,
)
from anonymizers.tables.zip_areas import state_of

RACES = CategoryHierarchy(
    groups=({"Asian or Pacific": ("Asian", "Hawaiian")}, {"Any": ("Asian or Pacific",)})
)
DAYS = DateHierarchy(steps=("day", "month", "year", "5 years", "10 years"))
ZIPS = ZipHierarchy(steps=("zip5", "zip3", "state"))
ALL: tuple[Hierarchy, ...] = (
    DateHierarchy(steps=("day", "month", "quarter", "year", "5 years", "10 years")),
    DateHierarchy(format="%m/%d/%Y"),
    DateHierarchy(oldest=1950),
    NumberHierarchy(top=90),
    NumberHierarchy(widths=(3, 6), start=1),
    ZIPS,
    ZipHierarchy(),
    RACES,
    NoHierarchy(),
)
values = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.dates().map(str),
    st.integers(-200, 200).map(str),
    st.integers(0, 99_999).map("{:05}".format),
    st.sampled_from(["Asian", "Hawaiian", "White", "*", "03/04/2021", "03601", "00000"]),
)


@pytest.mark.parametrize("hierarchy", ALL)
@given(st.lists(values, min_size=2, max_size=12))
def test_what_stands_together_stays_together(
    hierarchy: Hierarchy, given_values: list[str | None]
) -> None:
    rows = [generalize(hierarchy, value) for value in given_values]

    assert all(len(row) == len(step_names(hierarchy)) for row in rows)
    assert all(row[-1] == "*" for row in rows)
    for one, other in combinations(rows, 2):
        together = [a == b for a, b in zip(one, other, strict=True)]
        assert together == sorted(together)


@pytest.mark.parametrize(
    ("hierarchy", "value", "steps"),
    [
        (DAYS, "1987-05-21", ("1987-05-21", "1987-05", "1987", "1985-1989",
                                         "1980-1989")),
        (DateHierarchy(steps=("quarter",)), "1987-05-21 10:30:00", ("1987-Q2",)),
        (DateHierarchy(steps=("year",), format="%m/%d/%Y"), "05/21/1987", ("1987",)),
        (DateHierarchy(steps=("day", "year")), "21 May", ("*", "*")),
        (DateHierarchy(oldest=1937), "1937-01-01", ("1937", "1935-1939", "1930-1939")),
        (DateHierarchy(oldest=1937), "1936-12-31", ("before 1937",) * 3),
        (NumberHierarchy(top=90), "37", ("37", "35-39", "30-39", "20-39")),
        (NumberHierarchy(top=90), "89", ("89", "85-89", "80-89", "80-89")),
        (NumberHierarchy(top=90), "90", ("90+", "90+", "90+", "90+")),
        (NumberHierarchy(top=90), "104", ("90+", "90+", "90+", "90+")),
        (NumberHierarchy(widths=(10,)), "-1", ("-10--1",)),
        (NumberHierarchy(widths=(1, 10)), "17.9", ("17", "10-19")),
        (NumberHierarchy(widths=(5,)), "forty", ("*",)),
        (NumberHierarchy(widths=(5,)), "NaN", ("*",)),
        (ZIPS, "02139-1234", ("02139", "021", "MA")),
        (ZIPS, "66801", ("66801", "668", "KS")),
        (ZIPS, "03601", ("03601", "000", "000")),
        (ZIPS, "2139", ("*", "*", "*")),
        (RACES, "Asian", ("Asian", "Asian or Pacific", "Any")),
        (RACES, "White", ("White", "*", "*")),
        (NoHierarchy(), "x", ("x",)),
    ],
)  # fmt: skip
def test_a_value_grows_coarser(hierarchy: Hierarchy, value: str, steps: tuple[str, ...]) -> None:
    assert generalize(hierarchy, value) == (value, *steps, "*")


def test_a_missing_value_stays_missing_until_nothing_is_told() -> None:
    assert generalize(ZIPS, None) == (None, None, None, None, "*")


def test_hierarchies_that_do_not_nest_are_refused() -> None:
    for wrong in (
        lambda: NumberHierarchy(widths=(2, 5)),
        lambda: NumberHierarchy(widths=(5, 5)),
        lambda: DateHierarchy(steps=("year", "month")),
        lambda: ZipHierarchy(steps=("zip3", "zip3")),
        lambda: CategoryHierarchy(groups=({"a": ("x",), "b": ("x",)},)),
    ):
        with pytest.raises(ValidationError):
            wrong()


@pytest.mark.parametrize(
    ("area", "state"),
    [("021", "MA"), ("055", "MA"), ("100", "NY"), ("005", "NY"), ("203", "DC"), ("201", "VA"),
     ("606", "IL"), ("668", "KS"), ("885", "TX"), ("945", "CA"), ("999", "AK"), ("000", None),
     ("621", None)],
)  # fmt: skip
def test_areas_lie_in_their_states(area: str, state: str | None) -> None:
    assert state_of(area) == state
