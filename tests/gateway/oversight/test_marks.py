from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from anonymizers.spans import Label, Source, Span, merged
from gateway.oversight.marks import Fate, Piece, after, before

TEXT = "Dr. Ann Lee saw (617) 555-0100 on 3/4/21, pain 8/10."


def span(part: str, label: Label = Label.NAME, text: str = TEXT) -> Span:
    start = text.index(part)
    return Span(start=start, end=start + len(part), label=label, score=1.0, source=Source.MODEL)


def marked(pieces: tuple[Piece, ...]) -> list[tuple[str, str]]:
    return [(one.text, one.fate.value) for one in pieces if one.label is not None]


GOLD = (span("Ann Lee"), span("(617) 555-0100", Label.PHONE_FAX), span("3/4/21", Label.DATE))


def test_found_missed_and_needless_are_told_apart_on_both_sides() -> None:
    found = (span("Ann Lee"), span("3/4/21", Label.DATE), span("8/10", Label.DATE))

    assert marked(before(TEXT, GOLD, found)) == [
        ("Ann Lee", "found"),
        ("(617) 555-0100", "missed"),
        ("3/4/21", "found"),
        ("8/10", "not needed"),
    ]
    assert marked(after(TEXT, GOLD, found, ("Eve Fox", "5/1/21", "[DATE]"))) == [
        ("Eve Fox", "found"),
        ("(617) 555-0100", "missed"),
        ("5/1/21", "found"),
        ("[DATE]", "not needed"),
    ]


def test_half_of_a_name_is_missed_by_that_half_alone() -> None:
    found = (span("Ann"),)

    assert marked(before(TEXT, GOLD[:1], found)) == [("Ann", "found"), ("Lee", "missed")]
    assert marked(after(TEXT, GOLD[:1], found, ("Eve",))) == [("Eve", "found"), ("Lee", "missed")]


def test_signs_at_the_edge_of_what_was_found_are_no_miss() -> None:
    found = (span("617) 555-0100", Label.PHONE_FAX),)

    assert marked(before(TEXT, GOLD[1:2], found)) == [("(617) 555-0100", "found")]
    assert marked(after(TEXT, GOLD[1:2], found, ("x",))) == [("x", "found")]


def spans(length: int) -> st.SearchStrategy[tuple[Span, ...]]:
    edges = st.tuples(st.integers(0, length - 1), st.integers(1, length)).filter(
        lambda pair: pair[0] < pair[1]
    )
    made = edges.map(
        lambda pair: Span(
            start=pair[0], end=pair[1], label=Label.NAME, score=1.0, source=Source.MODEL
        )
    )
    return st.lists(made, max_size=5).map(merged)


@given(gold=spans(len(TEXT)), found=spans(len(TEXT)))
def test_the_pieces_are_the_texts_whatever_was_found(
    gold: tuple[Span, ...], found: tuple[Span, ...]
) -> None:
    written = tuple(f"<{number}>" for number in range(len(found)))
    result = TEXT
    for one, new in reversed(list(zip(found, written, strict=True))):
        result = result[: one.start] + new + result[one.end :]
    left, right = before(TEXT, gold, found), after(TEXT, gold, found, written)
    covered = {at for one in found for at in range(one.start, one.end)}
    truth = {at for one in gold for at in range(one.start, one.end)}

    assert "".join(one.text for one in left) == TEXT
    assert "".join(one.text for one in right) == result
    standing = sum(TEXT[at].isalnum() for at in truth - covered)
    for side in (left, right):
        missed = "".join(one.text for one in side if one.fate is Fate.MISSED)
        assert len(re.sub(r"\W", "", missed)) == standing
