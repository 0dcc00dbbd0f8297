"""The PHI model that ships in the package: from a text to spans with their probability."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from anonymizers.presidio.network import OUTSIDE, TAGS, Network
from anonymizers.presidio.tokens import Tokens
from anonymizers.spans import Label, Source, Span

__all__ = ["PhiModel", "shipped_model"]

_CHUNK: Final = 2_000
_LEAST: Final = 0.05
_BREAKS: Final = frozenset("\n")
_OPENING: Final = frozenset("(+")
_SURE: Final = 0.5


class PhiModel:
    """Finds identifiers token by token; a text of any length takes memory for one chunk."""

    languages: Final = frozenset({"en"})
    version: Final = ""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._tokens = Tokens()
        self._overlap = network.depth * network.REACH

    def find(self, text: str) -> list[Span]:
        """Return spans of neighboring tokens with one label.

        The score of a span is the highest probability, among its tokens, of being anything that
        identifies; those below 0.05 are left out.
        """
        doc, offsets = self._tokens.read(text)
        if not offsets:
            return []
        scores = self._scores(doc)
        inside = 1.0 - scores[:, OUTSIDE]
        tags = 1 + scores[:, 1:].argmax(axis=1)
        return list(_spans(text, offsets, inside.tolist(), tags.tolist()))

    def _scores(self, doc: Any) -> Any:  # noqa: ANN401  arrays of a vendor
        """Read a long text in overlapping chunks; no token sees farther than the overlap."""
        if len(doc) <= _CHUNK + self._overlap:
            return self._network.scores([doc])[0]
        parts = []
        for start in range(0, len(doc), _CHUNK):
            first = max(0, start - self._overlap)
            chunk = doc[first : start + _CHUNK + self._overlap].as_doc()
            rows = self._network.scores([chunk])[0]
            parts.append(rows[start - first : start - first + _CHUNK])
        return np.concatenate(parts)


def _spans(
    text: str, offsets: tuple[tuple[int, int], ...], inside: list[float], tags: list[int]
) -> Iterator[Span]:
    """Join tokens of one label that stand together; a token in doubt ends nothing in between."""
    at = 0
    while at < len(offsets):
        if inside[at] < _LEAST:
            at += 1
            continue
        last = at
        sure = inside[at] >= _SURE
        while last + 1 < len(offsets) and tags[last + 1] == tags[at]:
            following = inside[last + 1]
            if following < _LEAST or (following >= _SURE) != sure:
                break
            last += 1
        label = TAGS[tags[at]]
        assert label is not None  # noqa: S101  columns from 1 on have labels
        yield from _cut(text, offsets[at : last + 1], inside[at : last + 1], label)
        at = last + 1


def _cut(
    text: str, offsets: tuple[tuple[int, int], ...], inside: list[float], label: Label
) -> Iterator[Span]:
    """Give the run without line breaks, as one span or more."""
    start = 0
    for at in range(len(offsets) + 1):
        broken = at == len(offsets) or text[offsets[at][0]] in _BREAKS
        if broken and at > start:
            first, last = _without_marks(text, offsets[start:at])
            if first < last:
                score = min(1.0, max(inside[start:at]))
                yield Span(start=first, end=last, label=label, score=score, source=Source.MODEL)
        if broken:
            start = at + 1


def _without_marks(text: str, offsets: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """Leave marks at the edges out, but for one that opens a number."""
    words = [at for at, (start, _) in enumerate(offsets) if text[start].isalnum()]
    if not words:
        return 0, 0
    first, last = words[0], words[-1]
    opened = first > 0 and text[offsets[first - 1][0]] in _OPENING
    return offsets[first - opened][0], offsets[last][1]


@cache
def shipped_model() -> PhiModel:
    """Return the model in the package; read once in a process.

    Raises:
        ValueError: If it does not fit the installed version of spaCy.
    """
    with files("anonymizers").joinpath("models", "phi_en.npz").open("rb") as stream:
        return PhiModel(Network.of(stream))
