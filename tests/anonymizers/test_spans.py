from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.spans import Label, Source, Span, merged
from tests.anonymizers.marked import span

SPANS = st.lists(
    st.builds(
        lambda start, length, label, source: Span(
            start=start, end=start + length, label=label, score=0.5, source=source
        ),
        st.integers(0, 60),
        st.integers(1, 15),
        st.sampled_from(Label),
        st.sampled_from(Source),
    ),
    max_size=15,
)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2)])
def test_refuses_a_span_without_characters(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="0 <= start < end"):
        span(start, end)


@pytest.mark.parametrize("score", [0, -0.5, 1.01])
def test_refuses_a_score_outside_its_range(score: float) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        span(0, 1, score=score)


@given(spans=SPANS)
def test_merging_covers_the_same_characters_once(spans: list[Span]) -> None:
    result = merged(spans)

    covered = {index for one in spans for index in range(one.start, one.end)}
    assert {index for one in result for index in range(one.start, one.end)} == covered
    assert sum(one.end - one.start for one in result) == len(covered)
    assert list(result) == sorted(result, key=lambda one: one.start)


@given(spans=SPANS)
def test_merging_twice_is_merging_once(spans: list[Span]) -> None:
    assert merged(merged(spans)) == merged(spans)


def test_the_longer_reading_gives_the_label() -> None:
    street, surname = span(0, 15, Label.LOCATION), span(3, 8, Label.NAME)

    assert [one.label for one in merged([surname, street])] == [Label.LOCATION]


def test_of_equal_readings_the_more_trusted_layer_gives_the_label() -> None:
    known = Span(start=0, end=5, label=Label.NAME, score=0.5, source=Source.KNOWN)
    swept = Span(start=0, end=5, label=Label.ID, score=0.9, source=Source.SWEEP)

    (joined,) = merged([swept, known])

    assert (joined.label, joined.score) == (Label.NAME, 0.9)


def test_neighbors_that_share_no_character_stay_apart() -> None:
    assert len(merged([span(0, 4), span(4, 8)])) == 2
