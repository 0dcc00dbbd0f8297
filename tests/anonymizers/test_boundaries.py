from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.boundaries import repaired
from anonymizers.spans import Label, Span
from tests.anonymizers.marked import span


def whole(text: str, part: str, label: Label) -> list[str]:
    start = text.index(part)
    return [one.of(text) for one in repaired(text, [span(start, start + len(part), label)])]


@pytest.mark.parametrize(
    ("text", "part", "label", "result"),
    [
        ("seen by Okafor today", "Oka", Label.NAME, "Okafor"),
        ("Marine542 came", "Marine", Label.NAME, "Marine542"),
        ("J. R. Okafor came", "Okafor", Label.NAME, "J. R. Okafor"),
        ("Okafor Jr. came", "Okafor", Label.NAME, "Okafor Jr."),
        ("Okafor's leg", "Okafor's", Label.NAME, "Okafor"),
        ("j okafor", "okafor", Label.NAME, "okafor"),
        ("told manuel mmbone", "mmbone", Label.NAME, "manuel mmbone"),
        ("Ilmari Johnson came", "Ilmari", Label.NAME, "Ilmari Johnson"),
        ("will Okafor come", "Okafor", Label.NAME, "Okafor"),
        ("Okafor long ago", "Okafor", Label.NAME, "Okafor"),
        ("Hyun-woo came", "Hyun", Label.NAME, "Hyun-woo"),
        ("Smith-related pain", "Smith", Label.NAME, "Smith"),
        ("Hyun-woo Park came", "Hyun", Label.NAME, "Hyun-woo Park"),
        ("Okafor May 5", "Okafor", Label.NAME, "Okafor"),
        ("discussed w j.r. today", "j.r", Label.NAME, "j.r."),
        ("by M.K.L. and", "M.K.L", Label.NAME, "M.K.L."),
        ("by Sokalski G. and", "Sokalski G", Label.NAME, "Sokalski G."),
        ("Simonsen, Villads - cyst", "Simonsen", Label.NAME, "Simonsen, Villads"),
        ("Simonsen, stable - cyst", "Simonsen", Label.NAME, "Simonsen"),
        ("by Okafor. Then", "Okafor", Label.NAME, "Okafor"),
        ("on 0l/22/2O19", "l/22/2O19", Label.DATE, "0l/22/2O19"),
        ("DOB01/02/1950", "01/02/1950", Label.DATE, "01/02/1950"),
        ("on 11/02/1950", "1/02/1950", Label.DATE, "11/02/1950"),
        ("MRN AB123456", "123456", Label.ID, "AB123456"),
        ("call (617) 555-0123", "617) 555-0123", Label.PHONE_FAX, "(617) 555-0123"),
        ("call (617) 555-0123", "(617) 555-0123", Label.PHONE_FAX, "(617) 555-0123"),
        ('("Elm Street",', '("Elm Street",', Label.LOCATION, "Elm Street"),
    ],
)
def test_a_span_grows_to_the_edges_of_what_it_belongs_to(
    text: str, part: str, label: Label, result: str
) -> None:
    assert whole(text, part, label) == [result]


def test_what_is_only_punctuation_is_no_span() -> None:
    assert whole("a -- (,) b", "(,)", Label.OTHER) == []


@pytest.mark.parametrize("between", [" ", ", ", " T. ", "-"])
def test_parts_of_one_name_are_joined(between: str) -> None:
    text = f"Okafor{between}Maria"

    result = repaired(text, [span(0, 6), span(len(text) - 5, len(text))])

    assert [one.of(text) for one in result] == [text]


@pytest.mark.parametrize("between", [" and ", "; ", "\n"])
def test_two_names_stay_two(between: str) -> None:
    text = f"Okafor{between}Maria"

    assert len(repaired(text, [span(0, 6), span(len(text) - 5, len(text))])) == 2


@given(
    text=st.text(alphabet="aB1 .,'-(\n", min_size=1, max_size=40),
    cuts=st.lists(st.tuples(st.integers(0, 39), st.integers(1, 8)), max_size=5),
    label=st.sampled_from(Label),
)
def test_no_letter_or_digit_is_uncovered_but_a_possessive(
    text: str, cuts: list[tuple[int, int]], label: Label
) -> None:
    spans: list[Span] = [
        span(start, min(len(text), start + length), label)
        for start, length in cuts
        if start < len(text)
    ]

    result = repaired(text, spans)

    covered = {index for one in result for index in range(one.start, one.end)}
    assert all(
        index in covered
        for one in spans
        for index in range(one.start, one.end)
        if text[index].isalnum()
    )
    assert list(result) == sorted(result, key=lambda one: one.start)
    assert all(left.end <= right.start for left, right in pairwise(result))
