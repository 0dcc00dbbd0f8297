from __future__ import annotations

from collections.abc import Callable

import pytest

from anonymizers.spans import Label
from anonymizers.training import styles
from anonymizers.training.draw import Draw
from anonymizers.training.pieces import Piece, Text, as_gold, plain
from anonymizers.training.styles import STYLES, Style, inserted, styled

TEXT: Text = (
    Piece("Seen by Dr. "),
    Piece("Maria de la Cruz", Label.NAME),
    Piece(", at noon.\nBP: 120/80, "),
    Piece("3/14", Label.DATE),
    Piece(" and again. Then some more words that go on for a while.\nEnd"),
)


def shown(text: Text) -> list[tuple[Label, str]]:
    gold = as_gold("one", text)
    return [(span.label, span.of(gold.text)) for span in gold.spans]


@pytest.mark.parametrize(
    ("style", "names", "start"),
    [
        (styles.shouted, "MARIA DE LA CRUZ", "SEEN BY DR. "),
        (styles.quiet, "maria de la cruz", "seen by dr. "),
        (styles.shouted_names, "MARIA DE LA CRUZ", "Seen by Dr. "),
        (styles.quiet_names, "maria de la cruz", "Seen by Dr. "),
        (styles.spaced, "Maria de la Cruz", "Seen by Dr . "),
        (styles.unpunctuated, "Maria de la Cruz", "Seen by Dr "),
    ],
)
def test_a_style_changes_letters_and_marks_and_no_label(
    style: Style, names: str, start: str
) -> None:
    text = style(TEXT, Draw(1))

    assert shown(text) == [(Label.NAME, names), (Label.DATE, "3/14")]
    assert plain(text).startswith(start)


@pytest.mark.parametrize(
    ("style", "holds"),
    [
        (styles.wrapped, lambda text: max(map(len, text.split("\n"))) < 100),
        (styles.run_on, lambda text: "\n" not in text),
        (styles.tight, lambda text: "BP:120/80,3/14" in text),
        (styles.bulleted, lambda text: len({line[0] for line in text.split("\n")}) == 1),
        (styles.misread, lambda text: len(text) > 100),
    ],
)
def test_a_style_keeps_every_label(style: Style, holds: Callable[[str], bool]) -> None:
    for seed in range(20):
        text = style(TEXT, Draw(seed))

        assert [label for label, _ in shown(text)] == [Label.NAME, Label.DATE]
        assert holds(plain(text))


def test_scanners_misread_some_letters() -> None:
    texts = {plain(styles.misread(TEXT, Draw(seed))) for seed in range(60)}

    assert len(texts) > 10


def test_strays_are_put_between_words_and_labelled() -> None:
    counts = [len(shown(inserted(TEXT, Draw(seed)))) for seed in range(60)]

    assert max(counts) >= 4
    assert min(counts) >= 2


def test_terms_are_put_between_words_without_a_label() -> None:
    texts = [styles.terms_inserted(TEXT, Draw(seed)) for seed in range(20)]

    assert all(len(shown(text)) == 2 for text in texts)
    assert any(plain(text) != plain(TEXT) for text in texts)


def test_all_styles_together_keep_what_identifies() -> None:
    assert len(STYLES) >= 12
    for seed in range(200):
        text = styled(TEXT, Draw(seed))

        assert [label for label, _ in shown(text)] == [Label.NAME, Label.DATE]
