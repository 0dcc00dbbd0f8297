from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from gateway.demo.hospital.notes.pieces import Label, Piece, assemble, said, wrap

pieces = st.lists(
    st.builds(Piece, st.text("ab Ñß\n", max_size=6), st.one_of(st.none(), st.sampled_from(Label))),
    max_size=12,
)


@given(pieces=pieces, change=st.sampled_from([str.lower, str.upper, str.strip]))
def test_spans_cut_out_exactly_the_labeled_pieces(
    pieces: list[Piece], change: Callable[[str], str]
) -> None:
    labeled = assemble(pieces, change)

    assert labeled.text == "".join(change(piece.text) for piece in pieces)
    assert [(labeled.text[one.start : one.end], one.label) for one in labeled.spans] == [
        (change(piece.text), piece.label) for piece in pieces if piece.label and change(piece.text)
    ]


@given(text=st.text("ab \n", max_size=200), width=st.integers(3, 40))
def test_wrapping_moves_no_character(text: str, width: int) -> None:
    wrapped = wrap(text, width)

    assert len(wrapped) == len(text)
    assert wrapped.replace("\n", " ") == text.replace("\n", " ")
    for before, after in zip(text, wrapped, strict=True):
        assert before == after or (before, after) == (" ", "\n")


def test_lines_are_broken_at_the_width_where_there_are_spaces() -> None:
    assert wrap("one two three four", 9) == "one two\nthree\nfour"
    assert wrap("a\nunbreakable", 4) == "a\nunbreakable"


def test_plain_words_have_no_label() -> None:
    assert said("twice daily") == (Piece("twice daily", None),)
