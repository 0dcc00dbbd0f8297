from __future__ import annotations

from anonymizers.spans import Label
from anonymizers.training.pieces import Piece, as_gold, plain

TEXT = (Piece("seen by "), Piece(" Okafor\n", Label.NAME), Piece("at noon"), Piece(" ", Label.ID))


def test_spans_are_where_the_labelled_pieces_are_without_blanks_at_their_edges() -> None:
    gold = as_gold("one", TEXT)

    assert gold.text == plain(TEXT) == "seen by  Okafor\nat noon "
    assert [(span.label, span.of(gold.text)) for span in gold.spans] == [(Label.NAME, "Okafor")]
