"""Gold sets as files: texts with the spans that identify in them, as people marked them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anonymizers.evaluation import Gold
from policies.errors import SourceError

__all__ = ["ConsentedGold", "check_gold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentedGold:
    """A gold set that stewards may look at.

    Attributes:
        file: Where it is.
        consent: On what it rests that they may.
    """

    file: Path
    consent: str


def check_gold(gold: Sequence[Gold], file: str) -> None:
    """Check that spans are inside their texts, and that no id is there twice.

    Raises:
        SourceError: ``SRC-GOLD`` if not, with the line; no text.
    """
    outside = [
        number
        for number, one in enumerate(gold, 1)
        if any(span.end > len(one.text) for span in one.spans)
    ]
    if len({one.id for one in gold}) != len(gold) or outside:
        raise SourceError(
            "a span ends after its text, or two texts have one id",
            code="SRC-GOLD",
            remedy="count characters from 0, and give every text an id of its own",
            file=file,
            line=outside[0] if outside else None,
        )
