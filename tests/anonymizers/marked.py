"""Texts that carry their gold: ``seen by Dr. {NAME:Okafor}`` is a text and its spans."""

from __future__ import annotations

import re
from collections.abc import Iterable

from anonymizers.spans import Label, Source, Span

_MARK = re.compile(r"\{([A-Z_]+):([^{}]*)\}")


def read(marked: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the text without marks, and (label, characters) of each mark in order."""
    found = tuple((match[1], match[2]) for match in _MARK.finditer(marked))
    return _MARK.sub(r"\2", marked), found


def shown(text: str, spans: Iterable[Span]) -> tuple[tuple[str, str], ...]:
    """Return (label, characters) of each span in order."""
    return tuple((span.label.value, span.of(text)) for span in spans)


def span(start: int, end: int, label: Label = Label.NAME, *, score: float = 0.9) -> Span:
    return Span(start=start, end=end, label=label, score=score, source=Source.FORMAT)
