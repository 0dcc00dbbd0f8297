"""What was found in a text: spans with a label, and how overlapping ones become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from policies.text_operators import Label

__all__ = ["Label", "Source", "Span", "merged"]


class Source(Enum):
    """Which layer found a span; the order is the order of trust."""

    KNOWN = "known"
    FORMAT = "format"
    KEYED = "keyed"
    MODEL = "model"
    FRAME = "frame"
    DIRECTORY = "directory"
    PROPAGATED = "propagated"
    SWEEP = "sweep"


_TRUST = {source: -rank for rank, source in enumerate(Source)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters [start, end) of the original text that identify somebody.

    Attributes:
        start: First character, counted from 0 in code points.
        end: One past the last; above ``start``.
        label: What it is.
        score: How sure the layer is; above 0, at most 1.
        source: The layer that found it.
    """

    start: int
    end: int
    label: Label
    score: float
    source: Source

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError("a span needs 0 <= start < end")
        if not 0 < self.score <= 1:
            raise ValueError("a score is above 0 and at most 1")

    def of(self, text: str) -> str:
        """Return the characters of the span."""
        return text[self.start : self.end]


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join spans that share characters; the result covers the same characters, in order.

    The label of a joined span is that of its longest part, since the longer reading explains the
    shorter one (a surname inside a street); of equal parts, the more trusted layer decides.

    Returns:
        Spans that do not overlap, by rising start.
    """
    joined: list[Span] = []
    group: list[Span] = []
    end = -1
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if group and span.start >= end:
            joined.append(_union(group))
            group = []
        end = max(end, span.end) if group else span.end
        group.append(span)
    if group:
        joined.append(_union(group))
    return tuple(joined)


def _union(group: Sequence[Span]) -> Span:
    typing = max(group, key=lambda one: (one.end - one.start, _TRUST[one.source], one.score))
    return replace(
        typing,
        start=group[0].start,
        end=max(one.end for one in group),
        score=max(one.score for one in group),
    )
