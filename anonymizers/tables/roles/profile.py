"""What a column's values look like: shares, never values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.normalized import fold
from anonymizers.tables.parse import flatten, text_of
from anonymizers.words import everyday_words, family_names, given_names

__all__ = ["ColumnProfile", "Shape", "looks_like_a_value", "profile_column"]

_SAMPLE: Final = 20_000
"""Different values that are looked at; the first ones, so that a proposal is repeatable."""

Shape = str


def _reads(pattern: str) -> Callable[[str], bool]:
    def reads(value: str) -> bool:
        try:
            datetime.strptime(value, pattern)  # noqa: DTZ007  only whether it reads
        except ValueError:
            return False
        return True

    return reads


def _iso(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return "-" in value


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _names(value: str) -> bool:
    words = re.findall(r"[^\W\d_]+", fold(value))
    named = given_names() | family_names()
    return 0 < len(words) <= 5 and sum(word in named for word in words) * 2 >= len(words)  # noqa: PLR2004  a name has few words


def _is_text(value: str) -> bool:
    words = re.findall(r"[^\W\d_]{3,}", fold(value))
    return len(words) >= 6 and any(word in everyday_words() for word in words)  # noqa: PLR2004  a label has fewer words


_SHAPES: Final[Mapping[Shape, Callable[[str], bool]]] = {
    "ISO date": _iso,
    "date month first": _reads("%m/%d/%Y"),
    "date day first": _reads("%d/%m/%Y"),
    "date month first, hyphens": _reads("%m-%d-%Y"),
    "date day first, hyphens": _reads("%d-%m-%Y"),
    "whole number": _matches(r"[+-]?\d{1,15}"),
    "number": _matches(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"),
    "UUID": _matches(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "SSN": _matches(r"\d{3}-\d{2}-\d{4}"),
    "phone number": _matches(
        r"\+?(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?:\s?(?:x|ext)\.?\s?\d+)?"
    ),
    "e-mail address": _matches(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "web address": _matches(r"(?i)https?://\S+"),
    "IP address": _matches(r"(?:\d{1,3}\.){3}\d{1,3}"),
    "ZIP code": _matches(r"\d{5}(?:-\d{4})?"),
    "street address": _matches(
        r"(?i)\d+ .*\b(?:st|street|ave|avenue|rd|road|dr|drive|ln|lane|blvd|way|ct|court|pl|"
        r"place|apt|suite|unit|route|run|loop|trail|terrace|landing|mews|vale|path|bypass)\b.*"
    ),
    "ICD-10 code": _matches(r"[A-TV-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?"),
    "LOINC code": _matches(r"\d{1,5}-\d"),
    "short code": _matches(r"[A-Za-z0-9_.\-/]{1,8}"),
    "identifier of letters and digits": _matches(r"(?=.*\d)[A-Z0-9][A-Z0-9-]{5,}"),
    "name": _names,
    "sentences": _is_text,
}  # fmt: skip


_VALUES: Final = (
    *("ISO date", "date month first", "date day first", "date month first, hyphens"),
    *("date day first, hyphens", "number", "UUID", "SSN", "phone number", "e-mail address"),
    *("web address", "IP address", "street address"),
)
"""Shapes that no column's name has."""


def looks_like_a_value(name: str) -> bool:
    """Say whether what should be the name of a column is more likely a value, or nothing."""
    text = name.strip()
    return not text or any(_SHAPES[shape](text) for shape in _VALUES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """What is seen in one column.

    Attributes:
        name: Of the column.
        rows: Rows of the table.
        filled: Rows with a value.
        distinct: Different values.
        shares: Of the different values, the share that has each shape; at least 0, at most 1.
        low: Smallest number, where all values are numbers.
        high: Largest number.
    """

    name: str
    rows: int
    filled: int
    distinct: int
    shares: Mapping[Shape, float]
    low: float | None = None
    high: float | None = None

    @property
    def unique(self) -> float:
        """Different values for each filled row; 1 where every row has its own."""
        return self.distinct / self.filled if self.filled else 0.0

    def share(self, shape: Shape) -> float:
        """Return the share of the different values that has a shape."""
        return self.shares[shape]


def profile_column(name: str, values: pa.Array | pa.ChunkedArray) -> ColumnProfile:
    """Look at a column's values.

    Args:
        name: Of the column.
        values: Text or any Arrow type.
    """
    texts = pc.utf8_trim_whitespace(text_of(flatten(values)))
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    different = pc.unique(texts.drop_null())
    sample = different.slice(0, _SAMPLE).to_pylist()
    shares = {
        shape: sum(map(fits, sample)) / len(sample) if sample else 0.0
        for shape, fits in _SHAPES.items()
    }
    numbers = [float(one) for one in sample] if sample and shares["number"] == 1 else []
    return ColumnProfile(
        name=name,
        rows=len(texts),
        filled=len(texts) - texts.null_count,
        distinct=len(different),
        shares=shares,
        low=min(numbers, default=None),
        high=max(numbers, default=None),
    )
