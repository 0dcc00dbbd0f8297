"""A rule: a pattern, what it finds, and a last look that may narrow or refuse a match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from anonymizers.spans import Label, Source, Span

__all__ = ["Pick", "Rule", "whole"]

Pick: TypeAlias = Callable[[re.Match[str]], Iterable[tuple[int, int]]]
"""From a match to what identifies in it, as offsets; nothing where a veto holds."""


def whole(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Take the group ``span``, or all that matched where the pattern has no such group."""
    yield match.span("span" if "span" in match.re.groupindex else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to find one kind of identifier.

    Attributes:
        name: For tests and explanations.
        label: What it finds.
        pattern: Linear in the length of the text: no nested unbounded repeats.
        score: How sure it is; ``utility`` keeps 0.6 and above, ``standard`` 0.4.
        source: The layer it belongs to.
        pick: The last look.
    """

    name: str
    label: Label
    pattern: re.Pattern[str]
    score: float
    source: Source = Source.FORMAT
    pick: Pick = whole

    def find(self, text: str) -> Iterator[Span]:
        """Yield spans of the normalized text; they may overlap."""
        for match in self.pattern.finditer(text):
            for start, end in self.pick(match):
                if start < end:
                    yield Span(
                        start=start, end=end, label=self.label, score=self.score, source=self.source
                    )
